"""Lines that are divided, and lines that are chained."""

import numpy as np

from tfdood.drawing.curves import pieces

CORNER = np.array([[0.1, 0.1], [0.1, 0.9], [0.9, 0.9]])
STRAIGHT = np.array([[0.1, 0.5], [0.9, 0.5]])


def _zigzag(count):
    x = np.linspace(0.1, 0.9, count + 1)
    return np.stack([x, 0.2 + 0.6 * (np.arange(count + 1) % 2)], -1)


def test_a_line_that_a_curve_fits_is_not_divided():
    (piece,) = pieces.divide([STRAIGHT], 5, 6, 0.01)
    np.testing.assert_array_equal(piece.points, STRAIGHT)
    np.testing.assert_allclose(piece.curve[[0, -1]], STRAIGHT)
    assert piece.miss < 1e-6
    assert pieces.fitted(CORNER, 0, 5).miss > 0.02


def test_a_line_is_divided_at_its_corner():
    first, second = pieces.divide([CORNER], 5, 6, 0.01)
    np.testing.assert_allclose(first.points[-1], CORNER[1], atol=0.01)
    np.testing.assert_allclose(second.points[0], CORNER[1], atol=0.01)
    np.testing.assert_allclose(second.points[-1], CORNER[2], atol=1e-9)


def test_there_are_as_many_pieces_as_are_allowed_the_worst_first():
    lines = [STRAIGHT, _zigzag(2), CORNER]
    found = pieces.divide(lines, 5, 5, 0.01)
    assert [piece.line for piece in found] == [0, 1, 1, 2, 2]
    assert [piece.line for piece in pieces.divide(lines, 5, 3, 0.01)] == [
        *range(3)
    ]
    assert pieces.divide([], 5, 3, 0.01) == []
    assert len(pieces.divide([_zigzag(6)], 5, None, 0.01, 0.05)) >= 6


def test_short_lines_stay_whole():
    small = 0.1 * CORNER
    assert pieces.fitted(small, 0, 3).miss > 1e-4
    assert len(pieces.divide([small], 3, 6, 1e-4)) == 1
    assert len(pieces.divide([small], 3, 6, 1e-4, shortest=0.03)) > 1


def test_without_a_tolerance_lines_are_divided_until_they_are_short():
    found = pieces.divide([CORNER], 4, None, 0.0)
    assert len(found) >= 2
    np.testing.assert_array_equal(found[-1].points[-1], CORNER[-1])


def test_chains_do_not_depend_on_the_directions_of_lines():
    parts = np.linspace([0.1, 0.5], [0.9, 0.5], 4)
    lines = [parts[[2, 3]], parts[[0, 1]], parts[[1, 2]]]
    for flips in np.ndindex(2, 2, 2):
        turned = [
            x[::-1] if flip else x for x, flip in zip(lines, flips, strict=True)
        ]
        (chain,) = pieces.chain(turned, 0.05, 30.0)
        points = np.concatenate(
            [turned[link.line][:: -1 if link.reversed else 1] for link in chain]
        )
        steps = np.diff(points[:, 0])
        assert np.all(steps >= 0.0) or np.all(steps <= 0.0)
        first = next(link for link in chain if link.line == 0)
        assert not first.reversed


def test_the_smoothest_pair_is_chained_first():
    stem = np.array([[0.1, 0.5], [0.5, 0.5]])
    ahead = np.array([[0.5, 0.5], [0.9, 0.55]])
    aside = np.array([[0.5, 0.5], [0.8, 0.8]])
    found = pieces.chain([stem, aside, ahead], 0.05, 60.0)
    assert [[link.line for link in chain] for chain in found] == [[0, 2], [1]]


def test_dots_and_distant_lines_stay_alone():
    dot = np.array([[0.9, 0.5]])
    found = pieces.chain([STRAIGHT, dot, STRAIGHT + 0.2], 0.1, 90.0)
    assert [len(chain) for chain in found] == [1, 1, 1]
