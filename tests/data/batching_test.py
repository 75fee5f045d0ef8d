import itertools

import numpy as np
import pytest
import tensorflow as tf

from tfdood.data import batching
from tfdood.data.datasets import DrawingSet
from tfdood.types import SplineStrokes


def _drawings(count, size=3):
    """Drawings whose pixels and labels are the number of their row."""
    rows = np.arange(count)
    images = np.broadcast_to(
        rows[:, np.newaxis, np.newaxis, np.newaxis], (count, size, size, 1)
    ).astype(np.uint8)
    return DrawingSet(images, rows, (), "test", is_sample=False)


def _rows(num_batches, *args, **kwargs):
    """The labels of the first batches, which are row numbers."""
    dataset = batching.batches(*args, **kwargs)
    batches = itertools.islice(dataset.as_numpy_iterator(), num_batches)
    return [batch.labels.tolist() for batch in batches]


def test_no_seed_gives_one_pass_in_order():
    rows = _rows(None, _drawings(10), 4)
    assert rows == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert batching.batches(_drawings(10), 4).cardinality() == 3


@pytest.mark.parametrize("seed", [None, 1])
def test_images_match_labels_and_lie_in_unit_interval(seed):
    dataset = batching.batches(_drawings(200), 64, seed=seed)
    batch = next(dataset.as_numpy_iterator())
    assert batch.images.shape == (64, 3, 3, 1)
    assert batch.images.dtype == np.float32
    assert batch.labels.dtype == np.int64
    expected = batch.labels[:, np.newaxis, np.newaxis, np.newaxis] / 255.0
    np.testing.assert_allclose(
        batch.images, np.broadcast_to(expected, batch.images.shape), rtol=1e-5
    )


def test_given_rows_are_used_as_often_as_they_occur():
    drawings, rows = _drawings(10), np.array([7, 2, 7])
    assert _rows(None, drawings, 2, rows=rows) == [[7, 2], [7]]
    epochs = np.ravel(_rows(6, drawings, 2, seed=0, rows=rows))
    assert np.bincount(epochs, minlength=10)[[2, 7]].tolist() == [4, 8]
    later = _rows(3, drawings, 2, seed=0, start_step=3, rows=rows)
    assert np.ravel(later).tolist() == epochs[6:].tolist()


@pytest.mark.parametrize("rows", [[], [-1], [0, 5]])
def test_rows_that_there_are_not_raise(rows):
    with pytest.raises(ValueError, match=r"from 0 to 4, got \[[-0-9, ]*\]\."):
        batching.batches(_drawings(5), 2, rows=np.array(rows, np.int64))


def test_full_ink_is_one():
    drawings = _drawings(2)._replace(
        images=np.array([0, 255], np.uint8).reshape(2, 1, 1, 1)
    )
    batch = next(batching.batches(drawings, 2).as_numpy_iterator())
    np.testing.assert_allclose(batch.images.ravel(), [0.0, 1.0], rtol=1e-5)


def test_colours_keep_their_order():
    pixels = np.array([0, 51, 255], np.uint8)
    coloured = _drawings(2)._replace(
        images=np.broadcast_to(pixels, (2, 4, 4, 3))
    )
    batch = next(batching.batches(coloured, 2).as_numpy_iterator())
    expected = np.broadcast_to([0.0, 0.2, 1.0], (2, 4, 4, 3))
    np.testing.assert_allclose(batch.images, expected, rtol=1e-5)


def test_elements_are_batch_records():
    dataset = batching.batches(_drawings(10), 4, seed=0)
    for batch in (dataset.element_spec, next(iter(dataset))):
        assert isinstance(batch, batching.Batch)
    spec = dataset.element_spec
    assert spec.images.dtype == tf.float32
    assert spec.labels.dtype == tf.int64
    assert next(iter(dataset)).strokes is None


def _with_strokes(count):
    """Drawings whose numbers are also in their strokes."""
    rows = np.arange(count)
    numbers = np.stack([rows % 4, rows % 3], -1).astype(np.int32)
    points = np.repeat(rows, 2 * 4 * 2).reshape(count, 2, 4, 2)
    strokes = SplineStrokes(points.astype(np.float32), numbers)
    return _drawings(count)._replace(strokes=strokes)


def test_strokes_are_those_of_the_same_drawings():
    drawings = _with_strokes(11)
    dataset = batching.batches(drawings, 4, seed=1, start_step=5)
    spec = dataset.element_spec.strokes
    assert spec.control_points.shape.as_list() == [4, 2, 4, 2]
    assert spec.num_control_points.dtype == tf.int32
    for batch in dataset.take(4).as_numpy_iterator():
        for name, field in batch.strokes._asdict().items():
            expected = getattr(drawings.strokes, name)[batch.labels]
            np.testing.assert_array_equal(field, expected)


