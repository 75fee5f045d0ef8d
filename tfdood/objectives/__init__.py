"""Objectives and yardsticks: pure functions of parses and images."""

from tfdood.objectives import (
    elbo,
    exploration,
    importance,
    naive,
    nvil,
    stopping,
)

__all__ = ["elbo", "exploration", "importance", "naive", "nvil", "stopping"]
