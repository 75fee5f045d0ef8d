import pathlib

import pytest

from tfdood.data.builders import manual

_URLS = {"b.npy": "https://host/b", "a.npy": "https://host/a"}


class _Manager:
    """The parts of TFDS's download manager that are used."""

    def __init__(self, folder):
        self._folder = folder
        self.downloaded = {}

    @property
    def manual_dir(self):
        if not self._folder.exists():
            raise AssertionError("Manual directory does not exist.")
        return self._folder

    def download(self, urls):
        self.downloaded |= urls
        return {k: pathlib.Path("/cache") / k for k in urls}


@pytest.mark.parametrize("local", [[], ["a.npy"], ["a.npy", "b.npy"]])
def test_only_files_missing_in_manual_folder_are_downloaded(tmp_path, local):
    for name in local:
        (tmp_path / name).touch()
    manager = _Manager(tmp_path)
    paths = manual.local_or_downloaded(manager, _URLS)
    assert manager.downloaded == {
        name: url for name, url in _URLS.items() if name not in local
    }
    assert list(paths) == list(_URLS)
    for name, path in paths.items():
        expected = tmp_path if name in local else pathlib.Path("/cache")
        assert path == expected / name


def test_all_files_are_downloaded_without_manual_folder(tmp_path):
    paths = manual.local_or_downloaded(_Manager(tmp_path / "absent"), _URLS)
    assert paths == {k: pathlib.Path("/cache") / k for k in _URLS}
