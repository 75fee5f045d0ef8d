import dataclasses
import json
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood import models
from tfdood.saved import exporting, runs, warmup
from tfdood.saved import session as session_lib
from tfdood.settings import presets
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib
from train import checkpoints

_MODEL = config_lib.ModelConfig(
    image_size=20,
    glimpse_size=10,
    num_strokes=2,
    num_curve_points=30,
    width=8,
    num_mixtures=3,
)


_CHANGES = ("image_size", "glimpse_size", "width", "num_mixtures")


@pytest.fixture(scope="module", name="run_dir")
def _run_dir(tmp_path_factory):
    """A run folder as training leaves it."""
    keras.utils.set_random_seed(0)
    run = tmp_path_factory.mktemp("run")
    config = presets.get("dood", "mnist")
    config = dataclasses.replace(config, model=_MODEL)
    (run / "config.json").write_text(settings_lib.to_json(config))
    model = models.build(_MODEL)
    saved = checkpoints.Checkpoints(
        {"model": runs.variables(model)}, run / "checkpoints"
    )
    saved.save(120)
    record = {"step": 100, "test/iwae": 1234.5, "test/num_strokes": 1.5}
    (run / "metrics.jsonl").write_text(
        json.dumps(record) + '\n{"step": 120, "elbo": 1.0}\n'
    )
    return run


@pytest.fixture(scope="module", name="version")
def _version(run_dir, tmp_path_factory):
    models_dir = tmp_path_factory.mktemp("models") / "dood_mnist"
    return exporting.export(str(run_dir), str(models_dir), num_particles=3)


def test_exports_numbered_versions_of_the_run(run_dir, version):
    assert version.name == "1"
    config = settings_lib.from_json((version / "config.json").read_text())
    assert config.model == _MODEL
    longer = exporting.export(str(run_dir), str(version.parent), num_strokes=4)
    assert longer.name == "2"
    image = np.full([1, 20, 20, 1], 0.5, np.float32)
    for folder, num_strokes in ((version, 2), (longer, 4)):
        with session_lib.Session(folder) as session:
            drawing = session.run("reconstruct", {"images": image})
        assert drawing["presence"].shape == (1, num_strokes)
    assert (
        "before model.num_strokes=4" in (longer / "model_card.md").read_text()
    )
    assert "before" not in (version / "model_card.md").read_text()


def test_models_of_codes_are_exported_with_all_signatures(tmp_path):
    keras.utils.set_random_seed(0)
    run = tmp_path / "run"
    run.mkdir()
    config = settings_lib.override(
        presets.get("vae", "mnist"),
        [f"model.{name}={getattr(_MODEL, name)}" for name in _CHANGES],
    )
    (run / "config.json").write_text(settings_lib.to_json(config))
    checkpoints.Checkpoints(
        {"model": runs.variables(models.build(config.model))},
        run / "checkpoints",
    ).save(1)
    version = exporting.export(
        str(run), str(tmp_path / "models"), num_particles=2
    )
    _check_warm_up(version)


def test_exports_of_one_run_have_one_fingerprint(run_dir, version, tmp_path):
    again = exporting.export(
        str(run_dir), str(tmp_path / "other"), num_particles=3
    )
    facts = [
        json.loads((v / "export.json").read_text()) for v in (version, again)
    ]
    assert facts[0] == facts[1]


def test_serves_the_weights_of_the_checkpoint(run_dir, version):
    model = models.build(_MODEL)
    runs.restore_model(model, run_dir / "checkpoints")
    seeds = tf.constant([[3, 4]])
    expected = model.generate(1, seed=seeds).canvases[:, -1]
    with session_lib.Session(version) as session:
        canvas = session.run("generate", {"seeds": seeds.numpy()})["canvas"]
    np.testing.assert_allclose(canvas, expected, atol=1e-5)


def test_the_card_tells_data_steps_encoder_metrics_and_licence(version):
    card = (version / "model_card.md").read_text()
    for fact in ("CC BY-SA 3.0", "| 120 of 64", "`compact`", "1234.5"):
        assert fact in card
    record = json.loads((version / "export.json").read_text())
    assert record["step"] == 120
    assert record["num_particles"] == 3
    assert record["metrics"] == {"iwae": 1234.5, "num_strokes": 1.5}
    assert record["signatures"]["complete"] == ["images", "seeds"]


def test_warm_up_requests_run(version):
    _check_warm_up(version)


def _check_warm_up(version):
    from tensorflow_serving.apis import prediction_log_pb2

    requests = {}
    for raw in tf.data.TFRecordDataset(str(version / warmup.FILE)):
        log = prediction_log_pb2.PredictionLog.FromString(raw.numpy())
        request = log.predict_log.request
        requests[request.model_spec.signature_name] = {
            name: tf.make_ndarray(value)
            for name, value in request.inputs.items()
        }
    with session_lib.Session(version) as session:
        assert set(requests) == set(session.signatures)
        for name, inputs in requests.items():
            session.run(name, inputs)


def test_an_interrupted_export_leaves_no_version(
    run_dir, tmp_path, monkeypatch
):
    def fail(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "No space left")

    monkeypatch.setattr(tf.saved_model, "save", fail)
    with pytest.raises(tf.errors.ResourceExhaustedError):
        exporting.export(str(run_dir), str(tmp_path / "models"))
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("run", ["missing", "empty"])
def test_answers_a_bad_run_folder_in_one_sentence(run, tmp_path):
    (tmp_path / "empty" / "checkpoints").mkdir(parents=True)
    config = settings_lib.to_json(presets.get("dood", "mnist"))
    (tmp_path / "empty" / "config.json").write_text(config)
    result = subprocess.run(
        [sys.executable, "-m", "export.main"]
        + [f"--run_dir={tmp_path / run}", f"--export_dir={tmp_path}/models"],
        cwd=pathlib.Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    expected = {"missing": "not a run folder", "empty": "no checkpoint"}
    assert result.stderr.startswith("Error: ")
    assert expected[run] in result.stderr
    assert len(result.stderr.splitlines()) == 1
