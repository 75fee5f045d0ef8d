"""Keras layers around the drawing functions, for anybody's model."""

import keras
import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import canvas
from tfdood.drawing import warp as warp_lib
from tfdood.types import Pen, Strokes

_AFFINES = {4: affine_lib.from_layout, 7: affine_lib.from_parameters}


@keras.saving.register_keras_serializable(package="tfdood")
class StrokeRenderer(keras.layers.Layer):
    """Draws strokes, differentiably.

    Called on `strokes` and `pen` (`tfdood.types.Strokes` and `Pen`, or
    tuples of the same tensors), with equal leading dimensions. Returns
    `[..., H, W, 1]` in [0, 1), or `[..., T, H, W, 1]`, see
    `return_sequences`.
    """

    def __init__(
        self,
        image_size: int = 50,
        num_curve_points: int = 100,
        return_sequences: bool = False,
        dtype: str = "float32",
        **kwargs,
    ):
        """Makes a renderer.

        Args:
            image_size: `H = W` in pixels.
            num_curve_points: points sampled along each curve.
            return_sequences: whether to return the canvas after each stroke
                rather than the last canvas.
            dtype: of the computation; 16 bits are too few for thin strokes.
            **kwargs: of `keras.layers.Layer`.
        """
        super().__init__(dtype=dtype, **kwargs)
        self.image_size = image_size
        self.num_curve_points = num_curve_points
        self.return_sequences = return_sequences

    def call(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        """Draws the strokes; see the class."""
        strokes, pen = Strokes(*strokes), Pen(*pen)
        _check_drawing(*(x.shape for x in (*strokes, *pen)))
        canvases = canvas.render(
            strokes, pen, self.image_size, self.num_curve_points
        )  # [..., T, H, W, 1]
        return canvases if self.return_sequences else canvases[..., -1, :, :, :]

    def compute_output_shape(self, strokes_shape, pen_shape) -> tuple:
        """The shape of the drawing, once all shapes fit each other."""
        _check_drawing(*strokes_shape, *pen_shape)
        *leading, num_strokes = strokes_shape[0]
        steps = (num_strokes,) if self.return_sequences else ()
        return (*leading, *steps, self.image_size, self.image_size, 1)

    def get_config(self) -> dict:
        """The arguments that make this layer anew."""
        return {
            **super().get_config(),
            "image_size": self.image_size,
            "num_curve_points": self.num_curve_points,
            "return_sequences": self.return_sequences,
        }


@keras.saving.register_keras_serializable(package="tfdood")
class SpatialTransformer(keras.layers.Layer):
    """Looks at images through affine windows, bilinearly, zero outside.

    Called on `images` `[..., H, W, C]` and `parameters` `[..., 4]` (a layout)
    or `[..., 7]` (see `spatial_transformer.affine_from_parameters`), with equal
    leading dimensions. Returns `[..., h, w, C]`.
    """

    def __init__(
        self,
        output_size: int | tuple[int, int] | None = None,
        dtype: str = "float32",
        **kwargs,
    ):
        """Makes a spatial transformer.

        Args:
            output_size: `h = w`, or `(h, w)`, in pixels; by default that of
                the images.
            dtype: of the computation; 16 bits blur the positions of pixels.
            **kwargs: of `keras.layers.Layer`.
        """
        super().__init__(dtype=dtype, **kwargs)
        if isinstance(output_size, int):
            output_size = output_size, output_size
        self.output_size = tuple(output_size) if output_size else None

    def call(self, images: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Samples the glimpses; see the class."""
        _check_glimpse(images.shape, parameters.shape)
        affine = _AFFINES[parameters.shape[-1]](parameters)
        return warp_lib.glimpse(images, affine, self.output_size)

    def compute_output_shape(self, images_shape, parameters_shape) -> tuple:
        """The shape of the glimpses, once all shapes fit each other."""
        _check_glimpse(images_shape, parameters_shape)
        *leading, height, width, channels = images_shape
        return (*leading, *(self.output_size or (height, width)), channels)

    def get_config(self) -> dict:
        """The arguments that make this layer anew."""
        return {**super().get_config(), "output_size": self.output_size}


def _check_drawing(presence, *others) -> None:
    names = (*Strokes._fields, *Pen._fields)[1:]
    events = ((4,), (None, 2), (), (), None)
    for name, shape, event in zip(names, others, events, strict=True):
        steps = tuple(presence)
        expected = steps[:-1] if event is None else (*steps, *event)
        _check_shape(name, shape, expected, f"presence of {steps}")


def _check_glimpse(images, parameters) -> None:
    images = tuple(images)
    if len(images) < 3 or None in images[-3:]:
        raise ValueError(
            "SpatialTransformer needs images [..., H, W, C] with known H, W "
            f"and C, got shape {images}; fix the shape of the input."
        )
    num_parameters = parameters[-1]
    if num_parameters not in _AFFINES:
        raise ValueError(
            "SpatialTransformer takes 4 parameters (shift x, shift y, scale, "
            "rotation) or 7 (shift x, shift y, scale x, scale y, rotation, "
            f"shear x, shear y), got shape {tuple(parameters)}."
        )
    expected = (*images[:-3], num_parameters)
    _check_shape("parameters", parameters, expected, f"images of {images}")


def _check_shape(name: str, shape, expected: tuple, given: str) -> None:
    if not tf.TensorShape(shape).is_compatible_with(expected):
        raise ValueError(
            f"{name} has shape {tuple(shape)}, expected {expected} to go with "
            f"{given}; reshape or broadcast it first."
        )
