"""Exports trained models, and sends requests to servers of them."""
