"""Curves: points on a curve, given its control points."""
