"""The likelihood of the pixels of an image, given a canvas."""

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
    """Computes the log density of images with independent pixels.

        log p(x | canvas) = sum_ij log Laplace(x_ij; canvas_ij, scale_ij)

    and the same with Normal. Source: paper, Eq. 5, for `laplace`.

    Args:
        images: `[..., H, W, 1]` in [0, 1].
        canvas: `[..., H, W, 1]` in [0, 1]; leading dimensions broadcast.
        scale: `[..., H, W, 1]`; all dimensions broadcast. Positive: the mean
            absolute deviation (laplace) or the standard deviation (normal) of
            a pixel.
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
    """Computes the errors of pixels; `scale` takes their mean.

    Args:
        difference: images minus canvases, any shape.
        kind: `laplace` or `normal`.

    Returns:
        The absolute differences (laplace) or their squares (normal).
    """
    return tf.square(difference) if kind == "normal" else tf.abs(difference)


def scale(mean_error: tf.Tensor, kind: str) -> tf.Tensor:
    """Computes the scale of maximum likelihood.

    Args:
        mean_error: mean of `error` over images, any shape.
        kind: `laplace` or `normal`.

    Returns:
        The mean absolute deviation (laplace) or the standard deviation
        (normal).
    """
    return tf.sqrt(mean_error) if kind == "normal" else mean_error
