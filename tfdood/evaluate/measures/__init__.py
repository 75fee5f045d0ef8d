"""Distances, features and fits that several tasks measure with."""
