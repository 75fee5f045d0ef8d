import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tests import tiny_models
from tfdood import models
from tfdood.drawing import affine as affine_lib
from tfdood.drawing import warp as warp_lib
from tfdood.settings import presets
from tfdood.types import Codes

_SEED = tf.constant([1, 2])
_KINDS = ("air", "difference_air")


@pytest.fixture(scope="module", params=_KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def model(kind):
    return tiny_models.build(kind)


@pytest.fixture(scope="module")
def parse(model, images):
    return model.parse(images, 5, _SEED)


def _numpy(tree):
    return tf.nest.map_structure(lambda x: x.numpy(), tree)


def test_has_the_published_number_of_parameters():
    model = models.build(presets.get("air", "mnist").model)
    counts = {
        "parts": model.part_rnn.count_params(),
        "glimpses": model.glimpse_rnn.count_params(),
        "codes": model.code_posterior.count_params(),
        "decoder": model.decoder.count_params(),
        # One MLP of 9 outputs in the authors' code: 133 897. Here there are
        # two, and layouts have a shear, too.
        "presence": model.presence_head.count_params(),
        "layouts": model.layout_posterior.count_params(),
    }
    hidden = 2 * (256 * 256 + 256)
    assert counts == {
        "parts": 406_272,
        "glimpses": 394_752,
        "codes": 136_724,
        "decoder": 711_108,
        "presence": hidden + 257,
        "layouts": hidden + 257 * 9,
    }


def test_log_densities_are_those_of_a_sequential_evaluation(
    model, kind, images, parse
):
    """Replays one particle, its densities by scipy."""
    got = _numpy(tf.nest.map_structure(lambda x: x[3], parse))
    strokes, canvas = got.drawing.strokes, np.zeros([4, 20, 20, 1])
    before = Codes(np.ones([4]), np.zeros([4, 4]), np.zeros([4, 6]))
    part_state = glimpse_state = tf.zeros([4, 8])
    for t in range(3):
        seen = images - canvas if kind == "difference_air" else images
        seen = tf.cast(seen, tf.float32)
        latents = [
            before.presence[:, None],
            before.layout,
            before.code,
        ]
        inputs = tf.concat([np.float32(np.hstack(latents))], -1)
        inputs = tf.concat([inputs, model.encoder(seen)], -1)
        part_state = model.part_rnn(inputs, [part_state])[0]
        logits = model.presence_head(part_state)[:, 0].numpy()
        now = Codes(*(x[:, t] for x in strokes))
        q_layout = model.layout_posterior(part_state)
        glimpse = warp_lib.glimpse(seen, affine_lib.from_layout(now.layout), 10)
        glimpse_state = model.glimpse_rnn(
            model.glimpse_encoder(glimpse), [glimpse_state]
        )[0]
        q_code = model.code_posterior(glimpse_state)
        assert np.abs(q_code.loc).max() < 1.0

        def bernoulli(logits, now=now, before=before):
            chosen = np.where(now.presence > 0, logits, -logits)
            return -before.presence * np.logaddexp(0.0, -chosen)

        def normal(x, loc, scale, now=now):
            terms = scipy.stats.norm.logpdf(x, loc, scale)
            return now.presence * terms.reshape(4, -1).sum(-1)

        mean, std = (0.0, 0.0, 0.8, 0.0), (0.2, 0.2, 0.2, 0.4)
        code = now.code
        expected = [
            (got.log_posterior.presence, bernoulli(logits)),
            (
                got.log_posterior.layout,
                now.presence * q_layout.log_prob(now.layout).numpy(),
            ),
            (
                got.log_posterior.stroke,
                normal(code, q_code.loc, q_code.scale),
            ),
            (got.log_prior.presence, bernoulli(0.0 * logits)),
            (got.log_prior.layout, normal(now.layout, mean, std)),
            (got.log_prior.stroke, normal(code, 0.0, 1.0)),
            (got.presence_logits.posterior, logits),
            (got.presence_logits.prior, 0.0 * logits),
        ]
        for value, wanted in expected:
            np.testing.assert_allclose(
                value[:, t], wanted, rtol=1e-3, atol=1e-3
            )
        before, canvas = now, got.drawing.canvases[:, t]


def test_parts_depend_on_the_canvas_only_in_difference_air(
    model, kind, images, parse
):
    bias = model.decoder.mlp.output_layer.bias
    before = np.array(bias)
    bias.assign(before + 1.0)
    try:
        other = model.parse(images, 5, _SEED)
    finally:
        bias.assign(before)
    layouts = parse.drawing.strokes.layout
    change = np.abs(other.drawing.strokes.layout - layouts).max((0, 1, 3))
    assert change[0] == 0.0  # The same route, repeated: exact.
    assert np.all(change[1:] > 1e-4) == (kind == "difference_air")


def test_canvas_passes_no_gradient_to_layouts(model, images):
    weights = [w.value for w in model.decoder.trainable_variables]
    with tf.GradientTape() as tape:
        parse = model.parse(images, 1, _SEED)
        layouts = tf.reduce_sum(parse.drawing.strokes.layout)
    assert not any(map(np.any, tape.gradient(layouts, weights)))


def test_canvases_are_what_the_parts_render_to(model, parse):
    drawing = parse.drawing
    canvases = model.render(drawing.strokes)
    np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-4)


