import pathlib
import shutil

import numpy as np
import pytest
import tensorflow as tf

from tfdood import console, data
from tfdood.data import datasets, embedded
from tfdood.drawing.curves import bspline
from tools import make_sample

_SHARED = pathlib.Path(__file__).parents[3] / "shared" / "data"
_NAMES = ("mnist", "kmnist")
_COUNTS = {"train": 20, "test": 10}
_STROKE_COUNTS = make_sample._STROKE_COUNTS


@pytest.fixture
def sample(tmp_path, monkeypatch):
    """The folder to write to, in place of that of the embedded sample."""
    folder = tmp_path / "sample"
    folder.mkdir()
    # The names of Omniglot's alphabets are in its sample.
    shutil.copy(embedded.FOLDER / "omniglot.npz", folder)
    monkeypatch.setattr(embedded, "FOLDER", folder)
    strokes = {"train": 3, "validation": 2, "test": 1}
    monkeypatch.setattr(make_sample, "_STROKE_COUNTS", strokes)
    counts = {name: _COUNTS for name in _NAMES}
    monkeypatch.setattr(make_sample, "_COUNTS", counts)
    return folder


@pytest.fixture
def source(tmp_path):
    """The folder of npz files."""
    rng = np.random.default_rng(0)
    for name in _NAMES:
        np.savez(
            tmp_path / f"{name}.npz",
            x_train=rng.integers(0, 256, (50, 28, 28), dtype=np.uint8),
            y_train=np.arange(50) % 10,
            x_test=rng.integers(0, 256, (30, 28, 28), dtype=np.uint8),
            y_test=np.arange(30) % 10,
        )
    bits = rng.integers(0, 2, (2, 2, 3, 105, 105), dtype=np.uint8)
    np.savez(
        tmp_path / "omniglot_oneshot.npz",
        support=bits[0],
        query=bits[1],
        query_label=np.array([[0, 1, 2], [2, 0, 1]]),
    )
    _write_strokes(tmp_path)
    return tmp_path


def _write_strokes(folder):
    """Five people draw a line, of an alphabet of each split, with images."""
    class_ids = np.repeat([1, 178, 108], 5)
    drawers = np.tile(np.arange(1, 6), 3)
    ends = np.stack([drawers, class_ids % 100], -1)[:, np.newaxis]
    np.savez(
        folder / "omniglot_strokes_background.npz",
        points=np.concatenate([ends * 128, ends * 128 + 2_560], 1).reshape(
            -1, 2
        ),
        unit=1 / 128,
        stroke_start=2 * np.arange(16),
        drawing_start=np.arange(16),
        class_id=class_ids,
        drawer=drawers,
        exact=np.arange(15) % 2 == 0,
    )
    ink = np.arange(105 * 105) == np.arange(15)[:, np.newaxis]
    np.savez(
        folder / "omniglot.npz",
        background_class_id=class_ids,
        background_drawer=drawers,
        background_images_packed=np.packbits(ink, 1),
    )


def _call(*arguments):
    return console.call(make_sample.define, make_sample.main, arguments)


def test_same_files_give_same_bytes(source, sample, capsys):
    assert _call(f"--source={source}") == 0
    assert capsys.readouterr().out == f"Wrote the sample to {sample}.\n"
    others = (datasets.ONE_SHOT, "omniglot", "omniglot_strokes")
    names = {f"{name}.npz" for name in (*_NAMES, *others)}
    assert {path.name for path in sample.iterdir()} == names
    first = {path.name: path.read_bytes() for path in sample.iterdir()}
    assert _call(f"--source={source}") == 0
    for path in sample.iterdir():
        assert path.read_bytes() == first[path.name]


@pytest.mark.usefixtures("sample")
def test_written_sample_reads_back(source):
    assert _call(f"--source={source}") == 0
    for split, count in _COUNTS.items():
        drawings = embedded.read("kmnist", split)
        assert np.bincount(drawings.labels).tolist() == [count // 10] * 10
        with np.load(source / "kmnist.npz") as arrays:
            originals = {image.tobytes() for image in arrays[f"x_{split}"]}
        assert {image.tobytes() for image in drawings.images} <= originals
    runs = embedded.read_one_shot()
    with np.load(source / "omniglot_oneshot.npz") as arrays:
        np.testing.assert_array_equal(
            runs.support[..., 0], 255 * arrays["support"]
        )
        np.testing.assert_array_equal(runs.answers, arrays["query_label"])


def test_written_strokes_read_back(source, sample):
    assert _call(f"--source={source}") == 0
    splits = {"train": (3, 1), "validation": (2, 178), "test": (1, 108)}
    for split, (count, class_id) in splits.items():
        found = embedded.read_strokes(split)
        assert found.labels.tolist() == [class_id - 1] * count
        assert found.num_control_points[:, 0].tolist() == [2] * count
        # The pixel of ink says which drawing it is, and so who drew it.
        drawn = found.images.reshape(count, -1).argmax(1)
        assert found.exact.tolist() == (drawn % 2 == 0).tolist()
        ends = bspline.points(
            tf.constant(found.control_points[:, 0]), [2] * count, 2
        )
        start = np.stack([drawn % 5 + 1.0, [class_id % 100] * count], -1)
        np.testing.assert_allclose(ends[:, 0], start, atol=0.8)
        np.testing.assert_allclose(ends[:, 1], start + 20.0, atol=0.8)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("kmnist", "kmnist.npz"),
        ("omniglot_oneshot", "omniglot_oneshot.npz"),
        ("omniglot_strokes", "omniglot_strokes_background.npz"),
    ],
)
def test_missing_file_is_an_error(source, sample, name, file, capsys):
    (source / file).unlink()
    assert _call(f"--source={source}") == console.USAGE_ERROR
    message = f"Error: No npz file of {name} in {source}: expected {file}"
    assert capsys.readouterr().err.startswith(message)
    assert not (sample / f"{name}.npz").exists()


@pytest.mark.parametrize("arguments", [[], ["one"], ["--source="]])
def test_needs_the_source(sample, arguments, capsys):
    assert _call(*arguments) == console.USAGE_ERROR
    assert capsys.readouterr().err.startswith("Error: ")
    assert [path.name for path in sample.iterdir()] == ["omniglot.npz"]


def test_every_dataset_has_a_sample():
    assert set(make_sample._COUNTS) == set(data.NAMES)


@pytest.mark.skipif(
    not _SHARED.exists(), reason="needs the npz files of ../shared/data"
)
def test_embedded_sample_is_reproduced(sample, monkeypatch):
    shipped = pathlib.Path(embedded.__file__).parent / "sample"
    counts = {"train": 3_000, "test": 1_000}
    monkeypatch.setattr(make_sample, "_COUNTS", {"kmnist": counts})
    monkeypatch.setattr(make_sample, "_STROKE_COUNTS", _STROKE_COUNTS)
    assert _call(f"--source={_SHARED}") == 0
    assert len(list(sample.iterdir())) == 4
    for path in sample.iterdir():
        with np.load(path) as ours, np.load(shipped / path.name) as theirs:
            assert set(ours) == set(theirs)
            for key in ours:
                np.testing.assert_array_equal(ours[key], theirs[key])
