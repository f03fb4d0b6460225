/** What a quantity is: a sentence beside its *?*, and the way to more. */

import { element } from "../page/dom.mjs";

/** Pixels between the *?* and its sentence, and from there to the window's edge. */
const GAP = 6;

/**
 * @param {string} at id of the *?*, whose title is the sentence
 * @param {string} key of the quantity
 */
export function explain(at, key) {
  const mark = element(at);
  const place = document.getElementById("about") ?? make();
  const sentence = document.createElement("p");
  sentence.textContent = mark.title;
  const more = Object.assign(document.createElement("a"), {
    href: `glossary#${key}`,
    target: "_blank",
    textContent: "More in the list of quantities",
  });
  place.replaceChildren(sentence, more);
  place.setAttribute("aria-label", mark.getAttribute("aria-label") ?? "");
  place.showPopover();
  const from = mark.getBoundingClientRect();
  const { width, height } = place.getBoundingClientRect();
  const left = Math.max(GAP, Math.min(from.left, innerWidth - width - GAP));
  const below = from.bottom + GAP;
  const top = below + height > innerHeight - GAP ? from.top - GAP - height : below;
  place.style.left = `${left}px`;
  place.style.top = `${Math.max(GAP, top)}px`;
  more.focus({ preventScroll: true });
}

/** @returns {HTMLElement} it closes by itself: at Escape, and at a click beside it */
function make() {
  const place = document.createElement("div");
  place.id = "about";
  place.popover = "auto";
  place.setAttribute("role", "dialog");
  document.body.append(place);
  return place;
}
