"""Parsers: from images to weighted explanations by strokes."""
