"""Keras layers that draw strokes and sample glimpses of images.

The models of this package draw with these layers. The layers have no weights.
Their methods can be called outside of `__call__`, also in a `tf.function`.
They then compute in the dtype of their inputs.
"""

# Results do not depend on what else of this package is imported.
from tfdood import quiet  # noqa: F401  # isort: skip

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import canvas as canvas_lib
from tfdood.drawing import frames
from tfdood.drawing import warp as warp_lib
from tfdood.types import Pen, Strokes

Shape = Sequence[int | None]

_STROKE_IMAGES = {
    "canvas": canvas_lib.stroke_images,
    "glimpse": frames.stroke_images_in_frames,
}
_AFFINES = {4: affine_lib.from_layout, 7: affine_lib.from_parameters}


@keras.saving.register_keras_serializable(package="tfdood")
class StrokeRenderer(keras.layers.Layer):
    """Draws strokes, differentiably.

    Called on `strokes` and `pen` (`tfdood.types.Strokes` and `Pen`, or tuples
    of the same tensors) with equal leading dimensions, the layer returns the
    drawing `[..., H, W, 1]` in [0, 1], or with `return_sequences` the canvas
    after each stroke, `[..., T, H, W, 1]`. A call and `compute_output_shape`
    raise `ValueError` if the shapes of the inputs do not fit together.
    """

    def __init__(
        self,
        image_size: int = 50,
        num_curve_points: int = 100,
        frame: str = "canvas",
        return_sequences: bool = False,
        dtype: str = "float32",
        **kwargs: Any,
    ) -> None:
        """Makes a renderer.

        Args:
            image_size: `H = W` in pixels.
            num_curve_points: number of points along each curve.
            frame: where strokes are rasterised. `canvas`: the layout moves the
                control points, and the curve is rasterised on the canvas.
                `glimpse`: the curve is rasterised in the stroke's own frame,
                and the layout warps the raster to the canvas; blurs are then
                in widths of this frame.
            return_sequences: whether to return the canvas after each stroke
                instead of the last canvas.
            dtype: of the computation; 16 bits are too few for thin strokes.
            **kwargs: of `keras.layers.Layer`.

        Raises:
            ValueError: If `frame` is unknown.
        """
        super().__init__(dtype=dtype, **kwargs)
        if frame not in _STROKE_IMAGES:
            raise ValueError(
                f"Unknown frame {frame!r}; choose from "
                f"{sorted(_STROKE_IMAGES)}."
            )
        self.image_size = image_size
        self.num_curve_points = num_curve_points
        self.frame = frame
        self.return_sequences = return_sequences
        self.built = True

    def call(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        """Draws the strokes; the class describes inputs and outputs."""
        strokes, pen = Strokes(*strokes), Pen(*pen)
        _check_drawing(*(x.shape for x in (*strokes, *pen)))
        draw = self.canvases if self.return_sequences else self.canvas
        return draw(strokes, pen)

    def stroke_images(
        self,
        layout: tf.Tensor,
        control_points: tf.Tensor,
        blur: tf.Tensor,
        stroke_contrast: tf.Tensor,
    ) -> tf.Tensor:
        """Draws single strokes, each on a canvas of its own.

        Args:
            layout: `[..., 4]`, see `Strokes`.
            control_points: `[..., K, 2]`, in the strokes' own unit squares.
            blur: `[...]`, positive, see `Pen`.
            stroke_contrast: `[...]`, positive, see `Pen`.

        Returns:
            `[..., H, W, 1]` in [0, 1], one image for each stroke.
        """
        return _STROKE_IMAGES[self.frame](
            layout,
            control_points,
            blur,
            stroke_contrast,
            self.image_size,
            self.num_curve_points,
        )

    def canvases(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        """Computes the canvas after each stroke.

        Args:
            strokes: `Strokes` with leading dimensions `...`.
            pen: `Pen` with the same leading dimensions.

        Returns:
            `[..., T, H, W, 1]` in [0, 1].
        """
        return canvas_lib.composite(
            self._stroke_images_of(strokes, pen),
            strokes.presence,
            pen.canvas_contrast,
        )

    def canvas(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        """Computes the canvas after the last stroke, without those before it.

        Args:
            strokes: `Strokes` with leading dimensions `...`.
            pen: `Pen` with the same leading dimensions.

        Returns:
            `[..., H, W, 1]` in [0, 1].
        """
        return canvas_lib.composite_last(
            self._stroke_images_of(strokes, pen),
            strokes.presence,
            pen.canvas_contrast,
        )

    def compute_output_shape(
        self, strokes_shape: Sequence[Shape], pen_shape: Sequence[Shape]
    ) -> tuple[int | None, ...]:
        """Checks the shapes of the inputs; returns the shape of the output."""
        _check_drawing(*strokes_shape, *pen_shape)
        *leading, num_strokes = strokes_shape[0]
        steps = (num_strokes,) if self.return_sequences else ()
        return (*leading, *steps, self.image_size, self.image_size, 1)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {
            **super().get_config(),
            "image_size": self.image_size,
            "num_curve_points": self.num_curve_points,
            "frame": self.frame,
            "return_sequences": self.return_sequences,
        }

    def _stroke_images_of(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        return self.stroke_images(
            strokes.layout,
            strokes.control_points,
            pen.blur,
            pen.stroke_contrast,
        )


@keras.saving.register_keras_serializable(package="tfdood")
class SpatialTransformer(keras.layers.Layer):
    """Samples glimpses: affinely placed windows of images.

    Called on `images` `[..., H, W, C]` and `parameters` with equal leading
    dimensions, the layer returns the glimpses `[..., h, w, C]`. `parameters`
    are layouts `[..., 4]` (see `tfdood.drawing.affine.from_layout`) or general
    affine transforms `[..., 7]` (see `tfdood.drawing.affine.from_parameters`).
    Sampling is bilinear; images are zero outside of their border. A call and
    `compute_output_shape` raise `ValueError` if the shapes of the inputs do not
    fit together, or if H, W or C is not known when the graph is built.
    """

    def __init__(
        self,
        output_size: int | tuple[int, int] | None = None,
        dtype: str = "float32",
        **kwargs: Any,
    ) -> None:
        """Makes a spatial transformer.

        Args:
            output_size: `h = w`, or `(h, w)`, in pixels; `(H, W)` by default.
            dtype: of the computation; 16 bits are too few for positions of
                pixels.
            **kwargs: of `keras.layers.Layer`.
        """
        super().__init__(dtype=dtype, **kwargs)
        if isinstance(output_size, int):
            output_size = output_size, output_size
        self.output_size = tuple(output_size) if output_size else None
        self.built = True

    def call(self, images: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Samples the glimpses; the class describes inputs and outputs."""
        _check_glimpse(images.shape, parameters.shape)
        affine = _AFFINES[parameters.shape[-1]](parameters)
        return warp_lib.glimpse(images, affine, self.output_size)

    def of_each(
        self, images: Sequence[tf.Tensor], parameters: tf.Tensor
    ) -> list[tf.Tensor]:
        """Samples the same window of several images.

        It takes less time than a call for each image.

        Args:
            images: each `[..., H, W, 1]`.
            parameters: as in a call.

        Returns:
            The glimpse of each image, `[..., h, w, 1]`.
        """
        affine = _AFFINES[parameters.shape[-1]](parameters)
        return warp_lib.glimpses(images, affine, self.output_size)

    def compute_output_shape(
        self, images_shape: Shape, parameters_shape: Shape
    ) -> tuple[int | None, ...]:
        """Checks the shapes of the inputs; returns the shape of the output."""
        _check_glimpse(images_shape, parameters_shape)
        *leading, height, width, channels = images_shape
        return (*leading, *(self.output_size or (height, width)), channels)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {**super().get_config(), "output_size": self.output_size}


def _check_drawing(presence: Shape, *others: Shape) -> None:
    names = (*Strokes._fields, *Pen._fields)[1:]
    events = ((4,), (None, 2), (), (), None)
    for name, shape, event in zip(names, others, events, strict=True):
        steps = tuple(presence)
        expected = steps[:-1] if event is None else (*steps, *event)
        _check_shape(name, shape, expected, f"presence of shape {steps}")


def _check_glimpse(images: Shape, parameters: Shape) -> None:
    images = tuple(images)
    if len(images) < 3 or None in images[-3:]:
        raise ValueError(
            "SpatialTransformer needs images [..., H, W, C] with known H, W "
            f"and C, got shape {images}; set the shape of the input."
        )
    num_parameters = parameters[-1]
    if num_parameters not in _AFFINES:
        raise ValueError(
            "SpatialTransformer takes 4 parameters (shift x, shift y, scale, "
            "rotation) or 7 (shift x, shift y, scale x, scale y, rotation, "
            f"shear x, shear y), got shape {tuple(parameters)}."
        )
    expected = (*images[:-3], num_parameters)
    _check_shape(
        "parameters", parameters, expected, f"images of shape {images}"
    )


def _check_shape(
    name: str, shape: Shape, expected: Shape, reference: str
) -> None:
    if not tf.TensorShape(shape).is_compatible_with(expected):
        raise ValueError(
            f"{name} has shape {tuple(shape)}, expected {expected} to match "
            f"{reference}; reshape or broadcast {name} first."
        )
