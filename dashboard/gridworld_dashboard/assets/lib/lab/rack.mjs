/** The list at the side: experiments, plans that may be run, and the bin. */

import { write } from "../page/dom.mjs";
import { grouped } from "../page/format.mjs";
import { button, duration, make } from "./make.mjs";

/**
 * @typedef {object} Progress
 * @property {number} [runs]
 * @property {number} [all_runs]
 * @property {number} [rate] runs a second
 * @property {number} [steps_rate]
 * @property {number | null} [left] seconds
 * @property {string} [best]
 */

/**
 * @typedef {object} Entry a store
 * @property {string} key
 * @property {string} folder
 * @property {string} name
 * @property {string} changed
 * @property {number} [settings]
 * @property {number} [runs]
 * @property {number} [all_runs]
 * @property {string} [state] waiting, running, stopped, failed or done
 * @property {string} [message]
 * @property {Progress} [progress]
 * @property {string} [problem]
 */

/**
 * @typedef {object} Listed
 * @property {Entry[]} stores
 * @property {{key: string, name: string, all_runs?: number, problem?: string}[]} plans
 * @property {{key: string, name: string}[]} bin
 */

/** @param {Entry} entry @returns {boolean} it goes on by itself */
export function isBusy({ state }) {
  return state === "running" || state === "waiting";
}

/** @param {Entry} entry @returns {number} finished, 0..1 */
export function share({ runs = 0, all_runs: all = 1, progress = {} }) {
  return Math.max(runs, progress.runs ?? 0) / Math.max(1, all);
}

/** @param {Entry} entry @returns {string} how it stands with it, in a word or two */
export function standing(entry) {
  if (entry.problem) return "cannot be read";
  if (entry.state === "waiting") return "waits for its turn";
  if (entry.state === "running") return `runs, ${Math.floor(100 * share(entry))} %`;
  if (entry.state === "failed") return "failed";
  return share(entry) >= 1 ? `${grouped(entry.runs ?? 0)} runs` : `stopped at ${Math.floor(100 * share(entry))} %`;
}

/** @param {Entry} entry @returns {string} how far it has come, and how quickly */
export function pace(entry) {
  const { progress = {}, all_runs: all = 0 } = entry;
  const runs = Math.max(entry.runs ?? 0, progress.runs ?? 0);
  const parts = [`${grouped(runs)} of ${grouped(all)} runs`];
  if (entry.state === "waiting") parts.push("waits for the one that runs");
  if (entry.state !== "running") return parts.join(" · ");
  if (progress.rate) parts.push(`${grouped(Math.round(progress.rate))} runs/s`);
  else parts.push("begins");
  if (progress.left) parts.push(`${duration(progress.left)} left`);
  return parts.join(" · ");
}

/**
 * @param {HTMLElement} place
 * @param {Listed} listed
 * @param {string | null} selected key
 * @param {{steers: boolean, run: (plan: string) => void, restore: (name: string) => void}} hands
 */
export function showRack(place, listed, selected, { steers, run, restore }) {
  const { stores, plans, bin } = listed;
  // What is pressed must not be replaced under the finger: only what there is makes new elements.
  const there = JSON.stringify([stores.map((one) => [one.key, one.name, isBusy(one)]), plans, bin, selected]);
  if (place.dataset.there !== there) {
    place.dataset.there = there;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.key;
    place.replaceChildren(
      group("Experiments", stores.map((entry) => storeItem(entry, selected)), "None yet: press vary beside a number of the live page."),
      ...(plans.length > 0 ? [group("Plans", plans.map((plan) => planItem(plan, steers, run)))] : []),
      ...(bin.length > 0 ? [group("Bin", bin.map((one) => binItem(one, steers, restore)))] : []),
    );
    if (focused) itemOf(place, focused)?.focus();
  }
  for (const entry of stores) {
    const item = itemOf(place, entry.key);
    const said = item?.querySelector("span.muted");
    if (said) write(/** @type {HTMLElement} */ (said), standing(entry));
    const bar = /** @type {HTMLElement | null} */ (item?.querySelector(".bar"));
    if (bar) bar.style.inlineSize = `${100 * share(entry)}%`;
  }
}

/** @param {HTMLElement} place @param {string} key @returns {HTMLElement | null} */
function itemOf(place, key) {
  return place.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

/** @param {string} title @param {Node[]} items @param {string} [nothing] */
function group(title, items, nothing = "") {
  const list = items.length > 0 ? make("ul", {}, ...items) : make("p", { className: "muted", textContent: nothing });
  return make("div", { className: "group" }, make("h2", { textContent: title }), list);
}

/** @param {Entry} entry @param {string | null} selected */
function storeItem(entry, selected) {
  const link = make(
    "a",
    { href: `#store=${encodeURIComponent(entry.key)}`, dataset: { key: entry.key }, className: "item" },
    make("b", { textContent: entry.name || entry.folder }),
    make("span", { className: "muted" }),
  );
  if (entry.key === selected) link.setAttribute("aria-current", "page");
  if (isBusy(entry)) link.append(make("span", { className: "bar" }));
  return make("li", {}, link);
}

/**
 * @param {Listed["plans"][number]} plan
 * @param {boolean} steers
 * @param {(plan: string) => void} run
 */
function planItem(plan, steers, run) {
  const words = plan.problem ?? `${grouped(plan.all_runs ?? 0)} runs`;
  const tools = steers && !plan.problem ? [button("Run", () => run(plan.key), { name: `Run ${plan.key}` })] : [];
  return make(
    "li",
    { className: "item plain" },
    make("b", { textContent: plan.name || plan.key }),
    make("span", { className: "muted", textContent: words }),
    ...tools,
  );
}

/**
 * @param {{key: string, name: string}} one
 * @param {boolean} steers
 * @param {(name: string) => void} restore
 */
function binItem({ name }, steers, restore) {
  const tools = steers ? [button("Bring back", () => restore(name), { name: `Bring back ${name}` })] : [];
  return make("li", { className: "item plain" }, make("span", { className: "muted", textContent: name }), ...tools);
}
