import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from tfdood.saved import half_precision

_SIZE = 40


def _converted(weights):
    module = tf.Module()
    module.weights = tf.Variable(weights)

    @tf.function(input_signature=[tf.TensorSpec([1, _SIZE])], autograph=False)
    def function(x):
        def body(x, i):
            return tf.matmul(x, module.weights), i + 1

        x, _ = tf.while_loop(lambda _, i: i < 2, body, (x, 0))
        return {"y": tf.matmul(x, module.weights)}

    return tf.lite.TFLiteConverter.from_concrete_functions(
        [function.get_concrete_function()], module
    ).convert()


def _run(content, x):
    return Interpreter(model_content=content).get_signature_runner()(x=x)["y"]


@pytest.fixture(scope="module")
def weights():
    generator = np.random.default_rng(1)
    weights = generator.normal(size=[_SIZE, _SIZE], scale=_SIZE**-0.5)
    return weights.astype(np.float16).astype(np.float32)


def test_exact_constants_are_halved_in_loops_too(weights):
    content = _converted(weights)
    packed = half_precision.pack(content)
    assert len(content) - len(packed) > weights.size
    x = np.linspace(-1.0, 1.0, _SIZE, dtype=np.float32)[np.newaxis]
    expected = x @ weights @ weights @ weights
    np.testing.assert_allclose(_run(packed, x), expected, atol=1e-5)


def test_other_constants_stay_as_they_are(weights):
    changed = weights.copy()
    changed[3, 4] += 1e-6
    changed[5, 6] = 1e5
    packed = half_precision.pack(_converted(changed))
    assert changed.tobytes() in packed or changed.T.tobytes() in packed
