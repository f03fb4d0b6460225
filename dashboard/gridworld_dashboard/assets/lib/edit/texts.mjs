/** Drafts as texts: pasted, copied, opened and saved. What a text means is the library's to say. */

/** @typedef {import("./draft.mjs").Draft} Draft */

/** @typedef {"map" | "json"} Form */

/**
 * @param {Draft} draft
 * @param {Form} form
 * @returns {string} the map alone, or all of it
 */
export function textOf(draft, form) {
  return form === "map" ? `${draft.map.join("\n")}\n` : `${JSON.stringify(draft, null, 1)}\n`;
}

/**
 * @param {string} text a world's JSON, or a map
 * @param {Draft} draft what a map alone leaves as it is
 * @returns {object} for the library to judge
 */
export function worldOf(text, draft) {
  const bare = text.replace(/^\ufeff/, "");
  if (/^\s*[{[]/.test(bare)) {
    try {
      const data = JSON.parse(bare);
      return Array.isArray(data) ? { ...numbersOf(draft), map: data } : data;
    } catch {
      // It is a map that begins like that, or broken: the library says so of the map.
    }
  }
  return { ...numbersOf(draft), map: bare };
}

/** @param {Draft} draft @returns {object} what holds of another map as well */
function numbersOf({ name, rewards, slip }) {
  return { name, rewards: { ...rewards, cells: {} }, slip };
}

/** @param {Draft} draft @param {Form} form @returns {string} for its file */
export function fileName({ name }, form) {
  const plain = name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  return `${plain || "world"}.${form === "map" ? "txt" : "json"}`;
}

/**
 * Give somebody a file.
 * @param {string} name
 * @param {string} text
 */
export function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
