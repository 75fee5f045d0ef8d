import numpy as np
import pytest

from tfdood import data
from tfdood.data import datasets, embedded
from tfdood.data.importers import sources

_MAX_BYTES = 6_000_000


def test_the_sample_is_small():
    sizes = [path.stat().st_size for path in embedded.FOLDER.iterdir()]
    assert 1_000_000 < sum(sizes) <= _MAX_BYTES


def test_licences_name_every_file():
    text = (embedded.FOLDER / "LICENSES.md").read_text()
    for path in embedded.FOLDER.glob("*.npz"):
        assert f"`{path.name}`" in text


@pytest.mark.parametrize("split", datasets.SPLITS)
@pytest.mark.parametrize("name", data.NAMES)
def test_drawings_are_white_on_black_with_valid_labels(name, split):
    drawings = embedded.read(name, split)
    count = len(drawings.labels)
    assert count >= {"train": 3_000, "test": 1_000}[split]
    assert drawings.images.dtype == np.uint8
    assert drawings.images.shape[0] == count
    assert drawings.images.max() == 255
    assert 0.02 < drawings.images.mean() / 255 < 0.3
    # Paper at the edges, even where the ink of KMNIST touches them.
    edges = np.concatenate([drawings.images[:, 0], drawings.images[:, -1]])
    assert edges.mean() < drawings.images.mean()
    assert drawings.labels.min() >= 0
    assert drawings.labels.max() < len(drawings.class_names)
    assert drawings.is_sample
    assert "embedded sample" in drawings.source


@pytest.mark.parametrize("name", ["mnist", "emnist", "kmnist"])
def test_classes_are_balanced(name):
    counts = np.bincount(embedded.read(name, "train").labels)
    assert counts.max() - counts.min() <= 1


def test_published_classes_keep_their_names():
    for name in ("mnist", "emnist", "kmnist", "quickdraw"):
        expected = datasets.dataset(name).class_names
        assert embedded.read(name, "test").class_names == expected


def _top_to_bottom(name, label):
    """Ink in the top half over ink in the bottom half of a class."""
    drawings = embedded.read(name, "train")
    chosen = drawings.class_names.index(label) == drawings.labels
    ink = drawings.images[chosen].mean(axis=(0, 3))
    return ink[:14].sum() / ink[14:].sum()


@pytest.mark.parametrize("name", ["mnist", "emnist"])
def test_sevens_are_upright(name):
    # Transposed, the leg of a 7 would make the bottom heavier.
    assert _top_to_bottom(name, "7") > 1.15


def test_letters_are_upright():
    # Transposed, T would have 1.6 and d 0.7, for their bars would stand.
    assert _top_to_bottom("emnist", "T") > 2.0
    assert _top_to_bottom("emnist", "d") < 0.6


def test_letters_are_not_mirrored():
    drawings = embedded.read("emnist", "train")
    for letter, left_is_heavier in (("d", False), ("b", True)):
        chosen = drawings.class_names.index(letter) == drawings.labels
        top = drawings.images[chosen, :14].mean(axis=(0, 1, 3))
        assert (top[:14].sum() > 1.5 * top[14:].sum()) == left_is_heavier
        assert (1.5 * top[:14].sum() < top[14:].sum()) != left_is_heavier


def test_one_shot_runs_pair_drawings_of_one_character():
    runs = embedded.read_one_shot()
    assert runs.support.shape == runs.query.shape == (20, 20, 105, 105, 1)
    np.testing.assert_array_equal(
        np.sort(runs.answers), np.tile(range(20), (20, 1))
    )
    # Blurred pixels tell the right character more often than chance (5%).
    blurred = [
        images.reshape(20, 20, 15, 7, 15, 7).mean((3, 5)).reshape(20, 20, -1)
        for images in (runs.query, runs.support)
    ]
    query, support = (b - b.mean(-1, keepdims=True) for b in blurred)
    norm = np.linalg.norm
    scores = np.einsum("rqd,rsd->rqs", query, support)
    scores /= norm(support, axis=-1)[:, np.newaxis]
    accuracy = np.mean(scores.argmax(-1) == runs.answers)
    assert accuracy > 0.15


def test_writing_balances_and_reads_back(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 2, (40, 105, 105), dtype=np.uint8) * 255
    labels = np.array([0] * 35 + [1] * 5)
    found = sources.Drawings(
        {"train": images, "test": images},
        {"train": labels, "test": labels},
        ("many", "few"),
        tmp_path,
    )
    embedded.write("omniglot", found, {"train": 14, "test": 40}, seed=0)
    train = embedded.read("omniglot", "train")
    assert np.bincount(train.labels).tolist() == [9, 5]
    test = embedded.read("omniglot", "test")
    originals = {(i.tobytes(), k) for i, k in zip(images, labels, strict=True)}
    read = zip(test.images[..., 0], test.labels, strict=True)
    assert {(i.tobytes(), k) for i, k in read} == originals
