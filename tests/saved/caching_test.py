import pathlib
from importlib import metadata

import pytest

from tfdood.saved import caching


def test_place_depends_on_files_code_and_tensorflow(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file, code = tmp_path / "file", tmp_path / "code.py"
    monkeypatch.setattr(caching, "_sources", lambda: [code])
    places = []
    for text, source, version in (
        *(("a", "b", "2.21.0"), ("c", "b", "2.21.0")),
        *(("a", "c", "2.21.0"), ("a", "b", "3.0.0"), ("a", "b", "2.21.0")),
    ):
        file.write_text(text)
        code.write_text(source)
        monkeypatch.setattr(metadata, "version", lambda _, v=version: v)
        places.append(caching.place([file]))
    assert places[0] == places[-1]
    assert len(set(places)) == 4
    assert {place.parent for place in places} == {tmp_path / "cache" / "tfdood"}


def test_links_of_editors_are_no_code(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(caching, "_ROOT", tmp_path)
    (tmp_path / "code.py").touch()
    before = caching.place([])
    (tmp_path / ".#code.py").symlink_to("somebody@host.1:1")
    assert caching.place([]) == before


def test_cache_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(OSError, match="set XDG_CACHE_HOME to a folder"):
        caching.place([])


def test_cache_is_in_the_home_folder_by_default(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(pathlib.Path, "home", lambda: tmp_path)
    assert caching.place([]).parent == tmp_path / ".cache" / "tfdood"
