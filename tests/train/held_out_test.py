import json

import numpy as np
import pytest
import tensorflow as tf

from tfdood import data, models
from tfdood.objectives import elbo
from tfdood.saved import runs
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib
from train import checkpoints, held_out

_CONFIG = settings_lib.override(
    config_lib.Config("dood"),
    [
        "training.dataset=mnist",
        "model.image_size=20",
        "model.glimpse_size=10",
        "model.num_strokes=2",
        "model.width=8",
        "model.num_mixtures=2",
    ],
)


def _save_a_run(folder):
    model = models.build(_CONFIG.model)
    saved = checkpoints.Checkpoints(
        {"model": runs.variables(model)}, folder / "checkpoints"
    )
    saved.save(7)
    (folder / "figures").mkdir()
    (folder / "config.json").write_text(settings_lib.to_json(_CONFIG))


def test_measures_a_run(tmp_path, capsys):
    _save_a_run(tmp_path)
    arguments = ["--num_images=30", "--num_particles=3"]
    assert held_out.main([f"--run_dir={tmp_path}", *arguments]) == 0
    record = json.loads((tmp_path / "held_out.json").read_text())
    assert json.loads(capsys.readouterr().out) == record
    assert record["step"] == 7
    assert record["num_images"] == 30
    assert set(record["num_strokes_by_class"]) == set("0123456789")
    assert (tmp_path / "figures" / "held_out.png").stat().st_size > 1000
    baselines = record["naive"]
    assert baselines.pop("num_training_images") == 4_000
    test = data.spread(data.read("mnist", "test", image_size=20), 30)
    blank = baselines["blank_canvas"]
    np.testing.assert_allclose(
        blank["mean_absolute_error"], test.images.mean() / 255.0, rtol=1e-5
    )
    assert baselines["median_image"]["mean_absolute_error"] < 0.125
    for values in baselines.values():
        # 400 pixels; of 2,500 pixels, they have 4,300 nats.
        assert 400 < values["log_likelihood"] < 900
        assert values["log_likelihood_standard_error"] > 0


def test_a_folder_that_cannot_be_written_costs_no_figures(tmp_path, capsys):
    _save_a_run(tmp_path)
    (tmp_path / "held_out.json").mkdir()
    arguments = ["--num_images=3", "--num_particles=1"]
    assert held_out.main([f"--run_dir={tmp_path}", *arguments]) == 2
    told = capsys.readouterr()
    assert json.loads(told.out)["num_images"] == 3
    assert "held_out.json" in told.err.splitlines()[-1]


def test_measures_what_the_model_says():
    model = models.build(_CONFIG.model)
    images = tf.random.stateless_uniform([3, 20, 20, 1], [0, 1])
    measured = held_out.measure(model, images, 4, seed=5)
    parse = model.parse(images, 4, tf.constant([5, 0]))
    weights = elbo.log_weights(parse).numpy().astype(np.float64)
    bound = np.log(np.mean(np.exp(weights - weights.max(0)), 0)) + weights.max(
        0
    )
    np.testing.assert_allclose(measured["iwae"], bound, rtol=1e-4)
    error = np.abs(images - parse.drawing.canvases[0, :, -1]).mean((1, 2, 3))
    np.testing.assert_allclose(
        measured["mean_absolute_error"], error, rtol=1e-4
    )
    present = parse.drawing.strokes.presence[0].numpy()
    np.testing.assert_array_equal(measured["num_strokes"], present.sum(-1))


def test_summary_has_means_errors_and_classes():
    values = np.array([1.0, 2.0, 3.0, 6.0])
    summary = held_out.summarise({"num_strokes": values}, ["a", "b", "a", "b"])
    assert summary["num_strokes"] == 3.0
    error = summary["num_strokes_standard_error"]
    assert error == pytest.approx(values.std() / 2.0)
    assert summary["num_strokes_by_class"] == {"a": 2.0, "b": 4.0}


def test_a_folder_without_a_run_is_one_sentence(tmp_path, capsys):
    assert held_out.main([f"--run_dir={tmp_path}"]) == 2
    assert "is not a run folder" in capsys.readouterr().err


def test_a_run_without_a_checkpoint_is_one_sentence(tmp_path, capsys):
    (tmp_path / "config.json").write_text(settings_lib.to_json(_CONFIG))
    assert held_out.main([f"--run_dir={tmp_path}"]) == 2
    assert "There is no checkpoint in" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["--num_images=0", "--num_particles=-1"])
def test_rejects_numbers_below_one(flag, capsys):
    with pytest.raises(SystemExit):
        held_out.main(["--run_dir=.", flag])
    assert "must be at least 1" in capsys.readouterr().err
