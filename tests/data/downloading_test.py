import errno

import pytest
import tensorflow_datasets as tfds

from tfdood.data import datasets, downloading
from tfdood.data.builders import omniglot_oneshot, quickdraw_ten


class _Builder:
    """A builder that does not download, and fails with a given error."""

    def __init__(self, error=None):
        self.error = error
        self.is_prepared = False

    def download_and_prepare(self):
        if self.error is not None:
            raise self.error
        self.is_prepared = True


def test_official_builders_have_official_names(monkeypatch):
    asked, builder = [], _Builder()
    monkeypatch.setattr(
        tfds, "builder", lambda *args, **kwargs: asked.append(args) or builder
    )
    for name in ("mnist", "emnist", "kmnist", "omniglot"):
        downloading.download(name, None)
    assert builder.is_prepared
    assert asked == [
        ("mnist",),
        ("emnist/balanced",),
        ("kmnist",),
        ("omniglot",),
    ]


@pytest.mark.parametrize(
    ("name", "builder"),
    [
        ("quickdraw", quickdraw_ten.QuickdrawTen),
        (datasets.ONE_SHOT, omniglot_oneshot.OmniglotOneshot),
    ],
)
def test_own_builders_are_used_for_datasets_tfds_lacks(
    monkeypatch, tmp_path, name, builder
):
    folders = []
    monkeypatch.setattr(
        builder,
        "download_and_prepare",
        lambda self: folders.append(self.data_path),
    )
    downloading.download(name, str(tmp_path))
    assert [folder.parent.parent for folder in folders] == [tmp_path]


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError("no route\n  to host"),
        OSError(101, "Network is unreachable"),
        tfds.download.DownloadError("Failed to get url. HTTP code: 404."),
        tfds.core.download.download_manager.NonMatchingChecksumError(
            "Artifact has\nwrong checksum."
        ),
    ],
    ids=lambda error: type(error).__name__,
)
def test_failed_download_raises_one_sentence(monkeypatch, error):
    monkeypatch.setattr(tfds, "builder", lambda *_, **__: _Builder(error))
    with pytest.raises(
        ConnectionError, match="^emnist/balanced could not be downloaded"
    ) as raised:
        downloading.download("emnist", None)
    message = str(raised.value)
    assert " ".join(str(error).split()) in message
    assert "\n" not in message
    assert message.endswith("python -m tfdood.data.prepare --source=DIR.")
    assert raised.value.__cause__ is error


@pytest.mark.parametrize(
    "code", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS]
)
def test_disk_error_is_not_a_connection_error(monkeypatch, code):
    error = OSError(code, "cannot write")
    monkeypatch.setattr(tfds, "builder", lambda *_, **__: _Builder(error))
    with pytest.raises(OSError, match="cannot write") as raised:
        downloading.download("mnist", None)
    assert raised.value is error


def test_error_of_the_program_is_not_hidden(monkeypatch):
    error = TypeError("a mistake")
    monkeypatch.setattr(tfds, "builder", lambda *_, **__: _Builder(error))
    with pytest.raises(TypeError, match="a mistake"):
        downloading.download("mnist", None)


def test_unknown_dataset_raises():
    with pytest.raises(ValueError, match="Unknown dataset 'svhn'"):
        downloading.download("svhn", None)
