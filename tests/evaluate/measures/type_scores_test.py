"""Tests of scores by types that are drawn again, on known numbers."""

import dataclasses

import numpy as np
import pytest

from tests.parsing import spline_drawings
from tfdood.evaluate.measures import (
    token_scores,
    type_fitting,
    type_scores,
)

# p(image | type): of 2 supports with 2 parses to 3 queries, and back.
THERE = np.array([[[0.5, 0.1], [0.3, 0.3]], [[0.2, 0.2], [0.9, 0.1]]] * 2)[:3]
BACK = np.array([[[0.4, 0.2], [0.1, 0.6], [0.3, 0.3]]] * 2)
JOINTS = np.array([[0.3, 0.1], [0.5, 0.0]]), np.array([[0.2, 0.6]] * 3)


class Table:
    """A fitter with known scores; types and images are numbered."""

    def __init__(self):
        self.fitted = []

    def fit(self, parses, images, num_steps):
        n, k, is_query = parses.types.control_points[:, 0, 0].astype(int).T
        m = images[:, 0, 0, 0].astype(int)
        self.fitted += list(zip(is_query, m, n, k, strict=True))
        there, back = (x[m % len(x), n % x.shape[1], k] for x in (THERE, BACK))
        scores = np.log(np.where(is_query, back, there))
        return type_fitting.Fits(scores, None, parses.strokes.control_points)


def _numbered(joint, is_query):
    points = np.zeros([*joint.shape, 1, 1, 3], np.float32)
    points[..., 0, 0, 0], points[..., 0, 0, 1] = np.indices(joint.shape)
    points[..., 2] = is_query
    parses = spline_drawings.parses(
        np.full([*joint.shape, 1, 1, 2], 50.0), np.ones([*joint.shape, 1])
    )
    types = parses.types._replace(control_points=points)
    with np.errstate(divide="ignore"):
        log_joint = np.log(joint)
    return dataclasses.replace(parses, types=types, log_likelihood=log_joint)


@pytest.fixture(name="table")
def _table():
    return Table()


@pytest.fixture(name="scores")
def _scores(table):
    supports, queries = (
        np.zeros([n, 5, 5, 1]) + np.arange(n)[:, None, None, None]
        for n in (2, 3)
    )
    parses = _numbered(JOINTS[0], 0), _numbered(JOINTS[1], 1)
    return type_scores.classify(table, *parses, supports, queries)


def test_one_way_scores_are_mixtures_over_parses(scores):
    weights = JOINTS[0] / JOINTS[0].sum(1, keepdims=True)
    np.testing.assert_allclose(np.exp(scores[0]), (weights * THERE).sum(-1))


def test_two_way_scores_divide_by_the_density_of_the_support(scores):
    weights = JOINTS[1] / JOINTS[1].sum(1, keepdims=True)
    back = (weights * BACK).sum(-1).T
    expected = np.exp(scores[0]) * back / JOINTS[0].sum(1)
    np.testing.assert_allclose(np.exp(scores[1]), expected)


def test_parses_without_weight_are_never_fitted(scores, table):
    assert len(scores) == 3
    assert not [
        row for row in table.fitted if row[0] == 0 and row[2:] == (1, 1)
    ]
    assert (0, 2, 0, 1) in table.fitted


def test_characters_drawn_again_are_recognised(monkeypatch):
    monkeypatch.setattr(
        type_scores, "_STAGES", token_scores.Stages(4, 8, num_refined=2)
    )
    rng = np.random.default_rng(2)
    points = rng.uniform(30.0, 75.0, [3, 1, 2, 4, 2])
    order = np.array([2, 0, 1])
    copies = 1.15 * (points[order] - 50.0) + [45.0, 58.0]
    copies += rng.normal(0.0, 1.0, points.shape)
    numbers = np.full([3, 1, 2], 4)
    supports, queries = (
        spline_drawings.parses(x, numbers) for x in (points, copies)
    )
    one_way, two_way, fitted = type_scores.classify(
        type_fitting.Fitter(spline_drawings.Refits(4)),
        supports,
        queries,
        spline_drawings.images(supports)[:, 0],
        spline_drawings.images(queries)[:, 0],
    )
    np.testing.assert_array_equal(one_way.argmax(1), order)
    np.testing.assert_array_equal(two_way.argmax(1), order)
    parses, fits = fitted.best(np.arange(3), order)
    assert np.abs(fits.control_points - copies[:, 0]).mean() < 2.5
    found = parses.strokes.num_control_points
    np.testing.assert_array_equal(found, numbers[:, 0])
