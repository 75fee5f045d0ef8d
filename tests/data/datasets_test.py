import contextlib
import os
import pathlib

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfdood import data
from tfdood.data import datasets
from tfdood.types import SplineStrokes


def test_there_are_five_datasets():
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


def test_unknown_dataset_raises_with_known_names():
    with pytest.raises(ValueError, match="'quikdraw'; choose from mnist, emn"):
        datasets.dataset("quikdraw")


@pytest.mark.parametrize("name", ["emnist", "kmnist", "quickdraw"])
def test_counts_divide_among_classes(name):
    # These datasets were published with equally large classes.
    row = datasets.dataset(name)
    for count in row.num_drawings:
        assert count % len(row.class_names) == 0


def test_omniglot_counts_twenty_drawers_per_character():
    background, evaluation = datasets.dataset("omniglot").num_drawings
    assert (background, evaluation) == (964 * 20, 659 * 20)


def test_tfds_knows_official_names():
    own = {"quickdraw"}  # Its builder is in `data.builders`.
    known = set(tfds.list_builders(with_community_datasets=False))
    for name in set(data.NAMES) - own:
        assert datasets.dataset(name).tfds_name.split("/")[0] in known


@pytest.mark.parametrize(
    "name", [*data.NAMES, data.UNION, *datasets.SCENES, *datasets.STROKES]
)
def test_names_of_datasets_are_canonical(name):
    assert datasets.canonical(name) == datasets.label(name) == name
    assert datasets.folder(name) is None


def test_folders_have_an_absolute_path_and_a_label(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ann")
    for given, path in (
        ("my cats", tmp_path / "my cats"),
        ("./a/../my cats/", tmp_path / "my cats"),
        ("~/my cats", pathlib.Path("/home/ann/my cats")),
    ):
        name = f"folder:{given}"
        assert datasets.folder(name) == path
        assert datasets.canonical(name) == f"folder:{path}"
        assert datasets.parts(name) == (f"folder:{path}",)
        assert datasets.label(name) == "folder_my cats"


def test_folders_need_a_name_that_is_text():
    for name, is_text in (("猫", True), (os.fsdecode(b"\xe9t\xe9"), False)):
        with (
            contextlib.nullcontext()
            if is_text
            else pytest.raises(ValueError, match="is no UTF-8 text.*; rename")
        ):
            datasets.canonical(f"folder:{name}")


def test_wrong_names_raise_what_names_there_are():
    message = "'cats'; choose from mnist, .*, all, .*, or give folder:PATH"
    for function in (datasets.canonical, datasets.parts):
        with pytest.raises(ValueError, match=message):
            function("cats")
        with pytest.raises(ValueError, match="No path follows folder:"):
            function("folder:")


def _drawings(labels):
    rows = np.arange(len(labels))
    return data.DrawingSet(
        rows.astype(np.uint8).reshape(-1, 1, 1, 1),
        np.array(labels),
        (),
        "here",
        is_sample=True,
    )


def test_balanced_repeats_drawings_of_small_classes():
    rows = data.balanced_rows(np.array([2, 0, 2, 2, 0, 2, 1, 2]))
    assert rows.tolist() == [*(1, 4, 1, 4, 1), *[6] * 5, *(0, 2, 3, 5, 7)]


def test_balanced_classes_are_equal_and_copies_are_even():
    labels = np.random.default_rng(0).choice(
        5, 200, p=[0.5, 0.3, 0.1, 0.07, 0.03]
    )
    rows = data.balanced_rows(labels)
    assert set(np.bincount(labels[rows])) == {np.bincount(labels).max()}
    copies = np.bincount(rows, minlength=200)
    for label in range(5):
        assert np.ptp(copies[labels == label]) <= 1
        assert copies[labels == label].min() >= 1


def test_balanced_classes_are_only_sorted():
    rows = data.balanced_rows(np.array([1, 0, 0, 1]))
    assert rows.tolist() == [1, 2, 0, 3]


def test_name_of_the_union_stands_for_all_datasets():
    assert datasets.parts("all") == datasets.NAMES
    assert datasets.parts("mnist") == ("mnist",)
    assert datasets.parts("mnist_4") == ("mnist_4",)
    with pytest.raises(
        ValueError, match="Unknown dataset 'a'.*omniglot, all, mnist_4"
    ):
        datasets.parts("a")


def test_joined_sets_have_their_numbers_as_labels():
    first, second = _drawings([3, 3, 1]), _drawings([0, 2])
    second = second._replace(source="there", is_sample=False)
    joined = datasets.joined({"mnist": first, "emnist": second})
    assert joined.images.ravel().tolist() == [0, 1, 2, 0, 1]
    assert joined.labels.tolist() == [0, 0, 0, 1, 1]
    assert joined.class_names == ("mnist", "emnist")
    assert joined.source == "here; there"
    assert joined.is_sample


def test_chosen_drawings_keep_their_strokes():
    numbers = np.arange(8, dtype=np.int32).reshape(4, 2)
    points = np.arange(48, dtype=np.float32).reshape(4, 2, 3, 2)
    drawings = _drawings([3, 1, 2, 0])
    assert datasets.chosen(drawings, np.array([0])).strokes is None
    drawings = drawings._replace(strokes=SplineStrokes(points, numbers))
    for rows in ([3, 1], [False, True, False, True]):
        found = datasets.chosen(drawings, np.array(rows))
        expected = np.arange(4)[np.array(rows)]
        assert found.images.ravel().tolist() == expected.tolist()
        assert found.labels.tolist() == drawings.labels[expected].tolist()
        for field, whole in zip(found.strokes, drawings.strokes, strict=True):
            np.testing.assert_array_equal(field, whole[expected])
    spread = data.spread(drawings, 2)
    assert spread.strokes.num_control_points.tolist() == [[0, 1], [6, 7]]


def test_spread_keeps_proportions_of_sorted_classes():
    labels = np.repeat([0, 1, 2], [100, 60, 40])
    chosen = data.spread(_drawings(labels), 20)
    np.testing.assert_allclose(np.bincount(chosen.labels), [10, 6, 4], atol=1)


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
def test_spread_takes_rows_at_equal_distances(count, expected):
    chosen = data.spread(_drawings(range(10)), count)
    assert chosen.labels.tolist() == list(expected)
    assert chosen.images.ravel().tolist() == list(expected)
    assert chosen.source == "here"
