"""What is paper and what is ink in a picture of a drawing.

Ink is the smaller part of a picture, and it is darker or lighter than the paper
around it, in any colour. `tfdood.drawing.sheets` estimates this paper. So
uneven light counts as paper, and thick lines and filled shapes count as ink.
Two things do not belong to the drawing: shapes along a side of the picture,
which are a table or a frame, and marks that are as faint as the lines that are
printed on the paper (`tfdood.drawing.ruling`).
"""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from tfdood.drawing import ruling, sheets

LONGEST = 512
"""The longest side, in pixels, that a picture for `ink` should have."""

FAINTEST = 12.0
"""Distance from the paper up to which nothing is ink, in grey levels of 255."""

_COARSE = 96  # Paper is estimated on pictures with at most such sides.
_NOISES = 5.0  # Ink is as many standard deviations of the noise from paper.
_ROOM = 40  # The least light that paper is taken to reflect, of 255.
# Printed lines on a blank sheet are no stronger than this, of 255.
_DARKEST_LINES = 130.0
_FULL = 90.0  # Pixels at this percentile of the ink's distances are full ink.
_CLEAR = 0.2  # Pixels below this share of the distance of full ink are paper.
_FRAME = 0.06  # Most of a frame is nearer to a side, in longest sides.
_SPECK = 0.01  # A speck of dust is smaller than this, in longest sides.
_DUST = 0.1  # All dust together is less than this share of the ink.


def ink(picture: np.ndarray) -> np.ndarray:
    """Finds the ink of a picture.

    Args:
        picture: `[H, W]` or `[H, W, C]`, uint8; 2 and 4 channels have an alpha
            channel at the end, 255 where the picture is opaque.

    Returns:
        `[H, W]` float32: 0 is paper, 1 is ink. All is 0 if there is no ink.

    Raises:
        ValueError: If the type or the shape is another one, or a side is 0.
    """
    channels = np.atleast_3d(picture)
    is_picture = channels.ndim == 3 and picture.ndim > 1 and picture.size
    if picture.dtype != np.uint8 or not is_picture or channels.shape[2] > 4:
        raise ValueError(
            "A picture is [H, W] or [H, W, C] of uint8 with C from 1 to 4, got "
            f"{list(picture.shape)} of {picture.dtype}; convert it."
        )
    found = np.zeros(picture.shape[:2], np.float32)
    for colours in _over_paper(np.moveaxis(channels, -1, 0).copy()):
        found = _ink(colours)
        if found.any():
            break
    return found


def bounds(found: np.ndarray) -> tuple[int, int, int, int] | None:
    """Finds the box around the ink.

    Args:
        found: `[H, W]`, the result of `ink`.

    Returns:
        The first row, the first column, the height and the width of the box;
        None if there is no ink.
    """
    box = ndimage.find_objects((found > _CLEAR).astype(np.uint8))
    if not box:
        return None
    rows, columns = box[0]
    return (
        *(rows.start, columns.start),
        *(rows.stop - rows.start, columns.stop - columns.start),
    )


def _over_paper(channels: np.ndarray) -> Iterator[np.ndarray]:
    """Puts paper behind transparent pixels; the first with ink is right.

    Paper that surrounds opaque ink is white, or black behind white ink. If the
    border is opaque, the picture has its own paper.
    """
    if len(channels) % 2:
        yield channels
        return
    colours, alpha = channels[:-1], channels[-1].astype(np.float32)
    if not alpha.any():
        return
    alpha /= alpha.max()
    if np.median(_border(alpha)) < 0.5:
        behind = [np.full(len(colours), tone) for tone in (255.0, 0.0)]
    else:
        behind = [np.median(colours[:, alpha > 0.5], -1)]
    for colour in behind:
        mixed = (
            alpha * colours + (1.0 - alpha) * colour[:, np.newaxis, np.newaxis]
        )
        yield np.round(mixed).astype(np.uint8)


