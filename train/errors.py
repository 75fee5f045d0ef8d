"""The error that a user can mend."""


class RunError(ValueError):
    """A run cannot start or go on; the message says why and what to do."""
