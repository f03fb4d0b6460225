/** Elements of the page of experiments, and the fields that are on it. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, properties = {}, ...children) {
  const { dataset, attributes, ...rest } = properties;
  const made = Object.assign(document.createElement(tag), rest);
  Object.assign(made.dataset, dataset ?? {});
  for (const [name, value] of Object.entries(attributes ?? {})) made.setAttribute(name, String(value));
  made.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child != null)));
  return made;
}

/**
 * @param {string} face
 * @param {() => void} does
 * @param {{kind?: string, name?: string, disabled?: boolean}} [more] name: for those who listen
 */
export function button(face, does, { kind = "quiet", name = face, disabled = false } = {}) {
  const made = make("button", {
    type: "button",
    className: kind,
    textContent: face,
    ariaLabel: name,
    disabled,
  });
  made.addEventListener("click", does);
  return made;
}

/**
 * A labelled number field.
 * @param {string} id
 * @param {string} label
 * @param {number | null} value
 * @param {() => void} changed
 * @returns {HTMLElement}
 */
export function number(id, label, value, changed) {
  const field = make("input", { id, type: "number", step: "any", value: value === null ? "" : tidy(value) });
  field.addEventListener("input", changed);
  return make("div", { className: "entry" }, make("label", { htmlFor: id, textContent: label }), field);
}

/**
 * A labelled choice.
 * @param {string} id
 * @param {string} label
 * @param {{value: string, text: string}[]} options
 * @param {string} value
 * @param {() => void} changed
 * @returns {HTMLElement}
 */
export function choice(id, label, options, value, changed) {
  const field = make("select", { id }, ...options.map((one) => make("option", { value: one.value, textContent: one.text })));
  field.value = value;
  field.addEventListener("change", changed);
  return make("div", { className: "entry" }, make("label", { htmlFor: id, textContent: label }), field);
}

/** @param {number} value @returns {string} */
export function tidy(value) {
  return String(Number(value.toPrecision(6)));
}

/** @param {string} name as programs write it @returns {string} as people do */
export function words(name) {
  return name.replaceAll("_", " ");
}

/**
 * @param {number | null | undefined} seconds
 * @returns {string}
 */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 1) return "less than a second";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
