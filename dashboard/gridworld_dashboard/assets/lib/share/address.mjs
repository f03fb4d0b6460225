/**
 * The page's state in its address: what a link asks for when it comes, and what the address says
 * while the page is used.
 */

import { AT_FIRST } from "../board/switches.mjs";
import { RULES } from "../form/fields.mjs";
import { memory } from "../page/dom.mjs";
import { placeOf } from "../wire/place.mjs";
import { DEFAULTS, LinkError, MARK, decode, encode } from "./share.mjs";

/** @typedef {import("./share.mjs").Settings} Settings */

const WRITE_MS = 400;

/** Settings that make the run; the others only say how one looks at it. */
const OF_RUN = /** @type {const} */ ([
  "algorithm",
  ...Object.values(RULES)
    .map(({ key }) => key)
    .filter((key) => key !== "speed"),
]);

/**
 * @param {Settings} one
 * @param {Settings} other
 * @returns {boolean} both describe the same run
 */
export function sameRun(one, other) {
  return (
    worldKey(one.world) === worldKey(other.world) &&
    OF_RUN.every((key) => /** @type {any} */ (one)[key] === /** @type {any} */ (other)[key])
  );
}

/**
 * @param {Settings} settings
 * @returns {boolean} nothing of it has to be said
 */
export function isUsual(settings) {
  const { view } = settings;
  return (
    sameRun(settings, DEFAULTS) &&
    settings.speed === DEFAULTS.speed &&
    view.layer === AT_FIRST.layer &&
    view.arrows === AT_FIRST.arrows &&
    view.q_values === AT_FIRST.qValues &&
    view.agent === DEFAULTS.view.agent
  );
}

