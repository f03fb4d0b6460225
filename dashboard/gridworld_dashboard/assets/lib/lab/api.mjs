/** What the page of experiments asks the server for. */

/** A refusal; the message is a sentence for who asked. */
export class Refused extends Error {
  /** @param {string} message @param {number} status */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {string} path
 * @param {object} data
 * @returns {Promise<any>}
 * @throws {Refused}
 */
async function posted(path, data) {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) };
  const answer = await fetch(`experiments/${path}`, request).catch(() => null);
  if (!answer) throw new Refused("The server cannot be reached.", 0);
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(sentence(said.message) || "The server has a fault; its log says more.", answer.status);
  return said;
}

/** @param {string} [text] as errors begin, in small letters */
export function sentence(text) {
  if (!text) return "";
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?)\]']$/.test(begun) ? begun : `${begun}.`;
}

/** @param {string} question @param {object} data @returns {Promise<any>} */
export const ask = (question, data) => posted(`ask/${question}`, data);

/** @param {string} doing @param {object} data @returns {Promise<any>} */
export const act = (doing, data) => posted(`do/${doing}`, data);

/**
 * @param {Record<string, string | number | null | undefined>} asked
 * @returns {string} address of a file
 */
export function file(asked) {
  const known = Object.entries(asked).filter(([, value]) => value !== null && value !== undefined);
  return `experiments/file?${new URLSearchParams(known.map(([key, value]) => [key, String(value)]))}`;
}
