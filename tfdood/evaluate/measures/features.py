"""Features of drawings, by which sets of drawings are compared.

They are the penultimate layer of a small classifier of the drawings of all
five datasets, each among the classes of its own dataset, trained by `python -m
tools.train_features` and shipped with the package. No network connection is
needed, and numbers from all machines compare. They are not the features of
Inception: a Frechet distance in them is not an "FID", and compares only with
other numbers of ours.

How good they are: with class means of every other test drawing, the nearest
mean gives the class of the remaining ones in 97 % (MNIST), 77 % (EMNIST), 76 %
(KMNIST), 84 % (QuickDraw) and, of 659 characters that are not in the training
data, 63 % (Omniglot).
"""

import pathlib

import keras
import numpy as np
import tensorflow as tf

from tfdood.data import resizing
from tfdood.evaluate.measures import shipped_networks

WEIGHTS = pathlib.Path(__file__).parent / "features.npz"
SIZE = 28  # pixels of the images that the classifier sees
NUM_FEATURES = 64

_ROWS_A_CALL = 500


def network() -> keras.Sequential:
    """From images `[N, 28, 28, 1]` in [0, 1] to features `[N, 64]`."""

    def convolution(filters: int, size: int) -> keras.layers.Layer:
        return keras.layers.Conv2D(
            filters,
            size,
            strides=2,
            padding="same",
            activation="relu",
            kernel_initializer="he_normal",
        )

    return keras.Sequential(
        [
            keras.layers.Input([SIZE, SIZE, 1]),
            convolution(32, 5),
            convolution(64, 3),
            convolution(96, 3),
            keras.layers.Flatten(),
            keras.layers.Dense(NUM_FEATURES),
        ]
    )


class Extractor:
    """The shipped features.

    Over the training drawings of all datasets together their mean is zero and
    their variances sum to one.

    Raises:
        FileNotFoundError: If the weights are not there.
    """

    def __init__(self) -> None:
        self._network = network()
        shipped_networks.load(self._network, WEIGHTS, "tools.train_features")
        self._call = tf.function(
            self._network,
            [tf.TensorSpec([None, SIZE, SIZE, 1], tf.float32)],
            autograph=False,
        )

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Computes features.

        Args:
            images: `[N, S, S, 1]`, in [0, 1], or uint8.

        Returns:
            `[N, 64]`, float32.
        """
        features = np.empty([len(images), NUM_FEATURES], np.float32)
        for start in range(0, len(images), _ROWS_A_CALL):
            rows = slice(start, start + _ROWS_A_CALL)
            small = shrink(images[rows]).astype(np.float32) / 255.0
            features[rows] = self._call(small).numpy()
        return features


def shrink(images: np.ndarray) -> np.ndarray:
    """Images as the classifier sees them.

    Args:
        images: `[N, S, S, 1]`, in [0, 1], or uint8.

    Returns:
        `[N, 28, 28, 1]`, uint8.

    Raises:
        ValueError: If the images have colours.
    """
    if images.shape[-1] != 1:
        raise ValueError(
            "The features of the evaluation are of grey drawings, got images "
            f"with {images.shape[-1]} channels; choose another task."
        )
    return resizing.resize(to_bytes(images), SIZE)


def pixels(images: np.ndarray) -> np.ndarray:
    """The pixels that the classifier sees, in [0, 1].

    Args:
        images: `[N, S, S, 1]`, in [0, 1], or uint8.

    Returns:
        `[N, 784]`, float32.
    """
    small = shrink(images)
    return small.reshape(len(small), -1).astype(np.float32) / 255.0


def to_bytes(images: np.ndarray) -> np.ndarray:
    """Rounds images in [0, 1] to the 256 grey values of files; keeps uint8."""
    if images.dtype == np.uint8:
        return images
    return np.rint(np.clip(images, 0.0, 1.0) * 255.0).astype(np.uint8)


def nearest_class(
    queries: np.ndarray, references: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """Classifies by the nearest mean of a class.

    Args:
        queries: `[N, D]` features.
        references: `[M, D]` features of drawings whose class is known.
        labels: `[M]`, their classes.

    Returns:
        `[N]`, the classes of the queries.
    """
    classes, index, counts = np.unique(
        labels, return_inverse=True, return_counts=True
    )
    means = np.zeros([len(classes), references.shape[1]])
    np.add.at(means, index, references)
    means /= counts[:, np.newaxis]
    return classes[squared_distances(queries, means).argmin(1)]


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Between all rows of `[N, D]` and of `[M, D]`: `[N, M]`."""
    squares = (a**2).sum(1)[:, np.newaxis] + (b**2).sum(1)
    return np.maximum(squares - 2.0 * a @ b.T, 0.0)


def save(trained: keras.Sequential) -> None:
    """Writes the weights of a trained `network`, in half precision."""
    shipped_networks.save(trained, WEIGHTS)
