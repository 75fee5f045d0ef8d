"""Import of local files as prepared datasets."""
