import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tests import seeding, tiny_models
from tfdood import models


def _vae(*changes):
    changes = "model.pixel_scale=running", *changes
    return models.build(tiny_models.config("vae", *changes).model)


@pytest.mark.parametrize("kind", ["laplace", "normal"])
def test_likelihood_is_the_density_of_independent_pixels(images, kind):
    model = _vae(f"model.likelihood={kind}")
    rng = np.random.default_rng(0)
    scale = rng.uniform(0.2, 0.5, (20, 20, 1)).astype(np.float32)
    model.running_pixel_scale.assign(scale)
    canvas = rng.uniform(0.0, 2.0, (3, 4, 20, 20, 1)).astype(np.float32)
    density = {"laplace": scipy.stats.laplace, "normal": scipy.stats.norm}[kind]
    expected = density.logpdf(images, canvas, scale).sum((-1, -2, -3))
    got = model.log_likelihood(images, canvas)
    assert got.shape == (3, 4)
    np.testing.assert_allclose(got, expected, rtol=1e-4)


def test_learned_pixel_scale_starts_at_a_half_and_keeps_its_floor():
    model = _vae("model.pixel_scale=learned", "model.pixel_scale_floor=0.02")
    assert any(v is model.pixel_scale_logits for v in model.trainable_variables)
    start = 0.02 + 0.98 / 2
    canvas = tf.zeros([3, 20, 20, 1])
    np.testing.assert_allclose(model.pixel_scale(canvas), start, rtol=1e-5)
    assert model.pixel_scale(canvas).shape == (20, 20, 1)
    model.pixel_scale_logits.assign(tf.fill([20, 20, 1], -50.0))
    np.testing.assert_allclose(model.pixel_scale(canvas), 0.02, rtol=1e-5)


def test_running_pixel_scale_is_not_a_parameter():
    model = _vae()
    scale = model.running_pixel_scale
    assert any(v is scale for v in model.non_trainable_variables)
    canvas = tf.zeros([3, 20, 20, 1])
    np.testing.assert_allclose(model.pixel_scale(canvas), 0.505, rtol=1e-5)


def test_likelihood_uses_the_scale_that_is_read_off_the_canvas(images):
    model = _vae("model.pixel_scale=canvas", "model.pixel_scale_window=3")
    canvas = images[::-1]
    scale = model.pixel_scale(canvas)
    assert scale.shape == canvas.shape
    assert np.ptp(scale) > 0.0
    expected = scipy.stats.laplace.logpdf(images, canvas, scale)
    np.testing.assert_allclose(
        model.log_likelihood(images, canvas),
        expected.sum((-1, -2, -3)),
        rtol=1e-4,
    )


@pytest.mark.parametrize(("preset", "most"), [("dood", 1.0), ("vae", 1e6)])
def test_likelihood_signature_bounds_the_ink_of_a_canvas(images, preset, most):
    seeding.initial_weights()
    model = models.build(tiny_models.config(preset).model)
    signature = model.signatures(2)["likelihood"]
    shapes = {name: wanted.shape for name, wanted in signature.inputs.items()}
    assert shapes == {"images": (20, 20, 1), "canvas": (20, 20, 1)}
    highs = {name: wanted.high for name, wanted in signature.inputs.items()}
    assert highs == {"images": 1.0, "canvas": most}
    answer = signature.function(images=images, canvas=images[::-1])
    # The same route, repeated: exact.
    np.testing.assert_array_equal(
        answer["log_likelihood"], model.log_likelihood(images, images[::-1])
    )
