/** The functions that Dash's callbacks name (`page/callbacks.py`). */

/**
 * @param {object} hands what they are done by
 * @param {import("../wire/socket.mjs").Socket} hands.socket
 * @param {import("../form/form.mjs").Form} hands.form
 * @param {import("../form/agent.mjs").ShownAgent} hands.agent
 */
export function callbacksOf({ socket, form, agent }) {
  return {
    /** @type {import("../wire/socket.mjs").Socket["connect"]} */
    connect: (ticks, state) => socket.connect(ticks, state),
    /** @type {(...values: (number | null | undefined)[]) => void} */
    edit: (...values) => form.edited(values),
    /** @type {import("../form/agent.mjs").ShownAgent["edited"]} */
    agent: (value) => agent.edited(value),
    /** @type {import("../form/form.mjs").Form["tie"]} */
    tie: (value, slid) => form.tie(value, slid),
  };
}
