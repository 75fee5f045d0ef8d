"""Commands for the maintainers of tfdood."""
