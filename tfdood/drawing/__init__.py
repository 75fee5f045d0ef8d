"""Differentiable drawing without weights: curves, ink, placement, canvas."""
