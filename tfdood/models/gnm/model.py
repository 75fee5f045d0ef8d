"""GNM: generative neurosymbolic machines, models of scenes of objects.

    p(x, z) = p(z_g) p(z_s | z_g) p(x | z_s)
    q(z | x) = q(z_g | x) q(z_s | x)

`z_g` is a code of the whole scene (`structdraw`), `z_s` the latents of cells
and of the background (`cells`). Source: Jiang and Ahn, "Generative
Neurosymbolic Machines", NeurIPS 2020.
"""

import tensorflow as tf

from tfdood.models import explaining, signature
from tfdood.models.common import rows, scene_model
from tfdood.models.gnm import (
    background,
    cells,
    encoder,
    gaussians,
    pictures,
    random_numbers,
    scenes,
    structdraw,
)
from tfdood.settings.scenes import Gnm

_IS_PRESENT = 0.5
_RELAXED_TEMPERATURE = 0.5  # at the end of the authors' schedule


class GNM(scene_model.SceneModel):
    """A model of scenes: objects in cells, and a code of what fits together."""

    description = (
        "A generative model of scenes of objects: GNM (Jiang and Ahn, NeurIPS "
        "2020). An object has a box, a depth and a code; a code of the whole "
        "scene says which objects occur together. There are **no strokes**."
    )
    settings: Gnm

    def __init__(self, settings: Gnm):
        super().__init__(settings)
        self.encoder = encoder.Encoder(settings)
        self.cells = cells.CellNetwork(settings)
        self.objects = pictures.ObjectDecoder(settings)
        is_gaussian = settings.scene_prior == "gaussian"
        self.scene_code = (
            structdraw.GaussianCode(settings)
            if is_gaussian
            else structdraw.StructDraw(settings)
        )
        if settings.in_colour:
            self.background = background.Background(settings)
        self.built = True

    def explain(
        self,
        features: tf.Tensor,
        numbers: random_numbers.Numbers,
        temperature: tf.Tensor | None = None,
        is_opaque: tf.Tensor | bool = False,
        is_held: tf.Tensor | bool = False,
    ) -> scenes.Explanation:
        """Samples the posterior.

        Args:
            features: `[N, G, G, width]` of images.
            numbers: leading dimension `[N]`.
            temperature: of the relaxed presence; None for a presence of 0 or 1.
            is_opaque: whether the mask of the objects is `pictures.OPAQUE` at
                all pixels. This helps at the start of training.
            is_held: whether other presences take the place of those of the
                posterior. If `is_opaque`, they are 1; else each is 0 or 1 with
                a probability of 1/2.

        Returns:
            An `Explanation` of `N` rows.
        """
        densities = self.densities(features, numbers.code)
        latents = densities.posterior.sample(numbers, temperature)
        coin = tf.cast(numbers.presence > 0.5, tf.float32)
        held = tf.where(is_opaque, 1.0, coin)
        latents = latents._replace(
            presence=tf.where(is_held, held, latents.presence)
        )
        behind = None
        if self.settings.in_colour:
            behind = gaussians.sample(
                densities.background_posterior, numbers.background
            )
        canvas = self.paint(latents, behind, is_opaque)
        return scenes.Explanation(canvas, latents, behind, densities)

    def densities(
        self, features: tf.Tensor, numbers: tf.Tensor
    ) -> scenes.Densities:
        """Computes the densities of all latents, given a sample of the code.

        Args:
            features: `[N, G, G, width]` of images.
            numbers: `[N, C]`, standard normal, of the sample of q(z_g | x).

        Returns:
            The densities of `N` scenes.
        """
        code = self.scene_code(numbers, features)
        background = (None, None)
        if self.settings.in_colour:
            background = (
                self.background.posterior(features),
                self.background.prior(code.code),
            )
        return scenes.Densities(
            self.cells(features), self.cells(code.features), code, *background
        )

    def paint(
        self,
        latents: cells.CellLatents,
        behind: tf.Tensor | None = None,
        is_opaque: tf.Tensor | bool = False,
    ) -> tf.Tensor:
        """Makes the images of scenes.

        Args:
            latents: of the cells, leading dimension `[N]`.
            behind: `[N, E]`, the code of the background; None without
                colours.
            is_opaque: as in `explain`.

        Returns:
            `[N, H, W, C]`.
        """
        objects = self.objects(latents.what)
        if not self.settings.in_colour:
            return pictures.add_objects(objects, latents, self.settings)
        return pictures.cover(
            objects,
            latents,
            self.background(behind),
            self.settings,
            is_opaque,
        )

    def log_weights(
        self,
        images: tf.Tensor,
        num_particles: int,
        seed: tf.Tensor,
        temperature: float | None = None,
    ) -> tf.Tensor:
        """See `ExplainingModel.log_weights`.

        The presence of an object is 0 or 1 here, unlike in training, so that
        the bound of `objectives.importance` is a lower bound of log p(x).

        Args:
            images: as in `ExplainingModel.log_weights`.
            num_particles: likewise.
            seed: likewise.
            temperature: of a relaxed presence, which is weighed with the mass
                of a Bernoulli variable, as the authors do. The weights are
                then no importance weights, and give no bound.

        Returns:
            `[P, B]`, in nats.
        """
        images = self.checked(images)
        features = self.encoder(images)
        numbers = random_numbers.draw(
            self.settings, seed, tf.shape(images)[0], num_particles
        )

        def log_weight(row: random_numbers.Numbers) -> tf.Tensor:
            sample = self.explain(features, row, temperature)
            log_likelihood = self.log_likelihood(images, sample.canvas)
            return log_likelihood + sample.log_ratio()

        return scene_model.one_particle_at_a_time(log_weight, numbers)

    def reconstruct(self, images: tf.Tensor) -> scenes.Scene:
        """See `ExplainingModel.reconstruct`; the mode of q(z_s | x)."""
        images = self.checked(images)
        features = self.encoder(images)
        numbers = random_numbers.central(self.settings, tf.shape(images)[0])
        densities = self.cells(features)
        behind = None
        if self.settings.in_colour:
            behind = self.background.posterior(features).loc
        presence = tf.sigmoid(densities.presence)
        return self._scene(densities.sample(numbers), presence, behind)

    def generate(
        self,
        num_drawings: int | tf.Tensor,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> scenes.Scene:
        """See `Model.generate`.

        Whether z_s is a sample or the mode of p(z_s | z_g) is the setting
        `generated_scene`.
        """
        numbers = random_numbers.draw(self.settings, seed, num_drawings, 1)
        numbers = rows.single(numbers)
        numbers = random_numbers.tempered(numbers, temperature)
        if self.settings.generated_scene == "mode":
            middle = random_numbers.central(self.settings, num_drawings)
            numbers = middle._replace(code=numbers.code)
        return self.imagine(numbers)

    def imagine_code(self, numbers: tf.Tensor) -> scenes.Scene:
        """See `SceneModel.imagine_code`."""
        count = tf.shape(numbers)[0]
        middle = random_numbers.central(self.settings, count)
        return self.imagine(middle._replace(code=numbers))

    def imagine(self, numbers: random_numbers.Numbers) -> scenes.Scene:
        """Samples scenes from the prior.

        Args:
            numbers: leading dimension `[N]`.

        Returns:
            `N` scenes.
        """
        code = self.scene_code(numbers.code, None)
        densities = self.cells(code.features)
        behind = None
        if self.settings.in_colour:
            prior = self.background.prior(code.code)
            behind = gaussians.sample(prior, numbers.background)
        latents = densities.sample(numbers)
        presence = latents.presence
        if self.settings.generated_scene == "mode":
            presence = tf.sigmoid(densities.presence)
        return self._scene(latents, presence, behind)

    def counts(self, drawing: scenes.Scene) -> dict[str, tf.Tensor]:
        """See `ExplainingModel.counts`."""
        is_present = drawing.presence > _IS_PRESENT
        return {
            "num_objects": tf.reduce_sum(tf.cast(is_present, tf.float32), -1)
        }

    def signatures(self, num_particles: int) -> dict[str, signature.Signature]:
        """See `Model.signatures`.

        Adds `detect`, without the canvas, and `relaxed_log_likelihood`, with a
        relaxed presence as the authors report it (see `log_weights`).
        """

        def detect(images: tf.Tensor) -> dict[str, tf.Tensor]:
            outputs = self.outputs(self.reconstruct(images))
            return {k: v for k, v in outputs.items() if k != "canvas"}

        def relaxed_log_likelihood(
            images: tf.Tensor, seeds: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            return explaining.bound(
                self.log_weights(
                    images, num_particles, seeds, _RELAXED_TEMPERATURE
                )
            )

        images = self.image_input
        return {
            **super().signatures(num_particles),
            "detect": signature.Signature(detect, {"images": images}),
            "relaxed_log_likelihood": signature.Signature(
                relaxed_log_likelihood,
                {"images": images, "seeds": signature.SEEDS},
            ),
        }

    def _scene(
        self,
        latents: cells.CellLatents,
        presence: tf.Tensor,
        behind: tf.Tensor | None,
    ) -> scenes.Scene:
        grid = self.settings.grid_size
        return scenes.Scene(
            self.paint(latents, behind),
            cells.placement(latents.where, grid).boxes(),
            presence,
            latents.depth[..., 0],
            latents.what,
        )
