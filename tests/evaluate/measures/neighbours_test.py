import numpy as np
import pytest

from tfdood import data
from tfdood.evaluate.measures import features, neighbours


@pytest.mark.parametrize("is_left_out", [False, True])
def test_nearest_agrees_with_brute_force(monkeypatch, is_left_out):
    monkeypatch.setattr(neighbours, "_CHUNK", 7)
    rng = np.random.default_rng(0)
    size = features.SIZE
    images = rng.integers(256, size=[50, size, size, 1]).astype(np.uint8)
    queries, references = images[:20], images[20:]
    difference = (queries[:, None] / 255.0) - references / 255.0
    distance = np.sqrt((difference**2).mean((2, 3, 4)))
    left_out = None
    if is_left_out:
        left_out = distance.argmin(1)
        distance[np.arange(20), left_out] = np.inf
    found = neighbours.nearest(queries, references, left_out)
    np.testing.assert_array_equal(found.index, distance.argmin(1))
    np.testing.assert_allclose(found.distance, distance.min(1), rtol=1e-4)


def test_a_copy_is_found_at_distance_zero():
    drawings = data.read("mnist", "train").images[:300]
    found = neighbours.nearest(drawings[[250, 3]] / 255.0, drawings)
    np.testing.assert_array_equal(found.index, [250, 3])
    np.testing.assert_allclose(found.distance, 0.0, atol=1e-3)
    relative = neighbours.relative_distance(found, drawings)
    np.testing.assert_allclose(relative, 0.0, atol=0.01)


def test_relative_distance_is_a_ratio_of_distances():
    def images(*values):
        shape = [1, features.SIZE, features.SIZE, 1]
        return np.concatenate([np.full(shape, v, np.uint8) for v in values])

    references = images(0, 100, 140)
    found = neighbours.nearest(images(10, 115, 150), references)
    np.testing.assert_array_equal(found.index, [0, 1, 2])
    np.testing.assert_allclose(
        neighbours.relative_distance(found, references),
        [10 / 100, 15 / 40, 10 / 40],
        rtol=1e-3,
    )


def test_some_new_drawings_are_nearer_than_training_drawings():
    drawings = data.read("kmnist", "train").images[:2000]
    found = neighbours.nearest(drawings[::2], drawings[1::2])
    relative = neighbours.relative_distance(found, drawings[1::2])
    assert 0.25 < np.mean(relative < 1.0) < 0.65
