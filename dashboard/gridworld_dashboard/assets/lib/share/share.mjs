/**
 * Links that hold a run's settings, and the command line of the same run.
 *
 * A link is `<page>#run=` and, as base64url without padding, a JSON object in UTF-8 as zlib packs it:
 * its checksum tells a link in which a letter was changed. Links of old have none: they are raw
 * DEFLATE, and stay readable. `gridworld.store.link` reads and writes the same ones for the command
 * line, and some more, to runs that no page can show or hold: those are refused with what repeats
 * them.
 */

import { RULES } from "../form/fields.mjs";
import { isLayer } from "../board/layers.mjs";
import { MARK, foundCodes } from "./mend.mjs";
import { ALGORITHMS, LINK, PARAMETERS } from "../page/tables.mjs";

/**
 * @typedef {object} View
 * @property {string | null} layer
 * @property {boolean} arrows
 * @property {boolean} q_values
 * @property {number} agent row
 */

/**
 * The parameters in force, by their names on the wire, and what the grid shows.
 * @typedef {object} Settings
 * @property {string | Record<string, any>} world a name, or an object with a map
 * @property {number} slip that counts, whatever the world's object says
 * @property {number | null} max_steps that counts; null: never
 * @property {string} algorithm
 * @property {number} learning_rate
 * @property {number} epsilon
 * @property {number} discount_factor
 * @property {number} epsilon_decay
 * @property {number} epsilon_min
 * @property {number} initial_value
 * @property {number | null} num_episodes null: until stopped
 * @property {number | null} num_steps of each agent; null: no limit
 * @property {number} seed
 * @property {number} agents
 * @property {number} first_agent its number
 * @property {number | null} speed null: full
 * @property {View} view
 */

export { MARK };
export const FORMAT = LINK.format;
/** Of the random numbers: with another one the same settings give another run. */
export const STREAM = LINK.stream;

/** What an absent key stands for; another default is another format. @type {Readonly<Settings>} */
export const DEFAULTS = LINK.defaults;

/** Of the JSON: a few bytes may unpack to more than a browser tab holds. */
const MOST_BYTES = LINK.bytes;
const NUMBERS = Object.values(RULES);
/** Settings that are one of some words; in force at once where they are chosen. */
export const CHOICES = Object.values(PARAMETERS).filter(({ kind }) => kind === "choice");

/** What repeats a run that no page can show. */
const ELSEWHERE = "gridworld-bench train --config repeats its run";

/** A link that cannot be used; the message is a sentence for who opened it. */
export class LinkError extends Error {}

/**
 * @param {Partial<Settings>} settings absent keys: the defaults
 * @returns {Promise<string>} what comes behind `MARK` in a link
 * @throws {LinkError} the settings cannot be, or are more than a link holds
 */
