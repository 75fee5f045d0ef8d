"""Lines that are printed on paper: ruled and squared sheets.

They are straight, parallel, many, and as long as the sheet.
"""

import numpy as np
from scipy import ndimage

_SIZE = 256  # Lines are sought in pictures with at most such sides.
_SLOPES = np.linspace(-0.1, 0.1, 11)  # Of sheets that lie aslant.
_LONG = 0.7  # Share of the picture's width that a line covers.
_COLUMNS = 4  # Of as many columns one is looked at.
_FEWEST = 5  # Lines on a sheet.
_THICKEST = 5  # Width of a line that is marked, in pixels.
_DARKER = 1.3  # Ink is as many times as far from the paper as the lines.


def strength(far: np.ndarray, floor: float) -> float:
    """Measures the lines of a sheet.

    Args:
        far: `[H, W]`, the distance of each pixel from the paper.
        floor: larger distances are no noise.

    Returns:
        The distance that ink exceeds and lines do not; 0 without lines.
    """
    factor = -(-max(far.shape) // _SIZE)
    height, width = (n // factor * factor for n in far.shape)
    if not height or not width:
        return 0.0
    blocks = far[:height, :width].reshape(
        [height // factor, factor, width // factor, factor]
    )
    small = blocks.max((1, 3))
    return max(_rows(small, floor), _rows(small.T, floor))


def _rows(far: np.ndarray, floor: float) -> float:
    """The same of lines from left to right."""
    height, width = far.shape
    marked = ndimage.maximum_filter(far > floor, [3, 1])
    y, x = np.arange(height)[:, np.newaxis], np.arange(0, width, _COLUMNS)
    most, found = 0, None
    for slope in _SLOPES:
        rows = y + np.round(slope * (x - width / 2.0)).astype(int)
        rows = np.clip(rows, 0, height - 1)
        is_line = marked[rows, x].mean(1) > _LONG
        ends = np.flatnonzero(np.diff(is_line, prepend=False, append=False))
        count = np.count_nonzero(ends[1::2] - ends[::2] <= _THICKEST)
        if count > most:
            most, found = count, far[rows[is_line], x]
    if most < _FEWEST:
        return 0.0
    strong = found[found > floor]  # None if all lines lie beside these rows.
    return _DARKER * float(np.percentile(strong, 60)) if len(strong) else 0.0
