"""TFDS builders of the datasets that TFDS itself does not have."""
