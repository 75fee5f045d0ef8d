import numpy as np
import pytest
import tensorflow as tf

from tests import tiny_models
from tfdood import models
from tfdood.models.common import sequence_model
from tfdood.objectives import elbo
from tfdood.settings import text

_SEED = tf.constant([1, 2])
_SEEDS = tf.constant([[1, 2], [3, 4], [5, 6], [7, 8]])


@pytest.fixture(
    scope="module",
    name="model",
    params=["dood", pytest.param("dood_dr", marks=pytest.mark.slow), "air"],
)
def _model(request, dood):
    if request.param == "dood":
        return dood
    return tiny_models.build(request.param)


def test_log_weights_are_those_of_its_parses(model, images):
    parse = model.parse(images, 2, _SEED)
    got = model.log_weights(images, 2, _SEED)
    assert got.shape == (2, 4)
    np.testing.assert_allclose(got, elbo.log_weights(parse), rtol=1e-5)


def test_parse_signature_gives_totals_of_one_parse(model, images):
    answer = model.signatures(2)["parse"].function(images=images, seeds=_SEEDS)
    parse = tf.nest.map_structure(
        lambda x: x[0], model.parse(images, 1, _SEEDS)
    )
    for name in ("log_posterior", "log_prior"):
        steps = getattr(parse, name)
        expected = np.sum(steps, (0, 2))
        np.testing.assert_allclose(answer[name], expected, rtol=1e-4)
    np.testing.assert_allclose(
        answer["log_likelihood"], parse.log_likelihood, rtol=1e-4
    )


def test_render_signature_draws_the_latents_of_a_parse(model, images):
    """A parse, drawn again from what a client gets of it."""
    signatures = model.signatures(2)
    answer = signatures["parse"].function(images=images, seeds=_SEEDS)
    render = signatures["render"]
    assert set(render.inputs) < set(answer)
    drawn = render.function(**{name: answer[name] for name in render.inputs})
    parse = model.parse(images, 1, _SEEDS)
    np.testing.assert_allclose(
        drawn["canvases"], parse.drawing.canvases[0], atol=1e-4
    )
    np.testing.assert_allclose(
        drawn["canvas"], parse.drawing.canvas[0], atol=1e-4
    )


def test_completions_and_exemplars_have_signatures(model, images):
    signatures = model.signatures(2)
    for name in ("complete", "exemplars"):
        answer = signatures[name].function(images=images, seeds=_SEEDS)
        (canvas,) = getattr(model, name)(images, seed=_SEEDS).canvas
        np.testing.assert_allclose(answer["canvas"], canvas, atol=1e-5)
        assert set(answer) == set(model.outputs(model.reconstruct(images)))


def test_counts_are_the_numbers_of_strokes(model, images):
    drawing = model.reconstruct(images)
    counts = model.counts(drawing)
    presence = drawing.strokes.presence.numpy()
    np.testing.assert_array_equal(counts["num_strokes"], presence.sum(-1))
    outputs = model.outputs(drawing)["num_strokes"]
    assert outputs.dtype == tf.int32
    np.testing.assert_array_equal(outputs, presence.sum(-1))


def test_shapes_of_noise_and_context_are_those_of_a_parse(model, images):
    parse = model.parse(images, 2, _SEED)
    size = int(np.prod(parse.drawing.strokes[2].shape[3:]))
    assert int(np.prod(model.noise_shape.stroke)) == size
    assert model.noise_shape.num_strokes == parse.presence.shape[-1]
    context = parse.context
    assert context.target.shape[:2] == context.canvases.shape[:2] == (2, 4)
    sizes = [context.target.shape[-1], context.canvases.shape[-1]]
    assert sum(sizes) == model.context_size


def test_running_values_are_those_of_the_settings(model, images):
    """Of models with a pen; only strokes that are curves have a blur."""
    statistics = set(model.statistics(model.parse(images, 2, _SEED)))
    name, metrics = model.settings.name, set(model.state_metrics())
    assert statistics == (set() if name == "air" else {"pen"})
    assert metrics == ({"blur"} if name == "dood" else set())


def test_num_strokes_counts_presence():
    presence = tf.constant([[[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]])
    count = sequence_model.num_strokes(presence)
    assert count.dtype == tf.int32
    np.testing.assert_array_equal(count, [[2, 0]])


def test_number_of_strokes_may_differ_from_the_trained_one(dood, images):
    config = text.override(tiny_models.config("dood"), ["model.num_strokes=5"])
    longer = models.build(config.model)
    for new, old in zip(longer.variables, dood.variables, strict=True):
        new.assign(old)
    short, long = (m.reconstruct(images).strokes for m in (dood, longer))
    assert long.presence.shape == [4, 5]
    for name in ("presence", "layout", "control_points"):
        np.testing.assert_allclose(
            getattr(long, name)[:, :3], getattr(short, name), atol=1e-5
        )
