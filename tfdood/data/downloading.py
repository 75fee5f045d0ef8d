"""Downloading and preparing datasets with TFDS."""

import errno

import tensorflow_datasets as tfds
from absl import logging

from tfdood.data import prepared
from tfdood.data.builders import omniglot_oneshot, quickdraw_ten

_OWN_BUILDERS = {
    "quickdraw": quickdraw_ten.QuickdrawTen,
    "omniglot_oneshot": omniglot_oneshot.OmniglotOneshot,
}

_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)
# No network, an answer that is not the file, a file that is not the one.
_FAILURES = (
    OSError,
    tfds.download.DownloadError,
    tfds.core.download.download_manager.NonMatchingChecksumError,
)


def download(name: str, data_dir: str | None) -> None:
    """Downloads a dataset and prepares it, official builders first.

    Args:
        name: one of `datasets.NAMES`, or `datasets.ONE_SHOT`.
        data_dir: where to; `None` for TFDS's own data folder.

    Raises:
        ConnectionError: If the files cannot be had.
        OSError: If they cannot be written.
    """
    tfds_name = prepared.official_name(name)
    logging.info("Downloading %s with TFDS.", tfds_name)
    try:
        if name in _OWN_BUILDERS:
            builder = _OWN_BUILDERS[name](data_dir=data_dir)
        else:
            builder = tfds.builder(tfds_name, data_dir=data_dir)
        builder.download_and_prepare()
    except _FAILURES as error:
        if getattr(error, "errno", None) in _OF_THE_DISK:
            raise
        reason = " ".join(str(error).split())
        raise ConnectionError(
            f"{tfds_name} could not be downloaded ({reason}); try again with a "
            "network, or import local files with "
            "python -m tfdood.data.prepare."
        ) from error
