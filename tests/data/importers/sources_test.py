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
    sources.checked(_found())
    sources.checked(
        _found(images=np.zeros([1, 5, 5], np.uint8), labels=np.r_[2])
    )


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
        ({"images": np.ones([4, 5, 5], np.uint8)}, "only values up to 1,"),
        ({"labels": np.array([0, 1])}, r"labels .* must be \[4\].* got \[2\]"),
        ({"labels": np.eye(4)[:, :3]}, r"must be \[4\].* got \[4, 3\]"),
        ({"labels": np.array([0, 1, 2, 3])}, r"in 0 .. 2, got 0 .. 3"),
        ({"labels": np.array([0, -1, 2, 2])}, r"in 0 .. 2, got -1 .. 2"),
    ],
)
def test_arrays_that_do_not_fit_raise(split, changes, message):
    with pytest.raises(ValueError, match=message) as error:
        sources.checked(_found(split, **changes))
    assert "drawings.npz" in str(error.value)
    assert "one size" in message or f"The {split} " in str(error.value)


def _drawing(ink, paper):
    image = np.full([5, 5], paper, np.uint8)
    image[2, 1:4] = ink
    return image


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (90, 160), (30, 128)])
def test_black_ink_on_white_paper_is_inverted_and_said(ink, paper, caplog):
    dark = _found(images=np.stack([_drawing(ink, paper)] * 4))
    dark = dark._replace(images={s: dark.images["test"] for s in dark.images})
    found = sources.checked(dark)
    for split in ("train", "test"):
        expected = np.stack([_drawing(255 - ink, 255 - paper)] * 4)
        np.testing.assert_array_equal(found.images[split], expected)
    assert "drawings.npz has black ink on white paper; its" in caplog.text


def test_white_ink_on_black_paper_is_kept(caplog):
    light = _found(images=np.stack([_drawing(255, 127)] * 4))
    found = sources.checked(light)
    np.testing.assert_array_equal(found.images["test"], light.images["test"])
    assert not caplog.text


def test_both_splits_have_one_kind_of_paper():
    # One dark drawing of a light dataset is inverted with the others.
    train = np.stack([_drawing(0, 255)] * 4)
    test = np.full([1, 5, 5], 10, np.uint8)
    assert sources.is_light(train, test)
    assert not sources.is_light(255 - train, test)
