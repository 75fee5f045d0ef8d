"""Variants of DooD, and what their drawings consist of."""

import functools

import pytest
import tensorflow as tf

from tests import tiny_models
from tfdood.drawing import affine as affine_lib
from tfdood.drawing import warp as warp_lib
from tfdood.models.dood import generative

_SLOW = ("dood_sp", "dood_eg", "dood_dr", "dood_glimpse")
CASES = {
    **{name: (name,) for name in _SLOW},
    "nothing_left": (  # Without the parts of the first three.
        "dood_dr",
        "model.prior=independent",
        "model.execution_guided=false",
        "model.num_mixtures=40",  # It has no effect, so it is the default.
    ),
}
"""DooD without one of its parts: preset and changes, by name."""

PARAMS = [
    pytest.param(name, marks=[pytest.mark.slow] * (name in _SLOW))
    for name in CASES
]
"""The names, for tests."""


@functools.cache
def build(case):
    """A small model of two strokes; tests do not change its weights."""
    return tiny_models.build(*CASES[case], "model.num_strokes=2")


def one_particle(tree, number):
    return tf.nest.map_structure(lambda x: x[number], tree)


def latents_of(model, strokes):
    """The latents of records, codes in pairs again."""
    *rest, stroke = strokes
    shape = [*rest[0].shape, *model.settings.stroke_shape]
    return generative.Latents(*rest, tf.reshape(stroke, shape))


def canvases_of(model, drawing):
    return model.draw_steps(latents_of(model, drawing.strokes), drawing.pen)


def replayed(model, drawing):
    """Yields for each step the canvas before, both states, and the prior."""
    latents, gen = latents_of(model, drawing.strokes), model.generative
    canvases = canvases_of(model, drawing)
    canvases = tf.concat([tf.zeros_like(canvases[:, :1]), canvases], 1)
    state = gen.initial_state(len(latents.presence))
    for t in range(latents.presence.shape[1]):
        layouts, canvas = latents.layout[:, t], canvases[:, t]
        embedding = gen.canvas_encoder(canvas)
        states = (
            gen.advance_layout(state, embedding),
            gen.advance_stroke(state, embedding),
        )
        affine = affine_lib.from_layout(layouts)
        glimpse = warp_lib.glimpse(canvas, affine, 10)
        prior = (
            gen.prior.presence_logits(embedding, states[0]),
            gen.prior.layout(states[0]),
            gen.prior.stroke(layouts, glimpse, states[1]),
        )
        yield canvas, states, prior
        state = state._replace(
            layout=layouts,
            stroke=latents.stroke[:, t],
            layout_state=states[0],
            stroke_state=states[1],
        )
