"""Strokes of anybody's pictures, from files and arrays to vector drawings."""
