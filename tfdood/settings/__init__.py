"""The settings that describe a run: declared, read, changed, written."""
