"""Files and folders: readable errors, and locks."""