export async function encode(settings) {
  /** @type {Record<string, any>} */
  const data = { format: FORMAT, stream: STREAM };
  /** @type {Record<string, any>} */
  const checked = check({ ...settings });
  for (const [key, value] of Object.entries(checked)) {
    const kept = key === "view" ? differing(value, DEFAULTS.view) : value;
    const usual = key === "view" ? Object.keys(kept).length === 0 : value === usualOf(key);
    if (!usual) data[key] = kept;
  }
  if ("world" in data) Object.assign(data, { slip: checked.slip, max_steps: checked.max_steps });
  const raw = new TextEncoder().encode(JSON.stringify(data));
  if (raw.length > MOST_BYTES) throw new LinkError("This world is too large for a link.");
  const packed = await through(new CompressionStream("deflate"), raw, Infinity);
  let binary = "";
  for (let i = 0; i < packed.length; i += 4096) {
    binary += String.fromCharCode(...packed.subarray(i, i + 4096));
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * @param {string} text a whole link, or what comes behind `MARK` in it; what mail and chat put
 *   around, behind and into links is undone where that is certain
 * @returns {Promise<Settings>} all keys; the server still has to know the world
 * @throws {LinkError} it is broken, of another version, or its settings cannot be; or there are
 *   several, to different runs
 */
export async function decode(text) {
  const data = await find(text);
  const { format, stream, ...settings } = data;
  for (const version of [format, stream]) {
    if (!Number.isInteger(version) || version < 1) throw broken();
  }
  if (format > FORMAT) {
    throw new LinkError("This link was made by a newer version of this program, and cannot be read.");
  }
  if (stream !== STREAM) {
    throw new LinkError(
      `This link's run cannot be repeated here: its random numbers are of version ${stream}, ` +
        `and these are of version ${STREAM}.`,
    );
  }
  return check(settings);
}

/**
 * @param {Settings} settings
 * @param {{link?: string, own?: {slip: number, max_steps: number | null}}} [more] `link` to these
 *   settings: needed where no name makes the world; `own`: what the named world has by itself,
 *   so that the flags for that can be left out
 * @returns {string} for a POSIX shell; where the run goes on until it is stopped, so does the
 *   command, until Ctrl-C
 * @throws {LinkError} the world has no name, and there is no link
 */
export function commandLine(settings, { link, own } = {}) {
  const { world, slip, max_steps: limit } = settings;
  const endless = settings.num_episodes === null && settings.num_steps === null;
  const words = ["gridworld-bench", "train"];
  if (typeof world !== "string") {
    if (!link) throw new LinkError("This world has no name, and is too large for a link.");
    words.push("--config", quoted(link));
    // a link may leave the end open, a command may not
    return (endless ? [...words, `--episodes=${ENDLESS}`] : words).join(" ");
  }
  const usual = world === DEFAULTS.world ? DEFAULTS : own;
  if (world !== DEFAULTS.world) words.push(`--world=${quoted(world)}`);
  if (!usual || slip !== usual.slip) words.push(`--slip=${slip}`);
  if (!usual || limit !== usual.max_steps) words.push(`--max-steps=${limit ?? "none"}`);
  for (const [key, flag] of Object.entries(FLAGS)) {
    const value = /** @type {any} */ (settings)[key];
    // steps alone are a budget
    if (value === null && !endless) continue;
    if (value !== usualOf(key)) words.push(`--${flag}=${value ?? ENDLESS}`);
  }
  return words.join(" ");
}

/** Episodes that no run comes to the end of. */
const ENDLESS = "1e12";

/** Settings, beside those of the world, that `gridworld-bench train` has a flag for. */
const FLAGS = Object.fromEntries(
  [PARAMETERS.algorithm, ...Object.values(PARAMETERS)]
    .filter(({ flag, scope }) => flag !== null && scope !== "world")
    .map(({ key, flag }) => [key, flag]),
);

/** @param {string} text @returns {string} one word for a POSIX shell */
function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** @param {string} key @returns {any} */
function usualOf(key) {
  return /** @type {any} */ (DEFAULTS)[key];
}

/**
 * @param {Record<string, any>} values
 * @param {Record<string, any>} others
 * @returns {Record<string, any>} those that are not alike
 */
function differing(values, others) {
  return Object.fromEntries(Object.entries(values).filter(([key, v]) => v !== others[key]));
}

function broken() {
  return new LinkError("This link is broken; perhaps a part of it was lost when it was copied.");
}

/**
 * @param {string} text
 * @returns {Promise<Record<string, any>>} of the one link that is in it
 */
async function find(text) {
  /** @type {Map<string, Record<string, any>>} */
  const found = new Map();
  let problem = null;
  for (const code of foundCodes(text)) {
    try {
      const data = await unpack(code);
      found.set(JSON.stringify(data), data);
    } catch (error) {
      problem ??= error;
    }
  }
  if (found.size > 1) throw new LinkError(`Here are links to ${found.size} different runs.`);
  for (const data of found.values()) return data;
  throw problem ?? broken();
}

/**
 * @param {string} code
 * @returns {Promise<Record<string, any>>}
 */
async function unpack(code) {
  if (code.length % 4 === 1) throw broken();
  let data;
  try {
    const binary = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
    const packed = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    const kind = hasChecksum(packed) ? "deflate" : "deflate-raw";
    const raw = await through(new DecompressionStream(kind), packed, MOST_BYTES);
    data = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw));
  } catch (error) {
    throw error instanceof LinkError ? error : broken();
  }
  if (!isObject(data)) throw broken();
  return data;
}

/**
 * @param {Uint8Array} packed
 * @returns {boolean} it begins as zlib's packets do; as raw DEFLATE of a JSON object none does
 */
function hasChecksum(packed) {
  return packed[0] === 0x78 && ((packed[0] << 8) | packed[1]) % 31 === 0;
}

