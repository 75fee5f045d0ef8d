"""DooD, the model of Drawing out of Distribution."""
