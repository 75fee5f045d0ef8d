"""Arrow-like scenes: what is in them, and where it is in the image.

A scene has three solids and an arrow on a grey floor. Two solids have one
shape, the third has another one, and the arrow points at it. The arrow is the
nearest to the camera. Each object has one of eight colours, and all objects of
a scene have one material. The rule is that of the ARROW scenes of GNM (Jiang
and Ahn, 2020, Sec. 4), whose images and program are not published: these scenes
are like them, and not the same.

In the world, `x` points to the right, `y` away from the camera, and `z` up.
"""

import math
from typing import NamedTuple

import numpy as np

SHAPES = ("cube", "sphere", "cylinder", "arrow")
"""The names of the shapes, by their numbers."""

MATERIALS = ("rubber", "metal")
"""The names of the materials, by their numbers."""

COLOURS = np.array(
    [
        *((0.34, 0.34, 0.34), (0.68, 0.14, 0.14), (0.16, 0.29, 0.84)),
        *((0.11, 0.41, 0.08), (0.51, 0.29, 0.10), (0.51, 0.15, 0.75)),
        *((0.16, 0.82, 0.82), (1.00, 0.93, 0.20)),
    ]
)
"""`[8, 3]`, red, green and blue in [0, 1]."""

_ARROW = 3
_RADIUS, _ARROW_RADIUS = 0.75, 0.9  # Of solids and of the arrow, at most.
_GAP = 0.35  # Between objects at least.
_FIELD = (-2.3, -1.4), (2.3, 3.0)  # Corners of where solids may lie.
_ARROW_DEPTH = -3.0  # `y` of the arrow, between the solids and the camera.
_MOST_TRIES = 10_000

CAMERA, TARGET = np.array([0.0, -10.0, 6.5]), np.array([0.0, -0.6, 0.2])
"""`[3]` each, the place of the camera and what it looks at, in the world."""

FIELD_OF_VIEW = 35.0
"""The angle of the image along both axes, in degrees."""

CUBE_HALF = 0.53
"""Half of the side of a cube."""

SPHERE_RADIUS = 0.65
"""The radius of a sphere."""

CYLINDER_RADIUS, CYLINDER_HEIGHT = 0.6, 1.1
"""The radius and the height of a cylinder."""

_ARROW_CORNERS = np.array(
    [
        *((-0.9, -0.2), (0.1, -0.2), (0.1, -0.55)),
        *((0.9, 0.0), (0.1, 0.55), (0.1, 0.2), (-0.9, 0.2)),
    ]
)
_ARROW_HEIGHT = 0.35


class Scene(NamedTuple):
    """What is where; the arrow is the last of the four objects.

    Attributes:
        shapes: `[4]`, indices into `SHAPES`.
        colours: `[4]`, indices into `COLOURS`.
        material: an index into `MATERIALS`.
        places: `[4, 2]`, `(x, y)` on the floor; the camera looks along `y`.
        turns: `[4]`, angles about the vertical in radians; 0 lets the arrow
            point along `x`.
    """

    shapes: np.ndarray
    colours: np.ndarray
    material: int
    places: np.ndarray
    turns: np.ndarray


def sample(rng: np.random.Generator) -> Scene:
    """Samples a scene by the rule.

    Args:
        rng: of all choices.

    Returns:
        A `Scene` whose objects do not touch.
    """
    pair, single = rng.choice(3, 2, replace=False)
    shapes = np.array([single, pair, pair, _ARROW])
    places = _places(rng)
    toward = places[0] - places[3]
    turns = rng.uniform(0.0, 2.0 * math.pi, 4)
    turns[3] = math.atan2(toward[1], toward[0])
    order = [*rng.permutation(3), 3]
    return Scene(
        shapes[order],
        rng.integers(len(COLOURS), size=4),
        int(rng.integers(len(MATERIALS))),
        places[order],
        turns[order],
    )


