/** What two runs beside each other go by: all that is equal, and one thing that is not. */

/**
 * @typedef {object} Differing what may differ
 * @property {string} title
 * @property {Record<string, string> | null} choices by key, or null: a number
 * @property {[string, string]} first what stands in the two fields at first
 */

/**
 * @typedef {object} Usual
 * @property {Record<string, any>} learning the parameters that the two have where nothing is said
 * @property {Record<string, Record<string, any>>} worlds those that a world brings
 * @property {Record<string, Differing>} differing
 */

/**
 * @param {Record<string, string>} given by key: world, seed, differs, left, right, and parameters
 * @param {Usual} usual
 * @returns {[Record<string, any>, Record<string, any>]} data of `configure`, for each
 */
export function settingsOf(given, usual) {
  const { world, differs, left, right } = given;
  const same = {
    ...usual.learning,
    ...usual.worlds[world],
    ...Object.fromEntries(
      Object.keys(usual.learning)
        .filter((key) => key in given)
        .map((key) => [key, valueOf(given[key])]),
    ),
    world,
    seed: Number(given.seed),
    agents: 1,
    first_agent: 0,
  };
  return [
    { ...same, [differs]: valueOf(left) },
    { ...same, [differs]: valueOf(right) },
  ];
}

/**
 * @param {string} text of an address or a field
 * @returns {string | number}
 */
function valueOf(text) {
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** What is said of what is equal. */
const SAID = ["learning_rate", "discount_factor", "epsilon"];

/**
 * @param {Record<string, string>} given as above
 * @param {Usual} usual
 * @returns {string} what is equal in both
 */
export function sameWords(given, usual) {
  const [same] = settingsOf(given, usual);
  const words = SAID.filter((key) => key !== given.differs).map(
    (key) => `${usual.differing[key].title.toLowerCase()} ${same[key]}`,
  );
  const stays = same.exploration_schedule === "constant" && given.differs !== "epsilon";
  return (
    `Equal in both: ${words.join(", ")}${stays ? " throughout" : ""}. ` +
    "The address may say others, such as &epsilon=0.2."
  );
}

/**
 * @param {string} key of what differs
 * @param {string} value
 * @param {Usual} usual
 * @returns {string} what one of the two is called
 */
export function wordsOf(key, value, usual) {
  const { title, choices } = usual.differing[key];
  return choices ? (choices[value] ?? value) : `${title} ${value}`;
}
