import numpy as np
import pytest

from tfdood import data
from tfdood.data import datasets, embedded, scenes

_NAMES = tuple(data.SCENES)


@pytest.fixture(scope="module")
def digits():
    return embedded.read("mnist", "test")


@pytest.fixture
def _few(monkeypatch):
    counts = dict.fromkeys(datasets.SPLITS, 600)
    monkeypatch.setattr(scenes, "NUM_SCENES", counts)  # 60 of the sample


@pytest.fixture
def _large(_few, digits):
    return {n: scenes.make(n, "test", digits, 128) for n in _NAMES}


def test_boxes_hold_the_ink_and_nothing_else(_large):
    for made in _large.values():
        covered = np.zeros(made.images.shape[:3], bool)
        pixels = 128 * made.boxes.astype(np.float64)
        np.testing.assert_array_equal(pixels, np.rint(pixels))
        for scene, own in enumerate(pixels.astype(int)):
            for x0, y0, x1, y1 in own:
                covered[scene, y0:y1, x0:x1] = True
                inside = made.images[scene, y0:y1, x0:x1, 0]
                if inside.size:
                    for edge in (inside[0], inside[-1], *inside.T[[0, -1]]):
                        assert edge.any()
        assert not made.images[..., 0][~covered].any()


def test_labels_are_those_of_the_arrangement(_large):
    for made in _large.values():
        for kind, labels, boxes in zip(
            made.kinds, made.labels, made.boxes, strict=True
        ):
            expected = made.kind_names[kind].replace(" ", "")
            is_there = labels != scenes.NO_OBJECT
            assert "".join(map(str, labels[is_there])) == expected
            assert (np.ptp(boxes[:, ::2], axis=1) > 0).tolist() == (
                is_there.tolist()
            )


def test_each_digit_is_a_drawing_of_its_class(_large, digits):
    made = _large["mnist_10"]
    ink = {}
    for image, label in zip(digits.images[..., 0], digits.labels, strict=True):
        rows, columns = np.nonzero(image)
        cut = image[
            rows.min() : rows.max() + 1, columns.min() : columns.max() + 1
        ]
        ink.setdefault(cut.tobytes(), set()).add((cut.shape, label))
    for scene in range(3):
        for label, box in zip(
            made.labels[scene], made.boxes[scene], strict=True
        ):
            x0, y0, x1, y1 = (128 * box).astype(int)
            cut = made.images[scene, y0:y1, x0:x1, 0]
            assert (cut.shape, label) in ink[cut.tobytes()]


@pytest.mark.parametrize("size", [64, 32])
def test_smaller_scenes_are_means_of_squares(_large, digits, size):
    large = _large["mnist_4"]
    small = scenes.make("mnist_4", "test", digits, size)
    factor = 128 // size
    parts = large.images.reshape(-1, size, factor, size, factor)
    expected = np.floor(parts.mean((2, 4)) + 0.5)
    np.testing.assert_array_equal(small.images[..., 0], expected)
    np.testing.assert_array_equal(small.boxes, large.boxes)
    np.testing.assert_array_equal(small.labels, large.labels)


def test_other_sizes_keep_the_mean_ink(_large, digits):
    small = scenes.make("mnist_4", "test", digits, 50)
    assert small.images.shape == (60, 50, 50, 1)
    np.testing.assert_allclose(
        small.images.mean((1, 2)),
        _large["mnist_4"].images.mean((1, 2)),
        rtol=0.05,
    )


@pytest.mark.usefixtures("_few")
def test_splits_and_names_have_scenes_of_their_own(digits):
    first, again, train, other = (
        scenes.make(name, split, digits, 32).images
        for name, split in (
            *(("mnist_4", "test"), ("mnist_4", "test")),
            *(("mnist_4", "train"), ("mnist_4_10", "test")),
        )
    )
    np.testing.assert_array_equal(first, again)
    for different in (train, other):
        assert (different != first).any((1, 2, 3)).mean() > 0.95


def test_arrangements_are_drawn_evenly():
    rng = np.random.default_rng(0)
    four, both = (
        np.bincount(scenes._draw_kinds(name, 22_000, rng))
        for name in ("mnist_4", "mnist_4_10")
    )
    np.testing.assert_allclose(four, 22_000 / 7, rtol=0.1)
    np.testing.assert_allclose(both[:7], 11_000 / 7, rtol=0.1)
    np.testing.assert_allclose(both[7:], 11_000 / 4, rtol=0.1)


@pytest.mark.usefixtures("_few")
def test_sample_has_a_tenth_of_the_scenes(digits):
    whole = digits._replace(is_sample=False)
    for drawings, count in ((digits, 60), (whole, 600)):
        made = scenes.make("mnist_4", "test", drawings, 16)
        assert len(made.images) == len(made.boxes) == count
        assert made.is_sample == drawings.is_sample
        assert made.source.startswith(f"{count} scenes mnist_4 of the embedded")


@pytest.mark.usefixtures("_few")
def test_missing_class_is_named(digits):
    is_kept = digits.labels != 7
    part = digits._replace(
        images=digits.images[is_kept], labels=digits.labels[is_kept]
    )
    with pytest.raises(ValueError, match="got none of class 7 in the embed"):
        scenes.make("mnist_10", "test", part, 16)


@pytest.mark.usefixtures("_few")
def test_scenes_are_drawings_of_their_arrangements(digits):
    made = scenes.make("mnist_4", "test", digits, 16)
    drawings = made.drawings
    assert drawings.images is made.images
    assert drawings.class_names[3] == "3 4 5 6"
    np.testing.assert_array_equal(drawings.labels, made.labels[:, 0])
