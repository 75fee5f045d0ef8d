"""What predictions score that do not look at the image.

A model that does no better has learned nothing. A prediction is one canvas for
all images, and the scale of maximum likelihood of each pixel around it.
Beside a model of one standard deviation for all pixels, it has this deviation.
"""

import numpy as np
import tensorflow as tf

from tfdood.distributions import pixels
from tfdood.evaluate.records.job import Job, Measure, mean

_NUM_TRAINING_IMAGES = 10_000
_MIN_SCALE = 0.01  # where a model has no floor of its own


def yardsticks(
    job: Job, test_images: np.ndarray, score: str
) -> dict[str, Measure]:
    """Measures to compare those of the job's model with.

    Args:
        job: with the model, whose kind of pixels and whose smallest pixel
            scale, or standard deviation of all pixels, are taken over, and the
            dataset, at most 10,000 training drawings of which are used.
        test_images: `[N, S, S, 1]` in [0, 1], to predict.
        score: `mean_absolute_error` or `log_likelihood`, see `measure`.

    Returns:
        `SCORE_of_blank_canvas` and `SCORE_of_median_image`.
    """
    settings = job.model.config.model
    measured = measure(
        job.drawings(_NUM_TRAINING_IMAGES, split="train").images,
        test_images,
        getattr(settings, "pixel_scale_floor", _MIN_SCALE),
        getattr(settings, "likelihood", "laplace"),
        getattr(settings, "pixel_std", None),
    )
    return {
        f"{score}_of_{name}": mean(values[score])
        for name, values in measured.items()
    }


def of_ink(job: Job, test_images: np.ndarray) -> dict[str, Measure]:
    """The same of models of binary pixels: how probable ink is.

    Args:
        job: with the dataset, at most 10,000 training drawings of which are
            used.
        test_images: `[N, S, S, 1]` in [0, 1]; ink is above 1/2.

    Returns:
        `log_likelihood_of_even_ink`, in nats, with one probability of ink for
        all pixels, and `_of_mean_image`, with one for each.
    """
    train = job.drawings(_NUM_TRAINING_IMAGES, split="train").images > 0.5
    is_ink = test_images > 0.5
    counts = train.sum(0) + 0.5  # As if each pixel was ink half a time more.
    frequency = counts / (len(train) + 1.0)
    found = {}
    for name, p in (
        ("even_ink", np.full_like(frequency, frequency.mean())),
        ("mean_image", frequency),
    ):
        log_p = np.where(is_ink, np.log(p), np.log1p(-p))
        found[f"log_likelihood_of_{name}"] = mean(log_p.sum((1, 2, 3)))
    return found


def measure(
    train_images: np.ndarray,
    test_images: np.ndarray,
    min_scale: float = _MIN_SCALE,
    kind: str = "laplace",
    pixel_std: float | None = None,
) -> dict[str, dict[str, np.ndarray]]:
    """Measures the blank canvas and the median image.

    10,000 training images give the log likelihood that all 60,000 of MNIST
    give to within 3 nats, a tenth of the standard error over 1,000 test images.

    Args:
        train_images: `[M, H, W, 1]` in [0, 1], to learn canvas and scale from.
        test_images: `[N, H, W, 1]` in [0, 1], to predict.
        min_scale: floor of the scale of a pixel.
        kind: of the density of pixels, see `pixels.log_prob`.
        pixel_std: of normal pixels, the same for all; None for the scale of
            maximum likelihood of each pixel.

    Returns:
        For `blank_canvas` and `median_image`, `[N]` each:
        `mean_absolute_error` and `log_likelihood` (nats).
    """
    canvases = {
        "blank_canvas": np.zeros(train_images.shape[1:], np.float32),
        "median_image": median_image(train_images),
    }
    if pixel_std is not None:
        std = np.float32(pixel_std)
        return {
            name: scores(test_images, canvas, std, "normal")
            for name, canvas in canvases.items()
        }
    return {
        name: scores(
            test_images,
            canvas,
            pixel_scale(train_images, canvas, min_scale, kind),
            kind,
        )
        for name, canvas in canvases.items()
    }


def median_image(images: np.ndarray) -> np.ndarray:
    """The median of each pixel, the best constant canvas in absolute error.

    Args:
        images: `[M, H, W, 1]`.

    Returns:
        `[H, W, 1]`, float32.
    """
    return np.median(images, axis=0).astype(np.float32)


def pixel_scale(
    images: np.ndarray,
    canvas: np.ndarray,
    min_scale: float = _MIN_SCALE,
    kind: str = "laplace",
) -> np.ndarray:
    """The scale of maximum likelihood of each pixel.

        scale = max(mean_m |image_m - canvas|, min_scale)

    of Laplace pixels; of normal ones, the root of the mean square.

    Args:
        images: `[M, H, W, 1]`.
        canvas: `[H, W, 1]`.
        min_scale: floor of the scale, positive.
        kind: of the density of pixels, see `pixels.log_prob`.

    Returns:
        `[H, W, 1]`, float32.
    """
    errors = pixels.error(tf.constant(images - canvas, tf.float64), kind)
    scale = pixels.scale(tf.reduce_mean(errors, 0), kind).numpy()
    return np.maximum(scale, min_scale).astype(np.float32)


def scores(
    images: np.ndarray,
    canvas: np.ndarray,
    scale: np.ndarray,
    kind: str = "laplace",
) -> dict[str, np.ndarray]:
    """How well one canvas predicts each image.

    Args:
        images: `[N, H, W, 1]`.
        canvas: `[H, W, 1]`.
        scale: `[H, W, 1]`, or one for all pixels.
        kind: of the density of pixels, see `pixels.log_prob`.

    Returns:
        `[N]` each: `mean_absolute_error` and `log_likelihood` (nats).
    """
    log_likelihood = pixels.log_prob(
        *(tf.constant(x, tf.float32) for x in (images, canvas, scale)), kind
    )
    return {
        "mean_absolute_error": np.mean(np.abs(images - canvas), (1, 2, 3)),
        "log_likelihood": log_likelihood.numpy(),
    }
