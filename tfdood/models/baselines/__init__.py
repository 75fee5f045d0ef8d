"""The models to compare DooD with."""
