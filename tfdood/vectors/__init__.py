"""Drawings as curves, and the file formats of such drawings.

Nothing here imports TensorFlow, so that commands that draw start fast.
"""
