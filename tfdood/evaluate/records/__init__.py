"""Jobs, and the records of their results."""
