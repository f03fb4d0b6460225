/** Wheel, pointers and keys on the canvas, turned into moves of the view and of a cell cursor. */

const STEP = 1.5;
const DRAG_PX = 4;
/** A finger that goes so far has not tapped. */
const SWIPE_PX = 24;
/** A wheel that has just zoomed must not go on to scroll the page. */
const WHEEL_MS = 400;

/** @type {Record<string, [number, number]>} */
export const MOVES = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/**
 * @typedef {object} Hands
 * @property {() => void} moved the view shows something else
 * @property {() => void} took somebody moved the view by hand
 * @property {(cell: [number, number] | null) => void} hover
 * @property {(dx: number, dy: number) => void} step the cell cursor
 * @property {(dx: number, dy: number) => boolean} swipe a finger went that way; false: that means
 *   nothing
 * @property {(cell: [number, number] | null) => void} tap pressed and released there
 * @property {() => void} choose what the cell cursor is on
 * @property {() => void} escape
 * @property {(event: KeyboardEvent) => boolean} key whether it was for a pen
 */

export class Gestures {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./viewport.mjs").Viewport} port
   * @param {Hands} hands
   */
  constructor(canvas, port, hands) {
    this.canvas = canvas;
    this.port = port;
    this.hands = hands;
    /** @type {Map<number, {x: number, y: number}>} pressed pointers, device pixels */
    this.pointers = new Map();
    this.dragging = false;
    /** @type {import("./showing.mjs").Pen | null} */
    this.pen = null;
    /** The pointer that draws. @type {number | null} */
    this.drawing = null;
    this.wheeledAt = -Infinity;
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    // The browser has taken it, to scroll the page.
    canvas.addEventListener("pointercancel", (event) => {
      this.pointers.delete(event.pointerId);
      this.#lift();
    });
    // A finger that is lifted has not gone elsewhere: what it tapped on stays pointed at.
    canvas.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType !== "touch") this.hands.hover(null);
    });
    addEventListener("pointerdown", ({ target, pointerType }) => {
      if (pointerType === "touch" && target !== canvas) this.hands.hover(null);
    });
    canvas.addEventListener("dblclick", (event) => {
      if (this.pen) return;
      const { x, y } = this.#at(event);
      this.zoom(event.shiftKey ? 0.5 : 2, x, y);
    });
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {import("./showing.mjs").Pen | null} pen draws with the first finger or the mouse */
  setPen(pen) {
    this.#lift();
    this.pen = pen;
  }

  /** What is being drawn was none: a second finger, or the browser, has taken over. */
  #lift() {
    if (this.drawing === null) return;
    this.drawing = null;
    this.pen?.cancel();
  }

  /**
   * @param {number} factor
   * @param {number} [x] device pixels
   * @param {number} [y]
   */
  zoom(factor, x, y) {
    if (!this.port.zoom(factor, x, y)) return;
    this.hands.took();
    this.hands.moved();
  }

  /** Show all of the world. */
  fit() {
    this.port.reset();
    this.hands.took();
    this.hands.moved();
  }

  /** @param {MouseEvent} event */
  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = box.width > 0 ? this.canvas.width / box.width : 1;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const { port } = this;
    // A world that is all on show leaves the wheel to the page; a pinch comes with ctrlKey.
    if (!port.large && !port.zoomed && !event.ctrlKey) return;
    const lines = event.deltaMode === 0 ? 1 : 24;
    const asked = port.asked;
    const { x, y } = this.#at(event);
    this.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)), x, y);
    if (port.asked !== asked) this.wheeledAt = event.timeStamp;
    if (event.timeStamp - this.wheeledAt < WHEEL_MS) event.preventDefault();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    this.pointers.set(event.pointerId, this.#at(event));
    this.dragging = false;
    if (!this.pen) return;
    if (this.pointers.size > 1) return this.#lift();
    const cell = this.port.cellAt(...this.#pair(event));
    if (!cell) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drawing = event.pointerId;
    this.pen.down(cell);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const at = this.#at(event);
    const before = this.pointers.get(event.pointerId);
    if (!before || this.drawing === event.pointerId) this.#hover(event, at);
    if (!before) return;
    if (this.drawing === event.pointerId) {
      this.pointers.set(event.pointerId, at);
      const cell = this.port.cellAt(at.x, at.y);
      if (cell) this.pen?.move(cell);
      return;
    }
    if (this.pointers.size === 2) return this.#pinch(event.pointerId, before, at);
    const [dx, dy] = [at.x - before.x, at.y - before.y];
    if (!this.dragging && Math.hypot(dx, dy) < DRAG_PX * this.port.ratio) return;
    if (!this.port.zoomed) return;
    if (!this.dragging) {
      this.canvas.setPointerCapture(event.pointerId);
      this.hands.hover(null);
      this.hands.took();
    }
    this.dragging = true;
    this.pointers.set(event.pointerId, at);
    if (this.port.pan(dx, dy)) this.hands.moved();
  }

  /**
   * @param {number} id of the pointer that moved
   * @param {{x: number, y: number}} before
   * @param {{x: number, y: number}} at
   */
  #pinch(id, before, at) {
    const other = [...this.pointers].find(([key]) => key !== id)?.[1];
    if (!other) return;
    this.pointers.set(id, at);
    this.dragging = true;
    const apart = (/** @type {{x: number, y: number}} */ p) =>
      Math.max(1, Math.hypot(p.x - other.x, p.y - other.y));
    this.zoom(apart(at) / apart(before), (at.x + other.x) / 2, (at.y + other.y) / 2);
    if (this.port.pan((at.x - before.x) / 2, (at.y - before.y) / 2)) this.hands.moved();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const from = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    if (this.drawing === event.pointerId) {
      this.drawing = null;
      this.pen?.up();
      return;
    }
    if (!from || this.dragging) return;
    const at = this.#at(event);
    if (event.pointerType === "touch" && this.#swipe(at.x - from.x, at.y - from.y)) return;
    this.hands.tap(this.port.cellAt(at.x, at.y));
  }

  /**
   * @param {number} dx device pixels
   * @param {number} dy
   * @returns {boolean}
   */
  #swipe(dx, dy) {
    if (Math.hypot(dx, dy) < SWIPE_PX * this.port.ratio) return false;
    const across = Math.abs(dx) > Math.abs(dy);
    return this.hands.swipe(across ? Math.sign(dx) : 0, across ? 0 : Math.sign(dy));
  }

  /** @param {PointerEvent} event @param {{x: number, y: number}} at */
  #hover(event, at) {
    if (event.pointerType === "touch") return;
    this.hands.hover(this.port.cellAt(at.x, at.y));
  }

  /** @param {MouseEvent} event @returns {[number, number]} */
  #pair(event) {
    const { x, y } = this.#at(event);
    return [x, y];
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (this.hands.key(event)) {
      event.preventDefault();
      event.stopPropagation(); // no letter presses a button as well
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = MOVES[event.key];
    if (move) {
      const far = event.shiftKey ? 10 : 1;
      this.hands.step(far * move[0], far * move[1]);
    } else if (event.key === "+" || event.key === "=") this.zoom(STEP);
    else if (event.key === "-" || event.key === "_") this.zoom(1 / STEP);
    else if (event.key === "0") this.fit();
    else if (event.key === "Enter") this.hands.choose();
    else if (event.key === "Escape") return this.hands.escape();
    else return;
    event.preventDefault();
  }
}

export { STEP };
