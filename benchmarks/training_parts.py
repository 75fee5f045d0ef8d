"""The parts of a training step of `dood`, and naive versions of them.

    encoder       the paper's encoder instead of the encoder of patches
    glimpses      four lookups with `tf.gather_nd`
    stroke image  ink from `[B, H, W, S]` Gaussians
    priors        a loop over the steps of the drawing
    scale         a convolution of images of one channel
    optimiser     Keras' Adam, with some ten operations for each weight

Each function takes the batch size. It returns two functions without arguments:
the part as `dood` has it, and the naive version or None.
"""

import functools
from collections.abc import Callable

import keras
import tensorflow as tf

from benchmarks import rasterizer
from tfdood.drawing import affine as affine_lib
from tfdood.drawing import warp as warp_lib
from tfdood.drawing.curves import bezier
from tfdood.drawing.ink import gaussian
from tfdood.models.common import canvas_scale, layout
from tfdood.models.dood import stroke
from tfdood.nn import mlp as mlp_lib
from tfdood.nn import paper_encoder, patch_encoder
from tfdood.settings import presets
from train import optimizers, step

_MODEL = presets.PRESETS["dood"].model
_SIZE = _MODEL.image_size
_GLIMPSE = _MODEL.glimpse_size
_STEPS = _MODEL.num_strokes
_WIDTH = _MODEL.width


def forward_and_backward(
    function: Callable, inputs: list, layers: list = ()
) -> Callable:
    """Makes a graph of the value and the gradients of a function.

    Args:
        function: a function from tensors to tensors.
        inputs: its arguments.
        layers: the layers that it calls.

    Returns:
        A function without arguments. It returns the sum of squares of the
        outputs, and the gradients for the inputs and the weights.
    """
    weights = [w.value for layer in layers for w in layer.trainable_variables]

    @tf.function
    def run():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = function(*inputs)
            loss = sum(tf.reduce_sum(x**2) for x in tf.nest.flatten(outputs))
        return loss, tape.gradient(loss, [*inputs, *weights])

    return run


def encoders(batch_size: int) -> tuple[Callable, Callable]:
    """Makes the embedding of a batch of images, which have no gradient."""
    images = tf.random.stateless_uniform([batch_size, _SIZE, _SIZE, 1], [0, 0])
    layers = [
        patch_encoder.PatchEncoder(_SIZE, _WIDTH),
        paper_encoder.PaperEncoder(_SIZE, _WIDTH, 0.0),
    ]
    return tuple(
        forward_and_backward(functools.partial(e, images), [], [e])
        for e in layers
    )


def glimpse_encoders(batch_size: int) -> tuple[Callable, None]:
    """Makes the embedding of the glimpses of targets and residuals."""
    shape = [batch_size, 2, _GLIMPSE, _GLIMPSE, 1]
    layer = patch_encoder.PatchEncoder(_GLIMPSE, _WIDTH, count=2)
    glimpses = tf.random.stateless_uniform(shape, [0, 0])
    return forward_and_backward(layer, [glimpses], [layer]), None


def glimpses(batch_size: int) -> tuple[Callable, Callable]:
    """Makes two glimpses a layout, with gradients for the layouts."""
    images = tf.unstack(
        tf.random.stateless_uniform([2, batch_size, _SIZE, _SIZE, 1], [0, 0])
    )
    layouts = tf.random.stateless_uniform([batch_size, 4], [0, 1], 0.1, 0.6)

    def ours(layouts):
        affine = affine_lib.from_layout(layouts)
        return warp_lib.glimpses(images, affine, _GLIMPSE)

    def naive(layouts):
        affine = affine_lib.from_layout(layouts)
        return [_glimpse_by_lookup(x, affine) for x in images]

    return tuple(forward_and_backward(f, [layouts]) for f in (ours, naive))


def _glimpse_by_lookup(images, affine):
    centres = (2.0 * tf.range(_GLIMPSE, dtype=tf.float32) + 1.0) / _GLIMPSE - 1
    u, v = tf.meshgrid(centres, centres)
    frame = tf.stack([u, v, tf.ones_like(u)], -1)  # [h, w, 3]
    canvas = tf.einsum("nij,hwj->nhwi", affine, frame)
    x, y = tf.unstack((canvas + 1.0) * (0.5 * _SIZE) - 0.5, axis=-1)
    rows = tf.range(tf.shape(images)[0])[:, tf.newaxis, tf.newaxis]
    total = 0.0
    for dx in (0.0, 1.0):
        for dy in (0.0, 1.0):
            column, row = tf.floor(x) + dx, tf.floor(y) + dy
            weight = (1 - tf.abs(x - column)) * (1 - tf.abs(y - row))
            inside = (column >= 0) & (column < _SIZE) & (row >= 0)
            inside = tf.cast(inside & (row < _SIZE), tf.float32)
            clipped = [
                tf.cast(tf.clip_by_value(z, 0.0, _SIZE - 1.0), tf.int32)
                for z in (row, column)
            ]
            index = tf.stack([tf.broadcast_to(rows, x.shape), *clipped], -1)
            value = tf.gather_nd(images, index)
            total += (weight * inside)[..., tf.newaxis] * value
    return total


