"""Fits, of codes that are known to images that they are known to make."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tfdood.evaluate.measures import code_fitting
from tfdood.evaluate.measures.code_parses import CodeParses
from tfdood.models.common import token


@pytest.fixture(name="fitter", scope="module")
def _fitter(model_of_codes):
    return code_fitting.Fitter(model_of_codes)


@pytest.fixture(name="types")
def _types(model_of_codes):
    rng = np.random.default_rng(0)
    size = model_of_codes.config.model.code_size
    counts = np.array([1, 2, 3, 1, 3, 2])
    presence = (np.arange(3) < counts[:, None]).astype(np.float32)
    layout = rng.normal(0.0, 0.1, [6, 3, 4]) + [0.0, 0.0, 0.6, 0.0]
    latents = {
        "presence": presence,
        "layout": layout.astype(np.float32),
        "code": rng.normal(size=[6, 3, size]).astype(np.float32),
    }
    return CodeParses(latents, np.zeros(6), np.zeros(6))


def _draw(model, types, logits, change=0.0):
    latents = {k: tf.constant(x) for k, x in types.latents.items()}
    at = code_fitting.Token(
        tf.constant(logits, tf.float32), tf.constant(change, tf.float32)
    )
    latents = code_fitting.placed(latents, at)
    return model.run("render", **latents)["canvas"].numpy()


def _best(model, images):
    return model.run("likelihood", images=images, canvas=images)[
        "log_likelihood"
    ].numpy()


def test_log_token_is_a_ratio_of_normal_densities():
    rng = np.random.default_rng(0)
    change = rng.normal(0.0, 0.1, [2, 3, 5]).astype(np.float32)
    presence = np.float32([[1, 1, 0], [1, 0, 0]])
    normal = stats.norm(0.0, code_fitting.CODE_STD)
    expected = [
        (normal.logpdf(change[i, :n]) - normal.logpdf(0.0)).sum()
        for i, n in enumerate((2, 1))
    ]
    np.testing.assert_allclose(
        code_fitting.log_token(change, presence, code_fitting.CODE_STD),
        expected,
        rtol=1e-4,
    )


def test_a_type_explains_its_own_drawing_without_change(
    model_of_codes, fitter, types
):
    images = np.clip(_draw(model_of_codes, types, np.zeros([6, 4])), 0.0, 1.0)
    canvas = _draw(model_of_codes, types, np.zeros([6, 4]))
    fits = fitter.fit(types, images, 0)
    expected = model_of_codes.run("likelihood", images=images, canvas=canvas)
    assert np.all(
        fits.score >= expected["log_likelihood"].numpy() * 0.9999 - 1e-2
    )


def test_gradients_are_those_of_finite_differences(model_of_codes, types):
    logits = np.full([6, 4], 0.1)
    images = np.clip(_draw(model_of_codes, types, logits), 0.0, 1.0)
    latents = {k: tf.constant(x) for k, x in types.latents.items()}

    def score(logits, change):
        at = code_fitting.Token(logits, change)
        canvas = model_of_codes.run(
            "render", **code_fitting.placed(latents, at)
        )["canvas"]
        return tf.reduce_sum((canvas - images) ** 2, (1, 2, 3))

    at = tf.zeros([6, 4]), tf.zeros_like(latents["code"])
    with tf.GradientTape() as tape:
        tape.watch(at)
        value = score(*at)
    gradients = tape.gradient(value, at)
    rng = np.random.default_rng(1)
    for i, gradient in enumerate(gradients):
        direction = rng.normal(size=gradient.shape).astype(np.float32)
        step = 1e-2 * direction
        moved = [
            score(*(x + sign * step if j == i else x for j, x in enumerate(at)))
            for sign in (1.0, -1.0)
        ]
        slope = (moved[0] - moved[1]).numpy().sum() / 2e-2
        expected = np.sum(gradient.numpy() * direction)
        assert slope == pytest.approx(expected, rel=0.05)


def test_the_price_of_a_change_follows_the_spread_of_the_prior(
    model_of_codes, types
):
    images = np.clip(_draw(model_of_codes, types, np.full([6, 4], 0.3)), 0, 1)
    fits = code_fitting.Fitter(model_of_codes, 0.2).fit(types, images, 5)
    canvas = _draw(model_of_codes, types, *fits.token)
    expected = model_of_codes.run("likelihood", images=images, canvas=canvas)
    price = code_fitting.log_token(
        fits.token.change, types.latents["presence"], 0.02
    )
    assert np.min(price) < -0.1
    np.testing.assert_allclose(
        fits.score, expected["log_likelihood"] + price, rtol=1e-3, atol=0.1
    )


def test_a_move_and_a_change_of_codes_are_found_again(
    model_of_codes, fitter, types
):
    rng = np.random.default_rng(1)
    logits = rng.normal(0.0, 0.4, [6, 4])
    change = rng.normal(0.0, code_fitting.CODE_STD, types.latents["code"].shape)
    images = _draw(model_of_codes, types, logits, change)
    images = np.clip(images, 0.0, 1.0)
    start = fitter.fit(types, images, 0)
    fits = fitter.fit(types, images, 100)
    best = _best(model_of_codes, images)
    gap = (best - fits.score) / (best - start.score)
    assert np.median(gap) < 0.4
    assert np.all(fits.score >= start.score - 1e-3)
    canvas = _draw(model_of_codes, types, fits.token.logits, fits.token.change)
    expected = model_of_codes.run("likelihood", images=images, canvas=canvas)
    log_tokens = code_fitting.log_token(
        fits.token.change, types.latents["presence"], code_fitting.CODE_STD
    )
    np.testing.assert_allclose(
        fits.score, expected["log_likelihood"] + log_tokens, rtol=1e-4
    )


def test_a_move_is_guessed_from_the_ink():
    centres = (np.arange(100) + 0.5) / 50.0 - 1.0
    canvas, wanted = np.zeros([2, 1, 100, 100, 1], np.float32)
    for image, (x, y), size in (
        (canvas, (0.2, -0.1), 0.2),
        (wanted, (0.3, 0.0), 0.24),
    ):
        inside = [np.abs(centres - c) < size for c in (y, x)]
        image[0, ..., 0] = np.outer(*inside)
    logits = code_fitting._matching_logits(canvas, wanted)[0].numpy()
    limits = token.FITS["code"].ranges
    scale = 1.0 + limits.scale * np.tanh(logits[2] / 2.0)
    assert scale == pytest.approx(1.2, abs=1e-3)
    shift = limits.shift * np.tanh(logits[:2] / 2.0)
    np.testing.assert_allclose(shift, [0.3 - 1.2 * 0.2, 1.2 * 0.1], atol=1e-3)
    assert logits[3] == 0.0


def test_the_fit_of_a_row_does_not_depend_on_other_rows(
    fitter, types, monkeypatch
):
    images = np.random.default_rng(4).random([6, 20, 20, 1], np.float32)
    together = fitter.fit(types, images, 5)
    monkeypatch.setattr(code_fitting, "_ROWS_A_CALL", 4)
    apart = fitter.fit(types, images, 5)
    np.testing.assert_allclose(apart.score, together.score, rtol=1e-4)
