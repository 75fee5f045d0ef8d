"""Models of scenes: a code of the whole scene, and independent pixels."""

import abc
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tfdood import figures
from tfdood.data.batching import Batch
from tfdood.distributions import pixels
from tfdood.models import explaining, signature
from tfdood.models.common import noise, traversal
from tfdood.settings import scenes

_NUM_STEPS = 10  # of the way through a level
_IS_PRESENT = 0.5


class SceneModel(explaining.ExplainingModel):
    """A model of scenes with a normal density around each pixel's mean."""

    settings: scenes.SceneModel

    @abc.abstractmethod
    def imagine_code(self, numbers: tf.Tensor) -> Any:
        """Makes the most probable scenes of codes from the prior.

        Args:
            numbers: `[N, C]`, standard normal, for the code, all levels.

        Returns:
            A record with the attribute `canvas`, `[N, H, W, C]`, and, for a
            model of objects, `boxes` and `presence`.
        """

    def log_likelihood(self, images: tf.Tensor, canvas: tf.Tensor) -> tf.Tensor:
        """Computes the log density of images given canvases.

        Args:
            images: `[N, H, W, C]`.
            canvas: `[N, H, W, C]`.

        Returns:
            `[N]`, in nats.
        """
        std = tf.constant(self.settings.pixel_std)
        return pixels.log_prob(images, canvas, std, "normal")

    def figures(
        self, batch: Batch, seed: tf.Tensor, path: Callable[[str], str]
    ) -> dict[str, np.ndarray]:
        """See `Model.figures`; a walk through each level of a code, too."""
        return {
            **super().figures(batch, seed, path),
            "traversal": self.draw_traversal(seed, path("traversal")),
        }

    @property
    def image_input(self) -> signature.Input:
        """See `ExplainingModel.image_input`; three channels with colours."""
        size = self.settings.image_size
        shape = (size, size, self.settings.num_channels)
        return signature.Input(shape, low=0.0, high=1.0)

    def draw_traversal(self, seed: tf.Tensor, path: str) -> np.ndarray:
        """Draws scenes on a walk through each level of the scene's code.

        Args:
            seed: int32 `[2]`, of the code at the start and at the end.
            path: the image file to write.

        Returns:
            The picture, as `figures.sheet` returns it.
        """
        settings = self.settings
        ends = noise.normal(seed, 2, [1, settings.code_size])[0]
        is_one = settings.scene_prior == "gaussian"
        ways = traversal.by_level(
            *tf.unstack(ends), 1 if is_one else settings.num_levels, _NUM_STEPS
        )
        rows = [self._tiles(self.imagine_code(way)) for way in ways]
        titles = [
            f"level {number} of the scene's code, from one sample to another"
            for number in range(1, len(rows) + 1)
        ]
        return figures.sheet(rows, titles, path)

    def _tiles(self, scene: Any) -> list[np.ndarray]:
        canvas = np.asarray(scene.canvas)
        if not hasattr(scene, "boxes"):
            return list(canvas)
        is_present = np.asarray(scene.presence) > _IS_PRESENT
        return figures.boxed(canvas, np.asarray(scene.boxes), is_present)


def one_particle_at_a_time(
    log_weight: Callable[[Any], tf.Tensor], numbers: Any
) -> tf.Tensor:
    """Computes log weights of particles; all at once would need gigabytes.

    Args:
        log_weight: from the numbers of one particle, `[B, ...]`, to `[B]`.
        numbers: a tensor, or a record of tensors, `[P, B, ...]`.

    Returns:
        `[P, B]`.
    """
    return tf.map_fn(
        log_weight,
        numbers,
        fn_output_signature=tf.float32,
        parallel_iterations=1,
    )
