import numpy as np
import pytest
import tensorflow as tf

from tfdood.models.gns import given_strokes

_POINTS = np.ones([2, 3, 4, 2])
_NUMBER = np.array([[4, 1, 0], [2, 2, 2]])


def test_strokes_become_float32_and_int32():
    found = given_strokes.checked(_POINTS, _NUMBER)
    assert [x.dtype for x in found] == [tf.float32, tf.int32]
    np.testing.assert_array_equal(found.control_points, _POINTS)
    np.testing.assert_array_equal(found.num_control_points, _NUMBER)


@pytest.mark.parametrize(
    ("points", "number", "message"),
    [
        (_POINTS[0], _NUMBER, r"shape \(3, 4, 2\) .* expected \[B, T, N, 2\]"),
        (np.ones([2, 3, 4, 3]), _NUMBER, r"shape \(2, 3, 4, 3\)"),
        (_POINTS, _NUMBER[:1], r"numbers of shape \(1, 3\)"),
        (_POINTS[:0], _NUMBER[:0], r"shape \(0, 3, 4, 2\); .* at least 1"),
        (_POINTS[:, :0], _NUMBER[:, :0], r"shape \(2, 0, 4, 2\); "),
        (_POINTS * np.nan, _NUMBER, "not finite"),
        (_POINTS, _NUMBER + 1, "strokes of 1 to 5 control points; .* 0 to 4"),
        (_POINTS, -_NUMBER, "strokes of -4 to 0 control points"),
        (_POINTS, _NUMBER * [1, 0, 1], "at the end only"),
    ],
)
def test_wrong_strokes_are_one_sentence(points, number, message):
    with pytest.raises(ValueError, match=message):
        given_strokes.checked(points, number)


def test_values_in_a_graph_are_not_checked():
    spec = tf.TensorSpec([None, None, None, 2])

    @tf.function(input_signature=[spec], autograph=False)
    def checked(points):
        return given_strokes.checked(points, _NUMBER + 1).num_control_points

    np.testing.assert_array_equal(checked(tf.ones([2, 3, 4, 2])), _NUMBER + 1)
