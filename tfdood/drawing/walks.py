"""Walks along the lines of a drawing: ways in which a pen may have drawn it.

A stroke walks over the skeleton of the drawing, from junction to junction, and
rather straight on than round a corner. A set of strokes that walks along all
lines is a candidate for a parse. Source: the bottom-up parses of BPL (Lake et
al., 2015, supplement S3.1), which GNS starts from (Feinman and Lake, 2021, App.
B). Here, equal sets of strokes are one candidate.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from tfdood.drawing import tracing
from tfdood.drawing.curves import polylines
from tfdood.drawing.skeletons import Edge, Graph

_START_POWERS = (2.0, 4.0, 6.0)
_TURN_WEIGHTS = (2.0, 4.0, 8.0, 16.0)

End = tuple[int, int]
"""An end of a line: the number of the edge, and 0 for its start or 1."""

Stroke = tuple[End, ...]
"""The ends at which a stroke enters its edges, in order."""


@dataclasses.dataclass(frozen=True)
class Rules:
    """The constants of walks.

    Attributes:
        num_random: walks with random choices, including those that turn out
            to be equal.
        num_greedy: walks that take the smallest turn.
        most_strokes: random walks with more are left out.
        lift: the cost of lifting the pen, in degrees of a turn.
        again: the cost of a line that was drawn before, in degrees.
        tiny: the cost of a line too short to have a direction, in degrees.
        reach: of a line from which its direction is taken, in widths of the
            image.
    """

    num_random: int = 150
    num_greedy: int = 5
    most_strokes: int = 8
    lift: float = 45.0
    again: float = 90.0
    tiny: float = 45.0
    reach: float = tracing.Rules.reach


def walks(
    graph: Graph, seed: int | Sequence[int], rules: Rules = Rules()
) -> list[list[np.ndarray]]:
    """Samples different sets of strokes that draw all lines.

    Args:
        graph: the clean skeleton of a drawing, in the unit square.
        seed: of the random choices.
        rules: the constants.

    Returns:
        Sets of strokes, first those of greedy walks. Each stroke is `[N, 2]`;
        a dot has one point. Order and direction of strokes mean nothing. One
        empty set for an empty graph.
    """
    walker = _Walker(graph, rules)
    rng = np.random.default_rng(seed)
    found: dict[frozenset[Stroke], list[Stroke]] = {}
    for _ in range(rules.num_greedy):
        _add(found, walker.walk(rng, np.inf, np.inf))
    for _ in range(rules.num_random):
        powers = rng.choice(_START_POWERS), rng.choice(_TURN_WEIGHTS)
        strokes = walker.walk(rng, *powers)
        if len(strokes) <= rules.most_strokes:
            _add(found, strokes)
    return [
        [walker.points(stroke) for stroke in strokes]
        for strokes in found.values()
    ]


def _add(
    found: dict[frozenset[Stroke], list[Stroke]], strokes: list[Stroke]
) -> None:
    """Adds a set of strokes, unless an equal one is there."""
    key = frozenset(min(stroke, _reversed(stroke)) for stroke in strokes)
    found.setdefault(key, strokes)


def _reversed(stroke: Stroke) -> Stroke:
    return tuple((edge, 1 - side) for edge, side in reversed(stroke))


class _Walker:
    """Walks over one graph; a free end is a node of its own."""

    def __init__(self, graph: Graph, rules: Rules) -> None:
        self._edges, self._radius = graph.edges, graph.radius
        self._rules = rules
        self._nodes = _with_free_ends(graph.edges)
        self._ends: dict[int, list[End]] = {}
        for edge, nodes in enumerate(self._nodes):
            for side, node in enumerate(nodes):
                self._ends.setdefault(node, []).append((edge, side))
        self._ways = {
            (edge, side): tracing.direction(
                graph.edges[edge], side, graph.radius, rules.reach
            )
            for edge in range(len(graph.edges))
            for side in (0, 1)
        }

    def walk(
        self, rng: np.random.Generator, start_power: float, turn_weight: float
    ) -> list[Stroke]:
        """Walks along all edges.

        Args:
            rng: of the choices.
            start_power: how strongly a stroke prefers to start at a node with
                few lines that are left.
            turn_weight: how strongly it prefers small turns, for a turn of 180
                degrees; infinite for the smallest one.

        Returns:
            The strokes.
        """
        left = set(range(len(self._edges)))
        strokes = []
        while left:
            stroke = [self._first(rng, left, start_power)]
            left.discard(stroke[0][0])
            while step := self._next(rng, left, stroke[-1], turn_weight):
                stroke.append(step)
                left.discard(step[0])
            strokes.append(tuple(_without_last_repeats(stroke, strokes)))
        return strokes

    def points(self, stroke: Stroke) -> np.ndarray:
        """The corners `[N, 2]` of a stroke."""
        parts = [
            self._edges[edge].points[:: 1 - 2 * side] for edge, side in stroke
        ]
        points = tracing.dot_or_line(np.concatenate(parts), self._radius)
        is_ring = len(stroke) == 1 and _is_ring(self._edges[stroke[0][0]])
        return tracing.from_top_left(points) if is_ring else points

    def _first(
        self, rng: np.random.Generator, left: set[int], power: float
    ) -> End:
        """Chooses the node, then the line, where a stroke starts."""
        open_ends = {
            node: [end for end in ends if end[0] in left]
            for node, ends in self._ends.items()
        }
        nodes = [node for node, ends in open_ends.items() if ends]
        counts = np.array([len(open_ends[node]) for node in nodes], float)
        node = nodes[_choose(rng, np.log(counts), power)]
        return open_ends[node][rng.integers(len(open_ends[node]))]

    def _next(
        self,
        rng: np.random.Generator,
        left: set[int],
        last: End,
        turn_weight: float,
    ) -> End | None:
        """Chooses where a stroke goes on; None to lift the pen."""
        arrived = (last[0], 1 - last[1])
        node = self._nodes[last[0]][arrived[1]]
        others = [end for end in self._ends[node] if end != arrived]
        if not left or not others:
            return None
        costs = [self._turn(arrived, end, end[0] in left) for end in others]
        costs = np.array([self._rules.lift, *costs]) / 180.0
        return [None, *others][_choose(rng, costs, turn_weight)]

    def _turn(self, arrived: End, end: End, is_new: bool) -> float:
        """The cost of going on at an end, in degrees."""
        if not is_new:
            return self._rules.again
        ways = -self._ways[arrived], self._ways[end]
        if min(np.linalg.norm(way) for way in ways) == 0.0:
            return self._rules.tiny
        return float(polylines.turn(*ways))


def _with_free_ends(edges: list[Edge]) -> list[tuple[int, int]]:
    """The nodes at the ends of each edge, with new numbers for free ends."""
    count = 1 + max((max(edge.nodes) for edge in edges), default=-1)
    nodes = []
    for edge in edges:
        first, last = edge.nodes
        if first < 0:
            first, count = count, count + 1
        if last < 0:
            last, count = (
                (first, count) if _is_ring(edge) else (count, count + 1)
            )
        nodes.append((first, last))
    return nodes


def _is_ring(edge: Edge) -> bool:
    """Whether a line is a ring or a dot, without any junction."""
    ends = edge.points[[0, -1]]
    return max(edge.nodes) < 0 and np.array_equal(*ends)


def _without_last_repeats(
    stroke: list[End], earlier: list[Stroke]
) -> list[End]:
    """Ends a stroke with the last line that is new."""
    drawn = {edge for other in earlier for edge, _ in other}
    news = []
    for edge, _ in stroke:
        news.append(edge not in drawn)
        drawn.add(edge)
    return stroke[: len(news) - news[::-1].index(True)]


def _choose(rng: np.random.Generator, costs: np.ndarray, weight: float) -> int:
    """Chooses by `exp(-weight * cost)`; one of the smallest if infinite."""
    if np.isinf(weight):
        return int(rng.choice(np.flatnonzero(costs == costs.min())))
    chances = np.exp(-weight * (costs - costs.min()))
    return int(rng.choice(len(costs), p=chances / chances.sum()))
