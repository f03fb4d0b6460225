/** Arrays that travel as base64 inside the JSON frames, little-endian. */

const native = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * @param {string} text base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function decodeBytes(text) {
  const modern = /** @type {any} */ (Uint8Array).fromBase64;
  if (modern) return modern.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * @param {string} text base64 of float32 numbers
 * @returns {Float32Array<ArrayBuffer>}
 */
export function decodeFloats(text) {
  const bytes = decodeBytes(text);
  if (native) return new Float32Array(bytes.buffer, 0, bytes.length >> 2);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getFloat32(4 * i, true));
}

/**
 * @param {string} text base64 of float64 numbers
 * @returns {Float64Array<ArrayBuffer>}
 */
export function decodeDoubles(text) {
  const bytes = decodeBytes(text);
  if (native) return new Float64Array(bytes.buffer, 0, bytes.length >> 3);
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: bytes.length >> 3 }, (_, i) => view.getFloat64(8 * i, true));
}