/**
 * @param {CompressionStream | DecompressionStream} stream
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} most bytes that may come out
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function through(stream, bytes, most) {
  const writer = stream.writable.getWriter();
  // What goes wrong there is told to the reader as well.
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  const reader = stream.readable.getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      reader.cancel().catch(() => {});
      throw new LinkError("This link holds more than 4 MB, which is too much.");
    }
    parts.push(value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * @param {Record<string, any>} given
 * @returns {Settings} all keys, each of its type and within its range
 */
function check(given) {
  checkShowable(given);
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(DEFAULTS, key));
  if (unknown.length > 0) {
    throw new LinkError(`This link has a setting that is unknown here: ${short(unknown[0])}.`);
  }
  if ((given.world ?? "default") !== "default" && !("slip" in given && "max_steps" in given)) {
    throw new LinkError("This link names a world without its slip and its limit on the steps.");
  }
  const settings = /** @type {Settings & Record<string, any>} */ ({ ...DEFAULTS, ...given });
  for (const { key, name, allows, must, empty } of NUMBERS) {
    const value = settings[key];
    const good = typeof value === "number" ? allows(value) : value === null && empty !== null;
    if (!good) throw new LinkError(`${name} ${must}, but this link says ${short(value)}.`);
  }
  for (const { key, title, choices } of CHOICES) {
    if (!choices.includes(settings[key])) {
      throw new LinkError(`${title} cannot be ${short(settings[key])}, as this link says.`);
    }
  }
  if (typeof settings.algorithm !== "string" || !Object.hasOwn(ALGORITHMS, settings.algorithm)) {
    throw new LinkError(`This link has an algorithm that is unknown here: ${short(settings.algorithm)}.`);
  }
  checkWorld(settings.world);
  settings.view = checkedView(settings.view, settings.agents);
  return settings;
}

/**
 * Refuse what is right, and not for a page.
 * @param {Record<string, any>} given
 */
function checkShowable(given) {
  if (LINK.change in given) {
    throw new LinkError(
      `This link's run goes on in other worlds on its way, which no page shows: ${ELSEWHERE}.`,
    );
  }
  if (isProcess(given.world)) {
    throw new LinkError(
      `This link's world, ${short(given.world)}, is a process without a map, which no page shows: ` +
        `${ELSEWHERE}.`,
    );
  }
  const long = NUMBERS.find(
    ({ key }) => typeof given[key] === "string" && /^[1-9]\d{15,18}$/.test(given[key]),
  );
  if (long) {
    throw new LinkError(
      `${long.name} ${given[long.key]}, as this link says, has more digits than a page can hold: ` +
        `${ELSEWHERE}.`,
    );
  }
}

/** @param {any} name @returns {boolean} it makes a process, which is no grid */
function isProcess(name) {
  if (typeof name !== "string") return false;
  return LINK.processes.some((process) =>
    process.endsWith("-N")
      ? name.startsWith(process.slice(0, -1)) && /^\d+$/.test(name.slice(process.length - 1))
      : name === process,
  );
}

/** @param {any} world whether it can be at all: the rest is the server's to judge */
function checkWorld(world) {
  if (typeof world === "string") {
    if (/^[a-z0-9:-]{1,40}$/.test(world)) return;
    throw new LinkError(`This link has a world that is unknown here: ${short(world)}.`);
  }
  const map = isObject(world) ? world.map : null;
  const rows = typeof map === "string" ? [map] : map;
  if (!Array.isArray(rows) || !rows.every((row) => typeof row === "string")) {
    throw new LinkError("This link's world has no map.");
  }
  const unknown = Object.keys(world).find((key) => !LINK.world.includes(key));
  if (unknown !== undefined) {
    throw new LinkError(`This link's world has a key that is unknown here: ${short(unknown)}.`);
  }
}

/**
 * @param {any} given
 * @param {number} agents
 * @returns {View}
 */
function checkedView(given, agents) {
  const known = isObject(given) && Object.keys(given).every((k) => Object.hasOwn(DEFAULTS.view, k));
  const view = known ? { ...DEFAULTS.view, ...given } : null;
  const row = view?.agent ?? -1;
  if (
    !view ||
    !(view.layer === null || (typeof view.layer === "string" && isLayer(view.layer))) ||
    ![view.arrows, view.q_values].every((one) => typeof one === "boolean") ||
    !(Number.isInteger(row) && row >= 0 && row < agents)
  ) {
    throw new LinkError("This link asks for a view of the grid that is unknown here.");
  }
  return view;
}

/** @param {any} value @returns {value is Record<string, any>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {any} value @returns {string} what came, never long */
function short(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
