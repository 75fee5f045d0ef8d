import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfdood.data import datasets, prepared, resizing
from tfdood.data.builders import omniglot_oneshot


def _store(data_dir, name, images, labels, **label_options):
    """Writes a folder in the layout of the official builder of this name."""
    name, _, config = name.partition("/")
    examples = [
        (i, {"image": image, "label": label})
        for i, (image, label) in enumerate(zip(images, labels, strict=True))
    ]
    features = tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(shape=images.shape[1:]),
            "label": tfds.features.ClassLabel(**label_options),
        }
    )
    builder = tfds.dataset_builders.store_as_tfds_dataset(
        name=name,
        version="3.0.1",
        config=config or None,
        features=features,
        split_datasets={"train": examples, "test": examples[:1]},
        data_dir=data_dir,
        disable_shuffling=True,
    )
    return str(builder.data_path)


def _noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_absent_or_empty_folder_gives_none(tmp_path):
    assert prepared.find("mnist", str(tmp_path)) is None
    assert prepared.find("mnist", str(tmp_path / "absent")) is None


def test_default_folder_is_that_of_tfds(monkeypatch, tmp_path):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert prepared.data_folder(None) == str(tmp_path)
    version = tmp_path / "kmnist" / "3.0.1"
    version.mkdir(parents=True)
    (version / "dataset_info.json").touch()
    assert prepared.find("kmnist", None) == str(version)


def test_newest_complete_version_is_found(tmp_path):
    names = ("3.0.1", "3.0.10", "3.0.9", "incomplete.AB12CD_4.0.0", "notes")
    for name in names:
        (tmp_path / "mnist" / name).mkdir(parents=True)
        (tmp_path / "mnist" / name / "dataset_info.json").touch()
    (tmp_path / "mnist" / "5.0.0").mkdir()
    assert prepared.find("mnist", str(tmp_path)).endswith("mnist/3.0.10")


def test_a_data_folder_may_have_any_name(tmp_path):
    parent = tmp_path / "data [1] *?"
    parent.mkdir()
    stored = _store(parent, "mnist", _noise(1, 28, 28, 1), [0], num_classes=1)
    assert prepared.find("mnist", str(parent)) == stored


def test_official_folder_is_preferred(tmp_path):
    for name in ("imported_kmnist/1.0.0", "kmnist/3.0.1"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "dataset_info.json").touch()
        assert prepared.find("kmnist", str(tmp_path)).endswith(name)


def test_official_folder_is_read_in_order(tmp_path):
    images, labels = _noise(7, 28, 28, 1), np.arange(7)
    folder = _store(tmp_path, "mnist", images, labels, num_classes=10)
    assert prepared.find("mnist", str(tmp_path)) == folder
    drawings = prepared.read("mnist", "train", folder, 28)
    np.testing.assert_array_equal(drawings.images, images)
    np.testing.assert_array_equal(drawings.labels, labels)
    assert drawings.class_names == tuple("0123456789")
    assert drawings.source == (
        "prepared TFDS folder mnist/3.0.1 (7 train / 1 test)"
    )
    assert not drawings.is_sample


def test_official_emnist_is_transposed(tmp_path):
    images = _noise(3, 28, 28, 1)
    folder = _store(
        tmp_path, "emnist/balanced", images, [0] * 3, num_classes=47
    )
    assert prepared.find("emnist", str(tmp_path)) == folder
    drawings = prepared.read("emnist", "train", folder, 28)
    np.testing.assert_array_equal(
        drawings.images[..., 0], images[..., 0].transpose(0, 2, 1)
    )
    assert drawings.class_names == datasets.dataset("emnist").class_names


def test_official_omniglot_is_inverted(tmp_path):
    paper = np.repeat(_noise(3, 105, 105, 1), 3, axis=-1)
    names = ["Angelic_0", "Angelic_1", "Angelic_2"]
    folder = _store(tmp_path, "omniglot", paper, [0, 1, 2], names=names)
    drawings = prepared.read("omniglot", "train", folder, 105)
    np.testing.assert_array_equal(drawings.images, 255 - paper[..., :1])
    assert drawings.class_names == tuple(names)


def test_official_features_give_images_and_labels():
    with tfds.testing.mock_data(num_examples=3):
        builder = tfds.builder("mnist")
        chunks = list(prepared._chunks(builder, "train"))
    assert chunks[0][0].shape == (3, 28, 28, 1)
    assert chunks[0][1].shape == (3,)


def test_images_are_resized_in_chunks(tmp_path, monkeypatch):
    images, labels = _noise(7, 28, 28, 1), np.arange(7)
    folder = _store(tmp_path, "mnist", images, labels, num_classes=10)
    monkeypatch.setattr(prepared, "_CHUNK", 3)
    drawings = prepared.read("mnist", "train", folder, 20)
    expected = resizing.resize(images, 20).astype(int)
    # Other chunks may round the other way.
    np.testing.assert_allclose(drawings.images, expected, atol=1)
    np.testing.assert_array_equal(drawings.labels, labels)


