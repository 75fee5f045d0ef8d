import numpy as np
import pytest

from tfdood import data
from tfdood.data import datasets


def test_names_are_the_five_datasets():
    assert data.NAMES == (
        *("mnist", "emnist", "kmnist", "quickdraw", "omniglot"),
    )


@pytest.mark.parametrize(
    "name, count",
    [("mnist", 10), ("emnist", 47), ("kmnist", 10), ("quickdraw", 10)],
)
def test_class_names_are_complete_and_distinct(name, count):
    class_names = datasets.dataset(name).class_names
    assert len(class_names) == len(set(class_names)) == count


def test_unknown_dataset_lists_the_known_ones():
    with pytest.raises(ValueError, match="'quikdraw'; choose from mnist, emn"):
        datasets.dataset("quikdraw")


def _drawings(labels):
    rows = np.arange(len(labels))
    return data.DrawingSet(
        rows.astype(np.uint8).reshape(-1, 1, 1, 1),
        np.array(labels),
        (),
        "here",
        is_sample=True,
    )


def test_balanced_repeats_the_drawings_of_small_classes():
    chosen = data.balanced(_drawings([2, 0, 2, 2, 0, 2, 1, 2]))
    assert chosen.labels.tolist() == [0] * 5 + [1] * 5 + [2] * 5
    assert chosen.images.ravel().tolist() == [
        *(1, 4, 1, 4, 1),
        *(6, 6, 6, 6, 6),
        *(0, 2, 3, 5, 7),
    ]
    assert chosen.source == "here"


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, [0]),
        (2, [0, 9]),
        (4, [0, 3, 6, 9]),
        (10, range(10)),
        (99, range(10)),
    ],
)
def test_spread_takes_rows_at_even_distances(count, expected):
    chosen = data.spread(_drawings(range(10)), count)
    assert chosen.labels.tolist() == list(expected)
    assert chosen.images.ravel().tolist() == list(expected)
    assert chosen.source == "here"