/** A link's beginning, as it may have become on its way; behind it may be nothing at all. */
const BEGINNING = /(?:#|%(?:25)*23)(?=run\b|run%)/i;

/**
 * @param {string} href the page's address
 * @returns {{holds: boolean, address: string}} whether it holds a link, or what is left of one, and
 *   the address with the link where it belongs: encoded once too often, it came as a part of the
 *   path, and would have shown the usual run in silence
 */
export function lookAt(href) {
  const match = BEGINNING.exec(href);
  if (!match) return { holds: false, address: href };
  const at = match.index;
  return { holds: true, address: `${href.slice(0, at)}#${href.slice(at + match[0].length)}` };
}

/** @param {Settings["world"]} world @returns {string} equal where the maps and the rules are */
function worldKey(world) {
  if (typeof world === "string") return world;
  // The settings beside it say what counts of these; a name changes nothing.
  const { slip: _slip, max_steps: _limit, name: _name, ...rest } = world;
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export class Address {
  /**
   * @param {object} page
   * @param {() => Settings | null} page.settings as they stand; null where no link can hold them
   * @param {() => boolean} page.fresh the server waits, and nothing was learnt
   * @param {() => boolean} page.idle the server waits
   * @param {() => boolean} page.steers who is here may open something
   * @param {(settings: Settings, same: boolean) => Promise<boolean>} page.take make them so; same:
   *   the run is here already
   * @param {() => Promise<any>} page.again begin the run that is here from its beginning
   * @param {(code: string | null, settings: Settings | null, problem: string) => void} page.wrote
   * @param {(sentence: string) => void} page.fail
   * @param {() => void} page.changed the offer came or went
   */
  constructor(page) {
    this.page = page;
    /** What a link asks for, until somebody decides. @type {Settings | null} */
    this.asked = null;
    /** The page is to ask whether to open it. */
    this.offered = false;
    /** The link is what this page wrote or opened: what it remembers beside it is newer. */
    this.own = false;
    /** It is of a run that somebody has just chosen among those of an experiment. */
    this.chosen = false;
    /** A link is being read. */
    this.reading = false;
    this.timer = 0;
    this.written = "";
    /** The link that came last. */
    this.hash = "";
  }

  begin() {
    addEventListener("hashchange", () => this.#read());
    // a reload may come with the address that stood before the last change of it
    this.#read(remembered());
  }

  /** @param {string[]} own links that are this page's own */
  async #read(own = remembered().slice(0, 1)) {
    const { hash, href } = location;
    const { holds, address } = lookAt(href);
    if (!holds) return;
    // what was part of the path would stay there for ever
    if (address !== href) history.replaceState(history.state, "", address);
    this.reading = true;
    this.hash = hash;
    this.chosen = chosenRun.take(hash);
    this.own = !this.chosen && own.includes(hash); // who has just chosen it wants it
    try {
      this.asked = await decode(href);
      this.offered = false;
    } catch (error) {
      this.asked = null;
      this.page.fail(error instanceof LinkError ? error.message : "This link cannot be read.");
    }
    this.reading = false;
    this.written = "";
    this.decide();
  }

  /**
   * Do what a link on this page asks for, from its beginning: who presses it means that.
   * @param {string} href
   * @returns {Promise<boolean>} whether it is in force
   */
  async go(href) {
    const present = this.page.settings();
    try {
      const asked = await decode(href);
      const same = present !== null && sameRun(present, asked);
      const taken = await this.page.take(asked, same);
      if (taken && same && !this.page.fresh()) await this.page.again();
      return taken;
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.page.fail(error.message);
      return false;
    }
  }

  /** Look at the link that came, if one did, and at what is here: call it with each frame. */
  decide() {
    if (!this.asked || this.offered) return;
    const settings = this.page.settings();
    if (!settings) return;
    const same = sameRun(settings, this.asked);
    const steers = this.page.steers();
    const may = this.page.fresh() || (this.chosen && this.page.idle());
    if (same || (may && steers)) this.open(same);
    else if (this.own || !steers) this.keep();
    else {
      this.offered = true;
      this.page.changed();
    }
  }

  /** @param {boolean} [same] the run that it describes is here already */
  open(same = false) {
    const { asked } = this;
    this.#settle();
    if (!asked) return;
    // From now on it is this page's own: a reload, before it was written again, asks nothing.
    remember(this.hash);
    this.page.take(asked, same);
  }

  /**
   * Open the experiment of a number, with all else as it would be at a start.
   * @param {string} key of a parameter
   */
  async vary(key) {
    const settings = this.page.settings();
    try {
      if (!settings) throw new LinkError("This world is too large for an experiment of the page.");
      const { view: _view, ...run } = settings;
      location.assign(`experiments#vary=${key}&run=${await encode(run)}`);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.page.fail(error.message);
    }
  }

  keep() {
    this.#settle();
    this.write(true);
  }

  #settle() {
    this.asked = null;
    this.offered = false;
    this.page.changed();
  }

  /**
   * Bring the address up to date, a moment after the last change.
   * @param {boolean} [again] although the settings are those written last
   */
  write(again = false) {
    if (again) this.written = "";
    if (this.timer) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.#write();
    }, WRITE_MS);
  }

  async #write() {
    const settings = this.page.settings();
    const key = JSON.stringify(settings);
    if (key === this.written || this.reading || this.asked) return;
    this.written = key;
    if (!settings) return this.page.wrote(null, null, "This world is too large for a link.");
    try {
      const code = await encode(settings);
      if (key !== this.written || this.reading || this.asked) return;
      const hash = isUsual(settings) ? "" : MARK + code;
      if (hash !== location.hash) {
        history.replaceState(history.state, "", hash || location.pathname + location.search);
      }
      remember(hash);
      this.page.wrote(code, settings, "");
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.page.wrote(null, settings, error.message);
    }
  }
}

/** The run of an experiment that is on its way to the live page, which then need not ask. */
export const chosenRun = {
  /** @param {string} hash of its link */
  put(hash) {
    memory.set("chosen", hash);
  },
  /**
   * @param {string} hash
   * @returns {boolean} it is the one, which has arrived with this
   */
  take(hash) {
    const here = memory.get("chosen") === hash;
    if (here) memory.set("chosen", null);
    return here;
  },
};

const WRITTEN = "gridworld-bench.address";

/** @returns {string} frames of one page share its memory */
function keyOfWritten() {
  return WRITTEN + placeOf();
}

/** @returns {string[]} what this tab wrote into its address, or opened of it: the last one first */
function remembered() {
  try {
    return (sessionStorage.getItem(keyOfWritten()) ?? "").split("\n");
  } catch {
    return [];
  }
}

/** @param {string} hash */
function remember(hash) {
  try {
    const before = remembered().filter((each) => each !== hash);
    sessionStorage.setItem(keyOfWritten(), [hash, ...before].slice(0, 2).join("\n"));
  } catch {
    // Forbidden: a reload may then ask once too often.
  }
}
