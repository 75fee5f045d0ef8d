"""The skeleton of a drawing as a graph: centre lines and their junctions.

The ink is thinned to lines that are one pixel wide. Pixels with more than two
neighbours are junctions; the lines between them are the edges of the graph.

Coordinates are `(x, y)` in pixels of the thinned image, and pixel `i` has its
centre at `i + 0.5`.
"""

import dataclasses
import functools

import numpy as np
from scipy import ndimage
from skimage import morphology

from tfdood.drawing.curves import polylines

_EIGHT = np.ones((3, 3), bool)


@dataclasses.dataclass
class Edge:
    """A line of the skeleton.

    Attributes:
        points: `[N, 2]`, at least one point, with the places of its nodes.
        nodes: the nodes at its start and at its end; -1 is a free end. A ring
            without a junction has two free ends at one place.
    """

    points: np.ndarray
    nodes: tuple[int, int]

    @functools.cached_property
    def length(self) -> float:
        """The length of the line, in the unit of its points."""
        return float(polylines.lengths(self.points)[-1])


@dataclasses.dataclass
class Graph:
    """The lines of a skeleton.

    Attributes:
        edges: its lines.
        radius: the median distance from the skeleton to the first pixel of
            paper, in pixels: half of the width of the ink, or up to half a
            pixel more.
    """

    edges: list[Edge]
    radius: float


def degrees(edges: list[Edge]) -> dict[int, int]:
    """Counts the ends of edges at each node.

    Args:
        edges: of a graph.

    Returns:
        The numbers of ends by node.
    """
    ends = [node for edge in edges for node in edge.nodes if node >= 0]
    return dict(zip(*np.unique(ends, return_counts=True), strict=True))


def graph(ink: np.ndarray) -> Graph:
    """Thins ink and reads its lines.

    Args:
        ink: `[H, W]` bool.

    Returns:
        The `Graph`; a dot is an edge of one point.
    """
    padded = np.pad(ink, 1)
    skeleton = morphology.skeletonize(padded)
    if not skeleton.any():
        return Graph([], 0.0)
    inside = ndimage.distance_transform_edt(padded)
    neighbours = ndimage.convolve(skeleton.astype(int), _EIGHT.astype(int)) - 1
    is_node = skeleton & (neighbours > 2)
    nodes, num_nodes = ndimage.label(is_node, _EIGHT)
    chains, num_chains = ndimage.label(skeleton & ~is_node, _EIGHT)
    centres = np.array(
        ndimage.center_of_mass(is_node, nodes, range(1, num_nodes + 1))
    ).reshape(-1, 2)
    places = _as_points(centres)
    found = [
        _edge(np.argwhere(chains[part] == number) + _start(part), nodes, places)
        for number, part in enumerate(ndimage.find_objects(chains), 1)
    ]
    used = {node for edge in found for node in edge.nodes}
    alone = [
        Edge(place[np.newaxis], (-1, -1))
        for node, place in enumerate(places)
        if node not in used
    ]
    return Graph(found + alone, float(np.median(inside[skeleton])))


def _start(part: tuple[slice, slice]) -> np.ndarray:
    return np.array([axis.start for axis in part])


def _as_points(pixels: np.ndarray) -> np.ndarray:
    """From `[N, 2]` rows and columns of the padded image to points."""
    return pixels[:, ::-1] - 0.5


def _edge(pixels: np.ndarray, nodes: np.ndarray, places: np.ndarray) -> Edge:
    """Puts the pixels of a line in order, and finds its nodes.

    Args:
        pixels: `[N, 2]`, rows and columns in the padded image.
        nodes: `[H, W]`, the number of the node of each pixel, from 1.
        places: `[M, 2]`, of the nodes.
    """
    pixels, is_ring = _in_order(pixels)
    points = _as_points(pixels)
    if is_ring:
        return Edge(np.concatenate([points, points[:1]]), (-1, -1))
    first, last = (_adjacent(pixel, nodes) for pixel in pixels[[0, -1]])
    if len(pixels) == 1:
        ends = tuple((first + [-1, -1])[:2])
    else:
        ends = (first + [-1])[0], (last + [-1])[0]
    before, after = (places[[n]] if n >= 0 else points[:0] for n in ends)
    return Edge(np.concatenate([before, points, after]), ends)


def _adjacent(pixel: np.ndarray, nodes: np.ndarray) -> list[int]:
    """The nodes, from 0, next to a pixel, each once."""
    row, column = pixel
    around = nodes[row - 1 : row + 2, column - 1 : column + 2]
    return [int(number) - 1 for number in np.unique(around[around > 0])]


def _in_order(pixels: np.ndarray) -> tuple[np.ndarray, bool]:
    """Sorts the pixels `[N, 2]` of a line from end to end.

    Each has at most two neighbours in it; of a ring, each has exactly two.
    """
    keys = {tuple(pixel): number for number, pixel in enumerate(pixels)}

    def beside(number: int) -> list[int]:
        row, column = pixels[number]
        around = (
            (row + i, column + j)
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            if i or j
        )
        return [keys[pixel] for pixel in around if pixel in keys]

    links = [beside(number) for number in range(len(pixels))]
    ends = [number for number, link in enumerate(links) if len(link) < 2]
    here = ends[0] if ends else 0
    order, seen = [here], {here}
    while True:
        ahead = [number for number in links[here] if number not in seen]
        if not ahead:
            return pixels[order], not ends
        here = ahead[0]
        order.append(here)
        seen.add(here)
