/** What the first picture does not need: Dash makes it when that is on the screen. */

/**
 * @param {any} dash window.dash_clientside
 * @param {() => void} done everything is there
 */
export function furnish(dash, done) {
  const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-later]"));
  for (const { id, dataset } of places) {
    dash.set_props(id, { children: JSON.parse(dataset.later ?? "null") });
  }
  const wait = () => {
    if ([...places].every((place) => place.isConnected && place.childElementCount > 0)) done();
    else setTimeout(wait, 10);
  };
  wait();
}
