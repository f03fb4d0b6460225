/** How often each return came: bars, lowest return at the left. */

import { make } from "../page/dom.mjs";
import { plural } from "../page/format.mjs";
import { filled } from "./parts.mjs";
import { sum } from "./readings.mjs";

/** @typedef {{low: number, high: number, count: number}} Bar */

/**
 * @param {Bar[]} found
 * @param {number} episodes
 * @returns {HTMLElement}
 */
export function bars(found, episodes) {
  const most = Math.max(...found.map(({ count }) => count));
  const [first, last] = [found[0], found[found.length - 1]];
  const columns = found.map((bar) => {
    const column = make("span", { title: `${range(bar)}: ${plural(bar.count, "episode")}` });
    column.style.setProperty("--share", String(bar.count / most));
    column.classList.toggle("none", bar.count === 0);
    return column;
  });
  const words = `Returns of ${plural(episodes, "episode")}, from ${sum(first.low)} to ${sum(last.high)}`;
  const ends = [make("span", { textContent: sum(first.low) })];
  if (found.length > 1) ends.push(make("span", { textContent: sum(last.high) }));
  return filled(
    "figure",
    { className: "bars" },
    filled("div", { className: "columns", role: "img", ariaLabel: words }, ...columns),
    filled("div", { className: "ends", ariaHidden: "true" }, ...ends),
  );
}

/** @param {Bar} bar @returns {string} */
function range({ low, high }) {
  return low === high ? sum(low) : `${sum(low)} to ${sum(high)}`;
}
