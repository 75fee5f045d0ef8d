"""Differentiable functions that draw strokes; none of them has weights."""
