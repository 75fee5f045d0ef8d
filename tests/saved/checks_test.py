"""Checks made from the declarations of inputs, in graphs of unknown shapes."""

import numpy as np
import pytest
import tensorflow as tf

from tfdood.models.signature import SEEDS, TEMPERATURE, Input
from tfdood.saved import checks

_IMAGE = Input((6, 6, 1), low=0.0, high=1.0)
_STROKES = {
    "presence": Input(("T",), zeros_last=True),
    "layout": Input(("T", 4)),
    "points": Input(("T", 5, 2)),
    "blur": Input(("T",), low=1e-6),
    "canvas_contrast": Input((), low=1e-6),
}
_IMAGES = np.full([2, 6, 6, 1], 0.25, np.float32)


def _call(inputs, **values):
    """Checks values as an exported model does; gives what passed."""
    specs = [checks.spec(name, wanted) for name, wanted in inputs.items()]

    @tf.function(input_signature=specs, autograph=False)
    def passed(*tensors):
        return checks.checked(inputs, dict(zip(inputs, tensors, strict=True)))

    return passed(
        *(
            tf.constant(values[name], wanted.dtype)
            for name, wanted in inputs.items()
        )
    )


def _refusal(inputs, **values) -> str:
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        _call(inputs, **values)
    return str(caught.value)


def _drawing(**changes):
    return {
        "presence": np.ones([2, 3]),
        "layout": np.zeros([2, 3, 4]),
        "points": np.zeros([2, 3, 5, 2]),
        "blur": np.ones([2, 3]),
        "canvas_contrast": np.ones([2]),
    } | changes


def test_spec_declares_rank_and_type_but_no_size():
    spec = checks.spec("seeds", SEEDS)
    assert spec.name == "seeds"
    assert spec.dtype == tf.int32
    assert spec.shape.as_list() == [None, None]
    assert checks.spec("t", TEMPERATURE).shape.as_list() == [None]


def test_valid_inputs_are_returned_unchanged():
    passed = _call({"images": _IMAGE}, images=_IMAGES)
    np.testing.assert_array_equal(passed["images"], _IMAGES)
    values = _drawing()
    for name, got in _call(_STROKES, **values).items():
        np.testing.assert_array_equal(got, values[name])


def test_binary_inputs_are_0_or_1():
    inputs = {"presence": Input(("T",), is_binary=True)}
    passed = _call(inputs, presence=[[0.0, 1.0]])
    np.testing.assert_array_equal(passed["presence"], [[0.0, 1.0]])
    for wrong in (0.5, -1.0, np.nan):
        message = _refusal(inputs, presence=[[1.0, wrong]])
        assert "presence must be" in message


def test_checked_inputs_have_their_static_shapes():
    specs = [checks.spec(name, wanted) for name, wanted in _STROKES.items()]
    shapes = {}

    @tf.function(input_signature=specs, autograph=False)
    def note(*tensors):
        values = dict(zip(_STROKES, tensors, strict=True))
        for name, x in checks.checked(_STROKES, values).items():
            shapes[name] = x.shape.as_list()
        return tensors[0]

    note.get_concrete_function()
    assert shapes == {
        "presence": [None, None],
        "layout": [None, None, 4],
        "points": [None, None, 5, 2],
        "blur": [None, None],
        "canvas_contrast": [None],
    }


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_ends_of_a_closed_range_are_accepted(value):
    _call({"images": _IMAGE}, images=np.full_like(_IMAGES, value))


@pytest.mark.parametrize(
    ("images", "parts"),
    [
        (_IMAGES[:, :5], ["images must have shape", "-1 6 6 1", "[2 5 6 1]"]),
        (_IMAGES[..., [0, 0]], ["must have shape", "[2 6 6 2]"]),
        (_IMAGES[:0], ["any but 0", "got", "[0 6 6 1]"]),
        (
            _IMAGES * 8,
            [
                "images must be finite and at least 0 and at most 1",
                "[2] [to] [2]",
            ],
        ),
        (_IMAGES - 1, ["at least 0", "[-0.75] [to] [-0.75]"]),
        (_IMAGES * np.nan, ["must be finite", "nan"]),
        (_IMAGES * np.inf, ["must be finite", "inf"]),
    ],
)
def test_error_of_bad_images_has_expected_and_given_values(images, parts):
    message = _refusal({"images": _IMAGE}, images=images)
    for part in parts:
        assert part in message


