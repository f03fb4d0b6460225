/** The view follows the agent: it turns the page, as it were, when the agent nears the edge. Pure. */

/** The share of the canvas that is "near the edge". */
const MARGIN = 0.12;
/** The share of the rest of the way that one picture takes. */
const GLIDE = 0.3;

export class Chase {
  constructor() {
    this.on = false;
    this.gliding = false;
  }

  /** @param {boolean} on */
  set(on) {
    this.on = on;
    this.gliding = false;
  }

  /**
   * @param {import("./viewport.mjs").Viewport} port that is moved
   * @param {{x: number, y: number} | null} at the agent, in cells
   * @returns {boolean} the view was moved; it is `gliding` while it has to go on
   */
  move(port, at) {
    if (!this.on || !port.zoomed || !at) return (this.gliding = false);
    const x = port.left + (at.x + 0.5) * port.cell;
    const y = port.top + (at.y + 0.5) * port.cell;
    if (!this.gliding && !near(x, port.width) && !near(y, port.height)) return false;
    const [dx, dy] = [port.width / 2 - x, port.height / 2 - y];
    const last = Math.hypot(dx, dy) < 3 * port.cell;
    const share = last ? 1 : GLIDE;
    const moved = port.pan(share * dx, share * dy);
    this.gliding = moved && !last;
    return moved;
  }
}

/** @param {number} v @param {number} size */
function near(v, size) {
  return v < MARGIN * size || v > (1 - MARGIN) * size;
}
