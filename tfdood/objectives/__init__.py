"""Objectives and yardsticks: pure functions of parses and images."""

from tfdood.objectives import elbo, importance, naive, nvil, stopping

__all__ = ["elbo", "importance", "naive", "nvil", "stopping"]
