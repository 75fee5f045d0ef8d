import dataclasses

import numpy as np
import pytest

from tfdood.files import npz
from tfdood.parsing.base import Parses, of_arrays
from tfdood.types import Pen, Strokes


def _parses(num_images: int = 3, num_parses: int = 4) -> Parses:
    rng = np.random.default_rng(0)
    shape = num_images, num_parses
    return Parses(
        Strokes(
            rng.random([*shape, 2]),
            rng.random([*shape, 2, 4]),
            rng.random([*shape, 2, 5, 2]),
        ),
        Pen(
            rng.random([*shape, 2]),
            rng.random([*shape, 2]),
            rng.random(shape),
        ),
        rng.normal(size=shape),
        rng.normal(size=shape),
    )


def test_rows_index_every_array_and_keep_the_frame():
    parses = dataclasses.replace(_parses(), stroke_frame="glimpse")
    n, k = np.array([2, 0]), np.array([1, 3])
    rows = parses.rows((n, k))
    # Copies of the same numbers, hence exact.
    np.testing.assert_array_equal(
        rows.strokes.control_points[1], parses.strokes.control_points[0, 3]
    )
    np.testing.assert_array_equal(
        rows.pen.canvas_contrast, parses.pen.canvas_contrast[n, k]
    )
    np.testing.assert_array_equal(rows.log_joint, parses.log_joint[n, k])
    assert rows.stroke_frame == "glimpse"


def test_other_leading_dimensions_hold_the_same_parses():
    parses = _parses()
    flat = parses.reshaped(-1)
    # Copies of the same numbers, hence exact.
    np.testing.assert_array_equal(
        flat.strokes.layout[7], parses.strokes.layout[1, 3]
    )
    np.testing.assert_array_equal(
        flat.reshaped(3, 4).log_joint, parses.log_joint
    )


def test_parses_on_the_canvas_stay_there():
    parses = _parses()._mapped(np.float32)
    parses = dataclasses.replace(parses, stroke_frame="glimpse")
    parses.strokes.layout[0, 0, 0, 2] = 1e-3
    placed = parses.on_canvas()
    scale = np.maximum(parses.strokes.layout[..., 2], 0.01)
    np.testing.assert_allclose(
        placed.pen.blur, scale * parses.pen.blur, rtol=1e-6
    )
    again = placed.on_canvas()
    np.testing.assert_allclose(
        again.strokes.control_points, placed.strokes.control_points, atol=1e-6
    )
    np.testing.assert_allclose(again.pen.blur, placed.pen.blur)
    np.testing.assert_array_equal(again.log_joint, parses.log_joint)


@pytest.mark.parametrize("chain", [None, np.arange(24).reshape(3, 4, 2)])
def test_arrays_of_parts_are_the_parses_again(chain, tmp_path):
    parses = dataclasses.replace(_parses(), chain=chain)
    parts = [parses.rows(slice(0, 2)), parses.rows(slice(2, 3))]
    for number, part in enumerate(parts):
        np.savez(tmp_path / f"{number}.npz", **part.arrays())
    found = of_arrays([npz.read(tmp_path / f"{n}.npz") for n in range(2)])
    assert found.stroke_frame == "canvas"
    for name, array in parses.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array)
    assert (found.chain is None) == (chain is None)
