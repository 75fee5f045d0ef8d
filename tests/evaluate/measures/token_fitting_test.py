"""Fits, of strokes that are known to images that they are known to make."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tfdood.evaluate.measures import token_fitting
from tfdood.models.common import token
from tfdood.parsing.base import Parses
from tfdood.types import Pen, Strokes

_TOKENS = token.FITS["code"]


@pytest.fixture(name="fitter", scope="module")
def _fitter(exported_model):
    return token_fitting.Fitter(exported_model)


@pytest.fixture(name="types")
def _types():
    return make_types(6, [1, 2, 3, 1, 3, 2])


def make_types(seed: int, counts) -> Parses:
    """Some strokes in the middle of the canvas, and a pen like a real one."""
    rng = np.random.default_rng(seed)
    shape = len(counts), 3
    presence = (np.arange(3) < np.array(counts)[:, None]).astype(np.float32)
    points = rng.uniform(0.25, 0.75, [*shape, 5, 2]).astype(np.float32)
    layout = np.broadcast_to(np.float32([0, 0, 1, 0]), [*shape, 4])
    pen = Pen(
        np.full(shape, 0.03, np.float32),
        np.full(shape, 0.3, np.float32),
        np.full(shape[:1], 0.5, np.float32),
    )
    zeros = np.zeros(len(counts))
    return Parses(Strokes(presence, layout, points), pen, zeros, zeros)


def draw(model, types, logits, change=0.0):
    strokes = types.strokes._replace(
        control_points=types.strokes.control_points + change
    )
    strokes = token.transform(strokes, token.affine(logits, _TOKENS.ranges))
    inputs = strokes._asdict() | types.pen._asdict()
    canvas = model.run("render", **inputs)["canvas"].numpy()
    return canvas, strokes.control_points.numpy()


def test_log_token_is_a_ratio_of_normal_densities():
    rng = np.random.default_rng(0)
    change = rng.normal(0.0, 2e-3, [2, 3, 5, 2]).astype(np.float32)
    presence = np.float32([[1, 1, 0], [1, 0, 0]])
    normal = stats.norm(0.0, _TOKENS.motor_std)
    expected = [
        (normal.logpdf(change[i, :n]) - normal.logpdf(0.0)).sum()
        for i, n in enumerate((2, 1))
    ]
    np.testing.assert_allclose(
        token_fitting.log_token(change, presence, _TOKENS.motor_std),
        expected,
        rtol=1e-4,
    )


def test_a_type_explains_its_own_drawing_without_change(
    exported_model, fitter, types
):
    images, points = draw(exported_model, types, np.zeros([6, 7], np.float32))
    fits = fitter.fit(types, images, 0)
    expected = exported_model.run("likelihood", images=images, canvas=images)
    np.testing.assert_allclose(
        fits.score, expected["log_likelihood"], rtol=1e-4
    )
    np.testing.assert_allclose(fits.control_points, points, atol=1e-3)


def test_an_affine_transform_is_found_again(exported_model, fitter, types):
    rng = np.random.default_rng(1)
    logits = rng.normal(0.0, 0.4, [6, 7]).astype(np.float32)
    images, points = draw(exported_model, types, logits)
    start = fitter.fit(types, images, 0)
    fits = fitter.fit(types, images, 100)
    best = exported_model.run("likelihood", images=images, canvas=images)
    best = best["log_likelihood"].numpy()
    gap = (best - fits.score) / (best - start.score)
    assert np.median(gap) < 0.1
    is_drawn = types.strokes.presence > 0.5
    error, error_before = (
        np.abs(x.control_points - points)[is_drawn].mean()
        for x in (fits, start)
    )
    assert error < 0.4 * error_before


def test_motor_noise_of_the_text_costs_more(exported_model, types):
    change = np.random.default_rng(2).normal(0.0, 0.02, [6, 3, 5, 2])
    same = np.zeros([6, 7], np.float32)
    images, _ = draw(exported_model, types, same, change.astype(np.float32))
    of_code, of_text = (
        token_fitting.Fitter(exported_model, tokens).fit(types, images, 20)
        for tokens in (token.FITS["code"], token.FITS["text"])
    )
    assert np.mean(of_code.score - of_text.score) > 1.0
    moved, kept = (
        np.abs(fits.token.change).mean() for fits in (of_code, of_text)
    )
    assert kept < 0.5 * moved


def test_a_shift_is_guessed_from_the_ink(exported_model, fitter, types):
    logits = np.zeros([6, 7], np.float32)
    logits[:, :2] = 1.0, -0.7
    images, points = draw(exported_model, types, logits)
    fits = fitter.fit(types, images, 0)
    is_drawn = types.strokes.presence > 0.5
    error = np.abs(fits.control_points - points)[is_drawn]
    shift = _TOKENS.ranges.shift * np.tanh(0.5) / 2.0
    assert error.mean() < 0.05 * shift


def test_a_change_of_scale_is_guessed_from_the_ink(
    exported_model, fitter, types
):
    same = np.zeros([6, 7], np.float32)
    images, _ = draw(exported_model, types, same)
    small = types.strokes.control_points * 0.5 + 0.2
    small = dataclasses.replace(
        types, strokes=types.strokes._replace(control_points=small)
    )
    fits = fitter.fit(small, images, 0)
    is_drawn = types.strokes.presence > 0.5
    wanted = types.strokes.control_points
    error, error_before = (
        np.abs(x - wanted)[is_drawn].mean()
        for x in (fits.control_points, small.strokes.control_points)
    )
    # The line is as wide in both drawings, so that the ink is not the same.
    assert error < 0.4 * error_before


def test_lines_are_drawn_to_ink_that_they_do_not_touch(
    exported_model, fitter, types
):
    one = types.rows([0])
    x = np.linspace(0.3, 0.7, 5)
    line, farther = (
        one.strokes.control_points * 0.0 + np.stack([x, np.full(5, y)], -1)
        for y in (0.45, 0.6)
    )
    # A dot in the corner, so that moments of the ink do not tell the shift.
    line[:, 1], farther[:, 1] = 0.2, 0.2
    presence = np.float32([[1, 1, 0]])
    given, wanted = (
        dataclasses.replace(
            one,
            strokes=one.strokes._replace(
                presence=presence, control_points=points.astype(np.float32)
            ),
        )
        for points in (line, farther)
    )
    image, _ = draw(exported_model, wanted, np.zeros([1, 7], np.float32))
    start, fits = (fitter.fit(given, image, n) for n in (0, 100))
    error, error_before = (
        np.abs(x.control_points - farther)[0, 0].mean() for x in (fits, start)
    )
    assert error < 0.5 * error_before


def test_scores_weigh_motor_noise_against_ink(exported_model, fitter, types):
    rng = np.random.default_rng(2)
    change = rng.normal(0.0, 0.02, [6, 3, 5, 2]).astype(np.float32)
    images, _ = draw(
        exported_model, types, np.zeros([6, 7], np.float32), change
    )
    fits = fitter.fit(types, images, 60)
    presence = types.strokes.presence
    log_tokens = token_fitting.log_token(
        fits.token.change, presence, _TOKENS.motor_std
    )
    assert np.all(np.asarray(log_tokens) < 0.0)
    fitted = dataclasses.replace(
        types,
        strokes=types.strokes._replace(control_points=fits.control_points),
    )
    canvas, _ = draw(exported_model, fitted, np.zeros([6, 7], np.float32))
    expected = exported_model.run("likelihood", images=images, canvas=canvas)
    np.testing.assert_allclose(
        fits.score, expected["log_likelihood"] + log_tokens, rtol=1e-4
    )


def test_ascent_never_lowers_the_score(exported_model, fitter, types):
    logits = np.random.default_rng(3).normal(size=[6, 7]).astype(np.float32)
    images, _ = draw(exported_model, types, logits)
    start = fitter.fit(types, images, 0)
    for num_steps in (1, 8):
        fits = fitter.fit(types, images, num_steps)
        assert np.all(fits.score >= start.score - 1e-3)
    assert np.mean(fits.score > start.score) > 0.5


def test_the_fit_of_a_row_does_not_depend_on_other_rows(fitter, types):
    images = np.random.default_rng(4).random([6, 20, 20, 1], np.float32)
    together = fitter.fit(types, images, 5)
    for row in (0, 4):
        alone = fitter.fit(types.rows([row]), images[[row]], 5)
        np.testing.assert_allclose(
            alone.score, together.score[[row]], rtol=1e-4
        )


def test_a_parse_without_strokes_is_an_empty_canvas(exported_model, fitter):
    types = make_types(0, [0, 0])
    images = np.random.default_rng(5).random([2, 20, 20, 1], np.float32)
    fits = fitter.fit(types, images, 2)
    expected = exported_model.run(
        "likelihood", images=images, canvas=np.zeros_like(images)
    )
    np.testing.assert_allclose(
        fits.score, expected["log_likelihood"], rtol=1e-5
    )
    assert np.all(np.isfinite(tf.concat(tuple(fits.token[:1]), 0)))
