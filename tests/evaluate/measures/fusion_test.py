"""Fused scores, in closed form and on constructed runs."""

import numpy as np
import pytest

from tfdood.evaluate.measures import fusion


def test_fused_scores_are_products_of_probabilities():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(4), [2, 3])
    product = p * q
    np.testing.assert_allclose(
        fusion.fused(np.log(p) + 5.0, -3.0 * np.log(q), 3.0),
        np.log(product / product.sum(-1, keepdims=True)),
    )


@pytest.mark.parametrize(("worth", "winner"), [(1e-3, 1), (1e3, 0)])
def test_what_a_nat_is_worth_decides_between_scores_and_distances(
    worth, winner
):
    scores, distances = np.array([[2.0, 1.0]]), np.array([[2.0, 1.0]])
    assert fusion.fused(scores, distances, worth).argmax() == winner


def _part(gains: np.ndarray) -> dict[str, np.ndarray]:
    """Queries of two characters: the first gains nats, and is 8 farther."""
    zeros = np.zeros_like(gains)
    return {
        "answers": np.array([0, 0, 1, 1]),
        "one_way": np.stack([gains, zeros], 1),
        "idm": np.stack([zeros - 8.0, zeros], 1),
    }


def test_the_search_finds_the_only_value_that_is_always_right():
    # Right if the gains 5 and 3 are above 8 / D, and 1 and 2 are below.
    part = _part(np.array([5.0, 3.0, 1.0, 2.0]))
    best, accuracies = fusion.search([part, part], [1.0, 3.5, 7.0])
    assert best == 3.5
    np.testing.assert_allclose(accuracies, [0.5, 1.0, 0.75])


def test_the_search_takes_the_middle_of_equal_values():
    part = _part(np.array([50.0, 30.0, 0.0, 0.0]))
    best, accuracies = fusion.search([part], [1.0, 2.0, 4.0, 8.0])
    np.testing.assert_array_equal(accuracies, 1.0)
    assert best == 2.0
