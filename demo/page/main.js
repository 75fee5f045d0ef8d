/** Connects the parts of the page. */

import * as files from "./files.js";
import * as framing from "./framing.js";
import * as ink from "./ink.js";
import { LINE, Pad } from "./pad.js";
import * as squares from "./square.js";
import * as strokesOf from "./strokes.js";
import * as view from "./view.js";

const BUTTONS = ["reconstruct_refined", "complete", "exemplars", "generate"];
const WHOLE = { left: 0.1, top: 0.1, side: 0.8 }; // of drawings of the model
const find = (id) => document.getElementById(id);

let description, model, seen, shown, strokes = [], seed = 0, newest = 0, sheet = 0;
const pad = new Pad(find("pad"), () => {
  sheet++; // A picture that is being read is for an older sheet.
  explain().catch(fail);
});

/** What the model sees: an image, and its square; null if there is no ink. */
function look() {
  const { margin, line } = framing.of(description.dataset);
  // The model sees lines as wide as those of the drawings it learned from.
  const width = pad.picture ? LINE : line * Math.max(extent(pad.lines.flat()), 0.1);
  const drawn = ink.ofLines(pad.lines, width);
  const found = pad.picture ? ink.join(ink.ofPicture(pad.picture), drawn) : drawn;
  const square = squares.around(found, ink.SIZE, margin);
  if (!square) return null;
  const image = squares.pixels(found, ink.SIZE, square, description.image_size);
  return { square, image, thickness: LINE / width };
}

/** What the model sees when it draws on its own: nothing. */
function nothing() {
  const { line } = framing.of(description.dataset);
  return { square: WHOLE, image: null, thickness: LINE / (line * WHOLE.side) };
}

/** The longer side of the box around points. */
function extent(points) {
  const sides = [0, 1].map((axis) => {
    const values = points.map((point) => point[axis]);
    const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return largest - values.reduce((a, b) => Math.min(a, b), Infinity);
  });
  return Math.max(...sides);
}

async function explain() {
  if (!model) return;
  seen = pad.isEmpty ? null : look();
  if (seen) await answer("reconstruct");
  else reset(pad.isEmpty ? "Draw something." : "The picture has no ink: nothing stands out from its border.");
}

function reset(text) {
  newest++; // Answers that are under way are for an older sheet.
  present([]);
  say(text);
}

async function answer(signature) {
  const number = ++newest;
  const { square, image, thickness } = signature === "generate" ? nothing() : seen;
  const start = performance.now();
  try {
    const outputs = await model.run(signature, image, seed++);
    if (number !== newest) return;
    const time = Math.round(performance.now() - start);
    shown = seen;
    present(strokesOf.read(outputs, square, thickness));
    say(`${strokes.length} ${strokes.length === 1 ? "stroke" : "strokes"}, in ${time} ms.`);
    document.dispatchEvent(new CustomEvent("answer", { detail: { signature, image, outputs } }));
  } catch (error) {
    if (number !== newest) return;
    if (shown !== seen) present([]); // They are of an older drawing.
    fail(error);
  }
}

function present(found) {
  strokes = found;
  view.show(find("answer"), find("strokes"), strokes);
  for (const signature of BUTTONS) {
    find(signature).disabled = signature !== "generate" && !seen;
  }
  find("svg").disabled = find("ndjson").disabled = !strokes.length;
}

function say(text) {
  find("status").textContent = text;
  find("status").classList.remove("error");
}

function fail(error) {
  find("status").textContent = error.message;
  find("status").classList.add("error");
}

async function open(file) {
  if (!file) return;
  const number = ++sheet;
  try {
    const picture = await createImageBitmap(file);
    if (number === sheet) pad.show(picture);
    else picture.close();
  } catch {
    if (number !== sheet) return;
    fail(new Error(`${file.name} is no picture that this browser reads; choose a PNG or a JPEG.`));
  }
}

/** Loads the model, or connects to the server that the address names. */
async function start() {
  const response = await fetch(new URL("./model/model.json", import.meta.url));
  if (!response.ok) throw new Error("The page has no model; make it with python -m demo.build.");
  description = await response.json();
  const options = new URLSearchParams(location.search);
  const server = options.get("server");
  if (server) {
    const name = options.get("served_name") ?? "dood_quickdraw";
    const { connect } = await import("./served_model.js");
    model = connect(server, name, description.image_size);
    find("place").textContent = `The model runs on ${server}.`;
  } else {
    const { load } = await import("./local_model.js");
    model = await load(description);
  }
  await explain();
}

for (const signature of BUTTONS) {
  find(signature).addEventListener("click", () => {
    say("One moment …");
    answer(signature);
  });
}
find("undo").addEventListener("click", () => pad.undo());
find("clear").addEventListener("click", () => pad.clear());
find("open").addEventListener("click", () => find("file").click());
find("file").addEventListener("change", ({ target }) => {
  open(target.files[0]);
  target.value = ""; // The same file may be opened again.
});
find("svg").addEventListener("click", () =>
  files.download(files.svg(strokes), "drawing.svg", "image/svg+xml"));
find("ndjson").addEventListener("click", () =>
  files.download(files.ndjson(strokes), "drawing.ndjson", "application/x-ndjson"));
// A picture that is dropped beside the sheet would replace the page.
for (const type of ["dragover", "drop"]) {
  document.addEventListener(type, (event) => event.preventDefault());
}
for (const type of ["dragover", "dragleave", "drop"]) {
  find("pad").addEventListener(type, (event) => {
    event.preventDefault();
    find("pad").classList.toggle("dropping", type === "dragover");
    if (type === "drop") open(event.dataTransfer.files[0]);
  });
}

start().catch(fail);
