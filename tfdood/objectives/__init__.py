"""Objectives and yardsticks: pure functions of parses and images."""

from tfdood.evaluate.measures import naive
from tfdood.objectives import collages as exploration
from tfdood.objectives import elbo, importance, nvil, stopping

__all__ = ["elbo", "exploration", "importance", "naive", "nvil", "stopping"]
