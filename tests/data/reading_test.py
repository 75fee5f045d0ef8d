import numpy as np
import pytest

from tfdood import data
from tfdood.data import downloading
from tfdood.data.importers import importing


@pytest.fixture(autouse=True)
def _no_prepared_data(monkeypatch, tmp_path):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "default"))


@pytest.fixture
def prepared_mnist(tmp_path):
    rng = np.random.default_rng(0)
    np.savez(
        tmp_path / "mnist.npz",
        x_train=rng.integers(0, 256, (12, 28, 28), dtype=np.uint8),
        y_train=np.arange(12, dtype=np.uint8) % 10,
        x_test=rng.integers(0, 256, (5, 28, 28), dtype=np.uint8),
        y_test=np.arange(5, dtype=np.uint8),
    )
    data_dir = tmp_path / "prepared"
    list(importing.import_all(str(tmp_path), str(data_dir)))
    return str(data_dir)


@pytest.mark.parametrize("image_size", [28, 50])
def test_falls_back_to_the_sample(image_size):
    drawings = data.read("quickdraw", "test", image_size=image_size)
    assert drawings.is_sample
    assert drawings.images.shape == (1_000, image_size, image_size, 1)
    assert drawings.labels.shape == (1_000,)


def test_the_size_of_an_image_leaves_its_ink_alone():
    small, large = (
        data.read("omniglot", "test", image_size=n).images.mean(axis=(1, 2))
        for n in (50, 105)
    )
    np.testing.assert_allclose(small, large, atol=1.0)


def test_reads_prepared_data_first(prepared_mnist, monkeypatch):
    drawings = data.read("mnist", "train", data_dir=prepared_mnist)
    assert not drawings.is_sample
    assert drawings.images.shape == (12, 50, 50, 1)
    monkeypatch.setenv("TFDS_DATA_DIR", prepared_mnist)
    again = data.read("mnist", "train")
    np.testing.assert_array_equal(again.images, drawings.images)


def test_a_given_folder_without_the_dataset_is_an_error(tmp_path):
    message = (
        "No emnist in .*: neither emnist/balanced/VERSION nor "
        "imported_emnist/VERSION is there; .*data.prepare"
    )
    with pytest.raises(data.DatasetNotFoundError, match=message):
        data.read("emnist", "train", data_dir=str(tmp_path))
    with pytest.raises(FileNotFoundError, match="omniglot_oneshot"):
        data.read_oneshot(data_dir=str(tmp_path))


def test_unknown_names_are_errors():
    with pytest.raises(ValueError, match="Unknown dataset 'svhn'; choose"):
        data.read("svhn", "train")
    with pytest.raises(ValueError, match="'valid'; choose from train, test"):
        data.read("mnist", "valid")


def test_downloads_only_what_is_not_there(
    prepared_mnist, tmp_path, monkeypatch
):
    asked = []
    monkeypatch.setattr(
        downloading, "download", lambda *args: asked.append(args)
    )
    data.read("mnist", "test", data_dir=prepared_mnist, download=True)
    assert not asked
    with pytest.raises(data.DatasetNotFoundError):
        data.read("mnist", "test", data_dir=str(tmp_path), download=True)
    assert asked == [("mnist", str(tmp_path))]


def test_a_failed_download_is_one_sentence(tmp_path, monkeypatch):
    class Unreachable:
        def __init__(self, data_dir):
            assert data_dir == str(tmp_path)

        def download_and_prepare(self):
            raise ConnectionError("no route to host")

    monkeypatch.setitem(downloading._OWN_BUILDERS, "quickdraw", Unreachable)
    with pytest.raises(ConnectionError, match="quickdraw_ten could not be"):
        data.read("quickdraw", "test", data_dir=str(tmp_path), download=True)


def test_load_reads_and_batches():
    batches = data.load("mnist", "test", 64, seed=1, start_step=2)
    images, labels = next(batches.as_numpy_iterator())
    drawings = data.read("mnist", "test")
    expected = data.batches(drawings, 64, seed=1, start_step=2)
    expected_images, expected_labels = next(expected.as_numpy_iterator())
    # The same route, repeated: exact.
    np.testing.assert_array_equal(images, expected_images)
    np.testing.assert_array_equal(labels, expected_labels)


def test_one_shot_runs_from_the_sample():
    runs = data.read_oneshot(image_size=30)
    assert runs.support.shape == runs.query.shape == (20, 20, 30, 30, 1)
    assert runs.answers.shape == (20, 20)
    assert runs.is_sample
    full = data.read_oneshot(image_size=105)
    np.testing.assert_allclose(
        runs.query.mean(axis=(2, 3)), full.query.mean(axis=(2, 3)), atol=1.0
    )
