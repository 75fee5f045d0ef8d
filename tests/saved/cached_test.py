import dataclasses
import time
from concurrent import futures

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood import models
from tfdood.saved import cached, exported, exporting, pretrained, runs
from tfdood.settings import presets
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib
from tools import ship
from train import checkpoints

_MODEL = config_lib.ModelConfig(
    image_size=20,
    glimpse_size=10,
    num_strokes=2,
    num_curve_points=30,
    width=8,
    num_mixtures=3,
)


@pytest.fixture(name="model")
def _model(tmp_path, monkeypatch, capsys):
    """A model, its run shipped as `tiny`."""
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path / "weights")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run = tmp_path / "run"
    run.mkdir()
    keras.utils.set_random_seed(0)
    model = models.build(_MODEL)
    config = dataclasses.replace(presets.get("dood", "mnist"), model=_MODEL)
    (run / "config.json").write_text(settings_lib.to_json(config))
    saved = checkpoints.Checkpoints(
        {"model": runs.variables(model)}, run / "checkpoints"
    )
    saved.save(30)
    (run / "metrics.jsonl").write_text('{"step": 30, "test/iwae": 2.5}\n')
    assert ship.main([f"--run_dir={run}", "--name=tiny"]) == 0
    assert "tiny.npz" in capsys.readouterr().out
    return model


def test_a_shipped_run_is_exported_once(model, monkeypatch, capsys):
    folder = cached.folder("pretrained:tiny")
    assert "Exporting pretrained:tiny" in capsys.readouterr().err
    loaded = exported.ExportedModel(folder)
    assert loaded.name == "pretrained_tiny"
    assert loaded.facts["step"] == 30
    assert loaded.facts["metrics"] == {"iwae": 2.5}
    images = tf.random.stateless_uniform([2, 20, 20, 1], [1, 2])
    np.testing.assert_allclose(
        loaded.run("reconstruct", images=images)["canvas"],
        model.reconstruct(images).canvases[:, -1],
        atol=0.02,
    )

    def fail(*_):
        raise AssertionError("exported again")

    monkeypatch.setattr(exporting, "export", fail)
    assert cached.folder("pretrained:tiny") == folder
    monkeypatch.setattr(tf, "__version__", "another")
    with pytest.raises(AssertionError, match="exported again"):
        cached.folder("pretrained:tiny")
    monkeypatch.undo()


@pytest.mark.usefixtures("model")
def test_two_at_once_export_once(monkeypatch):
    folders = []

    def export(_, path):
        folders.append(path)
        time.sleep(0.2)
        (path / "1").mkdir(parents=True)
        (path / "1" / "saved_model.pb").touch()

    monkeypatch.setattr(exporting, "export", export)
    with futures.ThreadPoolExecutor(2) as pool:
        found = set(pool.map(cached.folder, ["pretrained:tiny"] * 2))
    assert found == {str(folder) for folder in folders}
    assert len(folders) == 1


@pytest.mark.usefixtures("model")
def test_a_change_of_the_code_exports_anew(tmp_path, monkeypatch):
    code = tmp_path / "code.py"
    monkeypatch.setattr(cached, "_sources", lambda: [code])
    folders = []
    monkeypatch.setattr(
        exporting, "export", lambda _, path: folders.append(path)
    )
    for text in ("old", "new"):
        code.write_text(text)
        cached.folder("pretrained:tiny")
    assert folders[0] != folders[1]


@pytest.mark.usefixtures("model")
def test_a_full_disk_is_an_os_error(monkeypatch):
    def fail(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "No space left")

    monkeypatch.setattr(exporting, "export", fail)
    with pytest.raises(OSError, match="cannot be written: .*No space left"):
        cached.folder("pretrained:tiny")


def test_folders_stay_as_they_are():
    assert cached.folder("models/some") == "models/some"


@pytest.mark.usefixtures("model")
def test_an_unknown_model_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="choose from tiny"):
        cached.folder("pretrained:none")
