/** Two sessions that do the same at once, and stand at the same step whenever they stand. */

/** @typedef {Pick<import("./half.mjs").Half, "running" | "tell">} One */

export class Pair {
  /** @param {[One, One]} halves */
  constructor(halves) {
    this.halves = halves;
  }

  get running() {
    return this.halves.some((half) => half.running);
  }

  /**
   * @param {string} type of a command
   * @param {object | [object, object]} [data] of both, or of each
   * @returns {Promise<[any, any]>} the data of the answers
   */
  async both(type, data) {
    const given = Array.isArray(data) ? data : [data, data];
    const answers = await Promise.all(this.halves.map((half, i) => half.tell(type, given[i])));
    return /** @type {[any, any]} */ (answers);
  }

  /**
   * Settings of both, from rest; what is equal to what is in force changes nothing.
   * @param {[object, object]} settings
   */
  async configure(settings) {
    if (this.running) await this.stop(null);
    await this.both("configure", settings);
  }

  /**
   * @param {{num_steps: number | null, speed: number | null}} budget
   */
  async start(budget) {
    await this.both("start_training", { num_episodes: null, ...budget });
  }

  /**
   * Stop both, and let the one that is behind take the steps that it lacks.
   * @param {number | null} speed that is in force again afterwards
   */
  async stop(speed) {
    const stopped = await this.both("stop_training");
    await this.level(stopped.map(({ total_steps: steps }) => steps), speed);
  }

  /** @param {number | null} speed */
  async step(speed) {
    if (this.running) return this.stop(speed);
    await this.both("step");
  }

  /**
   * @param {number[]} steps that each has taken
   * @param {number | null} speed
   */
  async level([left, right], speed) {
    const late = this.halves[left < right ? 0 : 1];
    const lacks = Math.abs(left - right);
    if (lacks === 0) return;
    await late.tell("start_training", { num_episodes: null, num_steps: lacks, speed: null });
    await late.tell("set_speed", { speed });
  }
}
