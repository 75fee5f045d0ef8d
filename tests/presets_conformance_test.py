"""Tests of every preset, with small models.

A new model family is tested as soon as it has a preset. The tests use only the
interfaces of all families: `Model` and its signatures, and `Trainable`.
"""

import dataclasses
import functools
import pathlib
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests import seeding, tiny_models
from tests.saved import tiny_runs
from tfdood import models
from tfdood.models.learning import Loss, Trainable
from tfdood.models.signature import Input
from tfdood.saved import runs, signatures
from tfdood.saved import session as session_lib
from tfdood.settings import presets, schema, text
from train import checkpoints

_NUM_PARTICLES, _NUM_IMAGES = 2, 3
_SMALLEST = (
    "model.num_strokes=2",
    "model.num_control_points=4",
    "model.num_curve_points=10",
    "model.num_mixtures=2",
    "model.presence_bias=2",  # Some drawings have two strokes.
    "objective.scale_hold=0.1",
    "objective.presence_warmup_steps=0",
    "objective.beta_steps=0",  # The first step has all terms of the loss.
)
_GRADIENT = "objective.presence_gradient"
_SEEDS = tf.constant([[1, 2], [3, 4], [5, 6]])
_STEP, _SEED = tf.constant(0, tf.int64), tf.constant([0, 0])
# These are traced for each preset, the others for one preset of each family.
_TRACED = ("reconstruct", "log_likelihood", "log_prior")
# Variants of presets that are tested.
_SLOW = (
    *("dood_paper", "dood_sp", "dood_eg", "dood_dr", "dood_glimpse"),
    *("gnm_paper", "gnm_8", "gnm_gaussian", "gnm_no_mlp"),
    *("difference_air", "convdraw", "convdraw_8", "convdraw_mlp"),
)
_SELDOM_EXPORTED = ("dood", *_SLOW)  # Other tests export `dood`.


def _smallest(preset: str) -> schema.Config:
    config = tiny_models.config(preset)
    return text.override(config, tiny_models.applicable(config, _SMALLEST))


def _first_preset_of_each_family() -> list[str]:
    found: dict[str, str] = {}
    for name, config in presets.PRESETS.items():
        found.setdefault(config.model.name, name)
    return list(found.values())


@dataclasses.dataclass
class _Case:
    """A small model of a preset, with other weights than initially."""

    config: schema.Config
    model: models.Model
    learner: Trainable
    folder: pathlib.Path

    @functools.cached_property
    def exported(self) -> tuple[tf.Module, dict[str, Any]]:
        """The module and the functions, traced once for all batches."""
        with tiny_runs.few_signatures(*_TRACED):
            return signatures.build(self.model, _NUM_PARTICLES)

    def log_weights(self, rows=slice(None), seeds=_SEEDS) -> np.ndarray:
        """What depends on all weights; log p(strokes) without a posterior."""
        batch = tiny_models.batch(_NUM_IMAGES)
        if not isinstance(self.model, models.ExplainingModel):
            return self.model.log_prior(*batch.strokes).total.numpy()
        function = self.exported[1]["log_likelihood"]
        return function(batch.images[rows], seeds[rows])["log_weights"].numpy()

    def loss(self) -> Loss:
        return self.learner.loss(tiny_models.batch(_NUM_IMAGES), _STEP, _SEED)


