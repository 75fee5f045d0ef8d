import numpy as np
import pytest
from PIL import Image

from tfdood import data
from tfdood.data import downloading, embedded, folders, reading, resizing

pytestmark = pytest.mark.usefixtures("no_prepared_data")


@pytest.mark.parametrize("image_size", [28, 50])
def test_sample_is_read_if_nothing_is_prepared(image_size):
    drawings = data.read("quickdraw", "test", image_size=image_size)
    stored = embedded.read("quickdraw", "test")
    assert drawings.is_sample
    np.testing.assert_array_equal(
        drawings.images, resizing.resize(stored.images, image_size)
    )
    np.testing.assert_array_equal(drawings.labels, stored.labels)


def test_union_joins_the_splits_of_all_datasets():
    union = data.read("all", "test", image_size=10)
    assert union.class_names == data.NAMES
    first = 0
    for label, name in enumerate(data.NAMES):
        part = data.read(name, "test", image_size=10)
        rows = slice(first, first + len(part.labels))
        # Copies: exact.
        np.testing.assert_array_equal(union.images[rows], part.images)
        assert set(union.labels[rows]) == {label}
        assert part.source in union.source
        first += len(part.labels)
    assert len(union.labels) == first


def test_mean_ink_does_not_depend_on_image_size():
    small, large = (
        data.read("omniglot", "test", image_size=n).images.mean(axis=(1, 2))
        for n in (50, 105)
    )
    np.testing.assert_allclose(small, large, atol=1.0)


def test_unknown_names_raise():
    with pytest.raises(ValueError, match="Unknown dataset 'svhn'; choose"):
        data.read("svhn", "train")
    with pytest.raises(
        ValueError, match="'valid'; choose from train, validation"
    ):
        data.read("mnist", "valid")


@pytest.mark.parametrize("name", data.SCENES)
def test_scenes_are_made_of_the_sample(name):
    made = data.read_scenes(name, "validation", image_size=32)
    assert made.is_sample
    assert made.images.shape == (600, 32, 32, 1)
    drawings = data.read(name, "validation", image_size=32)
    np.testing.assert_array_equal(drawings.images, made.images)
    np.testing.assert_array_equal(drawings.labels, made.kinds)
    assert "validation" in drawings.source


def test_scenes_need_the_prepared_digits(prepared_mnist, tmp_path):
    with pytest.raises(ValueError, match="got none of class . in the imported"):
        data.read("mnist_4", "test", data_dir=prepared_mnist)
    with pytest.raises(data.DatasetNotFoundError, match="No mnist in"):
        data.read("mnist_4", "test", data_dir=str(tmp_path))
    described = [
        reading.describe(name, prepared_mnist) for name in ("mnist", "mnist_4")
    ]
    assert described[0] == described[1]


def test_wrong_names_of_scenes_raise():
    with pytest.raises(ValueError, match="'mnist'; choose from mnist_4, mnist"):
        data.read_scenes("mnist", "train")
    with pytest.raises(ValueError, match="Unknown split 'valid'"):
        data.read_scenes("mnist_4", "valid")


def test_own_drawings_are_read_from_their_folder(tmp_path, monkeypatch):
    for number in range(12):
        picture = Image.new("L", (60, 60), 255)
        picture.paste(0, (10, 10, 20 + number, 50))
        picture.save(tmp_path / f"{number}.png")
    name = f"folder:{tmp_path}"
    for split in ("train", "validation", "test"):
        drawings = data.read(name, split, image_size=20)
        expected = folders.read(tmp_path, split, 20)
        np.testing.assert_array_equal(drawings.images, expected.images)
        assert drawings.source.startswith(reading.describe(name, None))
    monkeypatch.chdir(tmp_path)
    again = data.read("folder:.", "test", image_size=20)
    np.testing.assert_array_equal(again.images, drawings.images)
    (batch,) = data.load("folder:.", "test", 5, image_size=20)
    np.testing.assert_allclose(batch.images, drawings.images / 255.0, rtol=1e-6)


@pytest.mark.parametrize("image_size", [0, -1])
def test_wrong_image_size_does_not_blame_the_folder(prepared_mnist, image_size):
    message = f"^image_size must be at least 1 pixel, got {image_size}"
    options = {"image_size": image_size, "data_dir": prepared_mnist}
    with pytest.raises(ValueError, match=message):
        data.read("mnist", "train", **options)
    with pytest.raises(ValueError, match=message):
        data.read_oneshot(image_size=image_size)


def test_load_reads_and_batches():
    batches = data.load("mnist", "test", 64, seed=1, start_step=2)
    batch = next(batches.as_numpy_iterator())
    drawings = data.read("mnist", "test")
    expected = data.batches(drawings, 64, seed=1, start_step=2)
    expected = next(expected.as_numpy_iterator())
    # The same route twice: the numbers are equal.
    np.testing.assert_array_equal(batch.images, expected.images)
    np.testing.assert_array_equal(batch.labels, expected.labels)


def test_load_passes_all_options_on(prepared_mnist, tmp_path, monkeypatch):
    batches = data.load(
        "mnist", "train", 5, image_size=28, data_dir=prepared_mnist
    )
    assert [len(batch.labels) for batch in batches] == [5, 5, 1]
    assert batches.element_spec.images.shape.as_list() == [None, 28, 28, 1]
    asked = []
    monkeypatch.setattr(
        downloading, "download", lambda *args: asked.append(args)
    )
    with pytest.raises(data.DatasetNotFoundError):
        data.load("kmnist", "test", 5, data_dir=str(tmp_path), download=True)
    assert asked == [("kmnist", str(tmp_path))]


def test_strokes_are_read_from_the_sample_with_their_images():
    for split, count in {"train": 600, "validation": 200, "test": 100}.items():
        found = data.read_strokes(split)
        drawings = data.read("omniglot_strokes", split, image_size=40)
        assert len(found.labels) == count
        assert found.is_sample
        assert drawings.is_sample
        assert drawings.images.shape == (count, 40, 40, 1)
        for name, field in drawings.strokes._asdict().items():
            np.testing.assert_array_equal(field, getattr(found, name))
        recorded = data.read("omniglot_strokes_recorded", split)
        np.testing.assert_array_equal(
            recorded.strokes.control_points, found.control_points[found.exact]
        )
        np.testing.assert_array_equal(
            recorded.labels, found.labels[found.exact]
        )
        assert recorded.source == (
            f"embedded sample of omniglot_strokes ({count} {split} drawings), "
            f"{found.exact.sum()} of them as recorded"
        )


def test_a_split_without_recorded_strokes_is_refused(monkeypatch):
    found = data.read_strokes("test")
    none = found._replace(exact=np.zeros_like(found.exact))
    monkeypatch.setattr(reading, "read_strokes", lambda *_, **__: none)
    with pytest.raises(
        ValueError, match="No drawing of the embedded .* as recorded; use"
    ):
        data.read("omniglot_strokes_recorded", "test")


def test_strokes_that_are_not_prepared_raise(tmp_path):
    with pytest.raises(data.DatasetNotFoundError, match="No omniglot_strokes"):
        data.read_strokes("train", data_dir=str(tmp_path))


def test_unknown_splits_of_strokes_are_refused():
    with pytest.raises(ValueError, match="'tests'; choose from train, valid"):
        data.read_strokes("tests")
