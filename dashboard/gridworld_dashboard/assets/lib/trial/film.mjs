/** An animation of the board as a file: a GIF, or a WebM film by the browser's own encoder. */

import { context, scratch } from "../board/canvas.mjs";
import { download } from "../keep/download.mjs";

/** @typedef {import("../board/board.mjs").Board} Board */

/** Of a picture, in pixels: so large a GIF of sixty pictures stays near a megabyte. */
const MOST_SIDE = 480;
const LINE = 28;
const BETWEEN_MS = 120;
/** The last picture stays. */
const REST_MS = 1500;
const COLORS = 256;
const BITS_PER_SECOND = 4_000_000;

/**
 * Takes what is on the board, picture by picture, with a line of words below.
 * @typedef {object} Roll
 * @property {(picture: HTMLCanvasElement, last: boolean) => Promise<void>} add
 * @property {() => Promise<Blob>} end
 * @property {() => void} stop
 */

export class Film {
  /**
   * @param {"gif" | "webm"} kind
   * @param {Board} board
   * @returns {Promise<Film>}
   */
  static async begin(kind, board) {
    const film = new Film(board);
    film.roll = kind === "gif" ? await gif() : webm(film.picture);
    return film;
  }

  /** @param {Board} board */
  constructor(board) {
    this.board = board;
    const { canvas } = /** @type {import("../board/board.mjs").Parts} */ (board.parts).view;
    const scale = Math.min(1, MOST_SIDE / Math.max(canvas.width, canvas.height));
    // Encoders of films want even numbers.
    const even = (/** @type {number} */ size) => Math.max(2, 2 * Math.round((size * scale) / 2));
    this.canvas = canvas;
    this.picture = scratch(even(canvas.width), even(canvas.height) + LINE);
    /** @type {Roll | null} */
    this.roll = null;
  }

  /**
   * The board as it is.
   * @param {string} words
   * @param {boolean} last
   */
  async add(words, last) {
    const { picture, canvas, board } = this;
    const palette = /** @type {import("../page/palette.mjs").Palette} */ (board.palette);
    const c = context(picture);
    c.fillStyle = palette.surface;
    c.fillRect(0, 0, picture.width, picture.height);
    c.imageSmoothingQuality = "high";
    c.drawImage(canvas, 0, 0, picture.width, picture.height - LINE);
    c.fillStyle = palette.ink;
    c.font = `14px ${palette.font}`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillText(words, picture.width / 2, picture.height - LINE / 2, picture.width - 8);
    await this.roll?.add(picture, last);
  }

  /** @param {string} name of the file */
  async save(name) {
    if (this.roll) download(await this.roll.end(), name);
  }

  stop() {
    this.roll?.stop();
  }
}

/** @returns {Promise<Roll>} */
async function gif() {
  const { GIFEncoder, quantize, applyPalette } = await import("../../vendor/gifenc.esm.js");
  const encoder = GIFEncoder();
  return {
    async add(picture, last) {
      const { width, height } = picture;
      const { data } = context(picture).getImageData(0, 0, width, height);
      const palette = quantize(data, COLORS);
      encoder.writeFrame(applyPalette(data, palette), width, height, {
        palette,
        delay: last ? REST_MS : BETWEEN_MS,
      });
      // A frame takes some milliseconds: the page stays at hand in between.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    async end() {
      encoder.finish();
      return new Blob([encoder.bytes()], { type: "image/gif" });
    },
    stop() {},
  };
}

/**
 * @param {HTMLCanvasElement} picture
 * @returns {Roll}
 */
function webm(picture) {
  if (!window.MediaRecorder || !MediaRecorder.isTypeSupported("video/webm")) {
    throw new Error("this browser makes no WebM; save a GIF instead.");
  }
  const stream = picture.captureStream(0);
  const [track] = /** @type {CanvasCaptureMediaStreamTrack[]} */ (stream.getVideoTracks());
  const recorder = new MediaRecorder(stream, {
    mimeType: "video/webm",
    videoBitsPerSecond: BITS_PER_SECOND,
  });
  /** @type {Blob[]} */
  const parts = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const ended = new Promise((resolve) => recorder.addEventListener("stop", resolve));
  recorder.start();
  return {
    async add(_picture, last) {
      track.requestFrame();
      await new Promise((resolve) => setTimeout(resolve, last ? REST_MS : BETWEEN_MS));
      if (last) track.requestFrame();
    },
    async end() {
      recorder.stop();
      await ended;
      return new Blob(parts, { type: "video/webm" });
    },
    stop: () => recorder.stop(),
  };
}
