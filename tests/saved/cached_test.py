import json
import pathlib
import shutil
import time
from concurrent import futures
from importlib import metadata

import numpy as np
import pytest
import tensorflow as tf

from tests.saved import tiny_runs
from tfdood.saved import cached, caching, exported, exporting, pretrained, runs
from tfdood.settings import presets, text


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def run(tiny_run, tmp_path):
    """A copy of a run, which a test may change."""
    path = tmp_path / "runs" / "tiny"
    shutil.copytree(tiny_run.path, path)
    return tiny_runs.Run(path, tiny_run.model)


@pytest.fixture
def shipped(tiny_run, shipped_run, tmp_path, monkeypatch):
    """A run shipped as `pretrained:tiny`."""
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path / "weights")
    shutil.copytree(shipped_run, tmp_path / "weights")
    return tiny_run


@pytest.fixture
def exports(monkeypatch, short_export):
    """Makes exporting fast; lists the folders that were exported to."""
    folders = []

    def export(model, path, num_strokes):
        assert num_strokes is None
        folders.append(path)
        time.sleep(0.2)
        version = path / "1"
        version.mkdir(parents=True)
        shutil.copy(short_export.path / "config.json", version)
        (version / "saved_model.pb").touch()
        step, _ = runs.newest_intact(pathlib.Path(model) / runs.CHECKPOINTS)
        facts = short_export.facts | {"step": step}
        (version / "export.json").write_text(json.dumps(facts))

    monkeypatch.setattr(exporting, "export", export)
    return folders


def _check_canvas(folder, model):
    seeds = tf.constant([[1, 2], [3, 4]])
    answer = exported.ExportedModel(folder).run("generate", seeds=seeds)
    expected = model.generate(2, seed=seeds).canvases[:, -1]
    np.testing.assert_allclose(answer["canvas"], expected, atol=1e-3)


@pytest.mark.usefixtures("shipped")
def test_pretrained_model_is_exported_once(monkeypatch, capsys):
    with tiny_runs.few_signatures("generate"):
        folder = cached.folder("pretrained:tiny")
    assert "Exporting pretrained:tiny" in capsys.readouterr().err
    loaded = exported.ExportedModel(folder)
    assert loaded.name == "pretrained_tiny"
    assert loaded.facts["step"] == 7
    assert loaded.facts["metrics"] == {"iwae": 1234.5, "num_strokes": 1.5}
    _check_canvas(folder, pretrained.load("tiny"))
    monkeypatch.delattr(exporting, "export")
    assert cached.folder("pretrained:tiny") == folder
    assert capsys.readouterr().err == ""


def test_run_is_exported_once_for_each_checkpoint(run, exports, capsys):
    folder = cached.folder(str(run.path))
    assert f"Exporting {run.path}" in capsys.readouterr().err
    loaded = exported.ExportedModel(folder)
    assert loaded.name == "tiny"
    assert loaded.facts["step"] == 7
    assert cached.folder(f"{run.path}/") == folder
    assert capsys.readouterr().err == ""
    assert [str(path) for path in exports] == [folder]


def test_newer_checkpoint_is_exported_again(run, exports):
    old = cached.folder(str(run.path))
    run.save(9)
    new = cached.folder(str(run.path))
    assert [str(path) for path in exports] == [old, new]
    assert old != new
    assert exported.ExportedModel(new).facts["step"] == 9


@pytest.mark.usefixtures("exports")
def test_checkpoint_that_is_replaced_before_it_is_read(run, monkeypatch):
    place = caching.place

    def late_place(files):
        monkeypatch.setattr(caching, "place", place)
        for file in run.path.glob("checkpoints/checkpoint-7.*"):
            file.unlink()
        run.save(9)
        return place(files)

    monkeypatch.setattr(caching, "place", late_place)
    folder = cached.folder(str(run.path))
    assert exported.ExportedModel(folder).facts["step"] == 9


