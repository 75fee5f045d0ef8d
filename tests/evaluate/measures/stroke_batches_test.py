"""Tests of batches of drawings with equally many strokes."""

import numpy as np

from tfdood.evaluate.measures import stroke_batches


def test_each_row_is_in_one_batch_with_its_count():
    counts = np.array([2, 1, 2, 2, 5, 2, 1])
    batches = list(stroke_batches.of(counts, 3))
    assert [len(rows) for rows, _ in batches] == [2, 3, 1, 1]
    for rows, count in batches:
        np.testing.assert_array_equal(counts[rows], count)
    rows = np.concatenate([rows for rows, _ in batches])
    np.testing.assert_array_equal(np.sort(rows), np.arange(7))
