// @ts-check
// Reads a bundle (docs/bundle.md): a head of plain values and arrays, as `zslviz/files/bundle.py` writes them. Nothing is copied that
// can be looked at where it lies.

const MAGIC = [0x7a, 0x73, 0x6c, 0x76, 0x69, 0x7a, 0x00, 0x01]; // "zslviz", 0, the number of this layout
const START = 16; // where the head begins
const ALIGNED = 8;

/** @typedef {Float32Array | Uint16Array | Int8Array | Uint8Array} Numbers */
/** @typedef {{ name: string, numbers: Numbers, shape: number[] }} Part */
/** @typedef {{ head: Record<string, any>, parts: Map<string, Part> }} Bundle */

// Halves come as the bits that they are (`halves` reads them): not every browser has an array of them.
const TYPES = { float32: Float32Array, float16: Uint16Array, uint16: Uint16Array, int8: Int8Array, uint8: Uint8Array };

// What is wrong with a bundle, in one sentence for people.
export class BundleError extends Error {}

const aligned = (/** @type {number} */ at) => Math.ceil(at / ALIGNED) * ALIGNED;

/**
 * The bundle in some bytes. Throws BundleError.
 * @param {ArrayBuffer | Uint8Array} content
 * @returns {Bundle}
 */
export function readBundle(content) {
  let bytes = content instanceof Uint8Array ? content : new Uint8Array(content);
  if (bytes.byteOffset % ALIGNED) bytes = bytes.slice(); // views of floats begin where floats may begin
  if (!MAGIC.slice(0, 7).every((byte, i) => bytes[i] === byte)) throw new BundleError("This is no bundle of an explanation.");
  if (bytes[7] !== MAGIC[7]) throw new BundleError("This bundle is laid out by a newer zslviz; load the page again.");
  const head = readHead(bytes);
  const { parts: listed } = head;
  if (!Array.isArray(listed)) throw damaged();
  /** @type {Map<string, Part>} */
  const parts = new Map();
  let at = aligned(headEnd(bytes));
  for (const { name, type, shape } of listed) {
    const made = TYPES[/** @type {keyof typeof TYPES} */ (type)];
    if (!made || !Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0) || parts.has(name)) throw damaged();
    const count = shape.reduce((product, n) => product * n, 1);
    if (at + count * made.BYTES_PER_ELEMENT > bytes.length) throw damaged();
    parts.set(name, { name, numbers: new made(/** @type {ArrayBuffer} */ (bytes.buffer), bytes.byteOffset + at, count), shape });
    at = aligned(at + count * made.BYTES_PER_ELEMENT);
  }
  if (at !== bytes.length) throw damaged();
  return { head, parts };
}

const damaged = () => new BundleError("This bundle is damaged: it is not what its head says.");

const headEnd = (/** @type {Uint8Array} */ bytes) => START + new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);

function readHead(/** @type {Uint8Array} */ bytes) {
  if (bytes.length < START || headEnd(bytes) > bytes.length) throw damaged();
  try {
    const head = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(START, headEnd(bytes))));
    if (head && typeof head === "object") return head;
  } catch {
    throw damaged();
  }
  throw damaged();
}

/**
 * A part as an array of floats (or of what else it is), whose shape must be as told. Throws BundleError.
 * @template {Numbers} N
 * @param {Bundle} bundle
 * @param {string} name
 * @param {{ new (...given: any[]): N }} kind
 * @param {number[]} shape
 * @returns {N}
 */
export function part(bundle, name, kind, shape) {
  const found = bundle.parts.get(name);
  if (!found || !(found.numbers instanceof kind) || found.shape.join() !== shape.join()) {
    throw new BundleError(`The bundle cannot be used: its '${name}' is missing or does not fit the rest of it.`);
  }
  return found.numbers;
}

/** Half floats as floats: their bits -> the same numbers. */
export function halves(/** @type {Uint16Array} */ bits) {
  const known = (table ||= Float32Array.from({ length: 2 ** 16 }, (_, half) => single(half)));
  const found = new Float32Array(bits.length);
  for (let i = 0; i < found.length; i += 1) found[i] = known[bits[i]];
  return found;
}
/** @type {Float32Array | null} */
let table = null; // every half there is

// One half (IEEE 754: a sign, 5 bits of exponent, 10 of fraction).
function single(/** @type {number} */ half) {
  const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}
