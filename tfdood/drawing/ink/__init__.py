"""Ink: the raster of a curve, computed from its points and the pen."""
