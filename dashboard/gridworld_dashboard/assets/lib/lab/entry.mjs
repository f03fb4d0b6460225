/** The script of the page of experiments: the list at the side, and what is chosen beside it. */

import { attribute, element, memory, write } from "../page/dom.mjs";
import { readPalette, scheme } from "../page/palette.mjs";
import { toast } from "../says/toasts.mjs";
import { act, ask, sentence } from "./api.mjs";
import { Draft } from "./draft.mjs";
import { make } from "./make.mjs";
import { isBusy, showRack } from "./rack.mjs";
import { View } from "./view.mjs";

/** While something runs, and while nothing does. */
const BUSY_MS = 700;
const IDLE_MS = 5000;

const steers = element("page").dataset.role === "presenter";
let palette = readPalette();
let timer = 0;
/** @type {import("./rack.mjs").Listed | null} */
let listed = null;
/** @type {View | null} */
let view = null;
let looking = false;
let again = false;

/** What the address asks for. */
function asked() {
  return new URLSearchParams(location.hash.slice(1));
}

/** Show what the address asks for. */
function route() {
  const wanted = asked();
  const content = element("content");
  const key = wanted.get("store");
  const vary = wanted.get("vary");
  if (vary !== null) {
    view = null;
    const draft = new Draft(content, {
      steers,
      begun: (store) => {
        location.hash = `store=${encodeURIComponent(store)}`;
      },
    });
    draft.show(vary, wanted.get("run") ?? "");
  } else if (key !== null) {
    view = new View(content, key, { steers, palette: () => palette, changed: look });
  } else {
    view = null;
    content.replaceChildren(welcome());
  }
  look();
}

/** @returns {HTMLElement} */
function welcome() {
  return make(
    "div",
    { className: "welcome" },
    make("h2", { textContent: "What do other values of a number do?" }),
    make("p", {
      textContent:
        "One run may be luck. Press vary beside a number of the live page: a range of its values, many runs of " +
        "each on the same luck, and the U-curve fills in while they run. A click on a point opens that very run.",
    }),
    make("p", { className: "muted", textContent: "Experiments run beside the training, which comes first." }),
  );
}

/** Look at the list, and let what is shown follow it. */
async function look() {
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  clearTimeout(timer);
  try {
    const found = await ask("list", {});
    if (found.problem) throw new Error(sentence(found.problem));
    listed = found;
    write("lab-note", "");
    show();
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    write("lab-note", message);
  }
  looking = false;
  const next = again ? 0 : listed?.stores.some(isBusy) ? BUSY_MS : IDLE_MS;
  again = false;
  timer = window.setTimeout(() => (document.hidden ? undefined : look()), next);
}

function show() {
  if (!listed) return;
  const key = asked().get("store");
  showRack(element("rack"), listed, key, {
    steers,
    run: (plan) => tried(act("begin", { plan }), (said) => (location.hash = `store=${encodeURIComponent(said.key)}`)),
    restore: (name) => tried(act("restore", { store: name }), () => look()),
  });
  if (!view) return;
  const entry = listed.stores.find((one) => one.key === view?.store);
  if (entry) view.follow(entry);
  else {
    view = null;
    element("content").replaceChildren(make("p", { className: "muted", textContent: "This experiment is not here any more." }));
  }
}

/**
 * @param {Promise<any>} doing
 * @param {(said: any) => void} done
 */
async function tried(doing, done) {
  try {
    done(await doing);
  } catch (error) {
    toast({ kind: "error", text: /** @type {Error} */ (error).message });
  }
}

function applyScheme() {
  palette = readPalette();
  const other = palette.scheme === "dark" ? "Light" : "Dark";
  write("scheme-toggle", other);
  attribute("scheme-toggle", "aria-label", `${other} colours`);
  view?.redraw();
}

element("scheme-toggle").addEventListener("click", () => {
  const next = scheme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.scheme = next;
  memory.set("scheme", next);
  applyScheme();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyScheme);
addEventListener("hashchange", route);
addEventListener("resize", () => view?.redraw());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look();
});
applyScheme();
route();
