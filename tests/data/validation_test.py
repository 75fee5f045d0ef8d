import numpy as np
import pytest

from tfdood import data
from tfdood.data import embedded, validation


@pytest.mark.parametrize(
    ("num_drawings", "count"),
    [(2, 1), (19, 1), (20, 2), (3_000, 300), (19_280, 1_928)]
    + [(20_000, 2_000), (60_000, 2_000), (112_800, 2_000)],
)
def test_a_tenth_is_chosen_and_at_most_two_thousand(num_drawings, count):
    rows = validation.rows(num_drawings)
    assert len(set(rows)) == len(rows) == count
    assert 0 <= rows.min() and rows.max() < num_drawings
    np.testing.assert_array_equal(rows, np.sort(rows))


def test_choice_never_changes():
    # Runs of different versions must agree on what they did not learn from.
    assert validation.rows(40).tolist() == [14, 18, 20, 37]
    assert validation.rows(60_000)[:4].tolist() == [47, 49, 88, 128]


def test_choice_is_spread_over_sorted_classes():
    labels = np.repeat(np.arange(10), 6_000)[validation.rows(60_000)]
    # 200 of each class are expected, with a standard deviation of 13.
    np.testing.assert_allclose(np.bincount(labels), 200, atol=54)


@pytest.mark.parametrize("num_drawings", [0, 1])
def test_too_few_drawings_raise(num_drawings):
    with pytest.raises(ValueError, match=f"got {num_drawings}. Prepare"):
        validation.rows(num_drawings)


@pytest.mark.parametrize("name", data.NAMES)
def test_train_and_validation_divide_the_published_drawings(name):
    published = embedded.read(name, "train")
    size = published.images.shape[1]
    held_out = data.read(name, "validation", image_size=size)
    train = data.read(name, "train", image_size=size)
    rows = validation.rows(len(published.labels))
    others = np.setdiff1d(np.arange(len(published.labels)), rows)
    for drawings, chosen in ((held_out, rows), (train, others)):
        np.testing.assert_array_equal(drawings.labels, published.labels[chosen])
        np.testing.assert_array_equal(drawings.images, published.images[chosen])


def test_choice_depends_neither_on_image_size_nor_on_earlier_calls():
    first = data.read("kmnist", "validation", image_size=28)
    data.read("kmnist", "train", image_size=20)
    large = data.read("kmnist", "validation", image_size=50)
    np.testing.assert_array_equal(first.labels, large.labels)
    ink = [d.images.mean((1, 2, 3)) for d in (first, large)]
    np.testing.assert_allclose(*ink, atol=1.0)


def test_source_says_how_many_of_the_published_drawings():
    sample = "embedded sample of mnist (4,000 train drawings)"
    assert data.read("mnist", "train").source == (
        f"{sample}, 3,600 of 4,000 training drawings"
    )
    assert data.read("mnist", "validation").source == (
        f"{sample}, 400 of 4,000 training drawings for validation"
    )
