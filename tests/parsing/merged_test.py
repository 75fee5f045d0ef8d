"""Merged parses, of a parser that gives the pieces of lines."""

import dataclasses

import numpy as np

from tfdood.parsing import base, endpoints, lines, merged, placing, seeds


@dataclasses.dataclass
class _Given:
    """Gives each image the same curves."""

    model: object
    pieces: list

    def parse(self, images, seed):
        del seed
        settings = self.model.config.model
        strokes = placing.strokes(
            [self.pieces] * len(images),
            settings.num_strokes,
            settings.num_control_points,
        )
        widths = np.full(len(images), 0.05)
        pen = placing.pen(widths, strokes.layout, "canvas")
        pen = pen._replace(blur=pen.blur * (1.0 + np.arange(pen.blur.shape[1])))
        found = endpoints.evaluated(self.model, images, strokes, pen, "canvas")
        return found.reshaped(len(images), 1)


def _found(model, *pieces) -> base.Parses:
    size = model.image_size
    images = np.zeros([2, size, size, 1], np.float32)
    start = _Given(model, [np.array(piece) for piece in pieces])
    return (
        merged.Merged(start, model)
        .parse(images, seeds.Seed(0))
        .rows((slice(None), 0))
    )


def test_pieces_of_a_line_are_chained_in_its_direction(exported_model):
    found = _found(
        exported_model,
        [[0.1, 0.5], [0.5, 0.5]],
        [[0.9, 0.5], [0.52, 0.5]],  # runs backwards
    )
    np.testing.assert_array_equal(found.num_strokes, [1, 1])
    (line,), _ = lines.of_strokes(found)
    assert np.all(np.diff(line[:, 0]) > 0.0)
    # The pen of a curve goes with it.
    np.testing.assert_allclose(
        found.pen.blur[:, 1] / found.pen.blur[:, 0], 2.0, rtol=1e-5
    )


def test_the_chain_starts_where_its_first_piece_is_reached(exported_model):
    found = _found(
        exported_model,
        [[0.5, 0.5], [0.9, 0.5]],
        [[0.1, 0.5], [0.48, 0.5]],
    )
    (line,), _ = lines.of_strokes(found)
    np.testing.assert_allclose(
        line[[0, -1]], [[0.1, 0.5], [0.9, 0.5]], atol=1e-3
    )
    np.testing.assert_allclose(
        found.pen.blur[:, 1] / found.pen.blur[:, 0], 0.5, rtol=1e-5
    )


def test_corners_and_far_ends_are_no_continuation(exported_model):
    corner = [[0.1, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.9]]
    far = [[0.1, 0.5], [0.4, 0.5]], [[0.6, 0.5], [0.9, 0.5]]
    for pieces in (corner, far):
        found = _found(exported_model, *pieces)
        np.testing.assert_array_equal(found.num_strokes, [2, 2])
