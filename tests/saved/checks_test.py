import numpy as np
import pytest
import tensorflow as tf

from tfdood.saved import checks
from tfdood.types import Pen, Strokes


def _refusal(check, *values) -> str:
    """The message of a check that runs in a graph of unknown shapes."""
    specs = [tf.TensorSpec(None, np.asarray(v).dtype) for v in values]
    function = tf.function(check, input_signature=specs, autograph=False)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        function(*map(tf.constant, values))
    return str(caught.value)


_IMAGES = np.full([2, 6, 6, 1], 0.25, np.float32)


def test_good_inputs_pass_unchanged():
    @tf.function(input_signature=[tf.TensorSpec(None)], autograph=False)
    def passed(x):
        x = checks.images(x, 6)
        assert x.shape.as_list() == [None, 6, 6, 1]
        return x

    np.testing.assert_array_equal(passed(_IMAGES), _IMAGES)


@pytest.mark.parametrize(
    ("images", "parts"),
    [
        (_IMAGES[0], ["must have shape", "-1 6 6 1", "got", "[6 6 1]"]),
        (_IMAGES[..., 0], ["must have shape", "[2 6 6]"]),
        (_IMAGES[:0], ["any but 0", "[0 6 6 1]"]),
        (_IMAGES * 8, ["in [0, 1]", "2"]),
        (_IMAGES * np.float32(np.nan), ["without NaN"]),
    ],
)
def test_bad_images_are_described(images, parts):
    message = _refusal(lambda x: checks.images(x, 6), images)
    for part in parts:
        assert part in message


def test_numbers_of_rows_are_compared():
    message = _refusal(
        lambda a, b: checks.as_many("seeds", a, "images", b),
        np.zeros([3, 2], np.int32),
        _IMAGES,
    )
    assert "seeds and images must be as many; got" in message


@pytest.mark.parametrize("value", [-0.1, np.inf, np.nan])
def test_temperatures_are_finite_and_not_negative(value):
    message = _refusal(checks.temperature, np.float32([1.0, value]))
    assert "temperature must be finite and at least 0" in message


def _drawing(**changes):
    values = {
        "presence": np.ones([2, 3]),
        "layout": np.zeros([2, 3, 4]),
        "control_points": np.zeros([2, 3, 5, 2]),
        "blur": np.ones([2, 3]),
        "stroke_contrast": np.ones([2, 3]),
        "canvas_contrast": np.ones([2]),
    }
    values = {k: np.float32(v) for k, v in (values | changes).items()}
    return list(values.values())


def _strokes(*values):
    # The rank and the number of points are declared, and nothing else.
    ranks = (2, 3, 4, 2, 2, 1)
    values = [
        tf.ensure_shape(v, [None] * rank)
        for v, rank in zip(values, ranks, strict=True)
    ]
    values[2] = tf.ensure_shape(values[2], [None, None, 5, None])
    return tf.nest.flatten(
        checks.strokes(Strokes(*values[:3]), Pen(*values[3:]))
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layout": np.zeros([2, 2, 4])}, "layout must have shape"),
        ({"canvas_contrast": np.ones([3])}, "canvas_contrast must have shape"),
        ({"blur": np.zeros([2, 3])}, "blur must be finite, above 0"),
        ({"presence": np.full([2, 3], np.nan)}, "presence must be finite"),
    ],
)
def test_bad_strokes_are_described(changes, message):
    assert message in _refusal(_strokes, *_drawing(**changes))
