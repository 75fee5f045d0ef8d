"""A Gaussian with correlated x and y: its first two coordinates."""

import math
from typing import Any

import tensorflow as tf
import tensorflow_probability as tfp

tfd = tfp.distributions


class CorrelatedNormal(tfd.Distribution):
    """A Gaussian with a correlation between the first two coordinates only.

        x = loc + L noise,   L = diag(scale) + shear e_1 e_0^T

    with `e_0`, `e_1` the first two unit vectors. So `scale[1]` is the standard
    deviation of y given x, and the mean of y given x grows by `shear` when x
    grows by `scale[0]`.

    The distribution is reparameterised: samples are differentiable in all
    three parameters. Source: the authors' code; the paper (Eq. 2, Eq. 3) says
    only that the components are Gaussian.
    """

    def __init__(
        self,
        loc: tf.Tensor,
        scale: tf.Tensor,
        shear: tf.Tensor,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "CorrelatedNormal",
    ) -> None:
        """Makes a batch of Gaussians.

        Args:
            loc: `[..., D]`, the means; `D` is at least 2.
            scale: `[..., D]`, the diagonal of `L`, positive.
            shear: `[...]`, the entry of `L` at `[1, 0]`.
            validate_args: has no effect; every TFP distribution has it.
            allow_nan_stats: has no effect; every TFP distribution has it.
            name: of the operations in the graph.

        Raises:
            ValueError: If `D` is unknown or smaller than 2.
        """
        parameters = dict(locals())
        with tf.name_scope(name) as name:
            self._loc = tf.convert_to_tensor(loc, name="loc")
            dtype = self._loc.dtype
            self._scale = tf.convert_to_tensor(scale, dtype, name="scale")
            self._shear = tf.convert_to_tensor(shear, dtype, name="shear")
            size = self._loc.shape[-1] if self._loc.shape.rank else 0
            if size is None or size < 2:
                raise ValueError(
                    "CorrelatedNormal correlates the first two coordinates, "
                    f"got loc of shape {self._loc.shape}; pass loc of shape "
                    "[..., D] with a known D of at least 2."
                )
            super().__init__(
                dtype=dtype,
                reparameterization_type=tfd.FULLY_REPARAMETERIZED,
                validate_args=validate_args,
                allow_nan_stats=allow_nan_stats,
                parameters=parameters,
                name=name,
            )

    @classmethod
    def _parameter_properties(
        cls, dtype: tf.DType, num_classes: int | None = None
    ) -> dict[str, Any]:
        return {
            "loc": tfp.util.ParameterProperties(event_ndims=1),
            "scale": tfp.util.ParameterProperties(
                event_ndims=1,
                default_constraining_bijector_fn=tfp.bijectors.Softplus,
            ),
            "shear": tfp.util.ParameterProperties(event_ndims=0),
        }

    @property
    def loc(self) -> tf.Tensor:
        """The means, `[..., D]`."""
        return self._loc

    @property
    def scale(self) -> tf.Tensor:
        """The diagonal of the Cholesky factor, `[..., D]`."""
        return self._scale

    @property
    def shear(self) -> tf.Tensor:
        """The entry of the Cholesky factor at `[1, 0]`, `[...]`."""
        return self._shear

    def from_noise(self, noise: tf.Tensor) -> tf.Tensor:
        """Maps standard normal noise to samples: `loc + L noise`.

        Args:
            noise: `[..., D]`, independent draws of a standard normal.

        Returns:
            `[..., D]`, one sample for each draw.
        """
        moved = self._loc + self._scale * noise
        return moved + self._along_y(self._shear * noise[..., 0])

    def _event_shape(self) -> tf.TensorShape:
        return self._loc.shape[-1:]

    def _event_shape_tensor(self) -> tf.Tensor:
        return tf.shape(self._loc)[-1:]

    def _sample_n(self, n: tf.Tensor, seed: Any = None) -> tf.Tensor:
        shape = tf.concat(
            [[n], self.batch_shape_tensor(), self.event_shape_tensor()], axis=0
        )
        seed = tfp.random.sanitize_seed(seed)
        return self.from_noise(
            tf.random.stateless_normal(shape, seed, dtype=self.dtype)
        )

    def _log_prob(self, value: tf.Tensor) -> tf.Tensor:
        # Solves L noise = value - loc by forward substitution. One tensor for
        # each coordinate is faster than one tensor with a short last axis.
        size = self.event_shape[0]
        x = tf.unstack(value, num=size, axis=-1)
        loc = tf.unstack(self._loc, num=size, axis=-1)
        scale = tf.unstack(self._scale, num=size, axis=-1)
        noise = [(x[i] - loc[i]) / scale[i] for i in range(size)]
        noise[1] -= self._shear * noise[0] / scale[1]
        energy = sum(0.5 * n**2 for n in noise)
        log_volume = sum(tf.math.log(s) for s in scale)
        return -energy - log_volume - 0.5 * size * math.log(2.0 * math.pi)

    def _along_y(self, length: tf.Tensor) -> tf.Tensor:
        y = tf.one_hot(1, self.event_shape[0], dtype=self.dtype)  # [D]
        return length[..., tf.newaxis] * y
