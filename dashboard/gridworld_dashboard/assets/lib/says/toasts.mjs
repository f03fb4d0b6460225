/** Notifications that go by themselves and never stand in the way. */

import { element } from "../page/dom.mjs";

const MOST = 3;
const INFO_MS = 5000;
const ERROR_MS = 10000;

/** @param {import("./notices.mjs").Notice} notice */
export function toast({ kind, text }) {
  const container = element("notification-container");
  // The same sentence again replaces its elder, instead of a pile of equals.
  for (const child of [...container.children]) {
    if (child.firstElementChild?.textContent === text) child.remove();
  }
  const item = document.createElement("div");
  item.className = `toast ${kind}`;
  item.setAttribute("role", kind === "error" ? "alert" : "status");
  const sentence = document.createElement("span");
  sentence.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "close";
  close.setAttribute("aria-label", "Close this notification");
  close.textContent = "×";
  close.addEventListener("click", () => item.remove());
  item.append(sentence, close);
  container.append(item);
  while (container.children.length > MOST) container.firstElementChild?.remove();

  const life = kind === "error" ? ERROR_MS : INFO_MS;
  let timer = setTimeout(() => item.remove(), life);
  // Somebody who reads it, or is about to close it, gets the time to do so.
  const hold = () => clearTimeout(timer);
  const release = () => (timer = setTimeout(() => item.remove(), life));
  item.addEventListener("pointerenter", hold);
  item.addEventListener("focusin", hold);
  item.addEventListener("pointerleave", release);
  item.addEventListener("focusout", release);
}
