"""The random numbers of drawings.

All random numbers are sampled before a drawing is computed. With one seed for
each image, the numbers of an image do not depend on the other images in the
batch: a server may batch requests in any way.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from tfdood.models.common import layout
from tfdood.models.common import temperature as temperature_lib


class Noise(NamedTuple):
    """Random numbers for `N` drawings of `T` strokes.

    Attributes:
        presence: `[T, N]`, uniform in [0, 1).
        layout_component: `[T, N]`, uniform in [0, 1), selects a mixture
            component of the layout's prior.
        layout: `[T, N, 4]`, standard normal.
        stroke_component: `[T, N, C]`, uniform in [0, 1), selects a mixture
            component for each part of a stroke's latent.
        stroke: `[T, N, ...]`, standard normal, for the strokes' latents.
    """

    presence: tf.Tensor
    layout_component: tf.Tensor
    layout: tf.Tensor
    stroke_component: tf.Tensor
    stroke: tf.Tensor


class Shape(NamedTuple):
    """The sizes of the random numbers of a drawing.

    Attributes:
        num_strokes: `T`.
        stroke: the shape of a stroke's latent.
        num_choices: `C`, how many mixture components are selected for a
            stroke's latent.
    """

    num_strokes: int
    stroke: tuple[int, ...]
    num_choices: int = 0

    @property
    def num_uniform(self) -> int:
        """How many uniform numbers a drawing takes."""
        return self.num_strokes * (2 + self.num_choices)

    @property
    def num_normal(self) -> int:
        """How many standard normal numbers a drawing takes."""
        return self.num_strokes * (layout.SIZE + math.prod(self.stroke))


def draw(
    shape: Shape,
    seed: tf.Tensor,
    num_images: tf.Tensor,
    num_particles: int = 1,
) -> Noise:
    """Samples the noise of `P` drawings for each of `B` images.

    Args:
        shape: the sizes of a drawing's noise.
        seed: int32 `[2]`, or `[B, 2]` with one seed for each image.
        num_images: `B`.
        num_particles: `P`.

    Returns:
        `Noise` of `N = P * B` drawings; the axis `P` is the outer one.

    Raises:
        ValueError: See `streams` and `normal`.
    """
    seeds = streams(seed, 2)
    return arrange(
        shape,
        uniform(seeds[0], num_images, [num_particles, shape.num_uniform]),
        normal(seeds[1], num_images, [num_particles, shape.num_normal]),
    )


def arrange(shape: Shape, uniform: tf.Tensor, normal: tf.Tensor) -> Noise:
    """Makes noise of plain random numbers.

    Args:
        shape: the sizes of a drawing's noise.
        uniform: `[..., shape.num_uniform]`, uniform in [0, 1).
        normal: `[..., shape.num_normal]`, standard normal.

    Returns:
        `Noise` of `N` drawings, with `N` the product of the leading dimensions.
    """
    num_strokes, size = shape.num_strokes, math.prod(shape.stroke)

    def steps(x: tf.Tensor) -> tf.Tensor:  # [..., T * n] -> [T, N, n]
        rows = tf.reshape(x, [-1, num_strokes, x.shape[-1] // num_strokes])
        return tf.transpose(rows, [1, 0, 2])

    presence, layout_component, stroke_component = tf.split(
        steps(uniform), [1, 1, shape.num_choices], -1
    )
    layouts, strokes = tf.split(steps(normal), [layout.SIZE, size], -1)
    return Noise(
        presence[..., 0],
        layout_component[..., 0],
        layouts,
        stroke_component,
        tf.reshape(strokes, [num_strokes, -1, *shape.stroke]),
    )


def central(shape: Shape, num_rows: tf.Tensor) -> Noise:
    """Returns the noise that makes a drawing deterministic.

    With it, a step is present if its probability is above 1/2, and Gaussian
    latents equal their means.

    Args:
        shape: the sizes of a drawing's noise.
        num_rows: `N`.

    Returns:
        `Noise` of `N` drawings: uniform numbers are 0.5, normal ones are 0.
    """
    leading = [shape.num_strokes, num_rows]
    return Noise(
        tf.fill(leading, 0.5),
        tf.fill(leading, 0.5),
        tf.zeros([*leading, layout.SIZE]),
        tf.fill([*leading, shape.num_choices], 0.5),
        tf.zeros([*leading, *shape.stroke]),
    )


def with_all_strokes(noise: Noise) -> Noise:
    """Changes noise such that all strokes are present, for any logits.

    Args:
        noise: of `N` drawings.

    Returns:
        The noise with -1 as all presence numbers.
    """
    # A probability can be 0 in float32, so 0 would not be small enough.
    return noise._replace(presence=-tf.ones_like(noise.presence))


def tempered(
    noise: Noise, temperature: tf.Tensor | float, num_particles: int = 1
) -> Noise:
    """Multiplies the Gaussian noise by a temperature.

    This multiplies all standard deviations by the temperature.

    Args:
        noise: of `P * B` drawings; the axis `P` is the outer one.
        temperature: scalar or `[B]`, from 0 to 1,000. 1 changes nothing; with
            0, all samples are means of their Gaussian components.
        num_particles: `P`.

    Returns:
        The new noise.

    Raises:
        ValueError: See `temperature.checked`.
    """
    num_images = tf.shape(noise.presence)[1] // num_particles
    values = temperature_lib.checked(temperature, num_images)
    temperature = tf.tile(
        tf.broadcast_to(values, [num_images]), [num_particles]
    )
    return noise._replace(
        layout=scaled(noise.layout, temperature, axis=1),
        stroke=scaled(noise.stroke, temperature, axis=1),
    )


def scaled(
    x: tf.Tensor, temperature: tf.Tensor | float, axis: int = 0
) -> tf.Tensor:
    """Multiplies normal numbers by a temperature.

    Args:
        x: with `N` rows along `axis`.
        temperature: scalar or `[N]`.
        axis: of the rows.

    Returns:
        Numbers of the shape of `x`.

    Raises:
        ValueError: See `temperature.checked`.
    """
    factor = temperature_lib.checked(temperature, x.shape[axis])
    return x * tf.reshape(factor, [-1] + [1] * (x.shape.rank - axis - 1))


def streams(seed: tf.Tensor | None, count: int) -> list[tf.Tensor]:
    """Derives independent seeds from a seed.

    Args:
        seed: int32 `[2]`, or `[B, 2]` with one seed for each image.
        count: number of derived seeds.

    Returns:
        `count` seeds of the shape of `seed`.

    Raises:
        ValueError: If the seed is None, or has another shape or no integers.
    """
    expected = (
        "expected an int32 tensor of shape [2], or of shape [B, 2] with one "
        "seed for each image, for example tf.constant([0, 1])"
    )
    if seed is None:
        raise ValueError(f"Got no seed; {expected}.")
    seed = tf.convert_to_tensor(seed)
    is_wrong = seed.shape.rank not in (1, 2) or seed.shape[-1] not in (2, None)
    if is_wrong or not seed.dtype.is_integer:
        raise ValueError(
            f"Got a seed of shape {seed.shape.as_list()} and type "
            f"{seed.dtype.name}; {expected}."
        )
    seed = tf.cast(seed, tf.int32)
    if seed.shape.rank == 1:
        return tf.unstack(tf.random.split(seed, count))
    split = tf.map_fn(lambda row: tf.random.split(row, count), seed)
    return tf.unstack(split, count, axis=1)


def of_dropout(seed: tf.Tensor) -> tf.Tensor:
    """Checks that dropout has a single seed for all images.

    Args:
        seed: int32 `[2]`.

    Returns:
        The seed.

    Raises:
        ValueError: If there is one seed for each image.
    """
    if seed.shape.rank != 1:
        raise ValueError(
            "Got one seed for each image; with training=True, expected one "
            "seed of shape [2], for example tf.constant([0, 1])."
        )
    return seed


def normal(
    seed: tf.Tensor, num_images: tf.Tensor, shape: list[int]
) -> tf.Tensor:
    """Samples standard normal numbers.

    Args:
        seed: int32 `[2]`, or `[B, 2]` with one seed for each image.
        num_images: `B`.
        shape: `[P, n]`, the shape of the numbers of one image.

    Returns:
        `[P, B, n]`.

    Raises:
        ValueError: If `P` or `B` is less than 1, or if there are seeds of more
            or fewer images than `B`. In a graph, only constants are checked.
    """
    return _by_image(tf.random.stateless_normal, seed, num_images, shape)


def uniform(
    seed: tf.Tensor, num_images: tf.Tensor, shape: list[int]
) -> tf.Tensor:
    """Samples uniform numbers in [0, 1).

    Args:
        seed: int32 `[2]`, or `[B, 2]` with one seed for each image.
        num_images: `B`.
        shape: `[P, n]`, the shape of the numbers of one image.

    Returns:
        `[P, B, n]`.

    Raises:
        ValueError: See `normal`.
    """
    return _by_image(tf.random.stateless_uniform, seed, num_images, shape)


def check_counts(num_particles: int, num_images: tf.Tensor | int) -> None:
    """Checks numbers of samples; in a graph, only constants can be checked.

    Args:
        num_particles: samples of each image.
        num_images: the number of images.

    Raises:
        ValueError: If a number is below 1.
    """
    if num_particles < 1:
        raise ValueError(
            f"Got {num_particles} samples of an image; expected at least 1."
        )
    known = tf.get_static_value(num_images)
    if known is not None and known < 1:
        raise ValueError(f"Got {known} drawings; expected at least 1.")


def _by_image(
    sample: Callable[..., tf.Tensor],
    seed: tf.Tensor,
    num_images: tf.Tensor,
    shape: list[int],
) -> tf.Tensor:
    """Samples `[P, B, n]`: with seeds `[B, 2]`, each image on its own."""
    check_counts(shape[0], num_images)
    known = tf.get_static_value(num_images)
    if seed.shape.rank == 1:
        return sample([shape[0], num_images, shape[1]], seed)
    if known is not None and seed.shape[0] not in (None, known):
        raise ValueError(
            f"Got {seed.shape[0]} seeds and {known} images; expected one seed "
            "for each image, or one seed of shape [2] for all."
        )
    rows = tf.map_fn(
        lambda row: sample(shape, row), seed, fn_output_signature=tf.float32
    )
    return tf.transpose(rows, [1, 0, 2])
