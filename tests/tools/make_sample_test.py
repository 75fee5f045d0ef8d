import pathlib

import numpy as np
import pytest

from tfdood import console, data
from tfdood.data import datasets, embedded
from tools import make_sample

_SHARED = pathlib.Path(__file__).parents[3] / "shared" / "data"
_NAMES = ("mnist", "kmnist")
_COUNTS = {"train": 20, "test": 10}


@pytest.fixture
def sample(tmp_path, monkeypatch):
    """The folder to write to, in place of that of the embedded sample."""
    folder = tmp_path / "sample"
    monkeypatch.setattr(embedded, "FOLDER", folder)
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
    return tmp_path


def _call(*arguments):
    return console.call(make_sample.define, make_sample.main, arguments)


def test_same_files_give_same_bytes(source, sample, capsys):
    assert _call(f"--source={source}") == 0
    assert capsys.readouterr().out == f"Wrote the sample to {sample}.\n"
    names = {f"{name}.npz" for name in (*_NAMES, datasets.ONE_SHOT)}
    assert {path.name for path in sample.iterdir()} == names
    first = {path.name: path.read_bytes() for path in sample.iterdir()}
    assert _call(f"--source={source}") == 0
    for path in sample.iterdir():
        assert path.read_bytes() == first[path.name]


def test_written_sample_reads_back(source, sample):
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
    assert sample.exists()


@pytest.mark.parametrize("name", ["kmnist", "omniglot_oneshot"])
def test_missing_file_is_an_error(source, sample, name, capsys):
    (source / f"{name}.npz").unlink()
    assert _call(f"--source={source}") == console.USAGE_ERROR
    message = f"Error: No npz file of {name} in {source}: expected {name}.npz;"
    assert capsys.readouterr().err.startswith(message)
    assert not (sample / f"{name}.npz").exists()


@pytest.mark.parametrize("arguments", [[], ["one"], ["--source="]])
def test_needs_the_source(sample, arguments, capsys):
    assert _call(*arguments) == console.USAGE_ERROR
    assert capsys.readouterr().err.startswith("Error: ")
    assert not sample.exists()


def test_every_dataset_has_a_sample():
    assert set(make_sample._COUNTS) == set(data.NAMES)


@pytest.mark.skipif(
    not _SHARED.exists(), reason="needs the npz files of ../shared/data"
)
def test_embedded_sample_is_reproduced(sample, monkeypatch):
    shipped = pathlib.Path(embedded.__file__).parent / "sample"
    counts = {"train": 3_000, "test": 1_000}
    monkeypatch.setattr(make_sample, "_COUNTS", {"kmnist": counts})
    assert _call(f"--source={_SHARED}") == 0
    assert len(list(sample.iterdir())) == 2
    for path in sample.iterdir():
        with np.load(path) as ours, np.load(shipped / path.name) as theirs:
            assert set(ours) == set(theirs)
            for key in ours:
                np.testing.assert_array_equal(ours[key], theirs[key])
