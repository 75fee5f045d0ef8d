"""Trains the models of `tfdood`."""

import tfdood.quiet  # noqa: F401
