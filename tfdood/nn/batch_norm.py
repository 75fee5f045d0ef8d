"""Batch normalisation whose running moments are updated between steps."""

import keras
import tensorflow as tf

from tfdood.nn import training_pass

_EPSILON = 1e-5
_MEAN, _VARIANCE = "mean", "variance"


class BatchNorm(keras.layers.Layer):
    """Gives each channel a learned mean and a learned standard deviation.

        y = gain (x - mean) / sqrt(variance + 1e-5) + bias

    In training, mean and variance are those of the batch, and are written to
    `TrainingPass.statistics`. After it, they are running means, which `update`
    changes. So a forward pass changes no variable.

    Args:
        size: `C`, the number of channels.
        label: names the moments in `TrainingPass.statistics`; each layer of a
            model needs its own.
    """

    def __init__(self, size: int, label: str) -> None:
        super().__init__()
        self.label = label
        self.gain = self.add_weight(shape=[size], initializer="ones")
        self.bias = self.add_weight(shape=[size], initializer="zeros")
        self.running = {
            name: self.add_weight(
                shape=[size],
                initializer=initializer,
                trainable=False,
                aggregation="only_first_replica",
                name=name,
            )
            for name, initializer in ((_MEAN, "zeros"), (_VARIANCE, "ones"))
        }
        self.built = True

    def call(
        self,
        features: tf.Tensor,
        run: training_pass.TrainingPass | None = None,
    ) -> tf.Tensor:
        """Normalises features.

        Args:
            features: `[N, H, W, C]`.
            run: the training step, if there is one.

        Returns:
            `[N, H, W, C]`.
        """
        if run is None:
            mean, variance = (
                tf.convert_to_tensor(self.running[n])
                for n in (_MEAN, _VARIANCE)
            )
        else:
            mean, variance = tf.nn.moments(features, [0, 1, 2])
            run.statistics[f"{self.label}_{_MEAN}"] = mean
            run.statistics[f"{self.label}_{_VARIANCE}"] = variance
        return tf.nn.batch_normalization(
            features, mean, variance, self.bias, self.gain, _EPSILON
        )

    def update(self, statistics: dict[str, tf.Tensor], decay: float) -> None:
        """Moves the running moments towards those of a batch.

            running <- decay running + (1 - decay) moment

        Args:
            statistics: the moments of the batch, `TrainingPass.statistics`.
            decay: in [0, 1].
        """
        for name, variable in self.running.items():
            moment = statistics[f"{self.label}_{name}"]
            variable.assign(decay * variable + (1.0 - decay) * moment)
