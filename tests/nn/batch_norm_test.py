import numpy as np
import tensorflow as tf

from tfdood.nn import batch_norm, training_pass


def _features():
    return 3.0 + 2.0 * tf.random.stateless_normal([6, 4, 5, 2], [1, 2])


def test_training_gives_a_batch_the_moments_of_gain_and_bias():
    layer = batch_norm.BatchNorm(2, "layer")
    layer.gain.assign([2.0, 0.5])
    layer.bias.assign([-1.0, 4.0])
    run = training_pass.TrainingPass(tf.constant([1, 2]))
    outputs = layer(_features(), run=run).numpy()
    np.testing.assert_allclose(outputs.mean((0, 1, 2)), [-1, 4], atol=1e-4)
    np.testing.assert_allclose(outputs.std((0, 1, 2)), [2, 0.5], rtol=1e-3)
    moments = _features().numpy()
    np.testing.assert_allclose(
        run.statistics["layer_mean"], moments.mean((0, 1, 2)), rtol=1e-5
    )
    np.testing.assert_allclose(
        run.statistics["layer_variance"], moments.var((0, 1, 2)), rtol=1e-4
    )


def test_after_updates_a_batch_has_the_outputs_of_training():
    layer = batch_norm.BatchNorm(2, "layer")
    run = training_pass.TrainingPass(tf.constant([1, 2]))
    expected = layer(_features(), run=run)
    layer.update(run.statistics, 0.9)
    # From 0 and 1, a tenth of the way.
    np.testing.assert_allclose(
        layer.running["mean"], 0.1 * run.statistics["layer_mean"], rtol=1e-5
    )
    np.testing.assert_allclose(
        layer.running["variance"],
        0.9 + 0.1 * run.statistics["layer_variance"],
        rtol=1e-5,
    )
    layer.update(run.statistics, 0.0)
    np.testing.assert_allclose(layer(_features()), expected, atol=1e-4)


def test_a_row_does_not_depend_on_others_after_training():
    layer = batch_norm.BatchNorm(2, "layer")
    together = layer(_features())
    np.testing.assert_allclose(layer(_features()[:1]), together[:1], rtol=1e-6)
