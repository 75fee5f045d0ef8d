import numpy as np
import pytest

from tfdood import console, data
from tfdood.evaluate.measures import digits
from tools import train_digits


@pytest.mark.slow
def test_training_learns_to_read():
    scenes = data.read_scenes("mnist_10", "train", image_size=64).first(400)
    trained = train_digits.train([scenes], num_steps=60)
    images = scenes.images[:40] / np.float32(255.0)
    crops = digits.crops(images, scenes.boxes[:40]).numpy()
    logits = trained.predict(crops.reshape(-1, 28, 28, 1), verbose=0)
    accuracy = np.mean(logits.argmax(1) == scenes.labels[:40].ravel())
    assert accuracy > 0.5  # of ten classes


def test_margins_are_shares_of_the_longer_side():
    boxes = np.tile([0.4, 0.4, 0.5, 0.6], (500, 2, 1))
    moved = train_digits.enlarged(boxes, np.random.default_rng(0)) - boxes
    outwards = moved * [-1, -1, 1, 1] / 0.2
    assert -0.03 <= outwards.min() < 0.0
    assert 0.34 < outwards.max() <= 0.35
    np.testing.assert_allclose(outwards.mean((0, 1)), 0.16, atol=0.02)


def test_a_missing_dataset_is_explained(tmp_path, capsys):
    flag = f"--data_dir={tmp_path}"
    assert console.call(train_digits.define, train_digits.main, [flag]) == 2
    assert "No mnist in" in capsys.readouterr().err
