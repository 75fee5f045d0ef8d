"""The models that DooD is compared with."""
