import pytest

from export import saving


def _export(parent, text="whole"):
    with saving.new_version(parent) as folder:
        (folder / "saved_model.pb").write_text(text)


def test_versions_are_numbered_and_complete(tmp_path):
    parent = tmp_path / "models" / "dood"
    _export(parent, "first")
    _export(parent, "second")
    (parent / "7").mkdir()
    _export(parent, "eighth")
    assert sorted(p.name for p in parent.iterdir()) == ["1", "2", "7", "8"]
    assert (parent / "2" / "saved_model.pb").read_text() == "second"


def test_a_failure_leaves_no_version_behind(tmp_path):
    with (
        pytest.raises(OSError, match="No space"),
        saving.new_version(tmp_path) as folder,
    ):
        (folder / "saved_model.pb").write_text("half")
        raise OSError("No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_export_left_is_never_a_version(tmp_path):
    writer = saving.new_version(tmp_path)
    folder = writer.__enter__()
    (folder / "saved_model.pb").write_text("half")
    assert not folder.name.isdecimal()
    _export(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["1"]
    del writer
