"""Traces the lines of a drawing: thinning and good continuation.

Nothing is learned here. The skeleton of the ink is cleaned: short spurs and
short bridges between junctions come from thick ink and not from the pen. Where
two lines meet at a sharp angle, their ink merges before they meet: a longer
spur in the direction of both is the tip of a stroke that turns back. At a
junction, the two lines that continue each other with the smallest turn belong
to one stroke.
"""

import dataclasses

import numpy as np
from scipy import ndimage

from tfdood.drawing import skeletons
from tfdood.drawing.curves import polylines
from tfdood.drawing.skeletons import Edge, Graph

_FAINTEST = 0.1  # A drawing whose largest pixel is below this is empty.
_FINE = 150  # Smaller drawings are enlarged to about this size before.


@dataclasses.dataclass(frozen=True)
class Rules:
    """The constants of tracing.

    Attributes:
        shortest: spurs and bridges are removed if they are shorter, in widths
            of the image.
        longest_tip: the largest length of a tip, the spur where two lines merge
            before they meet, in widths of the image.
        tip_turn: the largest turn from either line into their tip, in degrees.
        reach: the length of the part of a line at a junction that gives the
            direction of the line, in widths of the image.
        largest_turn: the largest turn of a stroke at a junction, in degrees.
        level: ink is above this share of the largest pixel.
    """

    shortest: float = 6.0 / 105.0
    longest_tip: float = 12.0 / 105.0
    tip_turn: float = 40.0
    reach: float = 10.0 / 105.0
    largest_turn: float = 75.0
    level: float = 0.5


@dataclasses.dataclass(frozen=True)
class Trace:
    """The strokes of a drawing.

    Attributes:
        lines: each `[N, 2]`, points `(x, y)` in the unit square. A dot has one
            point, and a ring ends where it starts.
        width: of the ink, in image widths; 0 if there is none.
    """

    lines: list[np.ndarray]
    width: float


def trace(image: np.ndarray, rules: Rules = Rules()) -> Trace:
    """Traces the strokes of a drawing.

    Args:
        image: `[S, S]` in [0, 1], bright ink on black.
        rules: the constants.

    Returns:
        The `Trace`: strokes from the top left to the bottom right, each from
        its end that is farther to the top left.
    """
    graph = clean_skeleton(image, rules)
    paths = _joined(graph.edges, graph.radius, rules)
    lines = [dot_or_line(points, graph.radius) for points in paths]
    return Trace(_in_writing_order(lines), 2.0 * graph.radius)


def clean_skeleton(image: np.ndarray, rules: Rules = Rules()) -> Graph:
    """Finds the lines of a drawing between junctions, without flaws.

    Args:
        image: `[S, S]` in [0, 1], bright ink on black.
        rules: the constants.

    Returns:
        The `Graph`, in the unit square; no edges if the image is empty.
    """
    if image.max() < _FAINTEST:
        return Graph([], 0.0)
    factor = max(1, round(_FINE / len(image)))
    fine = ndimage.zoom(image, factor, order=1, mode="nearest", grid_mode=True)
    size = len(fine)
    graph = skeletons.graph(fine > rules.level * image.max())
    graph = Graph(
        [Edge(edge.points / size, edge.nodes) for edge in graph.edges],
        graph.radius / size,
    )
    return Graph(_cleaned(graph, rules), graph.radius)


def dot_or_line(points: np.ndarray, radius: float) -> np.ndarray:
    """Makes a dot of a line that is not longer than it is wide.

    Args:
        points: `[N, 2]`, the corners of the line.
        radius: half of the width of the ink.

    Returns:
        The points, or their mean, `[1, 2]`.
    """
    is_dot = polylines.lengths(points)[-1] < 2.0 * radius
    return points.mean(0, keepdims=True) if is_dot else points


def _cleaned(graph: Graph, rules: Rules) -> list[Edge]:
    """Removes spurs and bridges, shortest first, and then tips."""
    edges = list(graph.edges)
    while True:
        degrees = skeletons.degrees(edges)
        hanging = [edge for edge in edges if _is_flaw(edge, degrees)]
        short = [edge for edge in hanging if edge.length < rules.shortest]
        flaws = short or [
            edge
            for edge in hanging
            if _is_tip(edges, edge, graph.radius, rules)
        ]
        if not flaws:
            return edges
        flaw = min(flaws, key=lambda edge: edge.length)
        edges = [edge for edge in edges if edge is not flaw]
        if min(flaw.nodes) >= 0:
            edges = _contracted(edges, flaw)
        elif not short:
            edges = _through(edges, flaw)


def _is_tip(edges: list[Edge], edge: Edge, radius: float, rules: Rules) -> bool:
    """Whether a spur is where two lines merged before they meet."""
    if min(edge.nodes) >= 0 or edge.length >= rules.longest_tip:
        return False
    node = max(edge.nodes)
    ways = [
        direction(other, side, radius, rules.reach)
        for other in edges
        for side, end in enumerate(other.nodes)
        if end == node and other is not edge
    ]
    spur = direction(edge, edge.nodes.index(node), 0.0, rules.reach)
    turns = [polylines.turn(-way, spur) for way in ways]
    return len(ways) == 2 and max(turns) < rules.tip_turn


