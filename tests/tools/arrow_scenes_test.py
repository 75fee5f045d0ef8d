"""Tests of the geometry of Arrow-like scenes."""

import math

import numpy as np
import pytest

from tools import arrow_scenes


@pytest.fixture(scope="module")
def scenes():
    return [
        arrow_scenes.sample(np.random.default_rng(seed)) for seed in range(200)
    ]


def single(scene):
    """The numbers of the solids whose shape no other one has."""
    counts = np.bincount(scene.shapes)
    return [n for n in range(3) if counts[scene.shapes[n]] == 1]


def test_two_solids_are_alike_and_one_is_not(scenes):
    for scene in scenes:
        assert len(single(scene)) == 1
        assert list(scene.shapes == 3) == [False, False, False, True]


def test_the_arrow_points_at_the_one_that_is_not(scenes):
    for scene in scenes:
        (target,) = single(scene)
        way = scene.places[target] - scene.places[3]
        points = np.array([math.cos(scene.turns[3]), math.sin(scene.turns[3])])
        np.testing.assert_allclose(way @ points, np.linalg.norm(way), rtol=1e-9)


def test_the_arrow_is_nearest_to_the_camera(scenes):
    for scene in scenes:
        away = scene.places - arrow_scenes.CAMERA[:2]
        assert np.linalg.norm(away, axis=-1).argmin() == 3


def test_all_choices_occur(scenes):
    assert {s.material for s in scenes} == {0, 1}
    assert set(np.ravel([s.colours for s in scenes])) == set(range(8))
    assert {single(s)[0] for s in scenes} == {0, 1, 2}


def test_objects_lie_within_the_image_and_have_area(scenes):
    for scene in scenes:
        boxes = arrow_scenes.boxes(scene)
        assert boxes.min() > 0.0
        assert boxes.max() < 1.0
        assert (boxes[:, 2:] - boxes[:, :2]).min() > 0.02


def test_no_two_objects_touch(scenes):
    for scene in scenes[:10]:
        points = arrow_scenes.outline(scene)[..., :2]
        for one in range(4):
            for other in range(one):
                away = points[one][:, np.newaxis] - points[other]
                assert np.linalg.norm(away, axis=-1).min() > 0.1


def test_what_the_camera_looks_at_is_in_the_middle_of_the_image():
    scene = arrow_scenes.Scene(
        np.array([1]),
        np.array([0]),
        0,
        arrow_scenes.TARGET[np.newaxis, :2],
        np.zeros(1),
    )
    left, top, right, bottom = arrow_scenes.boxes(scene)[0]
    np.testing.assert_allclose((left + right) / 2.0, 0.5, atol=1e-6)
    assert top < 0.5 < bottom


def test_what_is_farther_is_smaller_and_higher():
    scene = arrow_scenes.Scene(
        np.array([1, 1]),
        np.zeros(2, int),
        0,
        np.array([[0.0, -1.0], [0.0, 2.0]]),
        np.zeros(2),
    )
    near, far = arrow_scenes.boxes(scene)
    assert far[2] - far[0] < near[2] - near[0]
    assert far[3] < near[3]


def test_the_surface_of_the_arrow_is_closed():
    edges = [
        (int(face[i]), int(face[(i + 1) % 3]))
        for face in arrow_scenes.arrow_triangles()
        for i in range(3)
    ]
    assert len(set(edges)) == len(edges)
    assert {edge[::-1] for edge in edges} == set(edges)


def test_the_surface_of_the_arrow_faces_outwards():
    corners = arrow_scenes.arrow_corners()
    parts = corners[arrow_scenes.arrow_triangles()]
    volume = np.linalg.det(parts).sum() / 6.0
    area = 1.0 * 0.4 + 1.1 * 0.8 / 2.0
    np.testing.assert_allclose(volume, area * 0.35, rtol=1e-9)
