import numpy as np
import pytest
import tensorflow as tf

from tests import tiny_models
from tfdood import models
from tfdood.models import signature
from tfdood.models.dood import noise_signatures


@pytest.fixture(scope="module")
def signatures():
    config = tiny_models.config("dood")
    return noise_signatures.build(models.build(config.model))


def _inputs(declared, seed):
    """One row of each input; the image is always the same."""
    rng = np.random.default_rng(seed)
    sample = {
        signature.UNIFORM: rng.random,
        signature.NORMAL: rng.standard_normal,
    }
    inputs = {}
    for name, wanted in declared.items():
        draw = sample.get(name, np.random.default_rng(9).random)
        inputs[name] = tf.constant(draw((1, *wanted.shape)), tf.float32)
    return inputs


@pytest.mark.parametrize("name", ["generate", "complete", "exemplars"])
def test_numbers_decide_the_drawing(signatures, name):
    declared = signatures[name]
    points = [
        declared.function(**_inputs(declared.inputs, seed))["control_points"]
        for seed in (1, 1, 2)
    ]
    assert len(points[0]) == 1
    np.testing.assert_array_equal(points[0], points[1])
    assert not np.array_equal(points[0], points[2])
