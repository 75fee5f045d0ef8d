"""What every preset promises, at the smallest size."""

import dataclasses
import pathlib
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tfdood import models
from tfdood.saved import runs, signatures
from tfdood.saved import session as session_lib
from tfdood.settings import presets
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib
from train import checkpoints, optimizers, step

_SIZE, _NUM_PARTICLES = 20, 2
_TINY = (
    f"model.image_size={_SIZE}",
    "model.glimpse_size=10",
    "model.num_control_points=4",
    "model.num_curve_points=10",
    "model.width=8",
    "model.num_mixtures=2",
    "training.scale_hold=0.1",
    "objective.presence_warmup_steps=0",
    "objective.exploration=0.4",
)
_IMAGES = tf.random.stateless_uniform([3, _SIZE, _SIZE, 1], [5, 6]) ** 4
_SEEDS = tf.constant([[1, 2], [3, 4], [5, 6]])
_TRACED = ("reconstruct", "log_likelihood")
# Made of parts that the exports of other presets, or other tests, contain.
_SELDOM_EXPORTED = ("dood", "dood_paper", "dood_sp", "dood_glimpse")


@dataclasses.dataclass
class _Case:
    """A preset made tiny, its weights away from their initial values."""

    config: config_lib.Config
    trainer: step.Trainer
    module: tf.Module
    functions: dict[str, Any]  # traced once, for any batch
    folder: pathlib.Path

    def log_likelihood(self, rows=slice(None), seeds=_SEEDS):
        outputs = self.functions["log_likelihood"](_IMAGES[rows], seeds[rows])
        return outputs["log_weights"].numpy()


@pytest.fixture(scope="module", params=presets.PRESETS)
def case(request, tmp_path_factory):
    config = presets.get(request.param, "mnist")
    if config.model.num_strokes > 1:
        config = settings_lib.override(config, ["model.num_strokes=2"])
    config = settings_lib.override(config, _TINY)
    trainer = _trainer(config)
    specs = signatures._specs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            signatures,
            "_specs",
            lambda points: {name: specs(points)[name] for name in _TRACED},
        )
        module, functions = signatures.build(
            trainer.model, _SIZE, 4, _NUM_PARTICLES
        )
    folder = tmp_path_factory.mktemp(request.param)
    return _Case(config, trainer, module, functions, folder)


def _trainer(config):
    trainer = step.Trainer(config)
    for number, weight in enumerate(trainer.model.trainable_variables):
        noise = tf.random.stateless_normal(weight.shape, [number, 7])
        weight.assign_add(0.2 * noise)
    return trainer


def test_every_batch_is_served_by_one_trace_and_its_own_seeds(case):
    together = case.log_likelihood()
    assert together.shape == (3, _NUM_PARTICLES)
    assert np.all(np.isfinite(together))
    # The same route, repeated: exact.
    np.testing.assert_array_equal(case.log_likelihood(), together)
    alone = case.log_likelihood(slice(1, 2))
    np.testing.assert_allclose(alone, together[1:2], rtol=1e-4)
    others = case.log_likelihood(seeds=_SEEDS + 1)
    assert not np.allclose(others, together, rtol=1e-3)


def _check_gradients(trainer):
    """One step, without graph, whose gradients are not applied."""
    received = []

    def record(_, gradients):
        received.extend(gradients)
        return {"model": tf.constant(0.0)}

    variables = trainer._optimizers.variables
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optimizers.GroupedAdam, "apply", record)
        trainer.replica_step(_IMAGES)
    silent = [
        variable.path
        for variable, gradient in zip(variables, received, strict=True)
        if gradient is None or not np.any(gradient)
    ]
    assert silent == []
    assert all(np.all(np.isfinite(gradient)) for gradient in received)
    learning = {id(v) for v in variables}
    if trainer.config.objective.presence_gradient == "exact":
        learning |= {id(v) for v in trainer.model.baseline.trainable_variables}
    assert learning == {id(v) for v in trainer.model.trainable_variables}


def test_every_parameter_receives_gradient(case):
    _check_gradients(case.trainer)


@pytest.mark.slow
def test_so_it_does_under_the_other_objective(case):
    own = case.config.objective.presence_gradient
    other = {"exact": "nvil", "nvil": "exact"}[own]
    setting = f"objective.presence_gradient={other}"
    _check_gradients(_trainer(settings_lib.override(case.config, [setting])))


def test_a_checkpoint_brings_back_the_model(case):
    folder, model = case.folder / "checkpoints", case.trainer.model
    before = case.log_likelihood()
    checkpoints.Checkpoints(case.trainer.checkpointed(), folder).save(1)
    fresh = models.build(case.config.model)
    runs.restore_model(fresh, folder)
    for new, old in zip(fresh.variables, model.variables, strict=True):
        np.testing.assert_array_equal(new, old)
    for variable in model.variables:
        variable.assign(0.5 * variable)
    assert not np.allclose(case.log_likelihood(), before)
    runs.restore_model(model, folder)
    # The same route, repeated: exact.
    np.testing.assert_array_equal(case.log_likelihood(), before)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            name, marks=[pytest.mark.slow] * (name in _SELDOM_EXPORTED)
        )
        for name in presets.PRESETS
    ],
    indirect=True,
)
def test_an_export_answers_by_the_c_api_as_the_live_model(case):
    path = case.folder / "1"
    tf.saved_model.save(case.module, str(path), case.functions)
    with session_lib.Session(path) as session:
        for name, seeds in (
            ("reconstruct", ()),
            ("log_likelihood", (_SEEDS.numpy(),)),
        ):
            inputs = (_IMAGES.numpy(), *seeds)
            names = ("images", "seeds")[: len(inputs)]
            served = session.run(name, dict(zip(names, inputs, strict=True)))
            live = case.functions[name](*map(tf.constant, inputs))
            assert set(served) == set(live)
            for key, value in live.items():
                np.testing.assert_allclose(
                    served[key], value, rtol=1e-5, atol=1e-6, err_msg=key
                )
