import numpy as np
import pytest

from tfdood import data
from tfdood.data import alphabets, background_runs


def _drawings(num_alphabets=3, num_characters=22, num_each=4):
    """The pixel of a drawing is its class, and one of two is its number."""
    count = num_alphabets * num_characters
    labels = np.repeat(np.arange(count), num_each)
    images = np.stack([labels, np.arange(len(labels)) % num_each], -1)
    return data.DrawingSet(
        images.astype(np.uint8).reshape(-1, 1, 2, 1),
        labels,
        tuple(
            f"{a}_{c}"
            for a in "ABCDEF"[:num_alphabets]
            for c in range(num_characters)
        ),
        "drawings",
        is_sample=False,
    )


def test_queries_are_other_drawings_of_the_answers():
    runs = background_runs.make(_drawings())
    support, query = (x[..., 0, :, 0] for x in (runs.support, runs.query))
    assert support.shape == query.shape == (20, 20, 2)
    np.testing.assert_array_equal(
        np.sort(runs.answers), np.tile(range(20), (20, 1))
    )
    rights = np.take_along_axis(support, runs.answers[..., np.newaxis], 1)
    np.testing.assert_array_equal(rights[..., 0], query[..., 0])
    assert (rights[..., 1] != query[..., 1]).all()


def test_a_run_has_twenty_characters_of_one_alphabet():
    support = background_runs.make(_drawings()).support[:, :, 0, 0, 0]
    assert {len(set(run)) for run in support} == {20}
    used = [set(run // 22) for run in support]
    assert {len(alphabets) for alphabets in used} == {1}
    counts = np.bincount([alphabets.pop() for alphabets in used])
    assert counts.tolist() in ([7, 7, 6], [7, 6, 7], [6, 7, 7])


def test_runs_are_the_same_each_time_and_at_every_size():
    small, large = (
        data.read_oneshot("validation", image_size=size) for size in (30, 60)
    )
    np.testing.assert_array_equal(small.answers, large.answers)
    for a, b in ((small.support, large.support), (small.query, large.query)):
        ink = a.mean((2, 3, 4)), b.mean((2, 3, 4))
        np.testing.assert_allclose(*ink, atol=1.0)
    assert "background characters" in small.source


def test_alphabets_with_too_few_drawings_raise():
    with pytest.raises(ValueError, match="No alphabet has 20 characters"):
        background_runs.make(_drawings(num_characters=19))
    with pytest.raises(ValueError, match="the 66 drawings"):
        background_runs.make(_drawings(num_each=1))


def test_characters_are_not_those_of_the_test_runs():
    drawings = data.read("omniglot", "train", image_size=10)
    names = alphabets.of_classes(drawings.class_names)
    background = set(names[np.unique(drawings.labels)])
    test = data.read("omniglot", "test", image_size=10)
    assert not background & set(names[np.unique(test.labels)])
