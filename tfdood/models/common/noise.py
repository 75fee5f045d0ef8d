"""The random numbers of a drawing, drawn before anything is computed.

With a seed for each drawing, what one drawing gets does not depend on the
others in its batch: a server may batch requests as it likes.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.models.common import layout
from tfdood.settings.schema import ModelConfig


class Noise(NamedTuple):
    """What the choices of `N` drawings of `T` strokes are made from.

    Attributes:
        presence: `[T, N]`, uniform in [0, 1).
        layout_component: `[T, N]`, uniform, chooses from the layout's prior.
        layout: `[T, N, 4]`, standard normal.
        point_component: `[T, N, K]`, uniform, chooses from the points' priors.
        control_points: `[T, N, K, 2]`, standard normal.
    """

    presence: tf.Tensor
    layout_component: tf.Tensor
    layout: tf.Tensor
    point_component: tf.Tensor
    control_points: tf.Tensor


def draw(
    config: ModelConfig,
    seed: tf.Tensor,
    num_images: tf.Tensor,
    num_particles: int = 1,
) -> Noise:
    """The noise of `P` drawings for each of `B` images.

    Args:
        config: gives `T` and `K`.
        seed: int32 `[2]`, or `[B, 2]`, one an image.
        num_images: `B`.
        num_particles: `P`.

    Returns:
        `Noise` with `N = P * B`, particles first.
    """
    num_strokes, num_points = config.num_strokes, config.num_control_points
    seeds = streams(seed, 2)
    num_rows = num_particles * num_images

    def steps(x):  # [P, B, T * n] -> [T, N, n]
        return tf.transpose(
            tf.reshape(x, [num_rows, num_strokes, -1]), [1, 0, 2]
        )

    count = num_strokes * (2 + num_points)
    presence, layout_component, point_component = tf.split(
        steps(uniform(seeds[0], num_images, [num_particles, count])),
        [1, 1, num_points],
        -1,
    )
    count = num_strokes * (layout.SIZE + 2 * num_points)
    layouts, points = tf.split(
        steps(normal(seeds[1], num_images, [num_particles, count])),
        [layout.SIZE, 2 * num_points],
        -1,
    )
    return Noise(
        presence[..., 0],
        layout_component[..., 0],
        layouts,
        point_component,
        tf.reshape(points, [num_strokes, num_rows, num_points, 2]),
    )


def central(config: ModelConfig, num_rows: tf.Tensor) -> Noise:
    """No noise: what is more likely than not, and the means of Gaussians."""
    num_strokes, num_points = config.num_strokes, config.num_control_points
    shape = [num_strokes, num_rows]
    return Noise(
        tf.fill(shape, 0.5),
        tf.fill(shape, 0.5),
        tf.zeros([*shape, layout.SIZE]),
        tf.fill([*shape, num_points], 0.5),
        tf.zeros([*shape, num_points, 2]),
    )


def with_all_strokes(noise: Noise) -> Noise:
    """Makes every stroke present, whatever its logit."""
    # A probability can be 0 in float32, but not below.
    return noise._replace(presence=-tf.ones_like(noise.presence))


def tempered(noise: Noise, temperature: tf.Tensor | float) -> Noise:
    """Multiplies the Gaussian noise, and so all standard deviations.

    Args:
        noise: of `N` drawings.
        temperature: scalar, or `[N]`; 1 changes nothing, 0 leaves the means.

    Returns:
        The new noise.
    """
    factor = tf.reshape(tf.convert_to_tensor(temperature, tf.float32), [-1, 1])
    return noise._replace(
        layout=factor * noise.layout,
        control_points=factor[..., tf.newaxis] * noise.control_points,
    )


def streams(seed: tf.Tensor | None, count: int) -> list[tf.Tensor]:
    """Independent seeds from one, `[2]`, or from one an image, `[B, 2]`."""
    expected = "expected an int32 tensor of shape [2], or [B, 2]"
    if seed is None:
        raise ValueError(f"Got no seed; {expected}.")
    seed = tf.convert_to_tensor(seed, tf.int32)
    if seed.shape.rank not in (1, 2) or seed.shape[-1] not in (2, None):
        raise ValueError(
            f"Got a seed of shape {seed.shape.as_list()}; {expected}."
        )
    if seed.shape.rank == 1:
        return tf.unstack(tf.random.split(seed, count))
    split = tf.map_fn(lambda row: tf.random.split(row, count), seed)
    return tf.unstack(split, count, axis=1)


def normal(
    seed: tf.Tensor, num_images: tf.Tensor, shape: list[int]
) -> tf.Tensor:
    """Standard normal numbers `[P, B, n]`, for a shape `[P, n]` an image."""
    return _by_image(tf.random.stateless_normal, seed, num_images, shape)


def uniform(
    seed: tf.Tensor, num_images: tf.Tensor, shape: list[int]
) -> tf.Tensor:
    """Uniform numbers `[P, B, n]` in [0, 1), for a shape `[P, n]` an image."""
    return _by_image(tf.random.stateless_uniform, seed, num_images, shape)


def _by_image(sample, seed, num_images, shape):
    if seed.shape.rank == 1:
        return sample([shape[0], num_images, shape[1]], seed)
    rows = tf.map_fn(
        lambda row: sample(shape, row), seed, fn_output_signature=tf.float32
    )
    return tf.transpose(rows, [1, 0, 2])
