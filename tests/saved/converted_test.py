import pathlib
import shutil
import subprocess
import sys

import pytest

from tfdood.saved import converted, converting, families, litert, pretrained


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def shipped(shipped_run, tmp_path, monkeypatch):
    """A run shipped as `pretrained:tiny`."""
    for module, name in ((pretrained, "FOLDER"), (families, "WEIGHTS")):
        monkeypatch.setattr(module, name, tmp_path / "weights")
    shutil.copytree(shipped_run, tmp_path / "weights")


@pytest.fixture
def conversions(monkeypatch, converted_model):
    """Makes converting fast; lists the folders that were written."""
    folders = []

    def write(folder, model, config):
        del model, config
        folders.append(folder)
        shutil.copytree(converted_model, folder, dirs_exist_ok=True)

    monkeypatch.setattr(converting, "write", write)
    return folders


@pytest.mark.usefixtures("shipped")
def test_pretrained_model_is_converted_once(conversions, capsys):
    folder = converted.folder("pretrained:tiny")
    assert "Converting pretrained:tiny" in capsys.readouterr().err
    assert converted.folder("pretrained:tiny") == folder
    assert capsys.readouterr().err == ""
    assert conversions == [folder]
    assert litert.LiteRTModel(folder).image_size == 20


@pytest.mark.usefixtures("shipped")
def test_other_weights_are_converted_again(conversions):
    converted.folder("pretrained:tiny")
    kept = pretrained.read("tiny")
    weights = [2.0 * kept.weights[0], *kept.weights[1:]]
    pretrained.write(
        pretrained.FOLDER / "tiny.npz",
        pretrained.Pretrained(kept.config, kept.facts, weights),
    )
    converted.folder("pretrained:tiny")
    assert len(set(conversions)) == 2


def test_unknown_pretrained_model_is_refused():
    with pytest.raises(ValueError, match="quickdraw"):
        converted.folder("pretrained:none")


def test_files_of_an_export_are_those_of_its_newest_version(tmp_path):
    for version, has_files in (("2", False), ("10", True), ("11", False)):
        folder = tmp_path / version
        (folder / "litert").mkdir(parents=True)
        (folder / "saved_model.pb").touch()
        if has_files:
            (folder / "litert" / "model.json").touch()
        expected = folder / "litert" if has_files else None
        assert converted.folder(str(tmp_path)) == expected
        assert converted.folder(str(folder)) == expected


def test_run_has_no_files(tiny_run):
    assert converted.folder(str(tiny_run.path)) is None


def test_tensorflow_is_not_imported_for_what_is_converted(tmp_path):
    (tmp_path / "litert").mkdir()
    (tmp_path / "litert" / "model.json").touch()
    (tmp_path / "saved_model.pb").touch()
    code = (
        "import sys; from tfdood.saved import converted; "
        f"assert converted.folder({str(tmp_path)!r}); "
        "assert 'tensorflow' not in sys.modules"
    )
    root = pathlib.Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


@pytest.mark.usefixtures("shipped")
def test_other_numbers_of_strokes_are_converted_apart(
    monkeypatch, converted_model
):
    numbers = []

    def write(folder, model, config):
        del model
        numbers.append(config.model.num_strokes)
        shutil.copytree(converted_model, folder, dirs_exist_ok=True)

    monkeypatch.setattr(converting, "write", write)
    folders = [
        converted.folder("pretrained:tiny", count) for count in (None, 5, 5)
    ]
    assert numbers == [2, 5]
    assert folders[0] != folders[1] == folders[2]


def test_exports_have_one_number_of_strokes(short_export):
    assert converted.folder(str(short_export.path), 5) is None


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize("lost", ["model.json", "reconstruct.tflite"])
def test_incomplete_files_are_converted_again(conversions, lost):
    folder = converted.folder("pretrained:tiny")
    if lost.endswith(".json"):
        (folder / lost).write_text("")
    else:
        (folder / lost).unlink()
    assert converted.folder("pretrained:tiny") == folder
    assert len(conversions) == 2
    assert litert.LiteRTModel(folder).image_size == 20