@pytest.mark.parametrize("shape", [[6, 6, 1], [2, 6, 6], []])
def test_wrong_rank_is_refused_if_the_graph_does_not_know_the_rank(shape):
    """Sessions of C++ do not check the rank that a spec declares."""

    @tf.function(
        input_signature=[tf.TensorSpec(None, tf.float32)], autograph=False
    )
    def passed(x):
        return checks.checked({"images": _IMAGE}, {"images": x})

    with pytest.raises(
        tf.errors.InvalidArgumentError, match="images must have shape"
    ):
        passed(tf.zeros(shape))


@pytest.mark.parametrize(
    ("first", "second"),
    [("images", "seeds"), ("seeds", "images")],
)
def test_all_inputs_have_the_rows_of_the_first(first, second):
    inputs = {"images": _IMAGE, "seeds": SEEDS}
    ordered = {name: inputs[name] for name in (first, second)}
    values = {"images": _IMAGES, "seeds": np.zeros([3, 2])}
    message = _refusal(ordered, **values)
    assert f"{second} must have shape" in message
    assert str(len(values[first])) in message.partition("got")[0]


@pytest.mark.parametrize("value", [-0.1, 1e20, np.inf, np.nan])
def test_temperatures_out_of_range_are_refused(value):
    message = _refusal({"temperature": TEMPERATURE}, temperature=[1.0, value])
    assert (
        "temperature must be finite and at least 0 and at most 1000; got"
        in message
    )


def test_temperature_of_zero_is_accepted():
    _call({"temperature": TEMPERATURE}, temperature=[1.0, 0.0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layout": np.zeros([2, 2, 4])}, "layout must have shape"),
        ({"layout": np.zeros([2, 3, 5])}, "layout must have shape"),
        ({"canvas_contrast": np.ones([3])}, "canvas_contrast must have shape"),
        (
            {"blur": np.zeros([2, 3])},
            "blur must be finite and at least 1e-06",
        ),
        ({"blur": np.ones([2, 4])}, "blur must have shape"),
        ({"presence": np.ones([2, 0])}, "presence must have shape"),
        (
            {"presence": np.array([[1, 1, 0], [1, 0, 1]])},
            "presence must have its zeros last",
        ),
        ({"presence": np.full([2, 3], np.nan)}, "presence must be finite; got"),
        ({"points": np.full([2, 3, 5, 2], -np.inf)}, "points must be finite"),
    ],
)
def test_error_of_bad_strokes_has_expected_values(changes, message):
    assert message in _refusal(_STROKES, **_drawing(**changes))


def test_too_many_rows_are_refused():
    for count in (1, checks.MOST_ROWS):
        assert _call({"t": TEMPERATURE}, t=np.ones([count]))
    refusal = _refusal({"t": TEMPERATURE}, t=np.ones([checks.MOST_ROWS + 1]))
    assert "t must have at most 1,024 rows; got" in refusal
    assert "1025" in refusal


def test_sizes_with_the_same_name_must_only_be_equal():
    passed = _call(
        {"a": Input(("N",)), "b": Input((2, "N"))},
        a=np.zeros([4, 9]),
        b=np.zeros([4, 2, 9]),
    )
    assert passed["b"].shape == [4, 2, 9]


def test_sizes_that_callers_choose_have_a_limit():
    inputs = {"a": Input((2, "N"))}
    most = checks.MOST_PARTS // 4
    assert _call(inputs, a=np.zeros([4, 2, most]))["a"].shape[2] == most
    refusal = _refusal(inputs, a=np.zeros([4, 2, most + 1]))
    assert "a must have at most 32,768 rows times N; got] [32772]" in refusal


def test_integers_and_strings_have_no_range():
    inputs = {"seeds": SEEDS, "image_bytes": Input((), tf.string)}
    passed = _call(inputs, seeds=[[-7, 2**31 - 1]], image_bytes=[b"any"])
    assert passed["image_bytes"].numpy() == [b"any"]


def test_integers_have_limits_if_they_are_declared():
    wanted = {"num_steps": Input((), tf.int32, low=0, high=10)}
    passed = _call(wanted, num_steps=[0, 10])["num_steps"]
    np.testing.assert_array_equal(passed, [0, 10])
    for value in (-1, 11):
        refusal = _refusal(wanted, num_steps=[0, value])
        assert "num_steps must be at least 0 and at most 10" in refusal
    assert _call({"seeds": SEEDS}, seeds=[[-5, 7]])["seeds"].shape == (1, 2)
