import numpy as np
import pytest
import tensorflow as tf

from tfdood.models import signature
from tfdood.saved import checks


@pytest.mark.parametrize("presence", [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
def test_densities_of_the_largest_inputs_are_numbers(dood, presence):
    signatures = dood.signatures(1)
    for name in ("score", "prior"):
        given = {
            key: tf.fill([4, *one.shape], one.high or 0.5)
            for key, one in signatures[name].inputs.items()
        }
        assert given["layout"][0, 0, 0] == signature.LARGEST
        given["presence"] = tf.tile([presence], [4, 1])
        for value in signatures[name].function(**given).values():
            assert np.isfinite(value).all()


def test_larger_numbers_are_refused():
    inputs = {"layout": signature.numbers(1)}
    for value in (-signature.LARGEST, signature.LARGEST):
        checks.checked(inputs, {"layout": tf.constant([[value]])})
        with pytest.raises(tf.errors.InvalidArgumentError, match="layout must"):
            checks.checked(inputs, {"layout": tf.constant([[1.1 * value]])})
