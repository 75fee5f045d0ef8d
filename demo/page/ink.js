/** The ink of a sheet: `SIZE` x `SIZE` values, 0 is paper and 1 is ink. */

export const SIZE = 512;

/** Draws polylines of points in [0, 1]^2; `width` in widths of the sheet. */
export function ofLines(lines, width) {
  const context = blank();
  paint(context, lines, SIZE, width, "white");
  const { data } = context.getImageData(0, 0, SIZE, SIZE);
  return Float32Array.from({ length: SIZE * SIZE }, (_, i) => data[4 * i] / 255);
}

/** Paints polylines of points in [0, 1]^2 with round ends; a line may be a dot. */
export function paint(context, lines, size, width, colour) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = width * size;
  context.lineCap = context.lineJoin = "round";
  for (const line of lines) {
    const points = line.map(([x, y]) => [x * size, y * size]);
    context.beginPath();
    for (const point of points) context.lineTo(...point);
    context.stroke();
    context.beginPath(); // A line without length has no ends to stroke.
    context.arc(...points[0], context.lineWidth / 2, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Finds the ink of a picture: what differs from the colour of its border. */
export function ofPicture(bitmap) {
  const context = blank();
  const { left, top, width, height } = fit(bitmap, SIZE);
  const [x, y] = [left, top].map(Math.round);
  const [columns, rows] = [width, height].map((side) => Math.max(1, Math.round(side)));
  context.clearRect(0, 0, SIZE, SIZE);
  context.imageSmoothingQuality = "high"; // Else thin lines lose pixels.
  context.drawImage(bitmap, x, y, columns, rows);
  // Where a picture is transparent, its paper is the opposite of its ink.
  const drawn = context.getImageData(x, y, columns, rows).data;
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = isLight(drawn) ? "black" : "white";
  context.fillRect(0, 0, SIZE, SIZE);
  const { data } = context.getImageData(x, y, columns, rows);
  const paper = borderColour(data, columns, rows);
  const ink = new Float32Array(SIZE * SIZE);
  for (let i = 0; i < columns * rows; i++) {
    const far = Math.max(
      ...paper.map((colour, channel) => Math.abs(data[4 * i + channel] - colour)));
    const alpha = drawn[4 * i + 3] / 255; // No ink shows where nothing is.
    ink[(y + Math.floor(i / columns)) * SIZE + x + (i % columns)] = alpha * far;
  }
  return clean(ink);
}

/** Whether the opaque part of pixels is lighter than grey. */
function isLight(data) {
  let light = 0;
  let opaque = 0;
  for (let i = 0; i < data.length; i += 4) {
    light += (data[i + 3] * (data[i] + data[i + 1] + data[i + 2])) / 3;
    opaque += data[i + 3];
  }
  return light > 127.5 * opaque;
}

/** What has ink in one of two sheets. */
export function join(one, other) {
  return one.map((x, i) => Math.max(x, other[i]));
}

/** Where a picture lies on a sheet of this size, in its middle. */
export function fit({ width, height }, size) {
  const scale = size / Math.max(width, height);
  return {
    left: (size - scale * width) / 2,
    top: (size - scale * height) / 2,
    width: scale * width,
    height: scale * height,
  };
}

function blank() {
  const canvas = new OffscreenCanvas(SIZE, SIZE);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillRect(0, 0, SIZE, SIZE);
  return context;
}

function borderColour(data, columns, rows) {
  const border = [];
  for (let i = 0; i < columns * rows; i++) {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    if (!x || !y || x === columns - 1 || y === rows - 1) border.push(4 * i);
  }
  return [0, 1, 2].map((channel) => {
    const values = border.map((i) => data[i + channel]).sort((a, b) => a - b);
    return values[values.length >> 1];
  });
}

/** Scales distances from the paper to [0, 1]; what is faint becomes paper. */
function clean(distances) {
  const most = distances.reduce((a, b) => Math.max(a, b), 0);
  if (most < 25) return distances.fill(0);
  return distances.map((x) => (x < 0.25 * most ? 0 : x / most));
}