def _ink(colours: np.ndarray) -> np.ndarray:
    """Ink of opaque colours `[C, H, W]`."""
    factor = -(-max(colours.shape[1:]) // _COARSE)
    paper = sheets.estimate(_reduced(colours, factor))
    low, high = (_enlarged(x, factor, colours.shape) for x in paper)
    # The distances are exact in uint8: of two, one is 0.
    darker = low - np.minimum(colours, low)
    lighter = np.maximum(colours, high) - high
    far = np.maximum(darker, lighter).max(0)
    middle = low + (high - low) // 2
    off = np.maximum(colours, middle) - np.minimum(colours, middle)
    noise = sheets.deviation(off.max(0))
    floor, is_ink = _above_lines(far, max(FAINTEST, _NOISES * noise))
    found = np.zeros(far.shape, np.float32)
    if is_ink.any():
        # Of what the paper reflects, so that ink in a shadow is as much ink.
        share = np.maximum(
            darker[:, is_ink] / np.maximum(low[:, is_ink], _ROOM),
            lighter[:, is_ink] / np.maximum(255 - high[:, is_ink], _ROOM),
        ).max(0)
        least = floor / 2.0 * np.median(share / far[is_ink])
        full = max(np.percentile(share, _FULL), 2.0 * least)
        found[is_ink] = np.clip((share - least) / (full - least), 0.0, 1.0)
    return found


def _above_lines(far: np.ndarray, floor: float) -> tuple[float, np.ndarray]:
    """The distance that ink exceeds, and which pixels are of the drawing.

    Printed lines are fainter than ink. Dark parallel lines beside which there
    is nothing stronger are the drawing.
    """
    lines = ruling.strength(far, floor)
    is_ink = _drawn(far, max(floor, lines))
    if lines > _DARKEST_LINES and not is_ink.any():
        return floor, _drawn(far, floor)
    return max(floor, lines), is_ink


def _drawn(far: np.ndarray, floor: float) -> np.ndarray:
    """Which pixels are of the drawing: no frame, no noise, no speck."""
    labels = sheets.parts(far > floor)
    drawn = np.append(False, ~_is_frame(labels))[labels]
    if not drawn.any():
        return drawn
    drawn &= far > _CLEAR * np.percentile(far[drawn], _FULL)
    labels = sheets.parts(drawn)
    area = np.bincount(labels.ravel())[1:]
    boxes = ndimage.find_objects(labels)
    length = np.array([max(s.stop - s.start for s in box) for box in boxes])
    is_speck = length <= round(_SPECK * max(far.shape))
    if area[is_speck].sum() < _DUST * area.sum():
        drawn &= ~np.append(False, is_speck)[labels]
    return drawn


def _is_frame(labels: np.ndarray) -> np.ndarray:
    """Whether each part is near the sides of the picture, and along one."""
    width = max(1, round(_FRAME * max(labels.shape)))
    is_near = np.ones(labels.shape, bool)
    is_near[width:-width, width:-width] = False
    near = sheets.means(is_near, labels, labels.max())
    return sheets.is_along(labels) & (near > 0.5)


def _reduced(colours: np.ndarray, factor: int) -> np.ndarray:
    """Means of squares of `factor` pixels, uint8."""
    height, width = colours.shape[1:]
    rows, columns = (np.arange(0, length, factor) for length in (height, width))
    sums = np.add.reduceat(colours, rows, 1, np.float32)
    sums = np.add.reduceat(sums, columns, 2)
    areas = np.outer(
        np.diff(rows, append=height), np.diff(columns, append=width)
    )
    return np.round(sums / areas).astype(np.uint8)


def _enlarged(
    coarse: np.ndarray, factor: int, shape: tuple[int, ...]
) -> np.ndarray:
    """Repeats pixels, up to a shape `[C, H, W]`; uint8."""
    large = coarse.astype(np.uint8).repeat(factor, 1).repeat(factor, 2)
    return large[:, : shape[1], : shape[2]]


def _border(channel: np.ndarray) -> np.ndarray:
    """The outermost pixels of `[H, W]`."""
    return np.concatenate(
        [channel[0], channel[-1], channel[:, 0], channel[:, -1]]
    )
