import numpy as np
import tensorflow as tf

from tfdood.models.gns import mixture_head


def _outputs(count=3, rows=2):
    return tf.random.stateless_normal([rows, 6 * count], [4, 5])


def test_densities_integrate_to_one_in_pixels():
    side = np.arange(-200.0, 300.0)
    grid = np.stack(np.meshgrid(side, side), -1).astype(np.float32)
    for row in _outputs():
        mixture = mixture_head.mixture(0.5 * row, 50.5, 1e-3)
        total = np.exp(mixture.log_prob(grid)).sum()
        np.testing.assert_allclose(total, 1.0, atol=1e-3)


def test_a_component_has_the_covariance_of_its_formula():
    logits, mean = [0.0], [0.5, -1.0]
    log_std, correlation = [-1.0, 0.2], [0.7]
    outputs = tf.constant([logits + mean + log_std + correlation])
    parts = mixture_head.mixture(outputs, 50.5, 0.1).components_distribution
    np.testing.assert_allclose(parts.loc[0, 0], [60.5, 30.5])
    a, b = np.exp(log_std)
    r = np.tanh(0.7)
    expected = 400.0 * np.array(
        [[a**2 + 0.1, r * a * b], [r * a * b, b**2 + 0.1]]
    )
    (x, y), shear = parts.scale[0, 0].numpy(), float(parts.shear[0, 0])
    factor = np.array([[x, 0.0], [shear, y]])
    np.testing.assert_allclose(factor @ factor.T, expected, rtol=1e-5)


def test_temperature_divides_logits_and_multiplies_variances():
    outputs = _outputs()
    temperatures = tf.constant([0.25, 4.0])
    hot = mixture_head.mixture(outputs, 0.0, 1e-3, temperatures)
    plain = mixture_head.mixture(outputs, 0.0, 1e-3)
    for row, temperature in enumerate(temperatures.numpy()):
        weights, expected = (
            m.mixture_distribution.probs_parameter()[row].numpy()
            for m in (hot, plain)
        )
        powers = expected ** (1.0 / temperature)
        np.testing.assert_allclose(weights, powers / powers.sum(), rtol=1e-4)
        for name in ("scale", "shear"):
            np.testing.assert_allclose(
                getattr(hot.components_distribution, name)[row],
                getattr(plain.components_distribution, name)[row]
                * temperature**0.5,
                rtol=1e-5,
            )


def test_extreme_outputs_have_finite_densities():
    outputs = 30.0 * _outputs(20, 50)
    log_prob = mixture_head.mixture(outputs, 0.0, 1e-4).log_prob([3.0, 4.0])
    assert np.all(np.isfinite(log_prob))
