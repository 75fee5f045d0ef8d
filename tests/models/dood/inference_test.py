import numpy as np
import pytest
import tensorflow as tf

from tests import tiny_models
from tfdood.models.common import noise

_SEED = tf.constant([3, 4])


@pytest.fixture(scope="module", name="paper_model")
def _paper_model():
    return tiny_models.build(
        "dood", "model.encoder=paper", "model.glimpse_size=20"
    )


def _trace(model, images, dropout_seed, num_particles=1):
    numbers = noise.draw(
        model.noise_shape, tf.constant([1, 2]), len(images), num_particles
    )
    return model._infer(images, numbers, num_particles, dropout_seed)


def test_particles_share_the_embedding_of_the_image_and_differ(dood, images):
    trace = _trace(dood, images, None, num_particles=3)
    target = np.reshape(trace.target_embedding, [3, 4, -1])
    np.testing.assert_allclose(target[1], target[0], rtol=1e-6)
    np.testing.assert_allclose(
        target[0], dood.generative.encoder(images), rtol=1e-4, atol=1e-5
    )
    layouts = np.reshape(trace.latents.layout, [3, 4, -1])
    assert np.all(layouts[1] != layouts[0])


def test_canvases_and_their_embeddings_are_those_of_the_strokes(dood, images):
    trace = _trace(dood, images, None)
    np.testing.assert_allclose(
        trace.steps.canvas,
        dood.draw_steps(trace.latents, trace.pen),
        atol=1e-5,
    )
    embedded = [
        dood.generative.canvas_encoder(canvas)
        for canvas in (tf.zeros_like(images), trace.steps.canvas[:, 0])
    ]
    np.testing.assert_allclose(
        trace.canvas_embeddings[:, :2], tf.stack(embedded, 1), atol=1e-5
    )


def test_dropout_differs_between_images(paper_model):
    images = tf.ones([4, 20, 20, 1])
    whole = _trace(paper_model, images, None)
    dropped = _trace(paper_model, images, _SEED)
    again = _trace(paper_model, images, _SEED)
    for name in ("target_embedding", "canvas_embeddings"):
        same, fresh = (
            np.reshape(getattr(trace, name), [4, -1, 8])[:, 0]
            for trace in (whole, dropped)
        )
        np.testing.assert_allclose(same[1:], same[:-1], rtol=1e-5, atol=1e-6)
        assert np.abs(np.diff(fresh, axis=0)).max(1).min() > 1e-4
        # The same route, repeated: exact.
        np.testing.assert_array_equal(
            getattr(again, name), getattr(dropped, name)
        )


def test_unrolled_inference_calls_no_function_for_a_stroke():
    """XLA needs graphs without shapes that functions pass to gradients."""
    model = tiny_models.build("dood", "model.num_strokes=2")
    before = model.parse(tiny_models.images(), 1, _SEED)
    assert len(tiny_models.calls(model)) >= 2
    for _ in range(2):  # The second call changes nothing.
        model.unroll()
        assert tiny_models.calls(model) == []
    after = model.parse(tiny_models.images(), 1, _SEED)
    np.testing.assert_allclose(
        after.log_likelihood, before.log_likelihood, rtol=1e-4
    )


@pytest.mark.parametrize("preset", ["dood", "air"])
def test_a_stroke_is_traced_twice_at_most_for_all_numbers_of_images(preset):
    model = tiny_models.build(preset)
    for count in range(1, 5):
        model.parse(tiny_models.images(count), 1, _SEED)
    part = model._infer_part if preset == "air" else model._infer._infer_stroke
    assert part.experimental_get_tracing_count() <= 2


def test_dropout_needs_one_seed_for_all_images(paper_model, images):
    seeds = tf.constant([[0, number] for number in range(4)])
    paper_model.parse(images, 1, seeds)
    with pytest.raises(ValueError, match="with training=True, expected one"):
        paper_model.parse(images, 1, seeds, training=True)
