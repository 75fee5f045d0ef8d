"""Objectives: pure functions of parses, images and log weights."""
