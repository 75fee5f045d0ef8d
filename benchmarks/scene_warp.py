"""Compares a step of GNM and its parts with a warp that gathers pixels.

    python -m benchmarks.scene_warp [--num_threads=2] [--num_repeats=10]

Each part runs forward and backward, on a batch of 32 of the preset `gnm`: the
encoder, the code of the scene, the decoder of objects, and the composition by
matrix products and by bilinear lookups (`drawing/warp.py`).
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import sys
from collections.abc import Callable

import keras
import tensorflow as tf
from absl import flags

from benchmarks import timing
from tfdood import console, models
from tfdood.data.batching import Batch
from tfdood.drawing import affine as affine_lib
from tfdood.drawing import placement as placement_lib
from tfdood.drawing import warp
from tfdood.models.gnm import cells, random_numbers
from tfdood.settings import presets, schema
from train import step as step_lib

_PRESET, _DATASET = "gnm", "mnist"


def gathered(
    images: tf.Tensor,
    placement: placement_lib.Placement,
    weights: tf.Tensor,
    canvas_size: int,
) -> tf.Tensor:
    """Composes images by lookups; see `placement.compose`.

    Args:
        images: `[N, K, h, w]`.
        placement: with leading dimensions `[N, K]`.
        weights: `[N, K]`.
        canvas_size: `H = W` in pixels.

    Returns:
        `[N, H, W, 1]`.
    """
    affine = tf.concat(
        [tf.linalg.diag(placement.scale), placement.shift[..., tf.newaxis]], -1
    )
    placed = warp.glimpse(
        images[..., tf.newaxis], affine_lib.invert(affine), canvas_size
    )
    weights = weights[..., tf.newaxis, tf.newaxis, tf.newaxis]
    return tf.reduce_sum(placed * weights, 1)


def seconds(
    function: Callable[[], tf.Tensor],
    sources: list[tf.Tensor],
    repeats: int,
) -> float:
    """Measures a function and its gradient, compiled as one graph.

    Args:
        function: makes a tensor.
        sources: what the gradient is taken of.
        repeats: number of measurements.

    Returns:
        The median time.
    """

    @tf.function(autograph=False)
    def both() -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(sources)
            total = tf.reduce_sum(function() ** 2)
        gradients = tape.gradient(total, sources)
        return [g for g in gradients if g is not None]

    return timing.median(lambda: both()[0].numpy(), repeats, 2)


def parts(num_images: int, repeats: int) -> dict[str, float]:
    """Measures the parts of a step.

    Args:
        num_images: the size of a batch.
        repeats: number of measurements.

    Returns:
        Seconds by the name of the part.
    """
    config = presets.get(_PRESET, _DATASET)
    settings = config.model
    model = models.build(settings)
    size = settings.image_size
    images = tf.random.stateless_uniform([num_images, size, size, 1], [0, 1])
    features = model.features(images)
    drawn = random_numbers.draw(settings, tf.constant([2, 3]), num_images, 1)
    numbers = random_numbers.Numbers(*(x[0] for x in drawn))
    latents = model.cells(features).sample(numbers, 1.0)
    objects = model.objects(latents.what)[..., 0]
    place = cells.placement(latents.where, settings.grid_size)

    def composed(compose: Callable[..., tf.Tensor]) -> float:
        def canvas() -> tf.Tensor:
            return compose(objects, place, latents.presence, size)

        return seconds(canvas, [objects, *place, latents.presence], repeats)

    def of(
        layer: keras.layers.Layer, function: Callable[[], tf.Tensor]
    ) -> float:
        weights = [v.value for v in layer.trainable_variables]
        return seconds(function, weights, repeats)

    return {
        "encoder": of(model.encoder, lambda: model.encoder(images)),
        "code of the scene": of(
            model.scene_code,
            lambda: model.scene_code(numbers.code, features).prior.loc,
        ),
        "decoder of objects": of(
            model.objects, lambda: model.objects(latents.what)
        ),
        "composition by matrix products": composed(placement_lib.compose),
        "composition by lookups": composed(gathered),
        "whole step": _whole(config, images, repeats),
    }


def _whole(config: schema.Config, images: tf.Tensor, repeats: int) -> float:
    trainer = step_lib.Trainer(config)
    batch = Batch(images, tf.zeros([len(images)], tf.int64))
    return timing.median(
        lambda: trainer.train_step(batch)["loss"].numpy(), repeats, 2
    )


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    for name, value, help_text in (
        ("num_images", 32, "Images in a batch."),
        ("num_threads", 2, "Threads of TensorFlow."),
        ("num_repeats", 10, "Measurements, after two that are not counted."),
    ):
        flags.DEFINE_integer(
            name, value, help_text, lower_bound=1, flag_values=values
        )


def main(options: flags.FlagValues) -> None:
    """Prints the time of each part.

    Args:
        options: the values of the flags.
    """
    tf.config.threading.set_intra_op_parallelism_threads(options.num_threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.num_threads)
    times = parts(options.num_images, options.num_repeats)
    for name, value in times.items():
        sys.stdout.write(f"{name}: {1e3 * value:,.1f} ms\n")


if __name__ == "__main__":
    console.run(define, main)
