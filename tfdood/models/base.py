"""The interface of all models: a `Model` samples drawings.

`tfdood.models.explaining` has the interfaces of models that explain images, and
`tfdood.models.learning` is about their training.
"""

import abc
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from tfdood import figures
from tfdood.data.batching import Batch
from tfdood.models.signature import SEEDS, TEMPERATURE, Signature

_NUM_SAMPLES = 36


class Ratio(NamedTuple):
    """A measure that is no mean over drawings, such as nats of a stroke.

    Attributes:
        total: `[B]`, a sum over the parts of each drawing.
        count: `[B]`, how many parts it has.
    """

    total: tf.Tensor
    count: tf.Tensor


class Model(keras.Model, abc.ABC):
    """A density of drawings.

    Attributes:
        description: one sentence that says what the model is and where it was
            published; the model card quotes it.
        settings: the architecture, a dataclass of `settings.architectures`.
    """

    description: ClassVar[str]

    def __init__(self, settings: Any):
        super().__init__()
        self.settings = settings

    @abc.abstractmethod
    def generate(
        self,
        num_drawings: int | tf.Tensor,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Any:
        """Samples drawings from the prior.

        Args:
            num_drawings: `B`.
            temperature: from 0 to 1,000, scalar or `[B]`; multiplies the
                standard deviations of the prior's Gaussian components. In
                `gns`, it multiplies their variances and divides logits.
            seed: int32 `[2]`, or `[B, 2]` with one seed for each drawing. Only
                `mean_image` needs none.

        Returns:
            A record with the attribute `canvas`, `[B, H, W, C]`. `C` is 1, or 3
            for models of colours.

        Raises:
            ValueError: If `num_drawings` is less than 1, if a temperature is
                out of its range, if the seed is None, or if a shape does not
                fit. In a graph, only constants are checked.
        """

    def outputs(self, drawing: Any) -> dict[str, tf.Tensor]:
        """Converts a drawing to the named outputs of a signature.

        Args:
            drawing: a record that `reconstruct` or `generate` returns.

        Returns:
            Tensors of `B` rows by name; one of them is `canvas`.
        """
        return drawing._asdict()

    @abc.abstractmethod
    def measures(
        self, batch: Batch, num_particles: int, seed: tf.Tensor
    ) -> dict[str, tf.Tensor | Ratio]:
        """Measures how well the model knows drawings.

        Args:
            batch: of `B` drawings.
            num_particles: number of samples for estimates.
            seed: int32 `[2]`.

        Returns:
            Measures by name: `[B]` each, or `Ratio`.
        """

    def figures(
        self, batch: Batch, seed: tf.Tensor, path: Callable[[str], str]
    ) -> dict[str, np.ndarray]:
        """Draws what shows the progress of training: samples of the model.

        Args:
            batch: of drawings that the model was not trained on.
            seed: int32 `[2]`.
            path: gives the path of a PNG to write for the name of a figure.

        Returns:
            The figures by name, uint8 `[height, width, 3]`.
        """
        del batch
        drawn = self.generate(_NUM_SAMPLES, seed=seed)
        return {"samples": figures.samples(drawn.canvas, path("samples"))}

    def signatures(self, num_particles: int) -> dict[str, Signature]:
        """Lists the functions of an exported model.

        Args:
            num_particles: number of samples of estimates.

        Returns:
            The signatures by name.
        """
        del num_particles

        def generate(
            seeds: tf.Tensor, temperature: float | tf.Tensor = 1.0
        ) -> dict[str, tf.Tensor]:
            count = tf.shape(seeds)[0]
            return self.outputs(self.generate(count, temperature, seeds))

        return {
            "generate": Signature(generate, {"seeds": SEEDS}),
            "generate_tempered": Signature(
                generate, {"seeds": SEEDS, "temperature": TEMPERATURE}
            ),
        }

    def noise_signatures(self) -> dict[str, Signature]:
        """Lists functions whose inputs are random numbers in place of seeds.

        These inputs are named `signature.UNIFORM` and `signature.NORMAL`. A
        runtime without random operations can run the functions.

        Returns:
            The signatures by name; none by default.
        """
        return {}

    def unroll(self) -> None:
        """Makes each step of inference a part of the caller's graph.

        Call this before compilation by XLA. A step that is one `tf.function`
        for all strokes passes the shapes in its graph to the graph of its
        gradient. XLA then treats all inputs of the step as constants, and
        compiles again whenever one of them changes. The default does nothing,
        for models without such steps.

        Raises:
            ValueError: If XLA cannot compile the model.
        """
