"""One-shot runs of background characters, to choose settings on.

Lake's 20 runs are of evaluation characters. These runs are made like them: 20
characters of one alphabet, one given drawing of each, and one to be classified.
Published drawings do not say who drew them, so the drawings of a run are by
several people; in Lake's runs one person drew the given ones, and another one
the others.
"""

import numpy as np

from tfdood.data import alphabets
from tfdood.data.datasets import DrawingSet, OneShotRuns

_NUM_RUNS, _NUM_CHARACTERS = 20, 20
_SEED = 2_015


def make(drawings: DrawingSet) -> OneShotRuns:
    """Makes 20 runs of 20-way classification within an alphabet.

    A fixed seed chooses them. No alphabet is used a second time before all were
    used.

    Args:
        drawings: background drawings of Omniglot.

    Returns:
        `OneShotRuns` with images `[20, 20, S, S, 1]` and answers `[20, 20]`.

    Raises:
        ValueError: If no alphabet has 20 characters with two drawings.
    """
    counts = np.bincount(drawings.labels, minlength=len(drawings.class_names))
    of_classes = alphabets.of_classes(drawings.class_names)
    names, sizes = np.unique(of_classes[counts > 1], return_counts=True)
    names = names[sizes >= _NUM_CHARACTERS]
    if not len(names):
        raise ValueError(
            f"No alphabet has {_NUM_CHARACTERS} characters with two drawings "
            f"among the {len(drawings.labels):,} drawings, which one-shot runs "
            "need. Use the whole dataset."
        )
    rng = np.random.default_rng(_SEED)
    order = np.concatenate([rng.permutation(names) for _ in range(_NUM_RUNS)])
    rows = np.empty((_NUM_RUNS, 2, _NUM_CHARACTERS), np.int64)
    answers = np.empty((_NUM_RUNS, _NUM_CHARACTERS), np.int64)
    for run, name in enumerate(order[:_NUM_RUNS]):
        classes = np.flatnonzero((of_classes == name) & (counts > 1))
        chosen = rng.choice(classes, _NUM_CHARACTERS, replace=False)
        pairs = np.array(
            [
                rng.permutation(np.flatnonzero(drawings.labels == label))[:2]
                for label in chosen
            ]
        )
        answers[run] = rng.permutation(_NUM_CHARACTERS)
        rows[run] = pairs[:, 0], pairs[answers[run], 1]
    return OneShotRuns(
        drawings.images[rows[:, 0]],
        drawings.images[rows[:, 1]],
        answers,
        f"{_NUM_RUNS} runs of background characters, made of the "
        f"{drawings.source}",
        drawings.is_sample,
    )
