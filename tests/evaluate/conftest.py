import dataclasses

import keras
import pytest
import tensorflow as tf

from tfdood import models
from tfdood.evaluate.records.job import Job
from tfdood.saved import exported, exporting, runs
from tfdood.settings import presets
from tfdood.settings import text as settings_lib
from train import checkpoints

_TINY = (
    "model.image_size=20",
    "model.glimpse_size=10",
    "model.num_strokes=3",
    "model.width=8",
)
_TINY_CURVES = (
    "model.num_curve_points=30",
    "model.num_mixtures=3",
    "model.presence_bias=0.5",
)


@pytest.fixture(scope="session", name="exported_model")
def _exported_model(tmp_path_factory) -> exported.ExportedModel:
    """A tiny, untrained model, exported."""
    config = settings_lib.override(
        presets.get("dood", "mnist"), [*_TINY, *_TINY_CURVES]
    )
    return _export(config, tmp_path_factory)


@pytest.fixture(scope="session", name="model_of_codes")
def _model_of_codes(tmp_path_factory) -> exported.ExportedModel:
    """A tiny, untrained model whose strokes are codes, exported."""
    config = settings_lib.override(presets.get("air", "mnist"), [*_TINY])
    return _export(config, tmp_path_factory)


def _export(config, tmp_path_factory) -> exported.ExportedModel:
    keras.utils.set_random_seed(0)
    run = tmp_path_factory.mktemp("run")
    (run / "config.json").write_text(settings_lib.to_json(config))
    model = models.build(config.model)
    for number, weight in enumerate(model.trainable_variables):
        noise = tf.random.stateless_normal(weight.shape, [number, 7])
        weight.assign_add(0.2 * noise)
    saved = checkpoints.Checkpoints(
        {"model": runs.variables(model)}, run / "checkpoints"
    )
    saved.save(7)
    folder = tmp_path_factory.mktemp("models") / "tiny"
    return exported.ExportedModel(
        exporting.export(run, folder, num_particles=2)
    )


@pytest.fixture(name="make_job")
def _make_job(exported_model, tmp_path):
    """Makes jobs of a task, on the embedded sample, with few drawings."""

    def make(task: str, **changes) -> Job:
        job = Job(
            task=task,
            model=exported_model,
            dataset="mnist",
            data_dir=None,
            num_images=12,
            num_particles=4,
            temperature=0.5,
            seed=0,
            folder=tmp_path / "results",
        )
        return dataclasses.replace(job, **changes)

    return make
