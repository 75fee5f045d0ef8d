"""One rule of paper and ink, for clients, importers and servers.

The paper is what lies at the border of a picture. It is light or dark, and ink
is what is darker than light paper, or lighter than dark paper.
"""

import tensorflow as tf


def over_paper(grey: tf.Tensor, alpha: tf.Tensor) -> tf.Tensor:
    """Puts paper behind the transparent pixels of a picture.

    The paper is white behind dark ink, and black behind light ink.

    Args:
        grey: `[H, W, 1]` in [0, 1].
        alpha: `[H, W, 1]` in [0, 1], 1 where the picture is opaque.

    Returns:
        `[H, W, 1]` in [0, 1].
    """
    tone = tf.math.divide_no_nan(
        tf.reduce_sum(alpha * grey), tf.reduce_sum(alpha)
    )
    paper = tf.cast(tone < 0.5, grey.dtype)
    return alpha * grey + (1.0 - alpha) * paper


def is_light(grey: tf.Tensor) -> tf.Tensor:
    """Whether the paper is light: the mean of the border is above one half.

    Args:
        grey: `[..., H, W, 1]` in [0, 1]; several pictures are judged together.

    Returns:
        A scalar, bool.
    """
    border = tf.concat(
        [
            tf.reshape(side, [-1])
            for side in (
                grey[..., 0, :, :],
                grey[..., -1, :, :],
                grey[..., :, 0, :],
                grey[..., :, -1, :],
            )
        ],
        0,
    )
    return tf.reduce_mean(border) > 0.5


def ink(grey: tf.Tensor) -> tf.Tensor:
    """Makes ink white and paper black.

    Args:
        grey: `[H, W, 1]` in [0, 1].

    Returns:
        `[H, W, 1]`, from 0 upwards: white paper is often below 1.
    """
    ink = tf.where(is_light(grey), 1.0 - grey, grey)
    return ink - tf.reduce_min(ink)
