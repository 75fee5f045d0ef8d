"""Files that may already lie in TFDS's manual folder."""

import pathlib


def local_or_downloaded(
    dl_manager, urls: dict[str, str]
) -> dict[str, pathlib.Path]:
    """Paths of files: in the manual folder, or else downloaded.

    Args:
        dl_manager: TFDS's download manager.
        urls: the address of each file by its name in the manual folder.

    Returns:
        The path of each file by its name.
    """
    try:
        folder = dl_manager.manual_dir
    except AssertionError:  # TFDS's answer to a missing or empty folder.
        return dl_manager.download(urls)
    local = {name: folder / name for name in urls if (folder / name).exists()}
    absent = {name: url for name, url in urls.items() if name not in local}
    found = local | dl_manager.download(absent)
    return {name: found[name] for name in urls}