def _make(config: schema.Config, folder: pathlib.Path) -> _Case:
    seeding.initial_weights()
    model = models.build(config.model)
    tiny_models.scatter(model)
    learner = models.trainable(model, config.objective)
    return _Case(config, model, learner, folder)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=[pytest.mark.slow] * (name in _SLOW))
        for name in presets.PRESETS
    ],
)
def case(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    return _make(_smallest(request.param), folder)


def test_log_weights_of_a_row_depend_on_its_seed_and_not_on_its_batch(case):
    if not isinstance(case.model, models.ExplainingModel):
        pytest.skip("This model has no posterior.")
    together = case.log_weights()
    assert together.shape == (_NUM_IMAGES, _NUM_PARTICLES)
    assert np.all(np.isfinite(together))
    # The same computation runs twice, so its results are exactly equal.
    np.testing.assert_array_equal(case.log_weights(), together)
    alone = case.log_weights(slice(1, 2))
    np.testing.assert_allclose(alone, together[1:2], rtol=1e-4)
    is_random = not np.allclose(together[:, 0], together[:, 1], rtol=1e-3)
    others = case.log_weights(seeds=_SEEDS + 1)
    assert is_random != np.allclose(others, together, rtol=1e-3)


def _check_learning(case: _Case) -> None:
    """Checks gradients, metrics and statistics of one step."""
    groups = case.learner.parameter_groups().values()
    variables = [v for group in groups for v in group.variables]
    with tf.GradientTape() as tape:
        loss = case.loss()
    gradients = tape.gradient(loss.total, [v.value for v in variables])
    silent = [
        variable.path
        for variable, gradient in zip(variables, gradients, strict=True)
        if gradient is None or not np.any(gradient)
    ]
    assert silent == []
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    learning = {id(v) for v in variables}
    assert len(learning) == len(variables)
    assert learning >= {id(v) for v in case.model.trainable_variables}

    assert set(case.learner.headline) <= set(loss.metrics)
    for name, value in {"total": loss.total, **loss.metrics}.items():
        assert value.shape == (), name
        assert np.isfinite(value), name

    before = [np.array(v) for v in variables]
    state = [np.array(v) for v in case.learner.state()]
    case.learner.update(loss.statistics, _STEP)
    # The variables are not assigned, so they are exactly equal.
    assert all(map(np.array_equal, before, variables))
    after = case.learner.state()
    assert not state or not all(map(np.array_equal, state, after))


def test_every_parameter_has_a_gradient_and_update_assigns_none(case):
    _check_learning(case)


@pytest.mark.slow
@pytest.mark.parametrize(
    "preset",
    [n for n, c in presets.PRESETS.items() if _GRADIENT in text.flatten(c)],
)
def test_every_parameter_has_a_gradient_of_the_other_objective(
    preset, tmp_path
):
    config = _smallest(preset)
    own = config.objective.presence_gradient
    other = {
        "exact": [f"{_GRADIENT}=nvil", "objective.collages=0"],
        "nvil": [f"{_GRADIENT}=exact", "objective.collages=0.2"],
    }[own]
    _check_learning(_make(text.override(config, other), tmp_path))


def test_temperatures_are_of_as_many_drawings(case):
    with pytest.raises(ValueError, match="one temperature for each image"):
        case.model.generate(1, [0.5, 1.0, 2.0], tf.constant([0, 1]))
    with pytest.raises(ValueError, match="0 drawings; expected at least 1"):
        case.model.generate(0, 1.0, tf.constant([0, 1]))


def test_no_warnings_with_the_number_of_steps_of_the_preset(case):
    enough = case.config.training.num_steps
    assert case.learner.warnings(enough) == []
    assert all(isinstance(w, str) for w in case.learner.warnings(1))


def test_a_checkpoint_restores_the_model_exactly(case):
    folder, model = case.folder / "checkpoints", case.model
    before = case.log_weights()
    checkpointed = {
        "model": runs.variables(model),
        "learner": case.learner.state(),
    }
    checkpoints.Checkpoints(checkpointed, folder).save(1)
    fresh = models.build(case.config.model)
    runs.restore_model(fresh, folder)
    for new, old in zip(fresh.variables, model.variables, strict=True):
        np.testing.assert_array_equal(new, old)
    for variable in model.variables:
        variable.assign(0.5 * variable)
    assert not np.allclose(case.log_weights(), before)
    runs.restore_model(model, folder)
    # The same computation runs twice, so its results are exactly equal.
    np.testing.assert_array_equal(case.log_weights(), before)


def _random(name: str, wanted: Input, rng: np.random.Generator) -> np.ndarray:
    """Makes a random input that a signature accepts."""
    if wanted.dtype == tf.string:
        pictures = np.uint8(255 * tiny_models.images(_NUM_IMAGES))
        return np.array([tf.io.encode_png(p).numpy() for p in pictures], object)
    shape = [_NUM_IMAGES]
    shape += [n if isinstance(n, int) else 3 for n in wanted.shape]
    if name == "num_steps":
        return np.full(shape, 2, np.int32)
    if name in ("learning_rate", "pen_rate"):
        return np.full(shape, 0.01, np.float32)
    if wanted.dtype.is_integer:
        low, high = wanted.low or 0, wanted.high or 100
        return rng.integers(low, high + 1, size=shape, dtype=np.int32)
    if name == "presence":
        return np.ones(shape, np.float32)
    drawn = rng.uniform(0.1, 0.9, shape).astype(np.float32)
    return np.clip(drawn, wanted.low, wanted.high)


def _check_session(functions, inputs, path) -> None:
    """Compares the outputs of a session with those of the live model."""
    with session_lib.Session(path) as session:
        for name, given in inputs.items():
            served = session.run(name, given)
            live = functions[name](*map(tf.constant, given.values()))
            assert set(served) == set(live)
            for key, value in live.items():
                largest = np.max(np.abs(value))  # Strokes may be in pixels.
                np.testing.assert_allclose(
                    served[key],
                    value,
                    rtol=1e-4,
                    atol=1e-5 * max(1.0, largest),
                    err_msg=f"{name}: {key}",
                )


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
def test_a_session_of_an_export_equals_the_live_model(case):
    module, functions = case.exported
    path = case.folder / "1"
    tf.saved_model.save(module, str(path), functions)
    batch = tiny_models.batch(_NUM_IMAGES)
    images = {"images": batch.images.numpy()}
    seeds = {"seeds": _SEEDS.numpy()}
    strokes = {k: v.numpy() for k, v in batch.strokes._asdict().items()}
    inputs = {
        "reconstruct": images,
        "log_likelihood": images | seeds,
        "log_prior": strokes,
    }
    inputs = {k: v for k, v in inputs.items() if k in functions}
    assert inputs
    _check_session(functions, inputs, path)


@pytest.mark.slow
@pytest.mark.parametrize("preset", _first_preset_of_each_family())
def test_every_signature_in_a_session_equals_the_live_model(preset, tmp_path):
    case = _make(_smallest(preset), tmp_path)
    module, functions = signatures.build(case.model, _NUM_PARTICLES)
    path = tmp_path / "1"
    tf.saved_model.save(module, str(path), functions)
    listed = case.model.signatures(_NUM_PARTICLES)
    given = {name: signature.inputs for name, signature in listed.items()}
    if "reconstruct" in given:
        given["reconstruct_bytes"] = {"image_bytes": Input((), tf.string)}
        given[signatures.DEFAULT] = given["reconstruct"]
    assert set(given) == set(functions)
    rng = np.random.default_rng(0)
    inputs = {
        name: {k: _random(k, wanted, rng) for k, wanted in each.items()}
        for name, each in given.items()
    }
    _check_session(functions, inputs, path)
