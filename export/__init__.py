"""Exports trained models, and speaks to servers of them.

Nothing is imported here: `export.capi` runs models without `tensorflow`.
"""
