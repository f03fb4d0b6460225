/** What is made when it is asked for first. */

/**
 * @template T
 * @param {() => Promise<T>} make
 * @returns {() => Promise<T>} the same one each time; after a failure it is tried again
 */
export function later(make) {
  /** @type {Promise<T> | null} */
  let made = null;
  return () => {
    made ??= make().catch((error) => {
      made = null;
      throw error;
    });
    return made;
  };
}
