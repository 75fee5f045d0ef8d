"""Trains the models of `tfdood`."""
