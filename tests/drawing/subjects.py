"""Pictures that people draw, `[S, S]`, uint8: black on white."""

import numpy as np
from PIL import Image, ImageDraw

SIDE = 400
_FINER = 4  # Pictures are drawn larger, and shrunk.
_WIDTH = 28


def house():
    """With a door and a window."""
    return _drawn(
        lines=[
            [(300, 1300), (300, 700), (800, 300), (1300, 700), (1300, 1300)],
            [(300, 1300), (1300, 1300)],
            [(700, 1300), (700, 950), (900, 950), (900, 1300)],
        ],
        boxes=[(1000, 800, 1180, 980)],
    )


def glasses():
    """With two lenses, a bridge and two temples."""
    return _drawn(
        lines=[
            [(700, 830), (900, 830)],
            [(150, 800), (40, 700)],
            [(1450, 800), (1560, 700)],
        ],
        rings=[(150, 600, 700, 1100), (900, 600, 1450, 1100)],
    )


def smiley():
    """With two eyes."""
    return _drawn(
        rings=[(200, 200, 1400, 1400)],
        dots=[(500, 550, 620, 670), (980, 550, 1100, 670)],
        arcs=[(450, 600, 1150, 1150, 20, 160)],
    )


def cat():
    """With ears, eyes, a nose, a mouth and six whiskers."""
    whiskers = [
        [(800 + side * 240, 1000 + 70 * i), (800 + side * 620, 1000 + 130 * i)]
        for side in (-1, 1)
        for i in (-1, 0, 1)
    ]
    return _drawn(
        lines=[
            [(430, 650), (380, 200), (680, 480)],
            [(1170, 650), (1220, 200), (920, 480)],
            [(740, 940), (860, 940), (800, 1010), (740, 940)],
            *whiskers,
        ],
        rings=[(350, 450, 1250, 1350)],
        dots=[(555, 705, 645, 795), (955, 705, 1045, 795)],
        arcs=[(660, 970, 800, 1110, 0, 140), (800, 970, 940, 1110, 40, 180)],
    )


ALL = {"house": house, "glasses": glasses, "smiley": smiley, "cat": cat}


def _drawn(lines=(), boxes=(), rings=(), dots=(), arcs=()):
    """Draws shapes, given in quarters of a pixel."""
    picture = Image.new("L", (_FINER * SIDE, _FINER * SIDE), 255)
    draw = ImageDraw.Draw(picture)
    pen = {"fill": 0, "width": _WIDTH}
    outline = {"outline": 0, "width": _WIDTH}
    for points in lines:
        draw.line(points, joint="curve", **pen)
    for box in boxes:
        draw.rectangle(box, **outline)
    for box in rings:
        draw.ellipse(box, **outline)
    for box in dots:
        draw.ellipse(box, fill=0)
    for *box, start, end in arcs:
        draw.arc(box, start, end, **pen)
    small = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(small)
