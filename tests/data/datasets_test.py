import pathlib

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfdood import data
from tfdood.data import datasets


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


@pytest.mark.parametrize("name", [*data.NAMES, *data.SCENES, data.UNION])
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


def test_wrong_names_raise_what_names_there_are():
    message = "'cats'; choose from mnist, .*, all, or give folder:PATH for"
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
        ValueError, match="Unknown dataset 'a'.*mnist_4_10, all"
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
