"""Objectives and yardsticks: pure functions of parses and images."""

from tfdood.objectives import collages as exploration
from tfdood.objectives import elbo, importance, nvil, stopping

