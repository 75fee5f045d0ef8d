"""GNS: characters as programs of strokes, with a prior learnt from people."""
