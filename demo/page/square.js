/** The square of a sheet that a model sees, and its pixels. */

const FAINTEST = 0.2; // Ink that is fainter does not count for the bounds.

/**
 * Finds the square around the ink of a sheet.
 *
 * `ink` has `size` x `size` values in [0, 1]; `margin` is a share of the longer
 * side of the ink. Returns `left`, `top` and `side` in widths of the sheet, or
 * null if there is no ink.
 */
export function around(ink, size, margin) {
  let [left, top, right, bottom] = [size, size, -1, -1];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (ink[y * size + x] <= FAINTEST) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  if (right < 0) return null;
  const [width, height] = [right + 1 - left, bottom + 1 - top];
  const side = (1 + 2 * margin) * Math.max(width, height);
  return {
    left: (left + (width - side) / 2) / size,
    top: (top + (height - side) / 2) / size,
    side: side / size,
  };
}

/**
 * Shrinks a square of a sheet to an image of `count` x `count`.
 *
 * Each pixel is a mean of samples, and the brightest pixel is 1.
 */
export function pixels(ink, size, square, count) {
  const image = new Float32Array(count * count);
  const step = (square.side * size) / count; // of a pixel, in ink values
  const samples = Math.max(1, Math.ceil(step));
  const at = (start, i, k) =>
    Math.floor(start * size + step * (i + (k + 0.5) / samples));
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      let sum = 0;
      for (let k = 0; k < samples; k++) {
        for (let l = 0; l < samples; l++) {
          const [y, x] = [at(square.top, row, k), at(square.left, column, l)];
          if (x >= 0 && y >= 0 && x < size && y < size) sum += ink[y * size + x];
        }
      }
      image[row * count + column] = sum / samples ** 2;
    }
  }
  const most = image.reduce((a, b) => Math.max(a, b), 0);
  return image.map((x) => (most ? x / most : 0));
}
