/** The runs that are pinned: what differs in each, and how the present one does against it. */

import { attribute, button, element, make, write } from "../page/dom.mjs";
import { brief, grouped, plural } from "../page/format.mjs";

/** @typedef {import("../wire/model.mjs").Pin} Pin */
/** @typedef {import("../wire/model.mjs").Versus} Versus */

/** How the lines of pinned runs are dashed, as Plotly names it. */
export const DASHES = ["dash", "dot", "dashdot", "longdash"];

/** The same in the list, as SVG takes it. */
const SWATCHES = { dash: "5 3", dot: "1.5 2.5", dashdot: "5 2 1.5 2", longdash: "9 3" };

/**
 * How the present run does against a pinned one, in words.
 * @param {Versus | undefined} versus
 * @returns {string}
 */
export function versusSentence(versus) {
  if (!versus) return "";
  const { agents, first, last, difference, better } = versus;
  const [mean, low, high] = difference;
  const when = `episodes ${grouped(first)} to ${grouped(last)}`;
  if (agents < 2 || low === null || high === null) {
    return `${signed(mean)} return; ${when}. Of one agent: that may be luck`;
  }
  const [chance, least, most] = better.map((share) => Math.round(100 * (share ?? NaN)));
  return (
    `${signed(mean)} return (${signed(low)} to ${signed(high)}), ` +
    `P(better) ${chance} % (${least} to ${most}); ${plural(agents, "agent")}, ${when}`
  );
}

/** @param {number | null} value */
function signed(value) {
  const text = brief(value);
  return value !== null && value > 0 ? `+${text}` : text;
}

export class Pins {
  /**
   * @param {object} page
   * @param {(href: string) => void} page.open puts the run of a link in force
   * @param {(type: string, data: object) => void} page.send a command
   */
  constructor({ open, send }) {
    this.open = open;
    this.send = send;
    this.shown = "";
  }

  /**
   * @param {import("../wire/model.mjs").Model} model
   * @param {boolean} live
   */
  write({ pins, versus }, live) {
    const place = element("pins-list");
    const numbers = pins.map(({ pin }) => pin).join(" ");
    if (numbers !== this.shown) {
      this.shown = numbers;
      place.replaceChildren(...pins.map((pin, i) => this.#item(pin, i)));
      attribute("pins", "hidden", pins.length > 0 ? null : "");
    }
    pins.forEach((pin, i) => {
      const item = place.children[i];
      const part = (/** @type {string} */ of) => /** @type {HTMLElement} */ (item.querySelector(of));
      write(part("b"), pin.name);
      write(part(".versus"), versusSentence(versus.find(({ pin: n }) => n === pin.pin)));
      const [open, away] = item.querySelectorAll("button");
      attribute(open, "aria-label", `Open the pinned run: ${pin.name}`);
      attribute(away, "aria-label", `Unpin: ${pin.name}`);
      open.disabled = !live || pin.link === null;
      away.disabled = !live;
    });
  }

  /** @param {Pin} pin @param {number} place */
  #item({ pin, link, repeatable }, place) {
    const item = make("div", { className: "pin" });
    item.innerHTML =
      `<svg width="28" height="8" aria-hidden="true"><path d="M0 4H28" ` +
      `stroke-dasharray="${SWATCHES[/** @type {keyof typeof SWATCHES} */ (DASHES[place])]}"/></svg>`;
    const open = button("Open", () => this.open(link ?? ""), { kind: "quiet small" });
    open.title = link === null
      ? "This run is too large for a link"
      : repeatable
        ? "Begins this run anew, bit for bit"
        : "Numbers were changed on the way: begins anew, with the numbers as they were at its end";
    const away = button("×", () => this.send("unpin", { pin }), { kind: "quiet small close" });
    const words = make("div", { className: "words" });
    words.append(make("b", {}), make("span", { className: "versus" }));
    item.append(words, open, away);
    return item;
  }
}
