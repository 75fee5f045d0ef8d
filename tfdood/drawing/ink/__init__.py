"""Ink: the raster of a curve, given a pen."""