def test_damaged_checkpoint_is_skipped(run, exports):
    old = cached.folder(str(run.path))
    run.save(9)
    for file in run.path.glob("checkpoints/checkpoint-9.data*"):
        file.write_bytes(file.read_bytes()[:100])
    assert cached.folder(str(run.path)) == old
    assert len(exports) == 1


def test_other_settings_are_exported_again(run, exports):
    file = run.path / "config.json"
    cached.folder(str(run.path))
    file.write_text(file.read_text() + "\n")
    cached.folder(str(run.path))
    assert len(set(exports)) == 2


def test_checkpoint_written_during_export_has_its_own_folder(
    run, exports, monkeypatch
):
    export = exporting.export

    def late_export(model, path, **choice):
        if not exports:
            run.save(9)
        export(model, path, **choice)

    monkeypatch.setattr(exporting, "export", late_export)
    folder = cached.folder(str(run.path))
    assert exported.ExportedModel(folder).facts["step"] == 9
    assert [path.exists() for path in exports] == [False, True]
    assert cached.folder(str(run.path)) == folder == str(exports[1])


def test_number_of_strokes_of_a_model_without_strokes_is_refused(
    short_export, tmp_path
):
    version = tmp_path / "pixels" / "1"
    shutil.copytree(short_export.path, version)
    config = text.to_json(presets.get("vae", "mnist"))
    (version / "config.json").write_text(config)
    with pytest.raises(ValueError, match=r"draws no strokes \(preset vae\)"):
        cached.folder(str(version.parent), num_strokes=4)


def test_run_without_checkpoint_is_refused(run):
    shutil.rmtree(run.path / "checkpoints")
    (run.path / "checkpoints").mkdir()
    with pytest.raises(runs.RunError, match="train for longer first"):
        cached.folder(str(run.path))


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize("kind", ["pretrained", "run"])
def test_two_processes_export_once(run, exports, kind):
    model = {"pretrained": "pretrained:tiny", "run": str(run.path)}[kind]
    with futures.ThreadPoolExecutor(2) as pool:
        found = set(pool.map(cached.folder, [model] * 2))
    assert found == {str(folder) for folder in exports}
    assert len(exports) == 1


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize("kind", ["pretrained", "run"])
def test_changed_code_or_tensorflow_is_exported_again(
    run, exports, kind, tmp_path, monkeypatch
):
    model = {"pretrained": "pretrained:tiny", "run": str(run.path)}[kind]
    code = tmp_path / "code.py"
    monkeypatch.setattr(caching, "_sources", lambda: [code])
    for source, version in (("old", "2.21.0"), ("new", "2.21.0"), ("new", "3")):
        code.write_text(source)
        with monkeypatch.context() as patch:
            patch.setattr(metadata, "version", lambda _, v=version: v)
            cached.folder(model)
    assert len(set(exports)) == 3


def test_exported_model_is_not_copied(short_export):
    for folder in (short_export.path, short_export.path.parent):
        assert cached.folder(str(folder)) == str(folder)


@pytest.mark.parametrize("kind", ["missing", "empty", "config alone"])
def test_error_of_folder_without_model_lists_what_is_expected(tmp_path, kind):
    folder = tmp_path / "folder"
    if kind != "missing":
        folder.mkdir()
    if kind == "config alone":
        (folder / "config.json").write_text("{}")
    with pytest.raises(FileNotFoundError) as raised:
        cached.folder(str(folder))
    message = str(raised.value)
    assert message.startswith(f"There is no model in {folder}: expected")
    for way in ("export.main", "train.main", "pretrained:NAME", "mnist"):
        assert way in message
    assert "\n" not in message


@pytest.mark.usefixtures("shipped")
def test_error_of_unknown_pretrained_model_lists_known_models():
    with pytest.raises(ValueError, match="choose from tiny"):
        cached.folder("pretrained:none")


def test_exports_have_one_number_of_strokes(short_export):
    folder = str(short_export.path)
    assert cached.folder(folder, 2) == folder
    with pytest.raises(ValueError, match="with up to 2 strokes, got 9; export"):
        cached.folder(folder, 9)
