"""Files and folders: reading npz files, and locks."""
