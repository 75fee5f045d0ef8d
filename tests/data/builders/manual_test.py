import pathlib

import pytest

from tfdood.data.builders import manual

_URLS = {"b.npy": "https://host/b", "a.npy": "https://host/a"}


class _Manager:
    """What is used of TFDS's download manager."""

    def __init__(self, folder):
        self._folder = folder

    @property
    def manual_dir(self):
        if not self._folder.exists():
            raise AssertionError("Manual directory does not exist.")
        return self._folder

    def download(self, urls):
        return {k: pathlib.Path("/cache") / k for k in urls}


@pytest.mark.parametrize("local", [[], ["a.npy"], ["a.npy", "b.npy"]])
def test_local_files_come_first(tmp_path, local):
    for name in local:
        (tmp_path / name).touch()
    paths = manual.local_or_downloaded(_Manager(tmp_path), _URLS)
    assert list(paths) == list(_URLS)
    for name, path in paths.items():
        expected = tmp_path if name in local else pathlib.Path("/cache")
        assert path == expected / name


def test_downloads_all_without_a_manual_folder(tmp_path):
    paths = manual.local_or_downloaded(_Manager(tmp_path / "absent"), _URLS)
    assert paths == {k: pathlib.Path("/cache") / k for k in _URLS}
