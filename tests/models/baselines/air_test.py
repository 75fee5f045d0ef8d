import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tfdood import models
from tfdood.drawing import affine as affine_lib
from tfdood.drawing import warp as warp_lib
from tfdood.models.baselines import codes
from tfdood.settings import presets
from tfdood.types import Strokes

_SEED = tf.constant([1, 2])
_KINDS = ("air", "difference_air")


@pytest.fixture(scope="module", params=_KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def model(kind, make_tiny):
    return make_tiny(kind, "model.num_strokes=3", "model.presence_bias=0.5")


@pytest.fixture(scope="module")
def parse(model, pictures):
    return model.parse(pictures, 5, _SEED)


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
    model, kind, pictures, parse
):
    """Replays one particle, its densities by scipy."""
    got = _numpy(tf.nest.map_structure(lambda x: x[3], parse))
    strokes, canvas = got.drawing.strokes, np.zeros([4, 20, 20, 1])
    before = Strokes(np.ones([4]), np.zeros([4, 4]), np.zeros([4, 2, 2]))
    part_state = glimpse_state = tf.zeros([4, 8])
    for t in range(3):
        seen = pictures - canvas if kind == "difference_air" else pictures
        seen = tf.cast(seen, tf.float32)
        latents = [
            before.presence[:, None],
            before.layout,
            before.control_points.reshape(4, 4),
        ]
        inputs = tf.concat([np.float32(np.hstack(latents))], -1)
        inputs = tf.concat([inputs, model.encoder(seen)], -1)
        part_state = model.part_rnn(inputs, [part_state])[0]
        logits = model.presence_head(part_state)[:, 0].numpy()
        now = Strokes(*(x[:, t] for x in strokes))
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
        code = now.control_points
        expected = [
            (got.log_posterior.presence, bernoulli(logits)),
            (
                got.log_posterior.layout,
                now.presence * q_layout.log_prob(now.layout).numpy(),
            ),
            (
                got.log_posterior.control_points,
                normal(code, q_code.loc, q_code.scale),
            ),
            (got.log_prior.presence, bernoulli(0.0 * logits)),
            (got.log_prior.layout, normal(now.layout, mean, std)),
            (got.log_prior.control_points, normal(code, 0.0, 1.0)),
            (got.presence_logits.posterior, logits),
            (got.presence_logits.prior, 0.0 * logits),
        ]
        for value, wanted in expected:
            np.testing.assert_allclose(
                value[:, t], wanted, rtol=1e-3, atol=1e-3
            )
        before, canvas = now, got.drawing.canvases[:, t]


def test_only_difference_air_sees_what_was_painted(
    model, kind, pictures, parse
):
    paper = model.decoder.mlp.output_layer.bias
    paper.assign_add(tf.ones_like(paper))
    try:
        other = model.parse(pictures, 5, _SEED)
    finally:
        paper.assign_sub(tf.ones_like(paper))
    layouts = parse.drawing.strokes.layout
    change = np.abs(other.drawing.strokes.layout - layouts).max((0, 1, 3))
    assert change[0] == 0.0  # The same route, repeated: exact.
    assert np.all(change[1:] > 1e-4) == (kind == "difference_air")


def test_what_was_painted_passes_no_gradient_to_what_is_seen(model, pictures):
    weights = [w.value for w in model.decoder.trainable_variables]
    with tf.GradientTape() as tape:
        parse = model.parse(pictures, 1, _SEED)
        layouts = tf.reduce_sum(parse.drawing.strokes.layout)
    assert not any(map(np.any, tape.gradient(layouts, weights)))


def test_parts_add_up_without_bound(model, parse):
    drawing = parse.drawing
    canvases = model.render(drawing.strokes, drawing.pen)
    np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-4)
    twice = tf.nest.map_structure(
        lambda x: tf.concat([x[:, :, :1]] * 2, 2), drawing.strokes
    )
    once = model.render(twice, drawing.pen)
    np.testing.assert_allclose(
        once[:, :, 1], 2.0 * once[:, :, 0], rtol=1e-5, atol=1e-6
    )


