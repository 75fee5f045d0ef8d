"""TFDS builders for what TFDS itself does not offer."""
