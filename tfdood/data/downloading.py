"""Downloads of datasets with TFDS (TensorFlow Datasets)."""

import errno
import pathlib
import threading
import urllib.parse

import requests
import tensorflow_datasets as tfds
from absl import logging

from tfdood.data import prepared
from tfdood.data.builders import (
    omniglot_oneshot,
    omniglot_strokes,
    quickdraw_ten,
)

_OWN_BUILDERS = {
    "quickdraw": quickdraw_ten.QuickdrawTen,
    "omniglot_oneshot": omniglot_oneshot.OmniglotOneshot,
    "omniglot_strokes": omniglot_strokes.OmniglotStrokes,
}

_SECONDS = 5  # to wait for a server; TFDS itself waits for minutes
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)
# No network; the server refuses; the file has another checksum.
_DOWNLOAD_ERRORS = (
    OSError,
    tfds.download.DownloadError,
    tfds.core.download.download_manager.NonMatchingChecksumError,
)


def download(name: str, data_dir: str | None) -> None:
    """Downloads a dataset and prepares it as a TFDS folder.

    The builder is that of TFDS; `data.builders` has the builders of the
    datasets that TFDS lacks. If nothing was downloaded before, the server must
    answer within a few seconds.

    Args:
        name: one of `datasets.NAMES`, `datasets.STROKES[0]`, or
            `datasets.ONE_SHOT`.
        data_dir: folder to write to, or `None` for TFDS's own data folder.

    Raises:
        ConnectionError: If a file cannot be downloaded.
        OSError: If a file cannot be written.
        ValueError: If a file is damaged.
    """
    tfds_name = prepared.official_name(name)
    logging.info("Downloading %s with TFDS.", tfds_name)
    try:
        if name in _OWN_BUILDERS:
            builder = _OWN_BUILDERS[name](data_dir=data_dir)
        else:
            builder = tfds.builder(tfds_name, data_dir=data_dir)
        is_there = builder.data_path.exists()
        if not is_there and not _has_files(builder.name, data_dir):
            _reach(next(iter(builder.url_infos or [builder.ADDRESS])))
        builder.download_and_prepare()
    except _DOWNLOAD_ERRORS as error:
        if getattr(error, "errno", None) in _DISK_ERRORS:
            raise
        reason = " ".join(str(error).split())
        raise ConnectionError(
            f"{tfds_name} could not be downloaded ({reason}); connect to the "
            "network and try again, or import local files with "
            "python -m tfdood.data.prepare --source=DIR."
        ) from error


def _has_files(name: str, data_dir: str | None) -> bool:
    """Whether files were downloaded, imported, or put there by hand."""
    root = pathlib.Path(prepared.data_folder(data_dir))
    if (root / f"{name}.npz").exists():
        return True
    downloads = root / "downloads"
    return any((downloads / name).rglob("*.INFO")) or any(
        (downloads / "manual").glob("*")
    )


def _reach(address: str) -> None:
    """Waits for an answer of a server, whatever it is.

    Args:
        address: of a file that is to be downloaded.

    Raises:
        ConnectionError: If there is none within `_SECONDS`, or if a proxy
            answers that there is none.
    """
    codes = []

    def ask() -> None:
        try:
            answer = requests.head(address, timeout=_SECONDS)
            codes.append(answer.status_code)
        except requests.RequestException:
            codes.append(requests.codes.bad_gateway)

    # In a thread: a name server may take longer than the timeout.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_SECONDS)
    if not codes or codes[0] >= requests.codes.server_error:
        host = urllib.parse.urlsplit(address).hostname
        raise ConnectionError(f"{host} cannot be reached")
