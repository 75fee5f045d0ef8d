import io
import os
import pathlib
import struct
import zipfile

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from tfdood import data
from tfdood.data import datasets, pen_strokes, prepared, strokes
from tfdood.data.importers import importing

_SHARED = pathlib.Path(__file__).parents[4] / "shared" / "data"


def _arrays(num_train=12, num_test=5):
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 200, (num_train, 28, 28), dtype=np.uint8),
        "y_train": rng.integers(0, 10, num_train, dtype=np.uint8),
        "x_test": rng.integers(0, 200, (num_test, 28, 28), dtype=np.uint8),
        "y_test": rng.integers(0, 10, num_test, dtype=np.uint8),
    }


def _import(source, data_dir, names=None):
    return list(importing.import_all(str(source), str(data_dir), names))


def test_imported_drawings_read_back(tmp_path):
    arrays = _arrays()
    np.savez(tmp_path / "kmnist.npz", **arrays)
    (sentence,) = _import(tmp_path, tmp_path / "out")
    assert sentence.startswith(
        "kmnist: 12 train and 5 test drawings imported from kmnist.npz; the "
        "published dataset has 60,000 and 10,000."
    )
    folder = prepared.find("kmnist", str(tmp_path / "out"))
    for split in datasets.STORED_SPLITS:
        drawings = prepared.read("kmnist", split, folder, 28)
        np.testing.assert_array_equal(
            drawings.images[..., 0], arrays[f"x_{split}"]
        )
        np.testing.assert_array_equal(drawings.labels, arrays[f"y_{split}"])
        assert drawings.class_names[1] == "ki"
    assert drawings.source == (
        "imported TFDS folder imported_kmnist/1.0.0 (12 train / 5 test)"
    )


def test_tfds_reads_the_imported_folder(tmp_path):
    np.savez(tmp_path / "mnist.npz", **_arrays())
    _import(tmp_path, tmp_path / "out")
    builder = tfds.builder_from_directory(
        str(tmp_path / "out" / "imported_mnist" / "1.0.0")
    )
    assert builder.info.splits["train"].num_examples == 12
    assert builder.info.features["image"].shape == (28, 28, 1)
    assert "12 train and 5 test" in builder.info.description
    assert "Licence: CC BY-SA 3.0" in builder.info.description


def test_second_import_changes_nothing(tmp_path):
    np.savez(tmp_path / "mnist.npz", **_arrays())
    _import(tmp_path, tmp_path / "out")
    np.savez(tmp_path / "mnist.npz", **_arrays(num_train=20))
    (sentence,) = _import(tmp_path, tmp_path / "out")
    assert "already in" in sentence
    folder = str(tmp_path / "out")
    assert len(data.read("mnist", "train", data_dir=folder).labels) == 11


def test_sentence_says_which_folder_is_read(tmp_path):
    official = tmp_path / "out" / "mnist" / "3.0.1"
    official.mkdir(parents=True)
    (official / "dataset_info.json").touch()
    np.savez(tmp_path / "mnist.npz", **_arrays())
    (sentence,) = _import(tmp_path, tmp_path / "out")
    assert sentence.endswith(f"But {official} also exists and is read instead.")


def _write_pictures(folder):
    """Writes one image per split and class."""
    for split in datasets.STORED_SPLITS:
        for value, name in enumerate(("a", "b"), start=1):
            path = folder / split / name / "1.png"
            path.parent.mkdir(parents=True)
            Image.fromarray(np.full((6, 6), value, np.uint8)).save(path)


def test_pictures_in_a_subfolder_are_imported(tmp_path):
    _write_pictures(tmp_path / "kmnist")
    (sentence,) = _import(tmp_path, tmp_path / "out")
    assert sentence.startswith("kmnist: 2 train and 2 test drawings imported")
    drawings = data.read(
        "kmnist", "test", image_size=6, data_dir=str(tmp_path / "out")
    )
    assert drawings.class_names == ("a", "b")
    np.testing.assert_array_equal(drawings.images[:, 0, 0, 0], [1, 2])


def test_pictures_of_the_source_need_a_single_name(tmp_path):
    _write_pictures(tmp_path)
    for names in (None, ["mnist", "emnist"]):
        with pytest.raises(FileNotFoundError, match="No files of"):
            _import(tmp_path, tmp_path / "out", names)
    (sentence,) = _import(tmp_path, tmp_path / "out", ["emnist"])
    assert sentence.startswith("emnist: 2 train and 2 test drawings")


def _write_pen_strokes(folder, class_id):
    """A drawing of one stroke, with its image."""
    np.savez(
        folder / "omniglot_strokes_small1_small2.npz",
        points=np.array([[1, -2, 0], [3, -4, 9]], np.float32),
        stroke_start=[0, 2],
        drawing_start=[0, 1],
        class_id=[class_id],
        drawer=[3],
    )
    with zipfile.ZipFile(folder / "images_background.zip", "w") as archive:
        png = io.BytesIO()
        Image.new("1", (105, 105), 1).save(png, "PNG")
        archive.writestr(f"{class_id:04d}_03.png", png.getvalue())


def test_pen_strokes_are_imported_and_replaced(tmp_path):
    out = tmp_path / "out"
    for class_id in (7, 8):
        _write_pen_strokes(tmp_path, class_id)
        (sentence,) = _import(tmp_path, out)
        folder = out / "omniglot_strokes" / "1.0.0"
        assert sentence == (
            "omniglot_strokes: 1 drawings, 1 of them as recorded. Now in "
            f"{out / pen_strokes.FILE}, and as splines in {folder}."
        )
        (drawing,) = pen_strokes.read(str(out))
        assert drawing.class_id == class_id
        found = data.read_strokes("train", data_dir=str(out))
        assert found.labels.tolist() == [class_id - 1]


