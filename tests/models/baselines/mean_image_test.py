import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tests import tiny_models
from tfdood.models.baselines import mean_image
from tfdood.settings.objectives import ScaleObjective

_SEED = tf.constant([1, 2])


@pytest.fixture(name="model")
def _model():
    return tiny_models.build("mean_image")


def _canvas(model):
    return 1.0 / (1.0 + np.exp(-model.logits.numpy()))


def test_weights_are_the_likelihood_of_one_canvas(model, images):
    expected = scipy.stats.laplace.logpdf(
        images, _canvas(model), model.running_pixel_scale
    ).sum((1, 2, 3))
    log_weights = model.log_weights(images, 3, _SEED)
    np.testing.assert_allclose(log_weights, [expected] * 3, rtol=1e-5)


def test_a_scale_that_is_read_off_the_canvas_is_refused():
    with pytest.raises(ValueError, match="to running or learned, got canvas"):
        tiny_models.build("mean_image", "model.pixel_scale=canvas")


def test_every_drawing_is_the_canvas(model, images):
    for picture in (model.reconstruct(images), model.generate(4, seed=_SEED)):
        expected = np.broadcast_to(_canvas(model), [4, 20, 20, 1])
        np.testing.assert_allclose(picture.canvas, expected, atol=1e-6)


def test_loss_is_smallest_at_the_median_image(model):
    learner = mean_image.MeanImageLearner(model, ScaleObjective())
    batch = tiny_models.batch(5)
    median = np.clip(np.median(batch.images, 0), 1e-4, 1.0 - 1e-4)
    losses = []
    for change in (-0.05, 0.0, 0.05):
        canvas = np.clip(median + change, 1e-4, 1.0 - 1e-4)
        model.logits.assign(np.log(canvas / (1.0 - canvas)))
        loss = learner.loss(batch, tf.constant(0, tf.int64), _SEED)
        losses.append(float(loss.total))
        error = np.abs(batch.images - canvas).mean(0)
        np.testing.assert_allclose(
            loss.statistics["error"], error, rtol=1e-4, atol=1e-5
        )
    assert losses[1] < min(losses[0], losses[2])


def test_a_wrong_temperature_is_refused_like_everywhere(model):
    with pytest.raises(ValueError, match="Got the temperature -3.0"):
        model.generate(2, -3.0)
