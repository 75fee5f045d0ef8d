"""The model DooD, Drawing out of Distribution."""
