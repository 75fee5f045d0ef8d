/** Bezier curves of any degree. Points are [x, y]. */

const PIECES = 4;

/** The point and the velocity of a curve at t in [0, 1] (de Casteljau). */
export function at(controls, t) {
  let points = controls;
  while (points.length > 2) points = halfway(points, t);
  const [a, b] = points;
  const degree = controls.length - 1;
  return {
    point: halfway(points, t)[0],
    velocity: [degree * (b[0] - a[0]), degree * (b[1] - a[1])],
  };
}

/** Points along a curve, `count` of them. */
export function sample(controls, count) {
  return Array.from({ length: count }, (_, i) => at(controls, i / (count - 1)).point);
}

/** SVG path data: cubic pieces with the position and velocity of the curve. */
export function pathData(controls) {
  const parts = [`M ${format(controls[0])}`];
  for (let i = 0; i < PIECES; i++) {
    const start = at(controls, i / PIECES);
    const end = at(controls, (i + 1) / PIECES);
    const arm = 1 / (3 * PIECES);
    const out = start.point.map((x, axis) => x + arm * start.velocity[axis]);
    const back = end.point.map((x, axis) => x - arm * end.velocity[axis]);
    parts.push(`C ${format(out)} ${format(back)} ${format(end.point)}`);
  }
  return parts.join(" ");
}

function halfway(points, t) {
  return points.slice(1).map(([x, y], i) => [
    points[i][0] + t * (x - points[i][0]),
    points[i][1] + t * (y - points[i][1]),
  ]);
}

function format([x, y]) {
  return `${+x.toFixed(4)} ${+y.toFixed(4)}`;
}
