import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfdood import console, data
from tfdood.data import datasets, downloading, prepare, scenes
from tfdood.data.importers import importing


@pytest.fixture(name="source")
def _source(tmp_path):
    """A folder with the npz files of two small datasets."""
    images = np.zeros((3, 28, 28), np.uint8)
    labels = np.zeros(3, np.uint8)
    arrays = {"x_train": images, "y_train": labels}
    arrays |= {"x_test": images[:1], "y_test": labels[:1]}
    for name in ("mnist", "kmnist"):
        np.savez(tmp_path / f"{name}.npz", **arrays)
    return tmp_path


@pytest.fixture(name="downloaded")
def _downloaded(monkeypatch):
    """The arguments of all downloads, none of which happens."""
    calls = []
    monkeypatch.setattr(
        downloading, "download", lambda *args: calls.append(args)
    )
    return calls


def _call(*arguments):
    return console.call(prepare.define, prepare.main, arguments)


def test_all_datasets_of_the_folder_are_imported(source, capsys):
    out = source / "out"
    assert _call(f"--source={source}", f"--data_dir={out}") == 0
    printed = capsys.readouterr().out
    for name in ("mnist", "kmnist"):
        assert f"{name}: 3 train and 1 test drawings imported" in printed
        drawings = data.read(name, "train", data_dir=str(out))
        assert len(drawings.labels) == 2  # 1 for validation


def test_dataset_flag_chooses(source, capsys):
    out = source / "out"
    flags = [f"--source={source}", f"--data_dir={out}", "--dataset=kmnist"]
    assert _call(*flags) == 0
    assert "kmnist: 3 train" in capsys.readouterr().out
    with pytest.raises(data.DatasetNotFoundError):
        data.read("mnist", "train", data_dir=str(out))


def test_damaged_file_is_an_error_of_the_command(source, capsys):
    (source / "quickdraw10.npz").write_bytes(b"damaged")
    flags = f"--source={source}", f"--data_dir={source}/out"
    assert _call(*flags) == console.USAGE_ERROR
    printed = capsys.readouterr()
    assert "kmnist: 3 train and 1 test drawings imported" in printed.out
    message = printed.err.strip().splitlines()[-1]
    assert message.startswith("Error: ")
    assert "quickdraw10.npz is not a readable npz file" in message


@pytest.mark.parametrize(
    "flags",
    [[], ["--download", "--source=x"], ["--scenes=mnist_4", "--download"]],
)
def test_needs_either_source_or_download(flags, capsys, downloaded):
    assert _call(*flags) == console.USAGE_ERROR
    message = (
        "Error: Give either --source=DIR, or --download, or --scenes=NAME.\n"
    )
    assert capsys.readouterr().err == message
    assert not downloaded


def test_unknown_dataset_is_an_error(capsys, downloaded):
    assert _call("--download", "--dataset=svhn") == console.USAGE_ERROR
    assert "svhn" in capsys.readouterr().err
    assert not downloaded


def test_downloads_all_datasets_by_default(downloaded, capsys):
    assert _call("--download", "--data_dir=somewhere") == 0
    expected = [(name, "somewhere") for name in importing.IMPORTABLE]
    assert downloaded == expected
    assert "omniglot_oneshot: downloaded." in capsys.readouterr().out


def test_downloads_chosen_datasets(downloaded):
    flags = ["--download", "--dataset=kmnist", "--dataset=mnist"]
    assert _call(*flags) == 0
    assert downloaded == [("kmnist", None), ("mnist", None)]


def test_failed_download_is_an_error(monkeypatch, capsys):
    def fail(*_):
        raise ConnectionError("mnist could not be downloaded (no route).")

    monkeypatch.setattr(downloading, "download", fail)
    assert _call("--download") == console.USAGE_ERROR
    assert "Error: mnist could not be downloaded" in capsys.readouterr().err


def test_scenes_are_written_for_other_programs(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    counts = dict.fromkeys(datasets.SPLITS, 30)
    monkeypatch.setattr(scenes, "NUM_SCENES", counts)  # 3 of the sample
    assert _call("--scenes=mnist_4") == 0
    folder = tmp_path / "mnist_scenes" / "mnist_4" / "1.0.0"
    assert f"mnist_4: now in {folder}" in capsys.readouterr().out
    splits = tfds.builder_from_directory(folder).info.splits
    assert {name: part.num_examples for name, part in splits.items()} == (
        dict.fromkeys(datasets.SPLITS, 3)
    )
    assert _call("--scenes=mnist_4") == 0
    assert f"mnist_4: already in {folder}. To" in capsys.readouterr().out
