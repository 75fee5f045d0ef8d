"""Drawings as strokes: Drawing out of Distribution in TensorFlow."""