def stroke_images(batch_size: int) -> tuple[Callable, Callable]:
    """Makes images of strokes from their control points and pen."""
    points = tf.random.stateless_uniform([batch_size, 5, 2], [0, 0])
    blur = tf.fill([batch_size], 0.02)
    contrast = tf.fill([batch_size], 0.8)

    def ours(points, blur, contrast):
        return gaussian.stroke_image(points, blur, contrast, _SIZE)

    def naive(points, blur, contrast):
        curve = bezier.curve_points(points, _MODEL.num_curve_points)
        ink = rasterizer.broadcast_ink(curve, blur, _SIZE)
        peak = tf.reduce_max(tf.stop_gradient(ink), [-2, -1], keepdims=True)
        return tf.tanh(ink / (peak * contrast[:, tf.newaxis, tf.newaxis]))

    inputs = [points, blur, contrast]
    return tuple(forward_and_backward(f, inputs) for f in (ours, naive))


def priors(batch_size: int) -> tuple[Callable, Callable]:
    """Makes log densities of layouts and control points of all steps."""
    layout_prior = layout.LayoutPrior(_WIDTH, _MODEL.num_mixtures)
    stroke_prior = stroke.StrokePrior(
        2 * _WIDTH + 4, _WIDTH, 5, _MODEL.num_mixtures
    )
    features = tf.random.stateless_normal(
        [_STEPS, batch_size, 2 * _WIDTH + 4], [0, 0]
    )
    layouts = tf.random.stateless_normal([_STEPS, batch_size, 4], [0, 1])
    points = tf.random.stateless_normal([_STEPS, batch_size, 5, 2], [0, 2])

    def ours(features, layouts, points):
        p_layout = layout_prior(features[..., :_WIDTH])
        return (
            p_layout.log_prob(layouts),
            stroke_prior(features).log_prob(points),
        )

    def naive(features, layouts, points):
        steps = zip(*map(tf.unstack, (features, layouts, points)), strict=True)
        return [ours(*arguments) for arguments in steps]

    inputs, layers = [features, layouts, points], [layout_prior, stroke_prior]
    return tuple(forward_and_backward(f, inputs, layers) for f in (ours, naive))


def scales(batch_size: int) -> tuple[Callable, Callable]:
    """Makes the pixel scales of the canvases after each step, forward only."""
    layer = canvas_scale.CanvasScale(
        _MODEL.pixel_scale_floor, _MODEL.pixel_scale_window
    )
    shape = [_STEPS + 1, batch_size, _SIZE, _SIZE, 1]
    canvas = tf.random.stateless_uniform(shape, [0, 0])

    def naive():
        rows = tf.reshape(canvas, [-1, *canvas.shape[-3:]])
        features = layer.hidden(layer.convolution(rows))
        excess = tf.exp(layer.output_layer(features))
        return tf.reshape(layer.floor + excess, tf.shape(canvas))

    return tf.function(lambda: layer.fixed(canvas)), tf.function(naive)


def recurrences(batch_size: int) -> tuple[Callable, None]:
    """Makes one step of one RNN."""
    cell = keras.layers.GRUCell(_WIDTH)
    cell.build((None, _WIDTH + 4))
    inputs = tf.random.stateless_normal([batch_size, _WIDTH + 4], [0, 0])
    state = tf.random.stateless_normal([batch_size, _WIDTH], [0, 1])
    run = forward_and_backward(
        lambda x, h: cell(x, [h])[0], [inputs, state], [cell]
    )
    return run, None


def heads(batch_size: int) -> tuple[Callable, None]:
    """Makes one MLP; its inputs are the target, the residual and a state."""
    mlp = mlp_lib.MLP(3 * _WIDTH + 1, 9, _WIDTH)
    inputs = tf.random.stateless_normal([batch_size, 3 * _WIDTH + 1], [0, 0])
    return forward_and_backward(mlp, [inputs], [mlp]), None


def optimisers(_: int) -> tuple[Callable, Callable]:
    """Makes an update of all weights by Adam."""
    trainer = step.Trainer(presets.PRESETS["dood"])
    variables = trainer.model.trainable_variables
    gradients = [tf.ones_like(v) for v in variables]

    def run(optimizer):
        optimizer.build(variables)

        @tf.function(autograph=False)
        def update():
            optimizer.apply(gradients, variables)
            return variables[0][:1]

        return update

    return run(optimizers.Adam()), run(keras.optimizers.Adam())


# Each part, and its number of calls in a step of `dood`.
PARTS = {
    "encoder": (encoders, 2 * _STEPS),
    "glimpse encoder": (glimpse_encoders, _STEPS),
    "glimpses": (glimpses, _STEPS),
    "stroke image": (stroke_images, _STEPS),
    "RNN": (recurrences, 2 * _STEPS),
    "head": (heads, 4 * _STEPS),
    "priors": (priors, 1),
    "scale": (scales, 1),
    "optimiser": (optimisers, 1),
}