def test_description_has_kind_name_and_counts(tmp_path):
    images = _noise(3, 28, 28, 1)
    folder = _store(tmp_path, "kmnist", images, [0, 1, 2], num_classes=10)
    expected = "prepared TFDS folder kmnist/3.0.1 (3 train / 1 test)"
    assert prepared.describe(folder) == expected
    drawings = prepared.read("kmnist", "test", folder, 28)
    assert drawings.source == expected
    folder = _store(tmp_path, "imported_kmnist", images, [0] * 3, num_classes=9)
    expected = "imported TFDS folder imported_kmnist/3.0.1 (3 train / 1 test)"
    assert prepared.describe(folder) == expected


def test_imported_images_and_names_do_not_change(tmp_path):
    # Importing has transposed or inverted the images already.
    images = _noise(3, 28, 28, 1)
    for name in ("emnist", "omniglot"):
        folder = _store(
            tmp_path, f"imported_{name}", images, [0, 1, 1], names=["x", "y"]
        )
        drawings = prepared.read(name, "train", folder, 28)
        np.testing.assert_array_equal(drawings.images, images)
        assert drawings.class_names == ("x", "y")


def test_official_names_have_their_config():
    assert prepared.official_name("emnist") == "emnist/balanced"
    assert prepared.official_name(datasets.ONE_SHOT) == "omniglot_oneshot"
    with pytest.raises(ValueError, match="Unknown dataset 'svhn'"):
        prepared.official_name("svhn")


def _store_runs(data_dir, numbers):
    """Writes one-shot runs; each pixel is the number of its run."""
    answers = np.array([1, 0])
    examples = [
        (
            i,
            {
                "run": number,
                "support": np.full((2, 6, 6, 1), number, np.uint8),
                "query": np.full((2, 6, 6, 1), 100 + number, np.uint8),
                "answers": answers if number % 2 else answers[::-1],
            },
        )
        for i, number in enumerate(numbers)
    ]
    builder = tfds.dataset_builders.store_as_tfds_dataset(
        name=datasets.ONE_SHOT,
        version="1.0.0",
        features=omniglot_oneshot.features(2, (6, 6)),
        split_datasets={"test": examples},
        data_dir=data_dir,
        disable_shuffling=True,
    )
    return str(builder.data_path)


def test_one_shot_runs_are_sorted_by_number(tmp_path):
    folder = _store_runs(tmp_path, [3, 1, 2])
    assert prepared.find(datasets.ONE_SHOT, str(tmp_path)) == folder
    runs = prepared.read_one_shot(folder)
    assert runs.support.shape == runs.query.shape == (3, 2, 6, 6, 1)
    np.testing.assert_array_equal(runs.support[:, 0, 0, 0, 0], [1, 2, 3])
    np.testing.assert_array_equal(runs.query[:, 1, 5, 5, 0], [101, 102, 103])
    np.testing.assert_array_equal(runs.answers, [[1, 0], [0, 1], [1, 0]])
    assert runs.source == "prepared TFDS folder omniglot_oneshot/1.0.0 (3 test)"


def test_damaged_one_shot_folder_raises(tmp_path):
    folder = _store_runs(tmp_path, [1])
    (record,) = tmp_path.glob("*/*/*.tfrecord*")
    record.write_bytes(record.read_bytes()[:-10])
    with pytest.raises(ValueError, match="cannot be read .* prepare"):
        prepared.read_one_shot(folder)


def test_folder_with_too_few_drawings_raises(tmp_path, monkeypatch):
    folder = _store(
        tmp_path, "mnist", _noise(5, 28, 28, 1), [0] * 5, num_classes=10
    )
    chunks = prepared._chunks

    def too_few(*args):
        for images, labels in chunks(*args):
            yield images[:2], labels[:2]

    monkeypatch.setattr(prepared, "_chunks", too_few)
    with pytest.raises(ValueError, match="expected 5 train drawings, got 2"):
        prepared.read("mnist", "train", folder, 28)


def test_drawings_larger_than_the_memory_are_not_the_folders_fault(tmp_path):
    folder = _store(
        tmp_path, "mnist", _noise(5, 28, 28, 1), [0] * 5, num_classes=10
    )
    with pytest.raises(ValueError, match="fit into the memory .* smaller im"):
        prepared.read("mnist", "train", folder, 10_000_000)


@pytest.mark.parametrize("damage", ["truncate", "remove", "not json"])
def test_damaged_folder_raises_one_sentence(tmp_path, damage):
    folder = _store(
        tmp_path, "mnist", _noise(5, 28, 28, 1), [0] * 5, num_classes=10
    )
    (record,) = (tmp_path / "mnist").glob("*/*train.tfrecord*")
    if damage == "truncate":
        record.write_bytes(record.read_bytes()[:-100])
    elif damage == "remove":
        record.unlink()
    else:
        (record.parent / "dataset_info.json").write_text("{")
    with pytest.raises(ValueError, match="cannot be read .* prepare") as error:
        prepared.read("mnist", "train", folder, 28)
    assert folder in str(error.value)
    assert "\n" not in str(error.value)
    if damage == "not json":
        with pytest.raises(ValueError, match="cannot be read .* prepare"):
            prepared.describe(folder)