def test_an_interrupted_import_keeps_the_old_strokes(tmp_path, monkeypatch):
    out = tmp_path / "out"
    _write_pen_strokes(tmp_path, 7)
    _import(tmp_path, out)
    _write_pen_strokes(tmp_path, 8)

    def interrupted(drawings):
        raise KeyboardInterrupt

    monkeypatch.setattr(strokes, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _import(tmp_path, out)
    (drawing,) = pen_strokes.read(str(out))
    assert drawing.class_id == 7
    found = data.read_strokes("train", data_dir=str(out))
    assert found.labels.tolist() == [6]
    assert {path.name for path in out.iterdir()} == {
        "omniglot_strokes",
        pen_strokes.FILE,
    }


def test_wrong_pen_strokes_keep_the_old_file(tmp_path):
    _write_pen_strokes(tmp_path, 7)
    _import(tmp_path, tmp_path / "out")
    np.savez(tmp_path / "omniglot_strokes_background.npz", points=[1])
    with pytest.raises(ValueError, match="must hold the arrays points"):
        _import(tmp_path, tmp_path / "out")
    (drawing,) = pen_strokes.read(str(tmp_path / "out"))
    assert drawing.class_id == 7


def test_pen_strokes_are_not_imported_with_chosen_datasets(tmp_path):
    _write_pen_strokes(tmp_path, 7)
    np.savez(tmp_path / "mnist.npz", **_arrays())
    (sentence,) = _import(tmp_path, tmp_path / "out", ["mnist"])
    assert sentence.startswith("mnist")
    assert not (tmp_path / "out" / pen_strokes.FILE).exists()


def test_dataset_may_have_its_own_subfolder(tmp_path):
    for name in ("mnist", "kmnist"):
        (tmp_path / name).mkdir()
        np.savez(tmp_path / name / f"{name}.npz", **_arrays())
    (sentence,) = _import(tmp_path, tmp_path / "out", ["kmnist"])
    assert sentence.startswith("kmnist")
    sentences = _import(tmp_path, tmp_path / "out2")
    assert [s.split(":")[0] for s in sentences] == ["mnist", "kmnist"]


def test_imported_one_shot_runs_read_back(tmp_path):
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


def test_interrupted_import_leaves_no_dataset(tmp_path, monkeypatch):
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
    assert len(data.read("mnist", "train", data_dir=folder).labels) == 11


def test_missing_source_raises(tmp_path):
    with pytest.raises(
        FileNotFoundError, match="There is no folder .*absent; give"
    ):
        _import(tmp_path / "absent", tmp_path)


def test_source_without_known_files_raises(tmp_path):
    with pytest.raises(FileNotFoundError, match="No files of any dataset in"):
        _import(tmp_path, tmp_path)
    with pytest.raises(FileNotFoundError, match="No files of emnist in"):
        _import(tmp_path, tmp_path, ["emnist"])


def test_data_folder_that_is_a_file_raises(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file cannot be written to; give"):
        _import(tmp_path, tmp_path / "file")


@pytest.mark.skipif(
    os.geteuid() == 0, reason="the root user can write anywhere"
)
def test_read_only_data_folder_raises(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="cannot be written to; give"):
        _import(tmp_path, tmp_path)


@pytest.mark.skipif(
    not _SHARED.exists(), reason="needs the npz files of ../shared/data"
)
def test_imported_one_shot_runs_equal_embedded_runs(tmp_path):
    _import(_SHARED, tmp_path, [datasets.ONE_SHOT])
    imported = data.read_oneshot(image_size=105, data_dir=str(tmp_path))
    embedded = data.read_oneshot(image_size=105)
    for ours, theirs in zip(imported[:3], embedded[:3], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_published_files_are_found_without_the_name_of_a_dataset(tmp_path):
    for name in ("eye", "cell phone"):
        np.save(tmp_path / f"{name}.npy", np.zeros([10, 784], np.uint8))
    for key, array in _arrays().items():
        kind = {"x": "imgs", "y": "labels"}[key[0]]
        np.savez(tmp_path / f"kmnist-{key[2:]}-{kind}.npz", array)
    (tmp_path / "gzip").mkdir()
    for split, count in (("train", 4), ("test", 2)):
        for kind, array in (
            ("images-idx3", np.zeros([count, 28, 28], np.uint8)),
            ("labels-idx1", np.zeros(count, np.uint8)),
        ):
            header = struct.pack(
                f">I{array.ndim}I", 0x800 + array.ndim, *array.shape
            )
            path = tmp_path / "gzip" / f"emnist-balanced-{split}-{kind}-ubyte"
            path.write_bytes(header + array.tobytes())
    for part in ("background", "evaluation"):
        with zipfile.ZipFile(tmp_path / f"images_{part}.zip", "w") as archive:
            png = io.BytesIO()
            Image.new("1", (105, 105), 1).save(png, "PNG")
            name = f"images_{part}/Greek/character01/0007_03.png"
            archive.writestr(name, png.getvalue())
    sentences = _import(tmp_path, tmp_path / "out")
    assert [sentence.partition(" imported")[0] for sentence in sentences] == [
        "emnist: 4 train and 2 test drawings",
        "kmnist: 12 train and 5 test drawings",
        "quickdraw: 16 train and 4 test drawings",
        "omniglot: 1 train and 1 test drawings",
    ]


def test_error_of_an_empty_folder_says_how_to_read_own_drawings(tmp_path):
    with pytest.raises(FileNotFoundError, match="give --dataset=folder:PATH"):
        _import(tmp_path, tmp_path)
