"""The interfaces of models: what they can do, and how they learn.

A `Model` samples, explains and scores images. A `StrokeModel` explains them by
strokes that are curves. A `Trainable` is what `train` needs: a loss.
"""

import abc
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

import keras
import tensorflow as tf

from tfdood.objectives import importance
from tfdood.types import Drawing, Parse, Pen, Strokes


class Input(NamedTuple):
    """An input of a signature: what an exported model accepts.

    Attributes:
        shape: of one row, without the batch. A name, such as `"T"`, stands for
            a size that all inputs with that name share.
        dtype: of the tensor.
        low: the smallest allowed value; None for any finite one.
        high: the largest allowed value; None for any finite one.
        is_open: whether `low` itself is excluded.
    """

    shape: tuple[int | str, ...]
    dtype: tf.DType = tf.float32
    low: float | None = None
    high: float | None = None
    is_open: bool = False


class Signature(NamedTuple):
    """One of the functions of an exported model.

    Attributes:
        function: from the inputs, by name, to named outputs; all with one row
            for each drawing.
        inputs: by name, in order.
    """

    function: Callable[..., dict[str, tf.Tensor]]
    inputs: dict[str, Input]


SEEDS = Input((2,), tf.int32)
"""One seed a row: a server may batch the rows of several requests."""

TEMPERATURE = Input((), low=0.0)


