"""The alphabets of Omniglot, and which of them are for validation.

People drew 30 background and 20 evaluation alphabets. Tasks that need pen
strokes or characters of one alphabet cannot use the validation drawings of
`data.validation`; their settings are chosen on background alphabets.
"""

import numpy as np

from tfdood.data import embedded

_EVERY = 3


def of_classes(class_names: tuple[str, ...]) -> np.ndarray:
    """The alphabet of each class of Omniglot.

    Args:
        class_names: such as `Greek_7`.

    Returns:
        `[K]`, names such as `Greek`.
    """
    return np.array([name.rpartition("_")[0] for name in class_names])


def split_of_characters(class_ids: np.ndarray) -> np.ndarray:
    """Divides the background characters by their alphabets.

    Every third background alphabet, in the order of their names, is for
    validation, the others are for testing.

    Args:
        class_ids: `[N]`, numbers of background characters as in Omniglot's
            file names, from 1.

    Returns:
        `[N]`, `validation` or `test`.
    """
    drawings = embedded.read("omniglot", "train")
    alphabets = of_classes(drawings.class_names)
    background = np.unique(alphabets[drawings.labels])
    is_validation = np.isin(alphabets, background[1::_EVERY])
    return np.where(is_validation[class_ids - 1], "validation", "test")
