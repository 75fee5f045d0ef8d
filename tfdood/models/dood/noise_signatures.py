"""The signatures of DooD whose inputs are random numbers in place of seeds.

A runtime without TensorFlow's random operations can run them. The same numbers
give the same drawing as the signatures with seeds.
"""

from typing import Any

import tensorflow as tf

from tfdood.models import signature
from tfdood.models.common import noise, rows, sequence_model, token
from tfdood.types import Drawing


def build(model: Any) -> dict[str, signature.Signature]:
    """Lists `generate`, `complete` and `exemplars` with random numbers.

    Args:
        model: a `core.DoodCore`.

    Returns:
        The signatures by name.
    """
    shape, parses = model.noise_shape, sequence_model.NUM_PARSES
    images = {"images": model.image_input}
    token_sizes = model.stroke_size, token.NUM_PARAMETERS

    def first(drawing: Drawing) -> dict[str, tf.Tensor]:
        return model.outputs(rows.single(drawing))

    def generate(uniform: tf.Tensor, normal: tf.Tensor) -> dict[str, tf.Tensor]:
        numbers = noise.arrange(shape, uniform, normal)
        return model.outputs(model.generate_from(numbers))

    def complete(
        images: tf.Tensor, uniform: tf.Tensor, normal: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        uniform, normal = (tf.split(x, 2, -1) for x in (uniform, normal))
        seen, added = (
            noise.arrange(shape, *numbers)
            for numbers in zip(uniform, normal, strict=True)
        )
        return first(model.complete_from(images, seen, added))

    def exemplars(
        images: tf.Tensor, uniform: tf.Tensor, normal: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        size = parses * shape.num_normal
        normal, points, affine = tf.split(normal, [size, *token_sizes], -1)
        uniform, normal = (_by_parse(x, parses) for x in (uniform, normal))
        types = noise.arrange(shape, uniform, normal)
        points, affine = points[tf.newaxis], affine[tf.newaxis]
        return first(model.exemplars_from(images, types, points, affine))

    return {
        "generate": signature.Signature(generate, _inputs(shape, 1)),
        "complete": signature.Signature(complete, images | _inputs(shape, 2)),
        "exemplars": signature.Signature(
            exemplars, images | _inputs(shape, parses, sum(token_sizes))
        ),
    }


def _inputs(
    shape: noise.Shape, num_drawings: int, more: int = 0
) -> dict[str, signature.Input]:
    """The numbers of several drawings, and `more` normal numbers."""
    num_uniform = num_drawings * shape.num_uniform
    num_normal = num_drawings * shape.num_normal + more
    return {
        signature.UNIFORM: signature.Input((num_uniform,), low=0.0, high=1.0),
        signature.NORMAL: signature.Input((num_normal,)),
    }


def _by_parse(x: tf.Tensor, count: int) -> tf.Tensor:
    """Splits the numbers of rows, `[B, P * n]` to `[P, B, n]`."""
    split = tf.reshape(x, [-1, count, x.shape[-1] // count])
    return tf.transpose(split, [1, 0, 2])
