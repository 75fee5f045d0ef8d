"""Models with a canvas as the location of independent pixel densities."""

import keras
import tensorflow as tf

from tfdood.distributions import pixels
from tfdood.models import explaining, signature
from tfdood.models.common import canvas_scale
from tfdood.settings.architectures import ImageModel

_INITIAL_SCALE = 0.505  # A learned scale with a floor of 0.01 starts here.


class CanvasModel(explaining.ExplainingModel):
    """A model with a Laplace or normal density for each pixel.

        p(x | canvas) = prod_i density(x_i; canvas_i, scale_i)

    Attributes:
        pixel_scale_logits: weight `[H, W, 1]`; exists if the pixel scale is
            learned.
        running_pixel_scale: weight `[H, W, 1]`; exists if the pixel scale is
            running. Training updates it.
        canvas_scale: layer; exists if the pixel scale is read off the canvas.
        most_ink: the largest allowed value of a canvas's pixel in the
            signature `likelihood`.
    """

    settings: ImageModel
    most_ink: float = 1.0

    def __init__(self, settings: ImageModel):
        super().__init__(settings)
        shape = [settings.image_size, settings.image_size, 1]
        if settings.pixel_scale == "learned":
            self.pixel_scale_logits = self.add_weight(
                shape=shape, initializer="zeros", name="pixel_scale_logits"
            )
        elif settings.pixel_scale == "canvas":
            self.canvas_scale = canvas_scale.CanvasScale(
                settings.pixel_scale_floor, settings.pixel_scale_window
            )
        else:
            self.running_pixel_scale = self.add_weight(
                shape=shape,
                initializer=keras.initializers.Constant(_INITIAL_SCALE),
                trainable=False,
                aggregation="only_first_replica",
                name="running_pixel_scale",
            )

    @property
    def pixel_scale_variables(self) -> list[keras.Variable]:
        """The weights of the pixel scale."""
        if self.settings.pixel_scale == "canvas":
            return self.canvas_scale.variables
        if self.settings.pixel_scale == "learned":
            return [self.pixel_scale_logits]
        return [self.running_pixel_scale]

    def pixel_scale(self, canvas: tf.Tensor) -> tf.Tensor:
        """Computes the scale of each pixel's density.

        Args:
            canvas: `[..., H, W, 1]`.

        Returns:
            Positive: `[..., H, W, 1]` if the scale is read off the canvas, and
            else `[H, W, 1]`, the same for all canvases.
        """
        floor = self.settings.pixel_scale_floor
        if self.settings.pixel_scale == "canvas":
            return self.canvas_scale(canvas)
        if self.settings.pixel_scale == "learned":
            return floor + (1.0 - floor) * tf.sigmoid(self.pixel_scale_logits)
        return tf.convert_to_tensor(self.running_pixel_scale)

    def log_likelihood(self, images: tf.Tensor, canvas: tf.Tensor) -> tf.Tensor:
        """Computes the log density of images given canvases.

        Args:
            images: `[B, H, W, 1]`.
            canvas: `[..., B, H, W, 1]`.

        Returns:
            `[..., B]`, in nats.
        """
        return pixels.log_prob(
            images, canvas, self.pixel_scale(canvas), self.settings.likelihood
        )

    def signatures(self, num_particles: int) -> dict[str, signature.Signature]:
        """See `Model.signatures`; adds the signature `likelihood`."""

        def likelihood(
            images: tf.Tensor, canvas: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            return {"log_likelihood": self.log_likelihood(images, canvas)}

        image = self.image_input
        canvas = image._replace(high=self.most_ink)
        return {
            **super().signatures(num_particles),
            "likelihood": signature.Signature(
                likelihood, {"images": image, "canvas": canvas}
            ),
        }
