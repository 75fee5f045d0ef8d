"""The random numbers of scenes, sampled before the scene is computed."""

import math
from typing import NamedTuple

import tensorflow as tf

from tfdood.models.common import noise
from tfdood.settings.scenes import Gnm

WHERE_SIZE = 4
"""Numbers of z_where: scale, ratio, x and y."""


class Numbers(NamedTuple):
    """Random numbers for `N` scenes of `K` cells.

    All are standard normal except `presence`.

    Attributes:
        presence: `[N, K]`, uniform in [0, 1).
        code: `[N, C]`, for the scene's code, all levels.
        where: `[N, K, 4]`.
        depth: `[N, K, 1]`.
        what: `[N, K, D]`.
        background: `[N, E]`; `E` is 0 without a background.
    """

    presence: tf.Tensor
    code: tf.Tensor
    where: tf.Tensor
    depth: tf.Tensor
    what: tf.Tensor
    background: tf.Tensor


def background_size(settings: Gnm) -> int:
    """Counts the numbers of the background's code.

    Args:
        settings: the architecture.

    Returns:
        The count, 0 without a background.
    """
    return settings.background_size if settings.in_colour else 0


def draw(
    settings: Gnm, seed: tf.Tensor, num_scenes: tf.Tensor, num_particles: int
) -> Numbers:
    """Samples the numbers of `P` scenes for each of `B` images.

    Args:
        settings: the architecture.
        seed: int32 `[2]`, or `[B, 2]` with one seed for each image.
        num_scenes: `B`.
        num_particles: `P`.

    Returns:
        `Numbers` with leading dimensions `[P, B]`.

    Raises:
        ValueError: If the seed is None or has another shape.
    """
    seeds = noise.streams(seed, 2)
    cells, leading = settings.num_cells, [num_particles, num_scenes]
    sizes = {
        "code": [settings.code_size],
        "where": [cells, WHERE_SIZE],
        "depth": [cells, 1],
        "what": [cells, settings.what_size],
        "background": [background_size(settings)],
    }
    counts = [math.prod(shape) for shape in sizes.values()]
    normal = noise.normal(seeds[1], num_scenes, [num_particles, sum(counts)])
    parts = zip(sizes.items(), tf.split(normal, counts, -1), strict=True)
    return Numbers(
        noise.uniform(seeds[0], num_scenes, [num_particles, cells]),
        **{n: tf.reshape(x, [*leading, *shape]) for (n, shape), x in parts},
    )


def central(settings: Gnm, num_scenes: tf.Tensor) -> Numbers:
    """Returns the numbers that make a scene deterministic.

    With them, a cell has an object if its probability is above 1/2, and all
    other latents equal their means.

    Args:
        settings: the architecture.
        num_scenes: `N`.

    Returns:
        `Numbers` with leading dimension `[N]`: uniform numbers are 0.5, normal
        ones are 0.
    """
    leading = [num_scenes, settings.num_cells]
    return Numbers(
        tf.fill(leading, 0.5),
        tf.zeros([num_scenes, settings.code_size]),
        tf.zeros([*leading, WHERE_SIZE]),
        tf.zeros([*leading, 1]),
        tf.zeros([*leading, settings.what_size]),
        tf.zeros([num_scenes, background_size(settings)]),
    )


def tempered(numbers: Numbers, temperature: tf.Tensor | float) -> Numbers:
    """Multiplies the normal numbers by a temperature.

    Args:
        numbers: leading dimension `[N]`.
        temperature: scalar or `[N]`, from 0 to 1,000; multiplies all standard
            deviations.

    Returns:
        The new numbers; `presence` stays as it is.
    """
    scaled = Numbers(*(noise.scaled(x, temperature) for x in numbers))
    return scaled._replace(presence=numbers.presence)
