"""Curves: the points of a curve, computed from its control points."""
