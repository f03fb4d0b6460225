/**
 * Takes the messages of the WebSocket component before Dash does. In Dash each one becomes a
 * property, and every component of the page is asked whether that concerns it, several times over:
 * at ten frames a second that alone kept a third of the browser's main thread busy. Commands go
 * out by the same socket: the component drops them until Dash has told it that it is open.
 */

/**
 * Call it before the component opens its first socket.
 * @param {{WebSocket: typeof WebSocket}} scope the window
 * @param {(url: string) => boolean} ours
 * @param {(text: string, socket: WebSocket) => void} take a message, and what it came by
 * @param {(event: CloseEvent) => void} [closed] one of them was closed
 */
export function tap(scope, ours, take, closed = () => {}) {
  scope.WebSocket = class extends scope.WebSocket {
    /** @param {string | URL} url @param {string | string[]} [protocols] */
    constructor(url, protocols) {
      super(url, protocols);
      if (!ours(String(url))) return;
      // Listeners are called in the order in which they came, and the component's comes later.
      this.addEventListener("message", (event) => {
        event.stopImmediatePropagation();
        take(event.data, this);
      });
      this.addEventListener("close", closed);
    }
  };
}
