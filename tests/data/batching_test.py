import itertools

import numpy as np
import pytest

from tfdood.data import batching
from tfdood.data.datasets import DrawingSet


def _drawings(count, size=3):
    """Drawings whose pixels and label tell their row."""
    rows = np.arange(count)
    images = np.broadcast_to(
        rows[:, np.newaxis, np.newaxis, np.newaxis], (count, size, size, 1)
    ).astype(np.uint8)
    return DrawingSet(images, rows, (), "test", is_sample=False)


def _rows(num_batches, *args, **kwargs):
    """Labels of the first batches, which are row numbers."""
    dataset = batching.batches(*args, **kwargs)
    batches = itertools.islice(dataset.as_numpy_iterator(), num_batches)
    return [labels.tolist() for _, labels in batches]


def test_one_pass_in_order_without_a_seed():
    rows = _rows(None, _drawings(10), 4)
    assert rows == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert batching.batches(_drawings(10), 4).cardinality() == 3


def test_images_go_with_labels_and_lie_in_the_unit_interval():
    for seed in (None, 1):
        dataset = batching.batches(_drawings(200), 64, seed=seed)
        images, labels = next(dataset.as_numpy_iterator())
        assert images.shape == (64, 3, 3, 1)
        assert images.dtype == np.float32
        assert labels.dtype == np.int64
        expected = labels[:, np.newaxis, np.newaxis, np.newaxis] / 255.0
        np.testing.assert_allclose(
            images, np.broadcast_to(expected, images.shape), rtol=1e-5
        )


def test_seeded_batches_have_a_static_shape():
    dataset = batching.batches(_drawings(10), 4, seed=0)
    assert dataset.element_spec[0].shape.as_list() == [4, 3, 3, 1]


@pytest.mark.parametrize("batch_size", [1, 4, 10, 23])
@pytest.mark.parametrize("start_step", [1, 7, 40])
def test_resuming_equals_never_having_stopped(batch_size, start_step):
    drawings = _drawings(10)
    stream = _rows(start_step + 5, drawings, batch_size, seed=3)
    resumed = _rows(5, drawings, batch_size, seed=3, start_step=start_step)
    assert resumed == stream[start_step:]


def test_every_epoch_is_another_permutation():
    # 4 does not divide 10: batches straddle the epochs.
    stream = np.concatenate(_rows(15, _drawings(10), 4, seed=0))
    epochs = stream.reshape(6, 10)
    np.testing.assert_array_equal(np.sort(epochs), np.tile(range(10), (6, 1)))
    assert len({tuple(epoch) for epoch in epochs}) == 6


def test_order_depends_on_the_seed_alone():
    drawings = _drawings(50)
    orders = [
        _rows(2, drawings, 25, seed=seed) for seed in (0, 1, -1, 2**40, 0)
    ]
    assert orders[0] == orders[-1]
    assert len({str(order) for order in orders}) == 4


def test_positions_are_uniform():
    # Where row 0 comes to stand in 400 epochs of 8: chi-square, 7 degrees of
    # freedom, exceeds 24.3 once in a thousand.
    stream = np.concatenate(_rows(400, _drawings(8), 8, seed=5))
    positions = np.argmin(stream.reshape(400, 8), axis=1)
    counts = np.bincount(positions, minlength=8)
    assert np.sum((counts - 50) ** 2 / 50) < 24.3


def test_start_step_skips_batches_without_a_seed():
    assert _rows(None, _drawings(10), 4, start_step=2) == [[8, 9]]
    assert _rows(None, _drawings(10), 4, start_step=3) == []


@pytest.mark.parametrize(
    "options, message",
    [
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"batch_size": 1, "start_step": -1}, "start_step .* got -1"),
    ],
)
def test_rejects_numbers_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        batching.batches(_drawings(3), **options)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"images": np.zeros((3, 4, 4), np.uint8)}, r"got uint8 \[3, 4, 4\]"),
        ({"images": np.zeros((3, 4, 5, 1), np.uint8)}, r"\[N, S, S, 1\]"),
        ({"images": np.zeros((3, 4, 4, 1))}, "got float64"),
        ({"labels": np.zeros(2, np.int64)}, r"3 images, got the shape \[2\]"),
    ],
)
def test_rejects_arrays_of_another_kind(change, message):
    with pytest.raises(ValueError, match=message):
        batching.batches(_drawings(3)._replace(**change), 1)


def test_rejects_an_empty_set():
    with pytest.raises(ValueError, match="at least one drawing"):
        batching.batches(_drawings(0), 1)
