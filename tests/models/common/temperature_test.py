import numpy as np
import pytest
import tensorflow as tf

from tfdood.models.common import temperature


@pytest.mark.parametrize("wrong", [-0.1, np.nan, 1e25, [1.0, -1.0]])
def test_a_wrong_temperature_is_one_sentence(wrong):
    with pytest.raises(ValueError, match="^Got the temperature .* 0 to 1,000"):
        temperature.checked(wrong)


@pytest.mark.parametrize("right", [0, 1.5, np.array([0.0, 2.0])])
def test_a_temperature_becomes_float32(right):
    found = temperature.checked(right)
    assert found.dtype == tf.float32
    np.testing.assert_array_equal(found, np.float32(right))


def test_a_temperature_in_a_graph_is_not_checked():
    found = tf.function(temperature.checked)(tf.constant(-1.0))
    np.testing.assert_array_equal(found, -1.0)


def test_temperatures_of_other_images_are_one_sentence():
    for right in (0.5, [0.5, 1.0, 2.0]):
        temperature.checked(right, 3)
    with pytest.raises(ValueError, match=r"shape \[2\] and 3 images; expected"):
        temperature.checked([1.0, 2.0], 3)
