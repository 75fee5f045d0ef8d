"""Exports trained models, and asks servers of them."""