@pytest.mark.parametrize(
    ("dataset", "likelihood"), [("mnist", "laplace"), ("omniglot", "normal")]
)
def test_pixels_are_normal_for_omniglot_alone(kind, dataset, likelihood):
    assert presets.get(kind, dataset).model.likelihood == likelihood


def test_samples_follow_the_fixed_prior(model):
    strokes = _numpy(model.generate(3000, seed=_SEED).strokes)
    np.testing.assert_allclose(
        strokes.presence.mean(0), [0.5, 0.25, 0.125], atol=0.03
    )
    np.testing.assert_allclose(
        strokes.layout.mean((0, 1)), [0.0, 0.0, 0.8, 0.0], atol=0.02
    )
    np.testing.assert_allclose(
        strokes.layout.std((0, 1)), [0.2, 0.2, 0.2, 0.4], rtol=0.05
    )
    kept = strokes.code.reshape(-1)
    assert scipy.stats.kstest(kept, "norm").pvalue > 1e-3


def test_cold_samples_are_the_means_of_the_prior(model):
    strokes = model.generate(5, temperature=0.0, seed=_SEED).strokes
    expected = np.broadcast_to(np.float32([0.0, 0.0, 0.8, 0.0]), [5, 3, 4])
    np.testing.assert_allclose(strokes.layout, expected, atol=1e-6)
    assert not np.any(strokes.code)


def test_reconstruction_is_the_centre_of_the_posterior(model, images):
    drawing = model.reconstruct(images)
    start = tf.concat([tf.ones([4, 1]), tf.zeros([4, 4 + 6])], -1)
    inputs = tf.concat([start, model.encoder(images)], -1)
    state = model.part_rnn(inputs, [tf.zeros([4, 8])])[0]
    np.testing.assert_allclose(
        drawing.strokes.layout[:, 0],
        model.layout_posterior(state).loc,
        atol=1e-5,
    )
    goes_on = model.presence_head(state)[:, 0] > 0.0
    np.testing.assert_array_equal(drawing.strokes.presence[:, 0], goes_on)


def test_completions_add_samples_of_the_prior_to_a_parse(model, images):
    drawing = model.complete(images, 30, seed=_SEED)
    present = drawing.strokes.presence.numpy()
    assert present.shape == (30, 4, 6)
    assert np.all(np.diff(present, axis=-1) <= 0)
    seen = model.parse(images, 200, tf.constant([8, 9]))
    more = present.sum(-1).mean()
    more -= np.sum(seen.drawing.strokes.presence, -1).mean()
    assert abs(more - (0.5 + 0.25 + 0.125)) < 0.35
    canvases = model.render(drawing.strokes)
    np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-4)


def test_exemplars_move_all_parts_and_keep_their_codes(model, images):
    strokes = _numpy(model.exemplars(images, 6, seed=_SEED).strokes)
    for same in (strokes.presence, strokes.code):
        np.testing.assert_array_equal(same, same[:1].repeat(6, 0))
    scale = strokes.layout[..., 2]
    ratio = scale / scale[:1]
    np.testing.assert_allclose(ratio, ratio[..., :1].repeat(3, -1), rtol=1e-4)
    assert np.all(strokes.layout.std(0) > 1e-4)


def test_a_drawing_depends_on_its_own_seed_alone(model, images):
    seeds = tf.constant([[1, 2], [3, 4], [5, 6], [7, 8]])
    one, own = images[2:3], seeds[2:3]
    together = (
        model.generate(4, seed=seeds),
        model.complete(images, 2, seed=seeds),
        model.exemplars(images, 2, seed=seeds),
    )
    alone = (
        model.generate(1, seed=own),
        model.complete(one, 2, seed=own),
        model.exemplars(one, 2, seed=own),
    )

    def compare(whole, part):
        axis = 1 if len(whole) == 2 else 0  # [P, B, ...] or [B, ...]
        row = np.take(whole, [2], axis)
        np.testing.assert_allclose(row, part, rtol=1e-4, atol=1e-4)

    tf.nest.map_structure(compare, together, alone)


def test_unrolled_inference_calls_no_function_for_a_part():
    """XLA needs graphs without shapes that functions pass to gradients."""
    model = tiny_models.build("air", "model.num_strokes=2")
    assert len(tiny_models.calls(model)) >= 2
    for _ in range(2):  # The second call changes nothing.
        model.unroll()
        assert tiny_models.calls(model) == []


def test_context_is_what_each_part_was_inferred_from(
    kind, model, images, parse
):
    target = model.encoder(images)
    np.testing.assert_allclose(
        parse.context.target[2], target, rtol=1e-4, atol=1e-5
    )
    canvases = parse.drawing.canvases[2]
    for t in range(1, 3):
        seen = images - canvases[:, t - 1]
        if kind == "air":
            seen = images
        np.testing.assert_allclose(
            parse.context.canvases[2, :, t],
            model.encoder(seen),
            rtol=1e-3,
            atol=1e-4,
        )
