import numpy as np
import pytest
from absl import logging

from tfdood import data
from tfdood.data import downloading

pytestmark = pytest.mark.usefixtures("no_prepared_data")


@pytest.mark.parametrize(
    ("name", "sample", "command"),
    [
        (
            "mnist",
            "embedded sample of mnist (1,000 test",
            "tfdood.data.prepare",
        ),
        ("arrow_like", "sample of Arrow-like scenes (20", "tools.arrow_like"),
    ],
)
def test_sample_is_announced(monkeypatch, name, sample, command):
    messages = []
    monkeypatch.setattr(
        logging, "warning", lambda text, *args: messages.append(text % args)
    )
    data.read(name, "test", image_size=28)
    (message,) = messages
    assert message.startswith(f"Using the {sample}")
    assert f"python -m {command} and give" in message
    assert "--data_dir" in message


def test_prepared_folder_is_read_before_the_sample(prepared_mnist, monkeypatch):
    drawings = data.read("mnist", "train", data_dir=prepared_mnist)
    assert not drawings.is_sample
    assert drawings.images.shape == (11, 50, 50, 1)  # 1 for validation
    monkeypatch.setenv("TFDS_DATA_DIR", prepared_mnist)
    again = data.read("mnist", "train")
    np.testing.assert_array_equal(again.images, drawings.images)


def test_given_folder_without_the_dataset_raises(tmp_path):
    message = (
        "No emnist in .*: expected emnist/balanced/VERSION or "
        "imported_emnist/VERSION; .*data.prepare"
    )
    with pytest.raises(data.DatasetNotFoundError, match=message):
        data.read("emnist", "train", data_dir=str(tmp_path))
    with pytest.raises(FileNotFoundError, match="omniglot_oneshot"):
        data.read_oneshot(data_dir=str(tmp_path))


def test_only_missing_datasets_are_downloaded(
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


def test_failed_download_raises_one_sentence(tmp_path, monkeypatch):
    class Unreachable:
        data_path = tmp_path

        def __init__(self, data_dir):
            assert data_dir == str(tmp_path)

        def download_and_prepare(self):
            raise ConnectionError("no route to host")

    monkeypatch.setitem(downloading._OWN_BUILDERS, "quickdraw", Unreachable)
    with pytest.raises(ConnectionError, match="quickdraw_ten could not be"):
        data.read("quickdraw", "test", data_dir=str(tmp_path), download=True)
