import pathlib

import numpy as np
import pytest

from tfdood.data.importers import sources


def _found(split="test", **changes):
    """Drawings that fit together, except for changed parts of a split."""
    parts = {
        "images": np.zeros([4, 5, 5], np.uint8),
        "labels": np.array([0, 2, 1, 2]),
    }
    splits = {"train": parts, "test": parts} | {split: parts | changes}
    return sources.LocalDrawings(
        *({name: splits[name][k] for name in splits} for k in parts),
        ("a", "b", "c"),
        pathlib.Path("drawings.npz"),
    )


def test_arrays_that_fit_together_pass():
    sources.check(_found())
    sources.check(_found(images=np.zeros([1, 5, 5], np.uint8), labels=np.r_[2]))


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": np.zeros([4, 5, 5])}, r"got float64 \[4, 5, 5\]"),
        ({"images": np.zeros([4, 5, 5, 1], np.uint8)}, r"got uint8 \[4, 5, 5,"),
        ({"images": np.zeros([0, 5, 5], np.uint8)}, r"N > 0, got uint8 \[0,"),
        (
            {"images": np.zeros([4, 6, 6], np.uint8)},
            r"one size, got \[\(5, 5\), \(6, 6\)\]",
        ),
        ({"images": np.zeros([4, 5, 6], np.uint8)}, "square, got 5 x 6"),
        ({"labels": np.array([0, 1])}, r"labels .* must be \[4\].* got \[2\]"),
        ({"labels": np.eye(4)[:, :3]}, r"must be \[4\].* got \[4, 3\]"),
        ({"labels": np.array([0, 1, 2, 3])}, r"in 0 .. 2, got 0 .. 3"),
        ({"labels": np.array([0, -1, 2, 2])}, r"in 0 .. 2, got -1 .. 2"),
    ],
)
def test_arrays_that_do_not_fit_raise(split, changes, message):
    with pytest.raises(ValueError, match=message) as error:
        sources.check(_found(split, **changes))
    assert "drawings.npz" in str(error.value)
    assert "one size" in message or f"The {split} " in str(error.value)
