"""What a SavedModel is: how it is written, checked, found and run."""
