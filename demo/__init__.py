"""The page that shows drawings as strokes in a browser."""
