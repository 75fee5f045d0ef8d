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
    rows = np.arange(10)
    drawings = data.DrawingSet(
        rows.astype(np.uint8).reshape(10, 1, 1, 1),
        rows,
        (),
        "here",
        is_sample=True,
    )
    chosen = data.spread(drawings, count)
    assert chosen.labels.tolist() == list(expected)
    assert chosen.images.ravel().tolist() == list(expected)
    assert chosen.source == "here"
