/** Drawings as files. */

import { pathData, sample } from "./bezier.js";

const SIDE = 255; // The longer side of a drawing of Quick, Draw!
const TOLERANCE = 2; // in the same unit
const POINTS = 256; // along a stroke, before those that are not needed go

/** A drawing as an SVG document on the unit square. */
export function svg(strokes) {
  const paths = strokes.map(({ controls, width, colour }, i) =>
    `<path id="stroke-${i + 1}" d="${pathData(controls)}" stroke="${colour}" ` +
    `stroke-width="${+width.toFixed(4)}"/>`);
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512" viewBox="0 0 1 1">',
    '<g fill="none" stroke-linecap="round" stroke-linejoin="round">',
    ...paths,
    "</g>", "</svg>", "",
  ].join("\n");
}

/**
 * A drawing as a line of Quick, Draw!: for each stroke its x and its y.
 *
 * The drawing moves to the top left corner, becomes 255 units long on its
 * longer side, and keeps the points that it needs.
 */
export function ndjson(strokes) {
  const lines = strokes.map(({ controls }) => sample(controls, POINTS));
  const all = lines.flat();
  const low = [0, 1].map((axis) => Math.min(...all.map((p) => p[axis])));
  const high = [0, 1].map((axis) => Math.max(...all.map((p) => p[axis])));
  const scale = SIDE / (Math.max(high[0] - low[0], high[1] - low[1]) || 1);
  const drawing = lines.map((line) => {
    const scaled = line.map((p) => p.map((x, axis) => (x - low[axis]) * scale));
    const kept = simplify(scaled);
    return [0, 1].map((axis) => kept.map((p) => Math.round(p[axis])));
  });
  return JSON.stringify({ word: "", drawing }) + "\n";
}

/** Offers a text as a file. */
export function download(text, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** The points of a line that it needs (Douglas and Peucker). */
function simplify(line) {
  const [start, end] = [line[0], line.at(-1)];
  let [farthest, most] = [0, TOLERANCE];
  line.forEach((point, i) => {
    const distance = distanceToSegment(point, start, end);
    if (distance > most) [farthest, most] = [i, distance];
  });
  if (!farthest) return [start, end];
  const before = simplify(line.slice(0, farthest + 1));
  return [...before.slice(0, -1), ...simplify(line.slice(farthest))];
}

function distanceToSegment([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const share = length ? ((x - ax) * dx + (y - ay) * dy) / length : 0;
  const t = Math.min(1, Math.max(0, share));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}
