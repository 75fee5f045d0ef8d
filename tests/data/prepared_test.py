import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfdood.data import datasets, prepared


def _store(data_dir, name, images, labels, **label_options):
    """Writes a folder as the official builder of that name would."""
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


def test_finds_nothing_in_an_absent_or_empty_folder(tmp_path):
    assert prepared.find("mnist", str(tmp_path)) is None
    assert prepared.find("mnist", str(tmp_path / "absent")) is None


def test_default_data_dir_is_that_of_tfds(monkeypatch, tmp_path):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert prepared.default_data_dir() == str(tmp_path)
    version = tmp_path / "kmnist" / "3.0.1"
    version.mkdir(parents=True)
    (version / "dataset_info.json").touch()
    assert prepared.find("kmnist", None) == str(version)


def test_finds_the_newest_complete_version(tmp_path):
    names = ("3.0.1", "3.0.10", "3.0.9", "incomplete.AB12CD_4.0.0", "notes")
    for name in names:
        (tmp_path / "mnist" / name).mkdir(parents=True)
        (tmp_path / "mnist" / name / "dataset_info.json").touch()
    (tmp_path / "mnist" / "5.0.0").mkdir()
    assert prepared.find("mnist", str(tmp_path)).endswith("mnist/3.0.10")


def test_prefers_the_official_folder(tmp_path):
    for name in ("imported_kmnist/1.0.0", "kmnist/3.0.1"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "dataset_info.json").touch()
        assert prepared.find("kmnist", str(tmp_path)).endswith(name)


def test_reads_the_official_folder_in_order(tmp_path):
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


def test_turns_official_emnist_upright(tmp_path):
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


def test_turns_official_omniglot_white_on_black(tmp_path):
    paper = np.repeat(_noise(3, 105, 105, 1), 3, axis=-1)
    names = ["Angelic_0", "Angelic_1", "Angelic_2"]
    folder = _store(tmp_path, "omniglot", paper, [0, 1, 2], names=names)
    drawings = prepared.read("omniglot", "train", folder, 105)
    np.testing.assert_array_equal(drawings.images, 255 - paper[..., :1])
    assert drawings.class_names == tuple(names)


def test_reads_what_the_official_features_describe():
    with tfds.testing.mock_data(num_examples=3):
        builder = tfds.builder("mnist")
        chunks = list(prepared._chunks(builder, "train"))
    assert chunks[0][0].shape == (3, 28, 28, 1)
    assert chunks[0][1].shape == (3,)


@pytest.mark.parametrize("damage", ["truncate", "remove", "not json"])
def test_a_corrupt_folder_is_named(tmp_path, damage):
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
