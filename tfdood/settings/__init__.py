"""The settings that describe a run, and functions to read and write them."""
