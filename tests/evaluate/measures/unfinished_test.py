import numpy as np
import pytest

from tfdood.evaluate.measures import features, unfinished


def test_the_first_ink_is_kept_in_reading_order():
    image = np.array([[0.0, 1.0, 0.0], [0.5, 0.5, 1.0], [1.0, 0.0, 1.0]])
    image = image[np.newaxis, ..., np.newaxis]  # 5.0 in all
    for share, kept in (
        *((0.0, 0), (0.19, 0), (0.2, 3), (0.3, 4), (0.39, 4), (0.4, 5)),
        *((0.6, 6), (0.79, 6), (0.8, 8), (1.0, 9)),
    ):
        expected = image.reshape(-1) * (np.arange(9) < kept)
        found = unfinished.first_ink(image, share)
        np.testing.assert_array_equal(found.reshape(-1), expected)


def test_at_most_the_share_is_kept_and_nearly_all_of_it():
    images = np.random.default_rng(0).random([5, 30, 30, 1], np.float32)
    ink = images.sum((1, 2, 3), dtype=np.float64)
    for share in (0.1, 0.3, 0.5):
        found = unfinished.first_ink(images, share)
        kept = found.sum((1, 2, 3), dtype=np.float64)
        assert np.all(kept <= share * ink * (1 + 1e-6))
        assert np.all(kept > share * ink - 1.0)
    np.testing.assert_array_equal(unfinished.first_ink(images, 1.0), images)


def test_a_blank_image_stays_blank():
    blank = np.zeros([2, 4, 4, 1])
    np.testing.assert_array_equal(unfinished.first_ink(blank, 0.3), blank)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_nearest_agrees_with_brute_force(monkeypatch, share):
    monkeypatch.setattr(unfinished, "_ROWS_A_BLOCK", 7)
    rng = np.random.default_rng(0)
    size = features.SIZE
    images = rng.integers(256, size=[33, size, size, 1]) / 255.0
    given = unfinished.first_ink(images[:3], share)
    others = images[3:]
    gaps = [
        [
            ((x - unfinished.first_ink(y[None], share)[0]) ** 2).sum()
            for y in others
        ]
        for x in given
    ]
    found = unfinished.nearest(given, others, share, 5)
    np.testing.assert_array_equal(found, np.argsort(gaps, 1)[:, :5])


def test_a_copy_of_the_whole_drawing_is_found():
    rng = np.random.default_rng(1)
    others = rng.random([20, 12, 12, 1], np.float32)
    given = unfinished.first_ink(others[[7, 2]], 0.3)
    found = unfinished.nearest(given, others, 0.3, 1)
    np.testing.assert_array_equal(found, [[7], [2]])


def test_errors_of_known_completions():
    whole = np.ones([1, 2, 2, 1])
    completions = np.stack([np.full([1, 2, 2, 1], x) for x in (0.5, 0.9)], 1)
    found = unfinished.errors(completions, whole)
    assert found["error"] == pytest.approx([0.3])
    assert found["best_error"] == pytest.approx([0.1])
