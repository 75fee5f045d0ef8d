import numpy as np

from tfdood.vectors import simplified, stroke3
from tfdood.vectors.pen_strokes import PenStroke


def _strokes(seed):
    curves = np.random.default_rng(seed).uniform(0, 100, (2, 3, 1, 4, 2))
    return [PenStroke(curve, 1.0) for curve in curves[0]]


def _lines(steps):
    """Follows the rule of the format: sums distances, cuts after each 1."""
    points, lines = np.cumsum(steps[:, :2], 0, dtype=int), [[]]
    for point, lift in zip(points, steps[:, 2], strict=True):
        lines[-1].append(point.tolist())
        if lift:
            lines.append([])
    assert lines.pop() == []
    return lines


def test_steps_lead_through_the_points_of_all_strokes():
    strokes = _strokes(0)
    steps = stroke3.steps(strokes)
    assert steps.dtype == np.int16
    expected = [line.tolist() for line in simplified.lines(strokes)]
    assert _lines(steps) == expected


def test_file_has_the_three_splits_of_sketch_rnn(tmp_path):
    drawings = [_strokes(0), [], _strokes(1)]
    stroke3.write(tmp_path / "all.npz", drawings)
    with np.load(
        tmp_path / "all.npz", allow_pickle=True, encoding="latin1"
    ) as file:
        train = file["train"]
        assert len(file["valid"]) == len(file["test"]) == 0
    assert len(train) == 3
    for found, strokes in zip(train, drawings, strict=True):
        np.testing.assert_array_equal(found, stroke3.steps(strokes))
    assert train[1].shape == (0, 3)
