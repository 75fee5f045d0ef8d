"""Readers of local files, from which datasets are prepared."""
