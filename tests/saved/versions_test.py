import multiprocessing
import os
import signal

import pytest

from tfdood.saved import versions

_PROCESSES = multiprocessing.get_context("fork")


def _export(parent, text="whole"):
    with versions.new_version(parent) as folder:
        (folder / "saved_model.pb").write_text(text)


def _version(folder, name):
    version = folder / name
    version.mkdir(parents=True)
    (version / "saved_model.pb").touch()
    return version


def test_newest_version_is_the_largest_number(tmp_path):
    for name in ("2", "0010", "9", "latest", "11.tmp"):
        _version(tmp_path, name)
    (tmp_path / "12").mkdir()
    assert versions.newest(tmp_path) == tmp_path / "0010"
    assert versions.newest(tmp_path / "9") == tmp_path / "9"


def test_versions_are_numbered_and_complete(tmp_path):
    parent = tmp_path / "models" / "dood"
    _export(parent, "first")
    _export(parent, "second")
    (parent / "7").mkdir()
    _export(parent, "eighth")
    assert sorted(p.name for p in parent.iterdir()) == ["1", "2", "7", "8"]
    assert (parent / "2" / "saved_model.pb").read_text() == "second"


def test_version_is_refused_as_folder_of_versions(tmp_path):
    _export(tmp_path)
    with pytest.raises(
        ValueError, match="1 is a version of .* its versions instead"
    ):
        _export(tmp_path / "1")
    assert [p.name for p in tmp_path.iterdir()] == ["1"]


def test_failure_leaves_no_version(tmp_path):
    with (
        pytest.raises(OSError, match="No space"),
        versions.new_version(tmp_path) as folder,
    ):
        (folder / "saved_model.pb").write_text("half")
        raise OSError("No space left on device")
    assert list(tmp_path.iterdir()) == []


def _die(parent):
    with versions.new_version(parent) as folder:
        (folder / "saved_model.pb").write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)


def test_unfinished_folder_of_a_killed_export_is_removed(tmp_path):
    process = _PROCESSES.Process(target=_die, args=[tmp_path])
    process.start()
    process.join()
    (left,) = tmp_path.iterdir()
    assert not left.name.isdecimal()
    _export(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["1"]


def test_other_folders_are_kept(tmp_path):
    """`tfdood.evaluate` names its folder of finished parts `unfinished`."""
    part = tmp_path / "unfinished" / "part"
    part.parent.mkdir()
    part.touch()
    _export(tmp_path)
    assert part.exists()


def test_second_export_waits_for_the_first(tmp_path):
    with versions.new_version(tmp_path) as folder:
        (folder / "saved_model.pb").write_text("first")
        other = _PROCESSES.Process(target=_export, args=[tmp_path, "second"])
        other.start()
        other.join(0.5)
        assert other.is_alive()
    other.join()
    texts = [(tmp_path / n / "saved_model.pb").read_text() for n in "12"]
    assert texts == ["first", "second"]
