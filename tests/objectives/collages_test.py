import numpy as np
import tensorflow as tf

from tfdood.objectives import collages

_SEED = tf.constant([1, 2])


def _disc(size=40):
    x, y = np.meshgrid(*[np.linspace(-1.0, 1.0, size)] * 2)
    return ((x**2 + y**2 < 0.1) * 1.0)[..., np.newaxis].astype(np.float32)


def test_placements_of_drawings_are_within_their_ranges():
    """The place and the size of a disc tell how it was moved."""
    images = tf.tile(_disc()[np.newaxis, np.newaxis], [1, 500, 1, 1, 1])
    made = collages.collages(images, _SEED).numpy()[..., 0]
    assert made.shape == (500, 40, 40)
    ink = made.sum((1, 2))
    scales = np.sqrt(ink / _disc().sum())
    np.testing.assert_allclose(
        [scales.min(), scales.max()], [0.5, 1.5], atol=0.05
    )
    centres = np.linspace(-1.0, 1.0, 40)
    for axis in (1, 2):
        shifts = made.sum(axis) @ centres / ink
        np.testing.assert_allclose(
            [shifts.min(), shifts.max()], [-0.4, 0.4], atol=0.05
        )


def test_pixel_of_a_collage_is_the_maximum_of_its_drawings():
    pair = tf.random.stateless_uniform([2, 3, 20, 20, 1], _SEED)
    made = collages.collages(pair, _SEED)
    alone = [
        collages.collages(pair * tf.reshape(kept, [2, 1, 1, 1, 1]), _SEED)
        for kept in ([1.0, 0.0], [0.0, 1.0])
    ]
    np.testing.assert_allclose(made, np.maximum(*alone), atol=1e-6)
    assert np.all(np.max(alone, axis=(1, 2, 3, 4)) > 0.0)


def test_loss_is_the_negative_elbo_under_a_flat_prior(make_parse):
    logits = tf.constant([0.7, -0.4, 1.1], tf.float64)
    log_likelihood = tf.constant([[3.0, -20.0]], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        parse = make_parse(np.ones([1, 2, 3]), logits)
        losses = collages.losses(parse, log_likelihood)
    expected = -np.array(log_likelihood)
    for t in range(3):
        expected += parse.log_posterior.layout[..., t]
        expected += parse.log_posterior.stroke[..., t]
    np.testing.assert_allclose(losses, expected)
    # The presence learns nothing from it.
    assert tape.gradient(losses, logits) is None
