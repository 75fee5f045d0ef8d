import numpy as np
import pytest

from tfdood import data
from tfdood.evaluate.measures import features
from tools import train_features


@pytest.fixture(scope="module", name="extract")
def _extract() -> features.Extractor:
    return features.Extractor()


def _test_drawings(name: str) -> data.DrawingSet:
    return data.spread(data.read(name, "test"), 1_000)


def test_shipped_weights_are_small_and_finite():
    assert features.WEIGHTS.stat().st_size < 1_000_000
    with np.load(features.WEIGHTS) as arrays:
        for weight in arrays.values():
            assert weight.dtype == np.float16
            assert np.isfinite(weight).all()


def test_features_do_not_depend_on_the_other_rows(extract):
    images = _test_drawings("kmnist").images[:600]
    first = extract(images)
    assert first.shape == (600, features.NUM_FEATURES)
    # The same route, repeated: exact.
    np.testing.assert_array_equal(first, extract(images))
    np.testing.assert_allclose(
        features.Extractor()(images[590:]), first[590:], atol=1e-5
    )


def test_grey_values_may_be_bytes_or_fractions(extract):
    images = _test_drawings("mnist").images[:20]
    # Of the same bytes, by the same route: exact.
    np.testing.assert_array_equal(
        extract(images), extract(images.astype(np.float32) / 255.0)
    )


def test_images_with_colours_are_refused():
    with pytest.raises(ValueError, match="with 3 channels"):
        features.shrink(np.zeros([2, 28, 28, 3], np.uint8))


def test_features_hardly_depend_on_the_size_of_images(extract):
    small = extract(data.read("mnist", "test", image_size=28).images[:50])
    large = extract(data.read("mnist", "test", image_size=50).images[:50])
    between = np.linalg.norm(large - large[::-1], axis=-1).mean()
    assert np.linalg.norm(small - large, axis=-1).mean() < 0.2 * between


@pytest.mark.parametrize(
    ("name", "accuracy"),
    [("mnist", 0.93), ("emnist", 0.65), ("kmnist", 0.65), ("quickdraw", 0.75)],
)
def test_features_tell_the_classes_of_test_drawings(extract, name, accuracy):
    drawings = _test_drawings(name)
    found = train_features.class_mean_accuracy(
        extract(drawings.images), drawings.labels
    )
    assert found > accuracy


def test_features_are_standardised_over_all_datasets(extract):
    moments = []
    for name in data.NAMES:
        x = extract(data.spread(data.read(name, "train"), 500).images)
        moments.append((x.mean(0), (x**2).sum(1).mean()))
    mean = np.mean([m for m, _ in moments], 0)
    assert np.linalg.norm(mean) < 0.1
    assert np.mean([s for _, s in moments]) == pytest.approx(1.0, abs=0.05)


def test_missing_weights_are_explained(monkeypatch, tmp_path):
    monkeypatch.setattr(features, "WEIGHTS", tmp_path / "features.npz")
    with pytest.raises(FileNotFoundError, match="train_features"):
        features.Extractor()


def test_weights_are_read_as_they_were_saved(monkeypatch, tmp_path):
    monkeypatch.setattr(features, "WEIGHTS", tmp_path / "features.npz")
    network = features.network()
    features.save(network)
    images = np.random.default_rng(0).random([3, features.SIZE, features.SIZE])
    images = features.to_bytes(images[..., np.newaxis])
    expected = network(images / np.float32(255.0))
    np.testing.assert_allclose(
        features.Extractor()(images), expected, atol=2e-3
    )


def test_nearest_class_mean():
    references = np.array([[0.0, 0.0], [2.0, 0.0], [9.0, 9.0], [5.0, 1.0]])
    labels = np.array([3, 3, 7, 5])  # means (1, 0), (9, 9), (5, 1)
    queries = np.array([[1.0, 1.0], [8.0, 7.0], [4.0, 0.0], [2.0, 0.0]])
    np.testing.assert_array_equal(
        features.nearest_class(queries, references, labels), [3, 7, 5, 3]
    )


def test_squared_distances():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=[4, 3]), rng.normal(size=[5, 3])
    expected = ((a[:, None] - b) ** 2).sum(-1)
    np.testing.assert_allclose(features.squared_distances(a, b), expected)