class Model(keras.Model, abc.ABC):
    """A joint density of latents and images.

    Attributes:
        description: what the model is and where it was published, in a
            sentence; the model card quotes it.
        settings: the architecture, a dataclass of `settings.schema`.
    """

    description: ClassVar[str]

    def __init__(self, settings: Any):
        super().__init__()
        self.settings = settings

    @abc.abstractmethod
    def log_weights(
        self, images: tf.Tensor, num_particles: int, seed: tf.Tensor
    ) -> tf.Tensor:
        """Samples log importance weights.

            log w = log p(x, z) - log q(z | x),   z ~ q(z | x)

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_particles: `P`.
            seed: int32 `[2]`, or `[B, 2]`, one an image.

        Returns:
            `[P, B]`, in nats.
        """

    @abc.abstractmethod
    def reconstruct(self, images: tf.Tensor) -> Any:
        """Explains each image once, deterministically.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.

        Returns:
            A record with the attribute `canvas`, `[B, H, W, 1]`.
        """

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
            temperature: factor on the standard deviations of the prior's
                Gaussian components; scalar, or `[B]`.
            seed: int32 `[2]`, or `[B, 2]`, one a drawing.

        Returns:
            A record with the attribute `canvas`, `[B, H, W, 1]`.
        """

    def outputs(self, drawing: Any) -> dict[str, tf.Tensor]:
        """Names what clients get of a drawing.

        Args:
            drawing: what `reconstruct` and `generate` return.

        Returns:
            Tensors of `B` rows by name; `canvas` is one of them.
        """
        return drawing._asdict()

    def measures(
        self, images: tf.Tensor, num_particles: int, seed: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Measures how well the model explains images.

        Args:
            images: `[B, H, W, 1]` in [0, 1].
            num_particles: samples of the importance weighted bound.
            seed: int32 `[2]`.

        Returns:
            `[B]` each: `elbo` and `iwae` in nats, the `mean_absolute_error` of
            a pixel of the reconstruction, and its `counts`.
        """
        log_weights = self.log_weights(images, num_particles, seed)
        drawing = self.reconstruct(images)
        error = tf.abs(images - drawing.canvas)
        return {
            "elbo": tf.reduce_mean(log_weights, 0),
            "iwae": importance.iwae(log_weights),
            "mean_absolute_error": tf.reduce_mean(error, [1, 2, 3]),
            **self.counts(drawing),
        }

    def counts(self, drawing: Any) -> dict[str, tf.Tensor]:
        """Counts the parts of a reconstruction.

        Args:
            drawing: what `reconstruct` returns.

        Returns:
            `[B]` by name; nothing if the model has no parts.
        """
        del drawing
        return {}

    def signatures(self, num_particles: int) -> dict[str, Signature]:
        """Lists the functions of an exported model.

        Args:
            num_particles: `k`, samples of the bound in `log_likelihood`.

        Returns:
            The signatures by name.
        """

        def log_likelihood(
            images: tf.Tensor, seeds: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            log_weights = self.log_weights(images, num_particles, seeds)
            return {
                "log_likelihood": importance.iwae(log_weights),
                "log_weights": tf.transpose(log_weights),
            }

        def generate(
            seeds: tf.Tensor, temperature: float | tf.Tensor = 1.0
        ) -> dict[str, tf.Tensor]:
            count = tf.shape(seeds)[0]
            return self.outputs(self.generate(count, temperature, seeds))

        images = self.image_input
        return {
            "reconstruct": Signature(
                lambda images: self.outputs(self.reconstruct(images)),
                {"images": images},
            ),
            "log_likelihood": Signature(
                log_likelihood, {"images": images, "seeds": SEEDS}
            ),
            "generate": Signature(generate, {"seeds": SEEDS}),
            "generate_tempered": Signature(
                generate, {"seeds": SEEDS, "temperature": TEMPERATURE}
            ),
        }

    @property
    def image_input(self) -> Input:
        """The input of images, `[H, W, 1]` in [0, 1], 1 for ink."""
        size = self.settings.image_size
        return Input((size, size, 1), low=0.0, high=1.0)

    def unroll(self) -> None:
        """Traces each step of inference separately, as XLA needs.

        A step that is traced once for all strokes passes the shapes in its
        graph to its gradient's graph. XLA then takes all inputs of the step for
        constants, and compiles again whenever one of them changes. Models
        without such steps have nothing to do.
        """


class StrokeModel(Model):
    """A model whose latents are strokes, and whose strokes are curves."""

    @abc.abstractmethod
    def parse(
        self,
        images: tf.Tensor,
        num_particles: int = 1,
        seed: tf.Tensor | None = None,
    ) -> Parse:
        """Samples `P` explanations of each image from the posterior.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_particles: `P`.
            seed: int32 `[2]`, or `[B, 2]`, one an image: what an image gets
                then does not depend on the others.

        Returns:
            A `Parse` with leading dimensions `[P, B]`.
        """

    @abc.abstractmethod
    def complete(
        self,
        images: tf.Tensor,
        num_completions: int = 1,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """Parses half-drawn images, then continues them from the prior.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_completions: `C`.
            temperature: as in `generate`; scalar, or `[B]`.
            seed: int32 `[2]`, or `[B, 2]`, one an image.

        Returns:
            A `Drawing` with leading dimensions `[C, B]`, of up to `2 T`
            strokes: those seen in the image, then those added.
        """

    @abc.abstractmethod
    def exemplars(
        self,
        images: tf.Tensor,
        num_exemplars: int = 1,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """Draws new exemplars of the characters in images.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_exemplars: `E`.
            seed: int32 `[2]`, or `[B, 2]`, one an image.

        Returns:
            A `Drawing` with leading dimensions `[E, B]`.
        """

    @abc.abstractmethod
    def render(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        """Draws strokes.

        Args:
            strokes: leading dimensions `...`.
            pen: the same leading dimensions.

        Returns:
            `[..., T, H, W, 1]`, the canvas after each stroke.
        """


class Loss(NamedTuple):
    """What a step of training minimises and reports.

    Attributes:
        total: scalar, minimised.
        metrics: scalars by name. Parts stand before what they add up to: the
            first one that is not finite is then the cause.
        statistics: tensors by name, whose means over all replicas go to
            `Trainable.update` after the step.
    """

    total: tf.Tensor
    metrics: dict[str, tf.Tensor]
    statistics: dict[str, tf.Tensor]


class ParameterGroup(NamedTuple):
    """Parameters that share an optimiser.

    Attributes:
        variables: trainable.
        learning_rate: the peak of its schedule; None for that of the training,
            whose gradient clipping then holds as well.
    """

    variables: Sequence[keras.Variable]
    learning_rate: float | None = None


class Trainable(Protocol):
    """Something that learns: a model with the loss of its family.

    Attributes:
        headline: the names of the metrics that the progress bar shows.
    """

    headline: tuple[str, ...]

    def loss(self, batch: Any, step: tf.Tensor, seed: tf.Tensor) -> Loss:
        """Computes the loss of a batch.

        Args:
            batch: a `data.Batch`: images `[B, H, W, 1]` in [0, 1], labels, and
                strokes where the dataset has them.
            step: int64 scalar, the number of finished steps.
            seed: int32 `[2]`, of all that is random in it.
        """

    def parameter_groups(self) -> Mapping[str, ParameterGroup]:
        """Lists all parameters that learn, by the name of their group."""

    def update(
        self, statistics: Mapping[str, tf.Tensor], step: tf.Tensor
    ) -> None:
        """Takes the statistics of a step in; assigns no parameter.

        Args:
            statistics: means over all replicas of `Loss.statistics`.
            step: int64 scalar, the number of steps finished before.
        """

    def warnings(self, num_steps: int) -> list[str]:
        """Says what the schedules have no time for.

        Args:
            num_steps: of the whole run.

        Returns:
            Sentences; none if all is well.
        """

    def state(self) -> list[tf.Variable]:
        """Lists the variables besides the model's that a checkpoint needs."""
