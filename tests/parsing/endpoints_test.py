"""Calls of signatures for many rows, on the tiny exported model."""

import numpy as np
import pytest

from tests import tiny_models
from tfdood.parsing import endpoints


class _Doubling:
    """Returns twice its input, and remembers the rows of each call."""

    def __init__(self):
        self.rows = []

    def run(self, signature, **inputs):
        assert signature == "parse"
        self.rows.append(len(inputs["x"]))
        return {"y": 2.0 * inputs["x"]}


def test_many_rows_are_called_some_at_a_time():
    model, x = _Doubling(), np.arange(600.0)
    found = endpoints.run_all(model, "parse", x=x)
    np.testing.assert_array_equal(found["y"], 2.0 * x)
    assert model.rows == [256, 256, 88]


def test_rows_of_a_call_and_outputs_can_be_chosen():
    model, x = _Doubling(), np.arange(5.0)
    found = endpoints.run_all(
        model, "parse", rows_a_call=2, outputs=("y",), x=x
    )
    np.testing.assert_array_equal(found["y"], 2.0 * x)
    assert model.rows == [2, 2, 1]
    with pytest.raises(KeyError):
        endpoints.run_all(model, "parse", outputs=("z",), x=x)


def test_strokes_that_are_codes_are_refused():
    with pytest.raises(ValueError, match="no output control_points"):
        endpoints.explained({"code": np.zeros([1, 2])}, "canvas")


def test_given_strokes_have_the_densities_of_their_parse(exported_model):
    images = tiny_models.images(3).numpy()
    outputs = endpoints.run_all(exported_model, "parse_center", images=images)
    found = endpoints.explained(outputs, "canvas")
    again = endpoints.evaluated(
        exported_model, images, found.strokes, found.pen, "canvas"
    )
    np.testing.assert_allclose(again.log_joint, found.log_joint, rtol=1e-3)
    np.testing.assert_array_equal(
        again.strokes.control_points, found.strokes.control_points
    )


def test_parses_are_rendered_as_the_model_draws_them(exported_model):
    images = tiny_models.images(3).numpy()
    outputs = endpoints.run_all(exported_model, "parse_center", images=images)
    found = endpoints.explained(outputs, "canvas").reshaped(3, 1)
    canvas = endpoints.rendered(exported_model, found)
    expected = exported_model.run("reconstruct", images=images)["canvas"]
    assert canvas.shape == (3, 1, 20, 20, 1)
    np.testing.assert_allclose(canvas[:, 0], expected, atol=1e-5)
