"""Repeatable initial weights."""

import random


def initial_weights() -> None:
    """Gives the layers made next the same initial weights every time.

    Keras draws the seeds of initial weights from `random`.
    `keras.utils.set_random_seed` seeds TensorFlow too, which then compiles all
    functions again.
    """
    random.seed(0)
