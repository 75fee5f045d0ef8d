import numpy as np

from tests.models.gns import drawings
from tfdood.models.gns import augmentation
from tfdood.types import SplineStrokes

_SEED = np.int32([3, 4])


def _many(count):
    return SplineStrokes(
        *(np.repeat(field[:1], count, 0) for field in drawings.strokes())
    )


def test_strength_0_moves_nothing():
    strokes = drawings.strokes()
    moved = augmentation.moved(strokes, 0.0, _SEED)
    np.testing.assert_allclose(
        moved.control_points, strokes.control_points, atol=1e-4
    )
    np.testing.assert_array_equal(
        moved.num_control_points, strokes.num_control_points
    )


def test_all_points_of_a_drawing_move_by_one_affine_transform():
    strokes = drawings.strokes()
    moved = augmentation.moved(strokes, 1.0, _SEED)
    is_point = np.arange(5) < drawings.NUMBERS[..., np.newaxis]
    assert not np.any(moved.control_points[~is_point])
    before = strokes.control_points.numpy()[0][is_point[0]]
    after = moved.control_points.numpy()[0][is_point[0]]
    known = np.concatenate([before, np.ones([len(before), 1])], 1)
    _, residual, rank, _ = np.linalg.lstsq(known, after, rcond=None)
    assert rank == 3
    np.testing.assert_allclose(residual, 0.0, atol=1e-4)
    assert np.all(np.abs(after - before).max(0) > 0.1)


def test_drawings_move_apart_by_the_standard_deviations():
    moved = augmentation.moved(_many(4_000), 1.0, _SEED).control_points
    points = moved.numpy()[:, 0, :3]
    centre = drawings.strokes().control_points.numpy()[0, 0, :3]
    from_centre = centre - 52.5
    # Rotation and shear move a point along x by its y, and the other way.
    turn_std = np.sqrt(2.0) * augmentation.TURN_STD
    expected = np.sqrt(
        np.square(augmentation.SHIFT_STD * 52.5)
        + np.square(augmentation.LOG_SCALE_STD * from_centre)
        + np.square(turn_std * from_centre[:, ::-1])
    )
    np.testing.assert_allclose(points.std(0), expected, rtol=0.05)