def _through(edges: list[Edge], spur: Edge) -> list[Edge]:
    """Lengthens the edges at a spur to its free end."""
    node = max(spur.nodes)
    tip = spur.points[[-1 if spur.nodes[0] == node else 0]]
    moved = []
    for edge in edges:
        before, after = (tip if n == node else tip[:0] for n in edge.nodes)
        points = np.concatenate([before, edge.points, after])
        moved.append(Edge(points, edge.nodes))
    return moved


def _is_flaw(edge: Edge, degrees: dict[int, int]) -> bool:
    """Whether an edge hangs on a junction, or joins two."""
    first, last = edge.nodes
    if first >= 0 and last >= 0:
        return first != last and min(degrees[first], degrees[last]) > 1
    return max(first, last) >= 0 and degrees[max(first, last)] > 2


def _contracted(edges: list[Edge], bridge: Edge) -> list[Edge]:
    """Moves the edges at both ends of a bridge to its middle."""
    kept, gone = bridge.nodes
    middle = bridge.points[[0, -1]].mean(0)
    moved = []
    for edge in edges:
        if not {*edge.nodes} & {*bridge.nodes}:
            moved.append(edge)  # Its length, once computed, stays.
            continue
        points = edge.points.copy()
        for at, node in ((0, edge.nodes[0]), (-1, edge.nodes[1])):
            if node in bridge.nodes:
                points[at] = middle
        nodes = tuple(kept if n == gone else n for n in edge.nodes)
        moved.append(Edge(points, nodes))
    return moved


def _joined(edges: list[Edge], radius: float, rules: Rules) -> list[np.ndarray]:
    """Joins edges that continue each other to paths, `[N, 2]` points each."""
    partner = _partners(edges, radius, rules)
    paths, used = [], set()
    starts = [
        (number, side)
        for number in range(len(edges))
        for side in (0, 1)
        if (number, side) not in partner
    ]
    everywhere = [(number, 0) for number in range(len(edges))]  # rings
    for number, side in starts + everywhere:
        parts = []
        while number not in used:
            used.add(number)
            edge = edges[number]
            parts.append(edge.points if side == 0 else edge.points[::-1])
            number, side = partner.get((number, 1 - side), (number, side))
        if parts:
            paths.append(np.concatenate(parts))
    return paths


def _partners(
    edges: list[Edge], radius: float, rules: Rules
) -> dict[tuple[int, int], tuple[int, int]]:
    """The end of an edge that continues each end of an edge.

    At each junction, the pair of ends with the smallest turn is joined first.
    Two ends that are alone at a node always belong together.
    """
    at_node: dict[int, list[tuple[int, int]]] = {}
    for number, edge in enumerate(edges):
        for side, node in enumerate(edge.nodes):
            if node >= 0:
                at_node.setdefault(node, []).append((number, side))
    partner = {}
    for ends in at_node.values():
        ways = [
            direction(edges[n], side, radius, rules.reach) for n, side in ends
        ]
        turns = sorted(
            (float(polylines.turn(-ways[i], ways[j])), i, j)
            for j in range(len(ends))
            for i in range(j)
        )
        for turn, i, j in turns:
            is_free = ends[i] not in partner and ends[j] not in partner
            if is_free and (turn < rules.largest_turn or len(ends) == 2):
                partner[ends[i]], partner[ends[j]] = ends[j], ends[i]
    return partner


def direction(edge: Edge, side: int, radius: float, reach: float) -> np.ndarray:
    """The direction in which an edge leaves the node at one of its ends.

    Args:
        edge: of a graph.
        side: 0 for its first end, 1 for its last one.
        radius: half of the width of the ink, which hides the first part.
        reach: how much of the edge counts.

    Returns:
        `[2]`, not normalised; 0 for an edge without length.
    """
    points = edge.points if side == 0 else edge.points[::-1]
    length = polylines.lengths(points)[-1]
    near, far = min(radius, length / 2.0), min(reach, length)
    if near >= far:  # Ink that is wider than the reach.
        near = far / 2.0
    start, end = polylines.points_at(points, np.array([near, far]))
    return end - start


def _in_writing_order(lines: list[np.ndarray]) -> list[np.ndarray]:
    """Turns each line to start at the top left, and sorts lines by starts."""
    turned = [from_top_left(line) for line in lines]
    return sorted(turned, key=lambda line: tuple(_lateness(line[0])))


def from_top_left(line: np.ndarray) -> np.ndarray:
    """Turns a line to start at its end that is nearer to the top left.

    Args:
        line: `[N, 2]`, points `(x, y)`.

    Returns:
        The same line. A ring starts and ends at its highest point.
    """
    if len(line) > 1 and np.allclose(line[0], line[-1]):
        corners = line[:-1]
        first = np.argmin(corners[:, 1])
        return np.concatenate([corners[first:], corners[: first + 1]])
    is_late = _lateness(line[-1])[0] < _lateness(line[0])[0]
    return line[::-1] if is_late else line


def _lateness(point: np.ndarray) -> tuple[float, float]:
    """How late a stroke at a point is drawn: its `x + y`, then `y`."""
    return float(point.sum()), float(point[1])
