import numpy as np

from tfdood.evaluate.measures import ink_boxes


def _image(size, *boxes):
    """Full boxes (x0, y0, x1, y1), in pixels."""
    image = np.zeros((size, size, 1), np.float32)
    for x0, y0, x1, y1 in boxes:
        image[y0:y1, x0:x1] = 1.0
    return image


def test_pieces_of_ink_are_found_by_their_size():
    images = np.stack([_image(32, (2, 3, 6, 5), (10, 20, 30, 25)), _image(32)])
    found = ink_boxes.connected(images, 3)
    np.testing.assert_allclose(
        found.boxes[0] * 32, [[10, 20, 30, 25], [2, 3, 6, 5], [0] * 4]
    )
    np.testing.assert_allclose(found.scores[0] * 32**2, [100, 8, 0])
    assert not found.boxes[1].any() and not found.scores[1].any()


def test_pieces_that_touch_at_a_corner_are_one_and_specks_are_none():
    image = _image(64, (4, 4, 8, 8), (8, 8, 12, 12), (40, 40, 41, 42))
    found = ink_boxes.connected(image[None], 3)
    np.testing.assert_allclose(found.boxes[0, 0] * 64, [4, 4, 12, 12])
    assert np.count_nonzero(found.scores) == 1


def test_faint_ink_is_none():
    image = 0.2 * _image(32, (2, 2, 20, 20))
    assert not ink_boxes.connected(image[None], 2).scores.any()


def test_only_the_largest_pieces_are_kept():
    image = _image(32, (0, 0, 3, 3), (8, 0, 16, 8), (20, 20, 25, 25))
    found = ink_boxes.connected(image[None], 2)
    np.testing.assert_allclose(found.scores[0] * 32**2, [64, 25])


def test_boxes_shrink_to_their_ink_alone():
    image = _image(32, (4, 6, 8, 12), (20, 20, 30, 30))
    boxes = np.array([[2, 2, 15, 15], [2, 8, 6, 15], [0, 0, 3, 3]]) / 32
    found = ink_boxes.tightened(image[None], boxes[None])
    expected = [[4, 6, 8, 12], [4, 8, 6, 12], [0, 0, 3, 3]]
    np.testing.assert_allclose(found[0] * 32, expected, rtol=1e-6)


def test_tightened_boxes_are_those_of_the_pixels_with_centres_inside():
    rng = np.random.default_rng(0)
    images = (rng.random((3, 16, 16, 1)) < 0.1).astype(np.float32)
    ends = np.sort(rng.random((3, 9, 2, 2)), axis=-2)
    boxes = ends.reshape(3, 9, 4)
    found = ink_boxes.tightened(images, boxes)
    centres = (np.arange(16) + 0.5) / 16
    for image, own, tight in zip(images, boxes, found, strict=True):
        for (x0, y0, x1, y1), box in zip(own, tight, strict=True):
            inside = (centres >= x0) & (centres <= x1)
            inside = inside & ((centres >= y0) & (centres <= y1))[:, None]
            rows, columns = np.nonzero((image[..., 0] > 0) & inside)
            if len(rows):
                low = columns.min(), rows.min()
                high = columns.max() + 1, rows.max() + 1
                np.testing.assert_allclose(box * 16, [*low, *high], rtol=1e-6)
            else:
                np.testing.assert_allclose(box, (x0, y0, x1, y1), rtol=1e-6)
