"""The signatures of an exported model: its methods, batched and checked.

A row is a drawing; seeds are one a row, so that a server may put the rows of
several requests into one batch. The README lists the inputs and outputs.
Drawings whose strokes are curves have `control_points`, placed on
the canvas; those whose strokes are codes have `codes` and their `layout`.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.drawing import canvas as canvas_lib
from tfdood.models import DrawingModel
from tfdood.objectives import elbo, importance
from tfdood.saved import checks, pictures
from tfdood.types import Drawing, Pen, Strokes

DEFAULT = "serving_default"

_IMAGES = tf.TensorSpec([None] * 4, tf.float32, "images")
_CANVAS = tf.TensorSpec([None] * 4, tf.float32, "canvas")
_BYTES = tf.TensorSpec([None], tf.string, "image_bytes")
_SEEDS = tf.TensorSpec([None] * 2, tf.int32, "seeds")
_TEMPERATURE = tf.TensorSpec([None], tf.float32, "temperature")
_MOST_INK = 1e6  # of codes, which add up without bound


def build(
    model: DrawingModel,
    image_size: int,
    num_control_points: int,
    num_particles: int,
) -> tuple[tf.Module, dict[str, tf.types.experimental.ConcreteFunction]]:
    """What `tf.saved_model.save` is to save.

    Args:
        model: to be exported.
        image_size: height and width of its images.
        num_control_points: `K`, of its strokes.
        num_particles: `k`, of the importance weighted bound.

    Returns:
        A module that owns the variables and has a method for each signature,
        and the signatures.
    """
    module = tf.Module()
    # A tf.Module does not see variables inside Keras layers, and layers saved
    # as such come back without their values in every loader but Python's.
    module.model_variables = [variable.value for variable in model.variables]
    endpoints = _Endpoints(model, image_size, num_particles)
    signatures = {}
    for name, specs in _specs(num_control_points).items():
        function = tf.function(getattr(endpoints, name), specs, autograph=False)
        signatures[name] = function.get_concrete_function()
        setattr(module, name, signatures[name])
    signatures[DEFAULT] = signatures["reconstruct"]
    return module, signatures


class _Endpoints(NamedTuple):
    """A model's methods from tensors to named tensors, a row a drawing."""

    model: DrawingModel
    image_size: int
    num_particles: int

    def reconstruct(self, images):
        images = checks.images(images, self.image_size)
        return self._outputs(self.model.reconstruct(images))

    def reconstruct_bytes(self, image_bytes):
        contents = checks.texts("image_bytes", image_bytes)
        images = pictures.read(contents, self.image_size)
        return {
            "image": images,
            **self._outputs(self.model.reconstruct(images)),
        }

    def parse(self, images, seeds):
        images, seeds = self._rows(images, seeds)
        parse = self.model.parse(images, 1, seeds)
        strokes, pen = _single((parse.drawing.strokes, parse.drawing.pen))
        return {
            **strokes._asdict(),
            **pen._asdict(),
            "log_posterior": _total(parse.log_posterior),
            "log_prior": _total(parse.log_prior),
            "log_likelihood": parse.log_likelihood[0],
        }

    def log_likelihood(self, images, seeds):
        images, seeds = self._rows(images, seeds)
        log_weights = elbo.log_weights(
            self.model.parse(images, self.num_particles, seeds)
        )
        return {
            "log_likelihood": importance.iwae(log_weights),
            "log_weights": tf.transpose(log_weights),
        }

    def likelihood(self, images, canvas):
        images = checks.images(images, self.image_size)
        most = 1.0 if self.model.config.has_curves else _MOST_INK
        canvas = checks.images(canvas, self.image_size, "canvas", most)
        canvas = checks.as_many("canvas", canvas, "images", images)
        return {"log_likelihood": self.model.log_likelihood(images, canvas)}

    def generate(self, seeds):
        seeds = checks.seeds(seeds)
        return self._outputs(
            self.model.generate(tf.shape(seeds)[0], seed=seeds)
        )

    def generate_tempered(self, seeds, temperature):
        seeds = checks.seeds(seeds)
        temperature = checks.temperature(temperature)
        temperature = checks.as_many("temperature", temperature, "seeds", seeds)
        count = tf.shape(seeds)[0]
        return self._outputs(self.model.generate(count, temperature, seeds))

    def complete(self, images, seeds):
        images, seeds = self._rows(images, seeds)
        return self._outputs(_single(self.model.complete(images, seed=seeds)))

    def exemplars(self, images, seeds):
        images, seeds = self._rows(images, seeds)
        return self._outputs(_single(self.model.exemplars(images, seed=seeds)))

    def render(
        self,
        presence,
        layout,
        control_points,
        blur,
        stroke_contrast,
        canvas_contrast,
    ):
        strokes, pen = checks.strokes(
            Strokes(presence, layout, control_points),
            Pen(blur, stroke_contrast, canvas_contrast),
        )
        # Apart, so that who takes one of them does not wait for the other.
        return {
            "canvas": self.model.draw(strokes, pen),
            "canvases": self.model.render(strokes, pen),
        }

    def _outputs(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """What clients want of a drawing: ink, and strokes on the canvas."""
        strokes, pen = drawing.strokes, drawing.pen
        if self.model.config.has_curves:
            points = canvas_lib.place(strokes.layout, strokes.control_points)
            own = {"control_points": points}
            if self.model.config.stroke_frame == "glimpse":
                blur = canvas_lib.place_blur(strokes.layout, pen.blur)
                pen = pen._replace(blur=blur)
        else:
            own = {"codes": strokes.control_points, "layout": strokes.layout}
        return {
            "canvas": drawing.canvases[:, -1],
            "canvases": drawing.canvases,
            "presence": strokes.presence,
            **own,
            **pen._asdict(),
            "num_strokes": tf.cast(
                tf.reduce_sum(strokes.presence, -1), tf.int32
            ),
        }

    def _rows(self, images, seeds):
        images = checks.images(images, self.image_size)
        seeds = checks.seeds(seeds)
        return images, checks.as_many("seeds", seeds, "images", images)


def _specs(num_control_points: int) -> dict[str, tuple[tf.TensorSpec, ...]]:
    """The inputs of each signature, in order; `K` is fixed by the model."""
    strokes_and_pen = {
        "presence": [None] * 2,
        "layout": [None] * 3,
        "control_points": [None, None, num_control_points, None],
        "blur": [None] * 2,
        "stroke_contrast": [None] * 2,
        "canvas_contrast": [None],
    }
    return {
        "reconstruct": (_IMAGES,),
        "reconstruct_bytes": (_BYTES,),
        "parse": (_IMAGES, _SEEDS),
        "log_likelihood": (_IMAGES, _SEEDS),
        "likelihood": (_IMAGES, _CANVAS),
        "generate": (_SEEDS,),
        "generate_tempered": (_SEEDS, _TEMPERATURE),
        "complete": (_IMAGES, _SEEDS),
        "exemplars": (_IMAGES, _SEEDS),
        "render": tuple(
            tf.TensorSpec(shape, tf.float32, name)
            for name, shape in strokes_and_pen.items()
        ),
    }


def _single(tree):
    """The first and only particle, `[1, B, ...]` to `[B, ...]`."""
    return tf.nest.map_structure(lambda x: x[0], tree)


def _total(log_probs) -> tf.Tensor:
    return tf.reduce_sum(sum(log_probs)[0], -1)
