import pathlib

import numpy as np
import pytest
import tensorflow as tf

from tfdood import data
from tfdood.data import alphabets, datasets, embedded
from tfdood.data.importers import sources
from tfdood.drawing.curves import bspline

_MAX_BYTES = 6_000_000


def test_sample_is_at_most_six_megabytes():
    sizes = [path.stat().st_size for path in embedded.FOLDER.iterdir()]
    assert 1_000_000 < sum(sizes) <= _MAX_BYTES


def test_licences_list_every_file():
    text = (embedded.FOLDER / "LICENSES.md").read_text()
    for path in embedded.FOLDER.glob("*.npz"):
        assert f"`{path.name}`" in text


@pytest.mark.parametrize("split", datasets.STORED_SPLITS)
@pytest.mark.parametrize("name", data.NAMES)
def test_drawings_are_white_on_black_with_valid_labels(name, split):
    drawings = embedded.read(name, split)
    count = len(drawings.labels)
    assert count >= {"train": 3_000, "test": 1_000}[split]
    assert drawings.images.dtype == np.uint8
    assert drawings.images.shape[0] == count
    assert drawings.images.max() == 255
    assert 0.02 < drawings.images.mean() / 255 < 0.3
    # The edges have less ink than the rest, also in KMNIST, whose ink touches
    # the edges.
    edges = np.concatenate([drawings.images[:, 0], drawings.images[:, -1]])
    assert edges.mean() < drawings.images.mean()
    assert drawings.labels.min() >= 0
    assert drawings.labels.max() < len(drawings.class_names)
    assert drawings.is_sample
    assert "embedded sample" in drawings.source


@pytest.mark.parametrize("name", ["mnist", "emnist", "kmnist"])
def test_classes_are_equally_large(name):
    counts = np.bincount(embedded.read(name, "train").labels)
    assert counts.max() - counts.min() <= 1


def test_class_names_equal_published_names():
    for name in ("mnist", "emnist", "kmnist", "quickdraw"):
        expected = datasets.dataset(name).class_names
        assert embedded.read(name, "test").class_names == expected


def _top_to_bottom(name, label):
    """Ratio of the ink in the top half to that in the bottom half."""
    drawings = embedded.read(name, "train")
    chosen = drawings.class_names.index(label) == drawings.labels
    ink = drawings.images[chosen].mean(axis=(0, 3))
    return ink[:14].sum() / ink[14:].sum()


@pytest.mark.parametrize("name", ["mnist", "emnist"])
def test_sevens_are_upright(name):
    # A transposed 7 has more ink in the bottom half.
    assert _top_to_bottom(name, "7") > 1.15


def test_letters_are_upright():
    # The ratios of transposed letters are 1.6 for T and 0.7 for d.
    assert _top_to_bottom("emnist", "T") > 2.0
    assert _top_to_bottom("emnist", "d") < 0.6


def test_letters_are_not_mirrored():
    drawings = embedded.read("emnist", "train")
    for letter, left_is_heavier in (("d", False), ("b", True)):
        chosen = drawings.class_names.index(letter) == drawings.labels
        top = drawings.images[chosen, :14].mean(axis=(0, 1, 3))
        assert (top[:14].sum() > 1.5 * top[14:].sum()) == left_is_heavier
        assert (1.5 * top[:14].sum() < top[14:].sum()) != left_is_heavier


def test_one_shot_answers_are_the_same_character():
    runs = embedded.read_one_shot()
    assert runs.support.shape == runs.query.shape == (20, 20, 105, 105, 1)
    np.testing.assert_array_equal(
        np.sort(runs.answers), np.tile(range(20), (20, 1))
    )
    # The nearest support image among blurred images is right more often than
    # a random one (5 %).
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


