"""Learning objectives: pure functions of a parse."""

from tfdood.objectives import elbo, importance, nvil

__all__ = ["elbo", "importance", "nvil"]
