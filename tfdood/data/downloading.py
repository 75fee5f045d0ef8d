"""Downloads of datasets with TFDS (TensorFlow Datasets)."""

import errno

import tensorflow_datasets as tfds
from absl import logging

from tfdood.data import prepared
from tfdood.data.builders import omniglot_oneshot, quickdraw_ten

_OWN_BUILDERS = {
    "quickdraw": quickdraw_ten.QuickdrawTen,
    "omniglot_oneshot": omniglot_oneshot.OmniglotOneshot,
}

_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)
# No network; the server refuses; the file has another checksum.
_DOWNLOAD_ERRORS = (
    OSError,
    tfds.download.DownloadError,
    tfds.core.download.download_manager.NonMatchingChecksumError,
)


def download(name: str, data_dir: str | None) -> None:
    """Downloads a dataset and prepares it as a TFDS folder.

    The builder is that of TFDS; `data.builders` has the builders of the two
    datasets that TFDS lacks.

    Args:
        name: one of `datasets.NAMES`, or `datasets.ONE_SHOT`.
        data_dir: folder to write to, or `None` for TFDS's own data folder.

    Raises:
        ConnectionError: If a file cannot be downloaded.
        OSError: If a file cannot be written.
    """
    tfds_name = prepared.official_name(name)
    logging.info("Downloading %s with TFDS.", tfds_name)
    try:
        if name in _OWN_BUILDERS:
            builder = _OWN_BUILDERS[name](data_dir=data_dir)
        else:
            builder = tfds.builder(tfds_name, data_dir=data_dir)
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
