/**
 * When to draw: in an animation frame, never twice for one request, and not as often as the screen
 * could where that would cost more than it shows.
 */

/** Between two pictures: thirty a second look smooth and cost half of what sixty do. */
const BETWEEN_MS = 28;
/** The same where the agent goes farther between two frames than its trail is long. */
const FAST_BETWEEN_MS = 62;
const FAST = 640;

/**
 * @param {Record<string, any> | null} frame
 * @returns {number} milliseconds from one picture to the next
 */
export function between(frame) {
  const { running = false, steps_per_second: speed = 0, agents = 1 } = frame ?? {};
  return running && speed / agents > FAST ? FAST_BETWEEN_MS : BETWEEN_MS;
}

export class Pace {
  /**
   * @param {() => void} draw a picture; it calls `drawn` first
   * @param {{now: () => number, later: (call: () => void, ms: number) => void,
   *   frame: (call: () => void) => void}} [clock]
   */
  constructor(draw, clock = BROWSER) {
    this.draw = draw;
    this.clock = clock;
    this.asked = false;
    /** Pictures so far: one that was asked for before the last of them is no longer wanted. */
    this.pictures = 0;
    this.drawnAt = 0;
  }

  /** @param {number} ms from the last picture to the next */
  ask(ms) {
    if (this.asked) return;
    this.asked = true;
    const { later, frame } = this.clock;
    const asOf = this.pictures;
    const wanted = () => {
      if (this.pictures === asOf) this.draw();
    };
    const rest = this.drawnAt + ms - this.clock.now();
    if (rest > 0) later(() => frame(wanted), rest);
    else frame(wanted);
  }

  /** A picture is drawn, whether it was asked for or not. */
  drawn() {
    this.asked = false;
    this.pictures += 1;
    this.drawnAt = this.clock.now();
  }
}

const BROWSER = {
  now: () => performance.now(),
  later: (/** @type {() => void} */ call, /** @type {number} */ ms) => void setTimeout(call, ms),
  frame: (/** @type {() => void} */ call) => void requestAnimationFrame(call),
};
