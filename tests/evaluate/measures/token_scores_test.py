"""Scores of drawings given drawings, in closed form and on known drawings."""

import dataclasses

import numpy as np
import pytest

from tfdood.evaluate.measures import (
    code_fitting,
    code_parses,
    token_fitting,
    token_scores,
)
from tfdood.models.common import token
from tfdood.parsing.base import Parses
from tfdood.types import Pen, Strokes


def test_log_scores_are_mixtures_over_parses():
    rng = np.random.default_rng(0)
    fit_scores = rng.normal(size=[4, 3, 2])
    weights = rng.dirichlet([1.0, 1.0], 3)
    np.testing.assert_allclose(
        token_scores.log_scores(fit_scores, np.log(weights)),
        np.log((weights * np.exp(fit_scores)).sum(-1)),
    )


def test_log_scores_stay_finite_for_scores_of_images():
    scores = token_scores.log_scores(
        np.array([[[6_000.0, -9_000.0]]]), np.log([[0.5, 0.5]])
    )
    np.testing.assert_allclose(scores, 6_000.0 - np.log(2.0))


def test_two_way_score_is_the_log_of_the_quotient():
    rng = np.random.default_rng(1)
    there, back = rng.random([2, 4, 3])  # p(x_T | x_c), p(x_c | x_T)
    joint = rng.random([3, 2])
    np.testing.assert_allclose(
        token_scores.two_way_log_scores(
            np.log(there), np.log(back), np.log(joint)
        ),
        np.log(there * back / joint.sum(1)),
    )


def test_the_highest_scores_of_each_row_are_found():
    scores = np.array([[0.0, 3.0, 1.0, 2.0], [5.0, 5.0, -1.0, 5.0]])
    np.testing.assert_array_equal(
        token_scores.highest(scores, 2),
        [[False, True, False, True], [True, True, False, False]],
    )


def _characters(count: int) -> Parses:
    """Characters of two strokes, each its own only parse."""
    rng = np.random.default_rng(7)
    points = rng.uniform(0.2, 0.8, [count, 1, 2, 5, 2]).astype(np.float32)
    shape = points.shape[:3]
    layout = np.broadcast_to(np.float32([0, 0, 1, 0]), [*shape, 4])
    return Parses(
        Strokes(np.ones(shape, np.float32), layout, points),
        Pen(
            np.full(shape, 0.03, np.float32),
            np.full(shape, 0.3, np.float32),
            np.full(shape[:2], 0.5, np.float32),
        ),
        np.zeros(shape[:2]),
        np.zeros(shape[:2]),
    )


def test_transformed_characters_are_recognised(exported_model):
    supports = _characters(5)
    order = np.array([3, 0, 4, 1, 2])
    rng = np.random.default_rng(8)
    logits = rng.normal(0.0, 0.5, [5, 7]).astype(np.float32)
    own = supports.strokes.control_points[order]
    tokens = token.FITS["code"]
    noise = rng.normal(0.0, tokens.motor_std, own.shape)
    queries = supports.rows(order)
    moved = token.transform(
        queries.strokes._replace(control_points=own + noise.astype(np.float32)),
        token.affine(logits[:, None], tokens.ranges),
    )
    queries = dataclasses.replace(
        queries, strokes=Strokes(*map(np.asarray, moved))
    )
    images = [
        exported_model.run(
            "render",
            **only.strokes._asdict(),
            **only.pen._asdict(),
        )["canvas"].numpy()
        for only in (x.rows((slice(None), 0)) for x in (supports, queries))
    ]
    one_way, two_way, fitted = token_scores.classify(
        token_fitting.Fitter(exported_model),
        supports,
        queries,
        *images,
        token_scores.CURVES,
    )
    np.testing.assert_array_equal(one_way.argmax(1), order)
    np.testing.assert_array_equal(two_way.argmax(1), order)
    parses, fits = fitted.best(np.arange(5), order)
    wanted = queries.strokes.control_points[:, 0]
    assert np.abs(fits.control_points - wanted).mean() < 0.02
    assert np.abs(parses.strokes.control_points - wanted).mean() > 0.03


@pytest.fixture(name="drawings")
def _drawings(model_of_codes):
    """Four drawings by a model of codes."""
    found = model_of_codes.run(
        "generate", seeds=np.arange(8, dtype=np.int32).reshape(4, 2)
    )
    return np.clip(found["canvas"].numpy(), 0.0, 1.0)


def _of_codes(model, images, stream, num_parses):
    return code_parses.sample(model, images, num_parses, 2, (0, stream))


def test_scores_of_codes_are_those_of_the_definition(model_of_codes, drawings):
    supports, queries = drawings[:3], drawings[2:]
    of_supports, of_queries = (
        _of_codes(model_of_codes, images, stream, 2)
        for stream, images in enumerate((supports, queries))
    )
    fitter = code_fitting.Fitter(model_of_codes)
    one_way, two_way, _ = token_scores.classify(
        fitter,
        of_supports,
        of_queries,
        supports,
        queries,
        token_scores.Stages(screening=0, refining=0, num_refined=3),
    )

    def fitted(types, images):
        """Of all parses to all images, `[M, N, K]`."""
        shape = (len(images), *types.log_joint.shape)
        m, n, k = np.indices(shape).reshape(3, -1)
        return fitter.fit(types.rows((n, k)), images[m], 0).score.reshape(shape)

    def close(x):
        return np.logaddexp.reduce(x, -1)

    there = close(of_supports.log_weights + fitted(of_supports, queries))
    back = close(of_queries.log_weights + fitted(of_queries, supports))
    own = fitted(of_supports, supports)[np.arange(3), np.arange(3)]
    evidence = close(of_supports.log_prior + own)
    # With three classes, all pairs are among the best three.
    np.testing.assert_allclose(one_way, there, rtol=1e-4)
    np.testing.assert_allclose(two_way, there + back.T - evidence, rtol=1e-4)


def test_fits_raise_the_scores_of_the_best_pairs_alone(
    model_of_codes, drawings
):
    supports = drawings[::-1]
    parses = (
        _of_codes(model_of_codes, supports, 0, 1),
        _of_codes(model_of_codes, drawings, 1, 1),
    )
    fitter = code_fitting.Fitter(model_of_codes)
    start, refined = (
        token_scores.classify(
            fitter,
            *parses,
            supports,
            drawings,
            token_scores.Stages(screening=0, refining=steps, num_refined=1),
        )[0]
        for steps in (0, 5)
    )
    gain = refined - start
    assert np.all(gain >= -1e-2)
    assert gain.max() > 0.1
    # At most two classes of a query, and two queries of a class, are refined.
    assert np.mean(np.abs(gain) < 1e-2) >= 0.5
