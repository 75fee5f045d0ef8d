/** The sheet to draw on: with mouse, pen, finger or keyboard. */

import { fit, paint } from "./ink.js";

/** The width of the pen, in widths of the sheet. */
export const LINE = 0.025;

const STEP = 0.02; // of an arrow key; five times as far with shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The nearest number in [0, 1]. */
const inside = (value) => Math.min(1, Math.max(0, value));

export class Pad {
  /** `changed` is called when a line is complete or something is removed. */
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.lines = []; // of points in [0, 1]^2
    this.picture = null;
    this.cursor = null; // of the keyboard
    this.isDown = false; // the pen
    this.pointer = null; // the id of the mouse, pen or finger that draws
    canvas.addEventListener("pointerdown", (event) => this.#start(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#end(event));
    canvas.addEventListener("pointercancel", (event) => this.#end(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.#leave());
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  get isEmpty() {
    return !this.lines.length && !this.picture;
  }

  clear() {
    this.show(null);
  }

  undo() {
    if (this.lines.length) this.lines.pop();
    else this.#replace(null);
    this.#finish();
  }

  /** Shows a picture in place of what was drawn. */
  show(picture) {
    this.lines = [];
    this.#replace(picture);
    this.#finish();
  }

  #replace(picture) {
    this.picture?.close();
    this.picture = picture;
  }

  #start(event) {
    if (this.pointer !== null || !event.isPrimary || event.button > 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.cursor = null;
    this.#lower(this.#place(event));
  }

  #move(event) {
    if (event.pointerId !== this.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) {
      this.lines.at(-1).push(this.#place(one));
    }
    this.#draw();
  }

  #end(event) {
    if (event.pointerId === this.pointer) this.#finish();
  }

  #key(event) {
    const arrow = ARROWS[event.key];
    // With these keys, arrows are the browser's.
    if (arrow && (event.altKey || event.ctrlKey || event.metaKey)) return;
    if (arrow) this.#step(arrow, event.shiftKey ? 5 * STEP : STEP);
    else if (event.key === " " && event.repeat) return event.preventDefault();
    else if (event.key === " ") this.#toggle();
    else if (event.key === "Escape") this.clear();
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.undo();
    else return;
    event.preventDefault();
  }

  #step([x, y], length) {
    if (this.pointer !== null) return;
    const [left, top] = this.cursor ?? [0.5, 0.5];
    this.cursor = [inside(left + length * x), inside(top + length * y)];
    if (this.isDown) this.lines.at(-1).push(this.cursor);
    this.#draw();
  }

  #toggle() {
    if (this.pointer !== null) return;
    this.cursor ??= [0.5, 0.5];
    if (this.isDown) this.#finish();
    else this.#lower(this.cursor);
  }

  #leave() {
    this.cursor = null;
    if (this.isDown) this.#finish();
    else this.#draw();
  }

  #lower(point) {
    this.isDown = true;
    this.lines.push([point]);
    this.#draw();
  }

  #finish() {
    this.isDown = false;
    this.pointer = null;
    this.#draw();
    this.changed();
  }

  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      inside((event.clientX - box.left) / box.width),
      inside((event.clientY - box.top) / box.height),
    ];
  }

  #draw() {
    const size = Math.round(this.canvas.clientWidth * devicePixelRatio);
    this.canvas.width = this.canvas.height = size;
    const context = this.canvas.getContext("2d");
    if (this.picture) {
      const { left, top, width, height } = fit(this.picture, size);
      context.drawImage(this.picture, left, top, width, height);
    }
    paint(context, this.lines, size, LINE, getComputedStyle(this.canvas).color);
    if (this.cursor) this.#drawCursor(context, size);
  }

  #drawCursor(context, size) {
    const [x, y] = this.cursor;
    context.lineWidth = 2 * devicePixelRatio;
    context.beginPath();
    context.arc(x * size, y * size, 0.02 * size, 0, 2 * Math.PI);
    if (this.isDown) context.fill();
    context.stroke();
  }
}
