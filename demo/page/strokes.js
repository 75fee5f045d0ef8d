/** The strokes in the outputs of a signature. */

/** Colours of strokes in their order, as in all figures of tfdood. */
export const COLOURS = [
  "#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f",
  "#edc948", "#b07aa1", "#ff9da7", "#9c755f", "#bab0ac",
];

/**
 * Places the strokes of a drawing on the sheet.
 *
 * `outputs` has flat arrays by name. `square` is the part of the sheet that
 * the model saw: `left`, `top` and `side`, in widths of the sheet. Lines are
 * `thickness` times as wide as the model draws them.
 *
 * Returns strokes with `controls` (a Bezier curve), `width` and `colour`.
 */
export function read(outputs, square, thickness) {
  const { presence, control_points: points } = outputs;
  const numPoints = points.length / presence.length / 2;
  const strokes = [];
  for (let i = 0; i < outputs.num_strokes[0]; i++) {
    const controls = Array.from({ length: numPoints }, (_, k) => {
      const at = 2 * (i * numPoints + k);
      return [
        square.left + square.side * points[at],
        square.top + square.side * points[at + 1],
      ];
    });
    const width = thickness * square.side * lineWidth(
      outputs.blur[i], outputs.stroke_contrast[i], outputs.canvas_contrast[0]);
    strokes.push({ controls, width, colour: COLOURS[i % COLOURS.length] });
  }
  return strokes;
}

/** The width of a line at half of its peak, as in tfdood/vectors. */
function lineWidth(blur, strokeContrast, canvasContrast) {
  const peak = Math.tanh(Math.tanh(1 / strokeContrast) / canvasContrast);
  const inner = canvasContrast * Math.atanh(peak / 2);
  const half = strokeContrast * Math.atanh(inner);
  return 2 * blur * Math.sqrt(-2 * Math.log(half));
}
