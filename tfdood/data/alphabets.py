"""The alphabets of Omniglot, and which of them are for validation.

People drew 30 background and 20 evaluation alphabets. Tasks that need pen
strokes or characters of one alphabet cannot use the validation drawings of
`data.validation`; their settings are chosen on background alphabets.
"""

import numpy as np

from tfdood.data import embedded

_EVERY = 3
_EVERY_OF_STROKES = 6


def of_classes(class_names: tuple[str, ...]) -> np.ndarray:
    """The alphabet of each class of Omniglot.

    Args:
        class_names: such as `Greek_7`.

    Returns:
        `[K]`, names such as `Greek`.
    """
    return np.array([name.rpartition("_")[0] for name in class_names])


def split_of_characters(class_ids: np.ndarray) -> np.ndarray:
    """Divides the background characters for models that learn from images.

    Every third background alphabet, in the order of their names, is for
    validation, the others are for testing.

    Args:
        class_ids: `[N]`, numbers of background characters as in Omniglot's
            file names, from 1.

    Returns:
        `[N]`, `validation` or `test`.

    Raises:
        ValueError: If a number is not of a background character.
    """
    is_validation = _is_in(class_ids, slice(1, None, _EVERY))
    return np.where(is_validation, "validation", "test")


def split_of_strokes(class_ids: np.ndarray) -> np.ndarray:
    """Divides the background characters for models that learn from strokes.

    Of each six background alphabets, in the order of their names, the second is
    for validation, the last is for testing, and four are for training. Each
    held-out alphabet has the same split in `split_of_characters`: what was
    chosen on validation alphabets was not chosen on the test alphabets here.

    Args:
        class_ids: `[N]`, as in `split_of_characters`.

    Returns:
        `[N]`, `train`, `validation` or `test`.

    Raises:
        ValueError: If a number is not of a background character.
    """
    held_out = [
        _is_in(class_ids, slice(first, None, _EVERY_OF_STROKES))
        for first in (1, 5)
    ]
    return np.select(held_out, ["validation", "test"], "train")


def _is_in(class_ids: np.ndarray, chosen: slice) -> np.ndarray:
    """Whether characters are of some of the sorted background alphabets."""
    drawings = embedded.read("omniglot", "train")
    num_classes = len(np.unique(drawings.labels))
    wrong = class_ids[(class_ids < 1) | (class_ids > num_classes)]
    if wrong.size:
        raise ValueError(
            f"Background characters of Omniglot have numbers from 1 to "
            f"{num_classes}, as in its file names; got {wrong[0]}."
        )
    alphabets = of_classes(drawings.class_names)
    background = np.unique(alphabets[drawings.labels])
    return np.isin(alphabets, background[chosen])[class_ids - 1]
