"""Files that the user may put into TFDS's manual folder."""

import pathlib

import tensorflow_datasets as tfds


def local_or_downloaded(
    dl_manager: tfds.download.DownloadManager, urls: dict[str, str]
) -> dict[str, pathlib.Path]:
    """Takes files from the manual folder and downloads the others.

    Args:
        dl_manager: TFDS's download manager.
        urls: the address of each file; the keys are the file names in the
            manual folder.

    Returns:
        The path of each file, with the keys of `urls` in the same order.
    """
    try:
        folder = dl_manager.manual_dir
    except AssertionError:  # The manual folder is missing or empty.
        return dl_manager.download(urls)
    local = {name: folder / name for name in urls if (folder / name).exists()}
    absent = {name: url for name, url in urls.items() if name not in local}
    found = local | dl_manager.download(absent)
    return {name: found[name] for name in urls}
