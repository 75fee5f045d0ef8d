import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests import seeding
from tests.models.gns import drawings
from tests.saved import tiny_runs
from tfdood import models
from tfdood.saved import exporting, signatures

_SEED = tf.constant([0, 0])


@pytest.fixture(scope="module", name="model")
def _model():
    seeding.initial_weights()
    return models.build(drawings.tiny_config().model)


@pytest.fixture(scope="module", name="functions")
def _functions(model):
    """The graphs of some signatures."""
    called = "generate", "log_prior", "exemplars", "render"
    with tiny_runs.few_signatures(*called):
        return signatures.build(model, 1)[1]


def test_figures_are_written(model, tmp_path):
    path = str(tmp_path / "{}.png")
    found = model.figures(drawings.batch(), _SEED, path.format)
    assert set(found) == {"samples", "next_strokes"}
    for name, figure in found.items():
        with Image.open(path.format(name)) as image:
            np.testing.assert_array_equal(np.asarray(image), figure)


def test_renders_ink_where_control_points_are(model):
    line = tf.constant([[[[20.0, 50.0], [90.0, 50.0]]]])
    line = tf.pad(line, [[0, 0], [0, 0], [0, 3], [0, 0]])
    canvas = model.render(line, tf.constant([[2]]))[0, ..., 0].numpy()
    assert canvas.shape == (20, 20)
    rows = canvas.sum(1) @ (np.arange(20) + 0.5) / canvas.sum()
    np.testing.assert_allclose(rows, 50.0 * 20 / 105, atol=0.1)
    assert np.all(model.render(line, tf.constant([[0]])) == 0.0)


def test_long_strokes_of_large_pictures_have_no_gaps():
    large = models.build(
        dataclasses.replace(drawings.tiny_config().model, image_size=1024)
    )
    line = np.stack([np.linspace(0.0, 105.0, 5), np.full(5, 50.0)], -1)
    canvas = large.render(line[None, None], [[5]])[0, ..., 0].numpy()
    ink = canvas.sum(0)
    ink = ink[slice(*np.flatnonzero(ink)[[9, -9]])]
    assert len(ink) > 500
    assert ink.min() > 0.8 * ink.mean()


def test_points_whose_densities_are_no_numbers_are_refused(functions):
    points, number = drawings.strokes()
    with pytest.raises(tf.errors.InvalidArgumentError, match="at most 1e"):
        functions["log_prior"](points + 1e21, number)


def test_plain_lists_and_doubles_are_strokes(model):
    points, number = (x.numpy() for x in drawings.strokes())
    expected = model.log_prior(*drawings.strokes()).total
    for given in (
        (points.tolist(), number.tolist()),
        (points.astype(np.float64), number.astype(np.int64)),
    ):
        # The same route, after a conversion: exact.
        np.testing.assert_array_equal(model.log_prior(*given).total, expected)
        for method in (model.render, lambda *x: model.exemplars(*x, _SEED)):
            method(*given)


def test_compilation_is_refused(model):
    with pytest.raises(ValueError, match="leave training.jit_compile"):
        model.unroll()


def test_signatures_answer_as_the_model(model, functions):
    assert set(model.signatures(1)) == {
        *("generate", "generate_tempered", "log_prior", "exemplars"),
        *("next_stroke", "render"),
        *("score_start", "score_stroke", "score_stop", "fit", "refit"),
        *("log_type_gradient", "log_likelihood_gradient"),
    }
    warm = exporting._requests(functions)
    assert {"generate", "log_prior", "render"} <= set(warm)
    for name in set(warm) & {"log_prior", "render", "exemplars"}:
        functions[name](*map(tf.constant, warm[name].values()))
    strokes = drawings.strokes()
    found = functions["log_prior"](*strokes)
    np.testing.assert_allclose(
        found["log_prior"], model.log_prior(*strokes).total, rtol=1e-4
    )
    seeds = tf.constant([[1, 2], [3, 4]])
    drawn = functions["generate"](seeds)
    expected = model.generate(2, seed=seeds)
    for name, value in drawn.items():
        np.testing.assert_allclose(
            value, getattr(expected, name), atol=1e-3, err_msg=name
        )
    again = functions["exemplars"](*strokes, tf.zeros([4, 2], tf.int32))
    assert again["canvas"].shape == (4, 20, 20, 1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="at most 5"):
        functions["render"](strokes[0], strokes[1] + 9)
