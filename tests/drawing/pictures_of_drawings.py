"""Pictures of drawings as people make them, `[H, W]` or `[H, W, C]`, uint8."""

import io

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

SIDE = 200
_RING = [40, 40, 160, 160]
_DOT = [92, 92, 108, 108]


def ring(paper, ink, dot=None, mode="L", width=8):
    """A ring, and perhaps a dot in its middle."""
    picture = Image.new(mode, (SIDE, SIDE), paper)
    draw = ImageDraw.Draw(picture)
    draw.ellipse(_RING, outline=ink, width=width)
    if dot is not None:
        draw.ellipse(_DOT, fill=dot)
    return np.asarray(picture)


def disc(paper=255, ink=0, mode="L"):
    """A filled disc."""
    picture = Image.new(mode, (SIDE, SIDE), paper)
    ImageDraw.Draw(picture).ellipse(_RING, fill=ink)
    return np.asarray(picture)


def blank(tone=255, side=SIDE):
    """An empty sheet."""
    return np.full([side, side], tone, np.uint8)


def ramp(picture, least):
    """Light that falls from 1 on the left to `least` on the right."""
    return _lit(picture, np.linspace(1.0, least, picture.shape[1]))


def shadow(picture, strength=0.6, blur=8):
    """The shadow of a hand on the lower right, with soft edges."""
    mask = Image.new("L", picture.shape[1::-1], 0)
    ImageDraw.Draw(mask).polygon(
        [(210, 70), (120, 95), (95, 140), (110, 210), (210, 210)], fill=255
    )
    soft = ndimage.gaussian_filter(np.asarray(mask, float) / 255.0, blur)
    return _lit(picture, 1.0 - (1.0 - strength) * soft)


def glare(picture):
    """A white spot of light on greyish paper."""
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    spot = np.exp(-((x - 60.0) ** 2 + (y - 70.0) ** 2) / (2.0 * 30.0**2))
    return _bytes(picture * 0.7 + 75.0 * spot)


def on_table(picture, tone=70, angle=4, side=270):
    """A sheet that lies aslant on a darker table."""
    table = Image.new("L", (side, side), tone)
    sheet = Image.fromarray(picture).rotate(
        angle, Image.Resampling.BICUBIC, expand=True, fillcolor=tone
    )
    corner = ((side - sheet.width) // 2, (side - sheet.height) // 2)
    table.paste(sheet, corner)
    return np.asarray(table)


def ruled(picture, tone=190, spacing=14, squared=False, angle=0):
    """Lined or squared paper under a drawing with dark ink."""
    side = 2 * SIDE
    lines = np.full([side, side], 255, np.uint8)
    lines[spacing // 2 :: spacing] = tone
    if squared:
        lines[:, spacing // 2 :: spacing] = tone
    lines = Image.fromarray(lines).rotate(angle, Image.Resampling.BICUBIC)
    inner = np.asarray(lines)[SIDE // 2 :, SIDE // 2 :][:SIDE, :SIDE]
    return np.minimum(picture, inner)


def noisy(picture, deviation, seed=0):
    """The noise of a sensor, in grey levels."""
    noise = np.random.default_rng(seed).normal(size=picture.shape)
    return _bytes(picture + deviation * noise)


def jpeg(picture, quality=60):
    """What JPEG leaves of a picture."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def framed(picture, sides=("top", "bottom", "left", "right"), width=6, tone=10):
    """Dark edges, as a scanner makes them."""
    framed = picture.copy()
    edges = {
        "top": framed[:width],
        "bottom": framed[-width:],
        "left": framed[:, :width],
        "right": framed[:, -width:],
    }
    for side in sides:
        edges[side][:] = tone
    return framed


def kraft(picture):
    """Dark ink on brown paper with fibres."""
    brown = picture[..., np.newaxis] / 255.0 * np.array([181, 145, 105])
    return noisy(brown, 6.0)


def speck(picture):
    """One dark pixel far from the drawing."""
    picture = picture.copy()
    picture[5, 190] = 0
    return picture


def with_alpha(picture, alpha):
    """Adds an alpha channel, `[H, W]` or one number."""
    alpha = np.broadcast_to(np.uint8(alpha), picture.shape[:2])
    grey = np.atleast_3d(picture)
    return np.concatenate([grey, alpha[..., np.newaxis]], -1)


def corners():
    """An alpha channel with three transparent pixels in the corners."""
    alpha = blank(255)
    alpha[[0, 0, -1], [0, -1, 0]] = 0
    return alpha


def rounded(radius=25):
    """An alpha channel with rounded corners."""
    alpha = Image.new("L", (SIDE, SIDE), 0)
    ImageDraw.Draw(alpha).rounded_rectangle(
        [0, 0, SIDE - 1, SIDE - 1], radius, fill=255
    )
    return np.asarray(alpha)


def kinds():
    """Pictures of one ring, by their kind."""
    ink = ring(255, 0)
    colours = {"mode": "RGB"}
    return {
        "clean": ink,
        "ramp to 0.75": ramp(ink, 0.75),
        "ramp to 0.5": ramp(ink, 0.5),
        "shadow of a hand": shadow(ink),
        "sheet on a table": on_table(ink),
        "glare": glare(ink),
        "lined": ruled(ring(255, 30)),
        "lined, aslant": ruled(ring(255, 30), angle=3),
        "squared": ruled(ring(255, 30), squared=True),
        "dark on dark": ring(100, 20),
        "light on grey": ring(150, 250),
        "white on black": ring(0, 255),
        "kraft paper": kraft(ring(255, 40)),
        "yellow on violet": ring((105, 60, 160), (240, 220, 60), **colours),
        "red on green": ring((40, 120, 40), (200, 30, 30), **colours),
        "faint ring, dark dot": ring(255, 150, 0),
        "one dark pixel": speck(ink),
        "transparent corners": with_alpha(ink, corners()),
        "rounded corners": with_alpha(ink, rounded()),
        "alpha 120": with_alpha(ink, 120),
        "transparent paper": with_alpha(blank(0), 255 - ink),
        "white, transparent": with_alpha(blank(255), 255 - ink),
        "dark frame": framed(ink),
        "edge of a scanner": framed(ink, ["left", "bottom"]),
        "noise": noisy(ink, 8.0),
        "JPEG": jpeg(ink, 40),
        "thick stroke": ring(255, 0, width=40),
    }


def empty():
    """Pictures without ink, by their kind."""
    return {
        "blank": blank(),
        "noise of two levels": noisy(blank(230), 2.0),
        "JPEG of noise": jpeg(noisy(blank(230), 3.0), 50),
        "uneven light": ramp(blank(), 0.5),
        "blank, dark frame": framed(blank()),
        "blank, edge of a scanner": framed(blank(), ["right"]),
        "blank on a table": on_table(blank()),
        "blank, rounded corners": with_alpha(blank(), rounded()),
        "blank and lined": ruled(blank()),
    }


def _lit(picture, light):
    return _bytes(picture * light)


def _bytes(values):
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
