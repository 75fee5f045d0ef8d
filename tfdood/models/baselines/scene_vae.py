"""ConvDRAW and the VAE of scenes: a code of the scene is drawn as pixels.

    p(x, z) = p(z) N(x; decoder(f(z)), std),   q(z | x)

These are GNM's code of the whole scene and its encoder without objects, as
baselines of GNM. Source: Jiang and Ahn, 2020, Sec. 4 and App. D.2; ConvDRAW is
of Gregor et al., "Towards Conceptual Compression", 2016. Whether ConvDRAW sums
its levels as pixels or as features is not said; here it is features, and they
are decoded once.
"""

from typing import NamedTuple

import keras
import tensorflow as tf

from tfdood.models.baselines import scene_codes
from tfdood.models.common import noise, scene_model
from tfdood.models.gnm import encoder, levels, structdraw
from tfdood.nn import convolutions
from tfdood.settings.scenes import SceneVae

_FILTERS = (128, 64, 64, 32, 32, 16, 16, 16, 16, 8)
_KERNELS = (3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3)
_LARGEST_FACTORS = (1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1)
_CODES = {
    "mlp": structdraw.StructDraw,
    "convolutional": scene_codes.ConvDraw,
    "gaussian": scene_codes.VaeCode,
}


class CodedScene(NamedTuple):
    """A scene without objects.

    Attributes:
        canvas: `[B, H, W, C]` in [0, 1].
        code: `[B, N]`, all levels.
    """

    canvas: tf.Tensor
    code: tf.Tensor


class SceneVAE(scene_model.SceneModel):
    """A model of scenes as one code, in one or several levels."""

    description = (
        "A generative model of scenes as a code, without objects: ConvDRAW "
        "(Gregor et al., 2016) or a VAE, baselines of GNM (Jiang and Ahn, "
        "NeurIPS 2020). There are **no strokes**."
    )
    settings: SceneVae

    def __init__(self, settings: SceneVae):
        super().__init__(settings)
        self.encoder = encoder.Encoder(settings)
        self.scene_code = _CODES[settings.scene_prior](settings)
        self.decoder = _decoder(settings)
        self.built = True

    def explain(
        self, features: tf.Tensor, numbers: tf.Tensor
    ) -> tuple[tf.Tensor, levels.SceneCode]:
        """Samples the posterior.

        Args:
            features: `[N, G, G, width]` of images, from `encoder`.
            numbers: `[N, C]`, standard normal.

        Returns:
            The canvases `[N, H, W, C]`, and the codes with their densities.
        """
        code = self.scene_code(numbers, features)
        return self.paint(code.features), code

    def paint(self, features: tf.Tensor) -> tf.Tensor:
        """Maps the features `[N, G, G, F]` of codes to `[N, H, W, C]`."""
        return tf.sigmoid(self.decoder(features))

    def numbers(
        self, seed: tf.Tensor, num_scenes: tf.Tensor, num_particles: int
    ) -> tf.Tensor:
        """Samples the random numbers of codes.

        Args:
            seed: int32 `[2]`, or `[B, 2]` with one seed for each image.
            num_scenes: `B`.
            num_particles: `P`.

        Returns:
            `[P, B, C]`, standard normal.

        Raises:
            ValueError: If the seed is None or has another shape.
        """
        (stream,) = noise.streams(seed, 1)
        size = self.settings.code_size
        return noise.normal(stream, num_scenes, [num_particles, size])

    def log_weights(
        self, images: tf.Tensor, num_particles: int, seed: tf.Tensor
    ) -> tf.Tensor:
        """See `ExplainingModel.log_weights`."""
        images = self.checked(images)
        features = self.encoder(images)

        def log_weight(row: tf.Tensor) -> tf.Tensor:
            canvas, code = self.explain(features, row)
            return self.log_likelihood(images, canvas) + code.log_ratio()

        return scene_model.one_particle_at_a_time(
            log_weight, self.numbers(seed, tf.shape(images)[0], num_particles)
        )

    def reconstruct(self, images: tf.Tensor) -> CodedScene:
        """See `ExplainingModel.reconstruct`; each level is its mean."""
        images = self.checked(images)
        size = self.settings.code_size
        canvas, code = self.explain(
            self.encoder(images), tf.zeros([tf.shape(images)[0], size])
        )
        return CodedScene(canvas, code.code)

    def generate(
        self,
        num_drawings: int | tf.Tensor,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> CodedScene:
        """See `Model.generate`."""
        numbers = self.numbers(seed, num_drawings, 1)[0]
        return self.imagine_code(noise.scaled(numbers, temperature))

    def imagine_code(self, numbers: tf.Tensor) -> CodedScene:
        """See `SceneModel.imagine_code`."""
        code = self.scene_code(numbers, None)
        return CodedScene(self.paint(code.features), code.code)


def _decoder(settings: SceneVae) -> keras.layers.Layer:
    """Makes the decoder of Tables 10 and 11, from features on the grid."""
    is_vae = settings.scene_prior == "gaussian"
    _, *factors = convolutions.factors(
        settings.image_size,
        (settings.grid_size, *_LARGEST_FACTORS),
        "model.image_size",
    )
    return convolutions.SubPixelDecoder(
        scene_codes.PAINTED_WIDTH if is_vae else settings.width,
        (*_FILTERS, settings.num_channels),
        _KERNELS,
        factors,
        bias=settings.pixel_bias,
        activation=tf.nn.relu,
    )
