import numpy as np
import pytest

from tfdood import console
from tfdood.evaluate.measures import features
from tools import train_features


def _patterns(seed: int) -> train_features.Labelled:
    """Bars in one of three places, with noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(60) % 3
    images = rng.integers(60, size=[60, features.SIZE, features.SIZE, 1])
    for image, label in zip(images, labels, strict=True):
        image[4 + 8 * label : 8 + 8 * label] += 150
    return train_features.Labelled(images.astype(np.uint8), labels)


@pytest.mark.slow
def test_training_finds_features_that_tell_classes_and_are_standardised():
    sets = [_patterns(0), _patterns(1)]
    network = train_features.train(sets, num_steps=15)
    x = np.concatenate([network.predict(s.images / 255.0) for s in sets])
    np.testing.assert_allclose(x.mean(0), 0.0, atol=1e-4)
    assert x.var(0).sum() == pytest.approx(1.0, abs=1e-3)
    assert train_features.class_mean_accuracy(x[:60], sets[0].labels) > 0.9


def test_accuracy_leaves_out_classes_without_a_reference():
    x = np.array([[0.0], [0.1], [5.0], [5.1], [0.0], [3.0]])
    labels = np.array([0, 0, 1, 0, 0, 9])
    # Odd rows 0.1 (right), 5.1 (nearer to class 1), 3.0 (of no known class).
    assert train_features.class_mean_accuracy(x, labels) == 0.5


def test_a_missing_dataset_is_explained(tmp_path, capsys):
    flag = f"--data_dir={tmp_path}"
    assert console.call(train_features.define, train_features.main, [flag]) == 2
    assert "No mnist in" in capsys.readouterr().err
