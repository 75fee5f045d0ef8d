"""Objectives and yardsticks: pure functions of parses and images."""

from tfdood.objectives import elbo, importance, naive, nvil

__all__ = ["elbo", "importance", "naive", "nvil"]
