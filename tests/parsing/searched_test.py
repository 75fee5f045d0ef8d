"""Tests of the search for the strokes of images."""

import numpy as np
import pytest

from tfdood.drawing import tracing, walks
from tfdood.parsing import lines, plans, searched, seeds

SIZE, MOST = 105, 12


class Prior:
    """Likes few and long strokes, from left to right; fits nothing."""

    def run(self, signature, **inputs):
        return getattr(self, signature)(**inputs)

    def score_start(self, canvas_before, previous_end, starts):
        del previous_end
        return {
            "score": -0.01 * starts[..., 0]
            - 1.0
            + 0.0 * canvas_before[:, :1, 0]
        }

    def score_stroke(self, canvas_before, control_points, num_control_points):
        del canvas_before
        last = control_points[
            np.arange(len(control_points)), num_control_points - 1
        ]
        return {"score": 0.01 * (last - control_points[:, 0])[:, 0] - 3.0}

    def score_stop(self, canvas_before):
        return {"score": np.zeros(len(canvas_before))}

    def refit(self, images, type_points, num_control_points, **start):
        count = len(images)
        names = "token_starts", "token_points", "token_affine"
        return {
            "control_points": type_points,
            "type_points": type_points,
            "num_control_points": num_control_points,
            **{name: start[name] for name in names},
            "std": np.ones(count),
            "noise": np.full(count, 0.02),
            "canvas": images,
            "log_token": np.zeros(count),
            "log_likelihood": np.zeros(count),
        }

    def log_prior(self, control_points, num_control_points):
        del control_points
        return {"log_prior": -1.0 * (num_control_points > 0).sum(-1)}

    def fit(self, images, control_points, num_control_points, **ascent):
        del ascent
        still = {
            "token_starts": np.zeros_like(control_points[..., 0, :]),
            "token_points": np.zeros_like(control_points),
            "token_affine": np.tile([1.0, 1.0, 0.0, 0.0], [len(images), 1]),
        }
        moved = control_points + 1.0
        found = self.refit(images, moved, num_control_points, **still)
        return {**found, "log_type": np.zeros(len(images))}


def image(*lines_of_ink):
    ink = np.zeros((SIZE, SIZE, 1), np.float32)
    for start, end in lines_of_ink:
        for x, y in np.linspace(start, end, 300).round().astype(int):
            ink[y - 1 : y + 2, x - 1 : x + 2] = 1.0
    return ink


CROSS = image(((20, 50), (80, 50)), ((50, 20), (50, 80)))
LINE = image(((20, 20), (80, 60)))
EMPTY = np.zeros((SIZE, SIZE, 1), np.float32)


@pytest.fixture(scope="module")
def parses():
    parser = searched.Searched(
        Prior(), MOST, num_parses=3, rules=walks.Rules(num_random=30)
    )
    return parser.parse(np.stack([CROSS, LINE, EMPTY]), seeds.Seed(0))


def test_a_cross_is_two_strokes_from_left_to_right(parses):
    assert parses.num_strokes[0, 0] == 2
    strokes = lines.of_strokes(parses.rows((slice(0, 1), 0)))[0]
    lengths = [np.linalg.norm(x[-1] - x[0]) for x in strokes]
    np.testing.assert_allclose(lengths, 60 / SIZE, atol=0.06)
    across = max(strokes, key=lambda x: np.ptp(x[:, 0]))
    assert across[0, 0] < across[-1, 0]


def test_the_best_comes_first(parses):
    counts = parses.num_strokes[0]
    assert (np.diff(counts) >= 0).all()
    assert counts[-1] > counts[0]


def test_parses_have_their_token_and_pen(parses):
    assert parses.token.affine.shape == (3, 3, 4)
    moved = parses.types.control_points + parses.token.points
    np.testing.assert_array_equal(moved, parses.strokes.control_points)
    np.testing.assert_array_equal(parses.noise, np.full([3, 3], 0.02))


def test_repeated_parses_have_no_weight(parses):
    weights = np.exp(parses.log_weights)
    np.testing.assert_allclose(weights.sum(-1), 1.0)
    np.testing.assert_allclose(weights[1], [1.0, 0.0, 0.0])


def test_an_empty_image_has_no_strokes(parses):
    assert (parses.num_strokes[2] == 0).all()
    assert lines.of_strokes(parses.rows((slice(2, 3), 0))) == [[]]


def test_many_strokes_are_traced_without_search():
    many = image(*(((x, 20), (x, 80)) for x in range(8, 100, 10)))
    parser = searched.Searched(Prior(), MOST, num_parses=2)
    found = parser.parse(many[np.newaxis], seeds.Seed(0))
    assert list(found.num_strokes[0]) == [10, 10]


@pytest.mark.parametrize("number", range(12))
def test_many_strokes_keep_the_order_of_the_traced_lines(number):
    rng = np.random.default_rng(number)
    many = image(*rng.uniform(10, 95, [12, 2, 2]))
    traced = tracing.trace(many[..., 0]).lines
    parser = searched.Searched(Prior(), MOST, rules=walks.Rules(num_random=5))
    found = parser.parse(many[np.newaxis], seeds.Seed(0))
    assert found.num_strokes[0, 0] == len(traced) > plans.MOST_STROKES
    places = SIZE * np.stack([line.mean(0) for line in traced])
    points, numbers = (x[0, 0] for x in found.strokes)
    for place, (own, count) in enumerate(zip(points, numbers, strict=True)):
        gaps = np.linalg.norm(places - own[:count].mean(0), axis=-1)
        assert gaps.argmin() == place


def test_equal_seeds_give_equal_parses():
    parser = searched.Searched(
        Prior(), MOST, rules=walks.Rules(num_random=3, num_greedy=1)
    )
    one, same = (
        parser.parse(CROSS[np.newaxis], seeds.Seed(1, 0)) for _ in range(2)
    )
    # The same route, repeated: exact.
    np.testing.assert_array_equal(
        one.strokes.control_points, same.strokes.control_points
    )


def test_types_move_if_they_may(parses):
    parser = searched.Searched(
        Prior(),
        MOST,
        num_parses=3,
        rules=walks.Rules(num_random=30),
        moves_types=True,
    )
    found = parser.parse(CROSS[np.newaxis], seeds.Seed(0))
    np.testing.assert_array_equal(
        found.types.control_points[0, 0],
        parses.types.control_points[0, 0] + 1.0,
    )
    np.testing.assert_array_equal(found.log_prior, np.zeros([1, 3]))