def test_likelihood_is_normal_for_omniglot(make_tiny, pictures):
    assert presets.get("air", "omniglot").model.likelihood == "normal"
    model = make_tiny("difference_air", "model.likelihood=normal")
    model.running_pixel_scale.assign(tf.fill([20, 20, 1], 0.3))
    canvas = 2.0 * pictures[::-1]
    expected = scipy.stats.norm.logpdf(pictures, canvas, 0.3).sum((1, 2, 3))
    got = model.log_likelihood(pictures, canvas)
    np.testing.assert_allclose(got, expected, rtol=1e-4)


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
    kept = strokes.control_points.reshape(-1)
    assert scipy.stats.kstest(kept, "norm").pvalue > 1e-3


def test_cold_samples_are_the_means(model):
    strokes = model.generate(5, temperature=0.0, seed=_SEED).strokes
    expected = np.broadcast_to(np.float32([0.0, 0.0, 0.8, 0.0]), [5, 3, 4])
    np.testing.assert_allclose(strokes.layout, expected, atol=1e-6)
    assert not np.any(strokes.control_points)


def test_reconstruction_is_the_centre_of_the_posterior(model, pictures):
    drawing = model.reconstruct(pictures)
    start = tf.concat([tf.ones([4, 1]), tf.zeros([4, 8])], -1)
    inputs = tf.concat([start, model.encoder(pictures)], -1)
    state = model.part_rnn(inputs, [tf.zeros([4, 8])])[0]
    np.testing.assert_allclose(
        drawing.strokes.layout[:, 0],
        model.layout_posterior(state).loc,
        atol=1e-5,
    )
    goes_on = model.presence_head(state)[:, 0] > 0.0
    np.testing.assert_array_equal(drawing.strokes.presence[:, 0], goes_on)


def test_completions_add_samples_of_the_prior_to_what_is_seen(model, pictures):
    drawing = model.complete(pictures, 30, seed=_SEED)
    present = drawing.strokes.presence.numpy()
    assert present.shape == (30, 4, 6)
    assert np.all(np.diff(present, axis=-1) <= 0)
    seen = model.parse(pictures, 200, tf.constant([8, 9]))
    more = present.sum(-1).mean()
    more -= np.sum(seen.drawing.strokes.presence, -1).mean()
    assert abs(more - (0.5 + 0.25 + 0.125)) < 0.35
    canvases = model.render(drawing.strokes, drawing.pen)
    np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-4)


def test_exemplars_move_all_parts_and_keep_their_codes(model, pictures):
    strokes = _numpy(model.exemplars(pictures, 6, seed=_SEED).strokes)
    for same in (strokes.presence, strokes.control_points):
        np.testing.assert_array_equal(same, same[:1].repeat(6, 0))
    scale = strokes.layout[..., 2]
    ratio = scale / scale[:1]
    np.testing.assert_allclose(ratio, ratio[..., :1].repeat(3, -1), rtol=1e-4)
    assert np.all(strokes.layout.std(0) > 1e-4)


def test_a_drawing_depends_on_its_own_seed_alone(model, pictures):
    seeds = tf.constant([[1, 2], [3, 4], [5, 6], [7, 8]])
    one, own = pictures[2:3], seeds[2:3]
    together = (
        model.generate(4, seed=seeds),
        model.complete(pictures, 2, seed=seeds),
        model.exemplars(pictures, 2, seed=seeds),
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


@pytest.mark.parametrize(
    "setting",
    ["decoder=spline", "prior=sequential", "stroke_frame=canvas"],
)
def test_refuses_what_it_does_not_do(make_tiny, setting):
    name = setting.partition("=")[0]
    with pytest.raises(ValueError, match=f"'air' needs model.{name}="):
        make_tiny("air", f"model.{setting}")


def test_all_is_codes(model):
    assert isinstance(model, codes.CodeModel)
    assert not model.config.has_curves
