"""The likelihood of an image's pixels given a drawing."""

import tensorflow as tf
import tensorflow_probability as tfp

tfd = tfp.distributions

_KINDS = {"laplace": tfd.Laplace, "normal": tfd.Normal}


def log_prob(
    images: tf.Tensor,
    canvas: tf.Tensor,
    scale: tf.Tensor,
    kind: str = "laplace",
) -> tf.Tensor:
    """Log density of images around canvases, pixels independent.

        log p(x | canvas) = sum_ij log Laplace(x_ij; canvas_ij, scale_ij)

    Paper, Eq. 5, which has the Laplace kind only.

    Args:
        images: `[..., H, W, 1]` in [0, 1].
        canvas: `[..., H, W, 1]` in [0, 1]; leading dimensions broadcast.
        scale: `[H, W, 1]` or `[1, 1, 1]`, positive: the mean absolute error
            (laplace) or the standard deviation (normal) of a pixel.
        kind: `laplace` or `normal`.

    Returns:
        `[...]`, in nats.

    Raises:
        ValueError: If `kind` is unknown.
    """
    if kind not in _KINDS:
        raise ValueError(
            f"Unknown pixel likelihood {kind!r}; choose from {sorted(_KINDS)}."
        )
    return tfd.Independent(_KINDS[kind](canvas, scale), 3).log_prob(images)


def error(difference: tf.Tensor, kind: str) -> tf.Tensor:
    """What the scale of maximum likelihood averages, see `scale`.

    Args:
        difference: of images and canvases, any shape.
        kind: `laplace` or `normal`.

    Returns:
        The absolute difference (laplace) or its square (normal).
    """
    return tf.square(difference) if kind == "normal" else tf.abs(difference)


def scale(mean_error: tf.Tensor, kind: str) -> tf.Tensor:
    """The scale of maximum likelihood, given the mean of `error`."""
    return tf.sqrt(mean_error) if kind == "normal" else mean_error
