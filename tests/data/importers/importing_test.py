import os
import pathlib

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfdood import data
from tfdood.data import datasets, prepared
from tfdood.data.importers import importing

_SHARED = pathlib.Path(__file__).parents[4] / "shared" / "data"


def _arrays(num_train=12, num_test=5):
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (num_train, 28, 28), dtype=np.uint8),
        "y_train": rng.integers(0, 10, num_train, dtype=np.uint8),
        "x_test": rng.integers(0, 256, (num_test, 28, 28), dtype=np.uint8),
        "y_test": rng.integers(0, 10, num_test, dtype=np.uint8),
    }


def _import(source, data_dir, names=None):
    return list(importing.import_all(str(source), str(data_dir), names))


def test_round_trip(tmp_path):
    arrays = _arrays()
    np.savez(tmp_path / "kmnist.npz", **arrays)
    (sentence,) = _import(tmp_path, tmp_path / "out")
    assert sentence.startswith(
        "kmnist: 12 train and 5 test drawings imported from kmnist.npz; the "
        "published dataset has 60,000 and 10,000."
    )
    for split in datasets.SPLITS:
        drawings = data.read(
            "kmnist", split, image_size=28, data_dir=str(tmp_path / "out")
        )
        np.testing.assert_array_equal(
            drawings.images[..., 0], arrays[f"x_{split}"]
        )
        np.testing.assert_array_equal(drawings.labels, arrays[f"y_{split}"])
        assert drawings.class_names[1] == "ki"
    assert drawings.source == (
        "imported TFDS folder imported_kmnist/1.0.0 (12 train / 5 test)"
    )


def test_tfds_loads_what_was_imported(tmp_path):
    np.savez(tmp_path / "mnist.npz", **_arrays())
    _import(tmp_path, tmp_path / "out")
    builder = tfds.builder_from_directory(
        str(tmp_path / "out" / "imported_mnist" / "1.0.0")
    )
    assert builder.info.splits["train"].num_examples == 12
    assert builder.info.features["image"].shape == (28, 28, 1)
    assert "12 train and 5 test" in builder.info.description
    assert "Licence: CC BY-SA 3.0" in builder.info.description


def test_importing_again_changes_nothing(tmp_path):
    np.savez(tmp_path / "mnist.npz", **_arrays())
    _import(tmp_path, tmp_path / "out")
    np.savez(tmp_path / "mnist.npz", **_arrays(num_train=20))
    (sentence,) = _import(tmp_path, tmp_path / "out")
    assert "already in" in sentence
    folder = str(tmp_path / "out")
    assert len(data.read("mnist", "train", data_dir=folder).labels) == 12


def test_a_dataset_in_its_own_subfolder(tmp_path):
    for name in ("mnist", "kmnist"):
        (tmp_path / name).mkdir()
        np.savez(tmp_path / name / f"{name}.npz", **_arrays())
    (sentence,) = _import(tmp_path, tmp_path / "out", ["kmnist"])
    assert sentence.startswith("kmnist")
    sentences = _import(tmp_path, tmp_path / "out2")
    assert [s.split(":")[0] for s in sentences] == ["mnist", "kmnist"]


def test_one_shot_round_trip(tmp_path):
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, (2, 3, 4, 9, 9), dtype=np.uint8)
    answers = np.stack([rng.permutation(4) for _ in range(3)])
    np.savez(
        tmp_path / "omniglot_oneshot.npz",
        support=bits[0],
        query=bits[1],
        query_label=answers,
    )
    _import(tmp_path, tmp_path / "out")
    runs = data.read_oneshot(image_size=9, data_dir=str(tmp_path / "out"))
    np.testing.assert_array_equal(runs.support[..., 0], bits[0] * 255)
    np.testing.assert_array_equal(runs.query[..., 0], bits[1] * 255)
    np.testing.assert_array_equal(runs.answers, answers)
    assert not runs.is_sample


def test_a_killed_import_leaves_no_dataset(tmp_path, monkeypatch):
    np.savez(tmp_path / "mnist.npz", **_arrays())

    examples = importing._examples

    def killed(*args):
        yield next(examples(*args))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_examples", killed)
        with pytest.raises(KeyboardInterrupt):
            _import(tmp_path, tmp_path / "out")
    assert prepared.find("mnist", str(tmp_path / "out")) is None
    _import(tmp_path, tmp_path / "out")
    folder = str(tmp_path / "out")
    assert len(data.read("mnist", "train", data_dir=folder).labels) == 12


def test_a_missing_source_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent does not exist"):
        _import(tmp_path / "absent", tmp_path)


def test_a_source_without_known_files_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="No files of any dataset in"):
        _import(tmp_path, tmp_path)
    with pytest.raises(FileNotFoundError, match="No files of emnist in"):
        _import(tmp_path, tmp_path, ["emnist"])


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file cannot be written to; give"):
        _import(tmp_path, tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="cannot be written to; give"):
        _import(tmp_path, tmp_path)


@pytest.mark.skipif(
    not _SHARED.exists(), reason="needs the npz files of ../shared/data"
)
def test_the_one_shot_runs_equal_the_embedded_ones(tmp_path):
    _import(_SHARED, tmp_path, [datasets.ONE_SHOT])
    imported = data.read_oneshot(image_size=105, data_dir=str(tmp_path))
    embedded = data.read_oneshot(image_size=105)
    for ours, theirs in zip(imported[:3], embedded[:3], strict=True):
        np.testing.assert_array_equal(ours, theirs)
