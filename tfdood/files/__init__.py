"""Files and folders: reading npz files and pictures, and locks."""
