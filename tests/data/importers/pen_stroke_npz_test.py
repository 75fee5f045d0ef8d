import numpy as np
import pytest

from tfdood.data.importers import pen_stroke_npz

_STARTS = {
    "stroke_start": np.array([0, 1, 3, 4]),
    "drawing_start": np.array([0, 2, 3]),
    "class_id": np.array([4, 9], np.uint16),
    "drawer": np.array([1, 20], np.uint8),
}
_RECORDED = {
    "points": np.array([[50, -10, 0], [20, -52, 9], [80, -52, 44], [1, -2, 3]]),
    **_STARTS,
}
_BACKGROUND = {
    "points": np.array([[4, 8], [20, 52], [80, 104], [3, 1]], np.int16),
    "unit": np.float32(0.25),
    "exact": np.array([True, False]),
    **_STARTS,
}
_NAMES = {
    "omniglot_strokes_background.npz": _BACKGROUND,
    "omniglot_strokes_small1_small2.npz": _RECORDED,
}


def _write(folder, *names):
    for name in names:
        np.savez(folder / name, **_NAMES[name])


def test_absent_files_are_none(tmp_path):
    assert pen_stroke_npz.read(tmp_path) is None


def test_recorded_points_are_moved_to_the_centres_of_pixels(tmp_path):
    _write(tmp_path, "omniglot_strokes_small1_small2.npz")
    first, second = pen_stroke_npz.read(tmp_path)
    assert first.exact and second.exact
    assert (first.class_id, first.drawer) == (4, 1)
    assert (second.class_id, second.drawer) == (9, 20)
    dot, line = first.strokes
    np.testing.assert_allclose(dot, [[50.5, 10.5]])
    np.testing.assert_allclose(line, [[20.5, 52.5], [80.5, 52.5]])
    np.testing.assert_allclose(second.strokes, [[[1.5, 2.5]]])


def test_points_of_all_alphabets_are_in_units(tmp_path):
    _write(tmp_path, *_NAMES)  # the file of all alphabets comes first
    first, second = pen_stroke_npz.read(tmp_path)
    assert (first.exact, second.exact) == (True, False)
    dot, line = first.strokes
    np.testing.assert_allclose(dot, [[1.0, 2.0]])
    np.testing.assert_allclose(line, [[5.0, 13.0], [20.0, 26.0]])
    np.testing.assert_allclose(second.strokes, [[[0.75, 0.25]]])


@pytest.mark.parametrize("name", _NAMES)
def test_a_missing_array_raises(tmp_path, name):
    np.savez(tmp_path / name, points=[1])
    with pytest.raises(ValueError, match="must hold the arrays points"):
        pen_stroke_npz.read(tmp_path)


@pytest.mark.parametrize("name", _NAMES)
def test_points_without_two_columns_raise(tmp_path, name):
    points = _NAMES[name]["points"][:, 0]
    np.savez(tmp_path / name, **{**_NAMES[name], "points": points})
    with pytest.raises(ValueError, match=r"got the shape \[4\]; get it again"):
        pen_stroke_npz.read(tmp_path)


def test_a_third_column_is_the_time(tmp_path):
    _write(tmp_path, "omniglot_strokes_background.npz")
    expected = pen_stroke_npz.read(tmp_path)
    points = np.pad(_BACKGROUND["points"], [[0, 0], [0, 1]], constant_values=7)
    np.savez(
        tmp_path / "omniglot_strokes_background.npz",
        **{**_BACKGROUND, "points": points},
    )
    for one, other in zip(pen_stroke_npz.read(tmp_path), expected, strict=True):
        for own, wanted in zip(one.strokes, other.strokes, strict=True):
            np.testing.assert_array_equal(own, wanted)


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize(
    ("array", "value", "message"),
    [
        ("points", np.full([4, 2], np.nan), "not finite numbers"),
        ("class_id", np.ones(3, np.uint16), "2 drawings by .* and 3 by class"),
        ("drawer", np.ones(1, np.uint8), "2 drawings by .* and 1 by drawer"),
        ("stroke_start", np.array([0, 1, 2, 3]), "rises from 0 to 4 without"),
        ("stroke_start", np.array([0, 2, 1, 4]), "rises from 0 to 4 without"),
        ("drawing_start", np.array([0, 0, 3]), "drawing_start that rises"),
    ],
)
def test_wrong_arrays_raise(tmp_path, name, array, value, message):
    np.savez(tmp_path / name, **{**_NAMES[name], array: value})
    with pytest.raises(ValueError, match=message):
        pen_stroke_npz.read(tmp_path)
