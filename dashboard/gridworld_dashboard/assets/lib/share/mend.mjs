/**
 * What mail, chat and text processors make of a link, undone where that is certain.
 *
 * The library does the same (`gridworld.store.mend`). Nothing here judges: of what is found, that
 * counts which unpacks to a whole.
 */

import { LINK } from "../page/tables.mjs";

export const MARK = LINK.mark;

/** Lines that a link may be broken into, where other text follows it. */
const MOST_PIECES = 64;

/** How often a link may have been encoded over and over. */
const ROUNDS = 3;

const PERCENT = /%([0-7][0-9a-fA-F])/g;
const NUMBERED = /&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));/g;
const NAMED = /&(amp|num|equals|lowbar|lt|gt|quot|shy|ZeroWidthSpace);/g;
/** @type {Record<string, string>} */
const NAMES = {
  amp: "&",
  num: "#",
  equals: "=",
  lowbar: "_",
  lt: "<",
  gt: ">",
  quot: '"',
  shy: "",
  ZeroWidthSpace: "",
};

/** Tags that permit a line break, escapes before Markdown's signs, and letters that nobody sees. */
const UNSEEN = /<wbr ?\/?>|\\|\u00ad|[\u200b-\u200f]|\u2060|\ufeff/gi;

/** Of quoted-printable. */
const SOFT_BREAK = /=[ \t]*\r?\n/g;

/** A piece of a code behind blanks, or behind a line break and the signs of a quotation. */
const PIECE = /\s*(?:[\r\n]\s*(?:[>|]\s*)+)?([A-Za-z0-9_-]+)/y;

/**
 * @param {string} text
 * @returns {boolean} there is a link in it, mangled or not
 */
export function holdsMark(text) {
  return readings(text).some((reading) => reading.includes(MARK));
}

/**
 * @param {string} text a link, text around one, or a code alone
 * @returns {string[]} what may be the code of a link, the likeliest first; none where there cannot
 *   be any
 */
export function foundCodes(text) {
  // the second one: Markdown's emphasis
  const codes = allCodes(text).flatMap((code) => [code, code.replace(/[_-]+$/, "")]);
  return [...new Set(codes)].filter((code) => code !== "");
}

/** @param {string} text @returns {string[]} */
function allCodes(text) {
  const parts = readings(text).flatMap((reading) => reading.split(MARK).slice(1));
  if (parts.length === 0) {
    const found = pieces(text);
    return found.join("") === text.replace(/\s+/g, "") ? joined(found) : [];
  }
  // 3D: an equals sign in quoted-printable
  const readable = parts.flatMap((part) => (part.startsWith("3D") ? [part, part.slice(2)] : [part]));
  return readable.flatMap((part) => joined(pieces(part)));
}

/**
 * @param {string} text
 * @returns {string[]} as it stands, and with one kind of line break or the other taken away
 */
function readings(text) {
  let plain = text;
  for (let round = 0; round < ROUNDS; round++) {
    plain = plain
      .replace(PERCENT, (_, digits) => String.fromCharCode(parseInt(digits, 16)))
      .replace(NUMBERED, (all, hex, decimal) => letter(hex ? parseInt(hex, 16) : Number(decimal)) ?? all)
      .replace(NAMED, (_, name) => NAMES[name]);
  }
  plain = plain.replace(UNSEEN, "");
  return [plain, plain.replace(SOFT_BREAK, ""), plain.replace(/\s+/g, "")];
}

/** @param {number} number @returns {string | null} */
function letter(number) {
  return number <= 0x10ffff ? String.fromCodePoint(number) : null;
}

/** @param {string} text @returns {string[]} */
function pieces(text) {
  const found = [];
  PIECE.lastIndex = 0;
  for (let match = PIECE.exec(text); match; match = PIECE.exec(text)) found.push(match[1]);
  return found;
}

/** @param {string[]} found @returns {string[]} the first piece, all, and what lies between */
function joined(found) {
  if (found.length === 0) return [];
  const between = Array.from({ length: Math.min(found.length, MOST_PIECES) }, (_, n) =>
    found.slice(0, n).join(""),
  );
  return [found[0], found.join(""), ...between.slice(2)];
}