@pytest.mark.parametrize("split", datasets.SPLITS)
def test_strokes_lie_on_the_ink_of_their_images(split):
    found = embedded.read_strokes(split)
    assert found.control_points.shape[1:] == (10, 24, 2)
    points = bspline.points(
        tf.constant(found.control_points), found.num_control_points, 50
    )
    is_stroke = found.num_control_points > 0
    assert is_stroke[:, 0].all()
    rows, _ = np.nonzero(is_stroke)
    x, y = np.clip(points[is_stroke].numpy(), 0, 104).astype(int).T  # [50, S]
    near = tf.nn.max_pool2d(found.images.astype(np.float32), 5, 1, "SAME")
    assert np.mean(near.numpy()[rows, y, x, 0] == 255) > 0.95
    # Strokes of other drawings are not there.
    others = near.numpy()[(rows + 1) % len(near), y, x, 0]
    assert np.mean(others == 255) < 0.6


def test_strokes_of_the_sample_are_of_the_alphabets_of_their_split():
    for split in datasets.SPLITS:
        found = embedded.read_strokes(split)
        splits = alphabets.split_of_strokes(found.labels + 1)
        assert set(splits) == {split}
        assert 0.1 < found.exact.mean() < 0.9


@pytest.fixture(name="folder")
def _folder(tmp_path, monkeypatch):
    """A folder that takes the place of the sample."""
    monkeypatch.setattr(embedded, "FOLDER", tmp_path / "sample")
    return embedded.FOLDER


def _found(images, labels):
    return sources.LocalDrawings(
        {"train": images, "test": images},
        {"train": labels, "test": labels},
        ("many", "few"),
        pathlib.Path("found.npz"),
    )


def _bits(*shape):
    rng = np.random.default_rng(0)
    return rng.integers(0, 2, (*shape, 105, 105), dtype=np.uint8) * 255


@pytest.mark.usefixtures("folder")
def test_written_sample_is_balanced_and_reads_back():
    images, labels = _bits(40), np.array([0] * 35 + [1] * 5)
    found = _found(images, labels)
    embedded.write("omniglot", found, {"train": 14, "test": 40}, seed=0)
    train = embedded.read("omniglot", "train")
    assert np.bincount(train.labels).tolist() == [9, 5]
    test = embedded.read("omniglot", "test")
    originals = {(i.tobytes(), k) for i, k in zip(images, labels, strict=True)}
    read = zip(test.images[..., 0], test.labels, strict=True)
    assert {(i.tobytes(), k) for i, k in read} == originals


@pytest.mark.usefixtures("folder")
def test_grey_values_read_back():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 28, 28), dtype=np.uint8)
    found = _found(images, np.array([0, 1] * 3))
    embedded.write("mnist", found, {"train": 6, "test": 2}, seed=0)
    drawings = embedded.read("mnist", "train")
    assert drawings.class_names == ("many", "few")
    assert drawings.source == "embedded sample of mnist (6 train drawings)"
    assert {i.tobytes() for i in drawings.images} == {
        i.tobytes() for i in images
    }


@pytest.mark.usefixtures("folder")
def test_seed_changes_the_choice():
    found = _found(_bits(30), np.array([0, 1] * 15))
    chosen = []
    for seed in (0, 1, 0):
        embedded.write("omniglot", found, {"train": 8, "test": 8}, seed)
        images = embedded.read("omniglot", "train").images
        chosen.append({image.tobytes() for image in images})
    assert chosen[0] == chosen[2] != chosen[1]


@pytest.mark.usefixtures("folder")
def test_one_shot_runs_read_back():
    support, query = _bits(2, 3), 255 - _bits(2, 3)
    answers = np.array([[2, 0, 1], [0, 1, 2]])
    runs = sources.LocalRuns(support, query, answers, pathlib.Path("runs.npz"))
    embedded.write_one_shot(runs)
    found = embedded.read_one_shot()
    np.testing.assert_array_equal(found.support[..., 0], support)
    np.testing.assert_array_equal(found.query[..., 0], query)
    np.testing.assert_array_equal(found.answers, answers)
    assert found.source == "embedded one-shot runs (2 of 20)"
