"""How long a classifier needs to tell samples from real images.

The idea is that of the D-Steps of Jiang and Ahn (2020), which do not say what
the classifier is. Ours is fixed here, so numbers compare with our own only:

- four convolutions (3 x 3, stride 2, ReLU) of 16, 32, 64 and 64 channels, then
  a dense layer;
- Adam with the learning rate 1e-4; batches of 32 real and 32 other images;
- a fifth of the images, at most 500 of each kind, is held out. Every 20 steps,
  their accuracy is measured;
- the number of steps after which it is at least 90 % for the first time, at
  most 2,000.
"""

import keras
import numpy as np

MOST_STEPS = 2_000
"""The number of steps where the classifier cannot tell the images apart."""

ACCURACY = 0.9
"""The accuracy on held-out images at which the classifier stops."""

FEWEST = 10
"""The smallest number of images of each kind."""

_EVERY = 20  # steps between two measurements
_NUM_EACH = 32  # images of each kind in a batch
_LEARNING_RATE = 1e-4
_HELD_OUT, _MOST_HELD_OUT = 5, 500  # one of five images


def steps(real: np.ndarray, other: np.ndarray, seed: int) -> int:
    """Trains the classifier until it tells the images apart.

    Args:
        real: `[N, S, S, C]`, uint8, `N` at least `FEWEST`.
        other: `[N, S, S, C]`, uint8.
        seed: of the weights, of the held-out images, and of the batches.

    Returns:
        The number of steps, a multiple of 20, at most `MOST_STEPS`.
    """
    rng = np.random.default_rng(seed)
    held_out = min(len(real) // _HELD_OUT, _MOST_HELD_OUT)
    real, other = (rng.permutation(images) for images in (real, other))
    kept = _joined(real[:held_out], other[:held_out])
    classifier = _classifier(real.shape[1:], seed)
    rows = np.arange(held_out, len(real))
    for step in range(_EVERY, MOST_STEPS + 1, _EVERY):
        for _ in range(_EVERY):
            first, second = rng.choice(rows, (2, _NUM_EACH))
            classifier.train_on_batch(*_joined(real[first], other[second]))
        logits = classifier.predict(kept[0], batch_size=250, verbose=0)
        if np.mean((logits[:, 0] > 0.0) == kept[1]) >= ACCURACY:
            return step
    return MOST_STEPS


def _classifier(shape: tuple[int, ...], seed: int) -> keras.Sequential:
    keras.utils.set_random_seed(seed)
    convolutions = [
        keras.layers.Conv2D(
            channels, 3, strides=2, padding="same", activation="relu"
        )
        for channels in (16, 32, 64, 64)
    ]
    classifier = keras.Sequential(
        [
            keras.layers.Input(shape),
            *convolutions,
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    classifier.compile(
        keras.optimizers.Adam(_LEARNING_RATE),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=False,  # compiling takes longer than a hundred steps
    )
    return classifier


def _joined(
    real: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Images in [0, 1], and whether they are real."""
    images = np.concatenate([real, other]) / np.float32(255.0)
    return images, np.repeat([1.0, 0.0], [len(real), len(other)])
