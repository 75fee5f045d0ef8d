/** Shows strokes: they appear in order, with a list of them below. */

import { at, pathData } from "./bezier.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const PAUSE = 0.35; // seconds from one stroke to the next

/** Replaces the paths of an SVG element and the items of a list. */
export function show(svg, list, strokes) {
  svg.replaceChildren(...strokes.map(path));
  list.replaceChildren(...strokes.map(item));
}

function path({ controls, width, colour }, number) {
  const element = document.createElementNS(NAMESPACE, "path");
  const attributes = { d: pathData(controls), stroke: colour, "stroke-width": width, pathLength: 1 };
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.style.animationDelay = `${number * PAUSE}s`;
  return element;
}

function item({ controls, colour }, number) {
  const element = document.createElement("li");
  element.style.setProperty("--colour", colour);
  element.textContent = number + 1;
  const spoken = document.createElement("span");
  spoken.className = "spoken";
  spoken.textContent = `from the ${place(controls, 0)} to the ${place(controls, 1)}`;
  element.append(spoken);
  return element;
}

function place(controls, t) {
  const [x, y] = at(controls, t).point;
  const third = (value, names) => names[Math.min(2, Math.max(0, Math.floor(3 * value)))];
  const words = [third(y, ["top", "", "bottom"]), third(x, ["left", "", "right"])];
  return words.filter(Boolean).join(" ") || "middle";
}