def _places(rng: np.random.Generator) -> np.ndarray:
    """Places for three solids and an arrow, `[4, 2]`, by rejection."""
    for _ in range(_MOST_TRIES):
        solids = rng.uniform(*_FIELD, (3, 2))
        arrow = rng.uniform(-1.0, 1.0), _ARROW_DEPTH
        places = np.array([*solids, arrow])
        radii = np.array([_RADIUS] * 3 + [_ARROW_RADIUS])
        away = np.linalg.norm(places[:, np.newaxis] - places, axis=-1)
        needed = radii[:, np.newaxis] + radii + _GAP
        if (away + 100.0 * np.eye(4) >= needed).all():
            return places
    raise AssertionError("No places were found; the field is too small.")


def outline(scene: Scene) -> np.ndarray:
    """Points whose bounding box in the image is that of the object.

    Args:
        scene: of four objects.

    Returns:
        `[4, P, 3]`, in the world.
    """
    found = []
    for shape, place, turn in zip(
        scene.shapes, scene.places, scene.turns, strict=True
    ):
        points = _OUTLINES[SHAPES[shape]]()
        found.append(points @ _rotation(turn).T + [*place, 0.0])
    most = max(map(len, found))
    return np.stack([np.resize(points, (most, 3)) for points in found])


def boxes(scene: Scene) -> np.ndarray:
    """The boxes of objects in the image, also where others hide them.

    Args:
        scene: of four objects.

    Returns:
        `[4, 4]`: left, top, right and bottom in the unit square.
    """
    forward = TARGET - CAMERA
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(forward, right), forward])  # x, y, depth
    x, y, depth = np.moveaxis((outline(scene) - CAMERA) @ axes.T, -1, 0)
    half = math.tan(math.radians(FIELD_OF_VIEW) / 2.0)
    places = np.stack([x, y], -1) / (2.0 * half * depth[..., np.newaxis]) + 0.5
    return np.concatenate([places.min(1), places.max(1)], -1)


def _rotation(turn: float) -> np.ndarray:
    cosine, sine = math.cos(turn), math.sin(turn)
    return np.array(
        [[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]]
    )


def _cube() -> np.ndarray:
    corners = np.array(np.meshgrid([-1, 1], [-1, 1], [0, 2])).reshape(3, -1).T
    return corners * CUBE_HALF


def _sphere() -> np.ndarray:
    around = np.linspace(0.0, 2.0 * math.pi, 48, endpoint=False)
    up = np.linspace(0.0, math.pi, 25)[:, np.newaxis]
    unit = np.stack(
        np.broadcast_arrays(
            np.sin(up) * np.cos(around), np.sin(up) * np.sin(around), np.cos(up)
        ),
        -1,
    )
    return SPHERE_RADIUS * (unit.reshape(-1, 3) + [0.0, 0.0, 1.0])


def _cylinder() -> np.ndarray:
    around = np.linspace(0.0, 2.0 * math.pi, 64, endpoint=False)
    circle = np.stack([np.cos(around), np.sin(around)], -1) * CYLINDER_RADIUS
    return np.concatenate(
        [np.insert(circle, 2, z, -1) for z in (0.0, CYLINDER_HEIGHT)]
    )


def arrow_corners() -> np.ndarray:
    """The corners of an arrow that points along `x`.

    Returns:
        `[14, 3]`, the lower ones, then the upper ones.
    """
    return np.concatenate(
        [np.insert(_ARROW_CORNERS, 2, z, -1) for z in (0.0, _ARROW_HEIGHT)]
    )


_OUTLINES = {
    "cube": _cube,
    "sphere": _sphere,
    "cylinder": _cylinder,
    "arrow": arrow_corners,
}


def arrow_triangles() -> np.ndarray:
    """The surface of the arrow.

    Returns:
        `[F, 3]`, indices into `arrow_corners`, anticlockwise from outside.
    """
    count = len(_ARROW_CORNERS)
    top = [(2, 3, 4), (1, 2, 4), (1, 4, 5), (0, 1, 5), (0, 5, 6)]
    faces = [tuple(count + corner for corner in face) for face in top]
    faces += [face[::-1] for face in top]
    for here in range(count):
        there = (here + 1) % count
        faces += [
            (here, there, count + there),
            (here, count + there, count + here),
        ]
    return np.array(faces)