@pytest.mark.parametrize("make", [_drawings, _with_strokes])
def test_batches_pass_through_xla(make):
    @tf.function(jit_compile=True)
    def total(batch):
        ink = tf.reduce_sum(batch.images)
        if batch.strokes is None:
            return ink
        return ink + tf.reduce_sum(batch.strokes.control_points)

    (batch,) = batching.batches(make(3), 3)
    expected = 9 * 3 / 255 + (0 if batch.strokes is None else 16 * 3)
    np.testing.assert_allclose(total(batch), expected, rtol=1e-6)


def test_wrong_strokes_raise():
    drawings = _with_strokes(3)
    points, numbers = drawings.strokes
    for wrong in (
        (points[:2], numbers),
        (points, numbers[:, :1]),
        (points, numbers[:2]),
        (points, np.repeat(numbers, 2, 0)),
    ):
        strokes = SplineStrokes(*wrong)
        with pytest.raises(ValueError, match=r"strokes must be .*\[3, T, N, 2"):
            batching.batches(drawings._replace(strokes=strokes), 1)


def test_seeded_batches_have_static_shape():
    spec = batching.batches(_drawings(10), 4, seed=0).element_spec
    assert spec.images.shape.as_list() == [4, 3, 3, 1]
    assert spec.labels.shape.as_list() == [4]


def test_last_batch_of_one_pass_may_be_smaller():
    dataset = batching.batches(_drawings(10), 4)
    assert dataset.element_spec.images.shape.as_list() == [None, 3, 3, 1]
    shapes = [batch.images.shape[0] for batch in dataset]
    assert shapes == [4, 4, 2]


def test_record_passes_through_a_compiled_function():
    @tf.function
    def total(batch):
        return tf.reduce_sum(batch.labels)

    dataset = batching.batches(_drawings(10), 5)
    assert [int(total(batch)) for batch in dataset] == [10, 35]


@pytest.mark.parametrize("batch_size", [1, 4, 10, 23])
@pytest.mark.parametrize("start_step", [1, 7, 40])
def test_resumed_stream_equals_uninterrupted_stream(batch_size, start_step):
    drawings = _drawings(10)
    stream = _rows(start_step + 5, drawings, batch_size, seed=3)
    resumed = _rows(5, drawings, batch_size, seed=3, start_step=start_step)
    assert resumed == stream[start_step:]


def test_each_epoch_is_a_new_permutation():
    # 4 does not divide 10: batches straddle the epochs.
    stream = np.concatenate(_rows(15, _drawings(10), 4, seed=0))
    epochs = stream.reshape(6, 10)
    np.testing.assert_array_equal(np.sort(epochs), np.tile(range(10), (6, 1)))
    assert len({tuple(epoch) for epoch in epochs}) == 6


@pytest.mark.parametrize("batch_size", [1, 3, 7, 32])
def test_batch_size_only_cuts_the_stream(batch_size):
    drawings = _drawings(10)
    stream = np.concatenate(_rows(8, drawings, 4, seed=2))
    other = np.concatenate(_rows(32, drawings, batch_size, seed=2))
    np.testing.assert_array_equal(other[:32], stream)


def test_late_start_step_is_the_same_stream():
    # Epochs before the first batch are not computed: this returns at once.
    drawings, step = _drawings(10), 10**9
    late = np.concatenate(_rows(5, drawings, 4, seed=2, start_step=step))
    np.testing.assert_array_equal(np.sort(late[:10]), range(10))
    np.testing.assert_array_equal(np.sort(late[10:]), range(10))
    last = _rows(1, drawings, 4, seed=2, start_step=step + 4)
    assert last == [late[16:].tolist()]


def test_order_depends_only_on_seed():
    drawings = _drawings(50)
    orders = [
        _rows(2, drawings, 25, seed=seed) for seed in (0, 1, -1, 2**40, 0)
    ]
    assert orders[0] == orders[-1]
    assert len({str(order) for order in orders}) == 4


def test_permutations_are_uniform():
    # The position of row 0 in 400 epochs of 8 rows. A chi-square variable with
    # 7 degrees of freedom exceeds 24.3 with probability 0.001.
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
def test_number_out_of_range_raises(options, message):
    with pytest.raises(ValueError, match=message):
        batching.batches(_drawings(3), **options)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"images": np.zeros((3, 4, 4), np.uint8)}, r"got uint8 \[3, 4, 4\]"),
        ({"images": np.zeros((3, 4, 5, 1), np.uint8)}, r"\[N, S, S, 1 or 3\]"),
        ({"images": np.zeros((3, 4, 4, 2), np.uint8)}, r"\[3, 4, 4, 2\]"),
        ({"images": np.zeros((3, 4, 4, 1))}, "got float64"),
        ({"labels": np.zeros(2, np.int64)}, r"3 images, got the shape \[2\]"),
    ],
)
def test_wrong_array_raises(change, message):
    with pytest.raises(ValueError, match=message):
        batching.batches(_drawings(3)._replace(**change), 1)


def test_empty_set_raises():
    with pytest.raises(ValueError, match="at least one drawing"):
        batching.batches(_drawings(0), 1)
