// @ts-check
// What the readers of all tasks' bundles share: the twin of `zslviz/tasks/base/bundle.py`.
import { BundleError, halves, part, readBundle } from "./bundle.js";
import { AskedError } from "./scoring.js";

/** @typedef {import("./bundle.js").Bundle} Bundle */
/** @typedef {ArrayBuffer | Uint8Array} Bytes */
/**
 * Maps in 8 bits. levels: [N, ...shape]. steps: [N], what one level of a map means.
 * @typedef {{ levels: Int8Array | Uint8Array, steps: Float32Array, shape: number[] }} Sprites
 */

// What is asked for and is not in this bundle; the server has it.
export class NotInBundleError extends AskedError {}

/**
 * The bundle in some bytes, which must be of this kind and of no newer format than `newest`. Throws BundleError.
 * @param {Bytes} content
 * @param {string} kind
 * @param {number} newest
 */
export function opened(content, kind, newest) {
  const bundle = readBundle(content);
  const article = "aeiou".includes(kind[0]) ? "an" : "a";
  if (bundle.head.bundle !== kind) throw new BundleError(`The bundle is not what is needed here, which is one of ${article} ${kind}.`);
  if (bundle.head.format > newest) throw new BundleError("The bundle is of a newer zslviz; load the page again.");
  return bundle;
}

/**
 * What is read; what a head that lacks something leads to is one sentence as well. Throws BundleError.
 * @template T
 * @param {() => T} read
 * @returns {T}
 */
export function usable(read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof BundleError ? error : new BundleError("This bundle is damaged: its head lacks something.");
  }
}

/**
 * What every photo part tells. digest: of its model part. truth: what is in the photo, as its task counts. photo: WebP, empty if the
 * bundle has none.
 * @typedef {{
 *   digest: string, title: string, credits: string, truth: any, geometry: import("./maps.js").Geometry, photo: Uint8Array,
 * }} Told
 */
/**
 * A model part. Throws BundleError.
 * @template M
 * @param {Bytes} content
 * @param {string} kind of bundle
 * @param {number} newest format
 * @param {(bundle: Bundle) => M} read what its task has in it
 * @returns {M}
 */
export function openModel(content, kind, newest, read) {
  const bundle = opened(content, kind, newest);
  return usable(() => read(bundle));
}

/**
 * A photo part. Throws BundleError.
 * @template {object} M
 * @template X
 * @param {Bytes} content
 * @param {string} kind of bundle
 * @param {number} newest format
 * @param {M | Bytes | null} given its model part, read or not; null where the bundle was written whole
 * @param {(content: Bytes) => M} readModel
 * @param {(bundle: Bundle, model: M, told: Told) => X} read what its task has in it
 * @returns {X}
 */
export function openPhoto(content, kind, newest, given, readModel, read) {
  const bundle = opened(content, kind, newest);
  const model = modelOf(bundle, given, readModel);
  const { digest, title, credits, truth, geometry } = bundle.head;
  return usable(() => read(bundle, model, { digest, title, credits, truth, geometry, photo: photo(bundle) }));
}

/**
 * @template {object} M
 * @param {Bundle} bundle
 * @param {M | Bytes | null} given
 * @param {(content: Bytes) => M} read
 * @returns {M}
 */
function modelOf(bundle, given, read) {
  const within = bundle.parts.get("model")?.numbers;
  const own = given || (within instanceof Uint8Array ? within : null);
  if (!own) throw new BundleError("The bundle is of a photo alone; its model part is needed as well.");
  return own instanceof ArrayBuffer || own instanceof Uint8Array ? read(own) : own;
}

/**
 * Maps by name, `count` of them, each [H, W] (or of as many dimensions as are told); null if the bundle has none. Throws BundleError.
 * @param {Bundle} bundle
 * @param {string} name
 * @param {number | null} count null: as many as there are
 * @param {number} dimensions
 * @returns {Sprites | null}
 */
export function sprites(bundle, name, count, dimensions = 2) {
  const levels = bundle.parts.get(`${name} levels`);
  if (!levels) return null;
  const { numbers, shape } = levels;
  const bytes = numbers instanceof Int8Array || numbers instanceof Uint8Array;
  if (!bytes || shape.length !== dimensions + 1 || (count !== null && shape[0] !== count)) {
    throw new BundleError(`The bundle cannot be used: its maps of '${name}' do not fit the rest of it.`);
  }
  return { levels: numbers, steps: part(bundle, `${name} steps`, Float32Array, [shape[0]]), shape: shape.slice(1) };
}

/**
 * One map: [...shape].
 * @param {Sprites} maps
 * @param {number} index
 */
export function values({ levels, steps, shape }, index) {
  const size = shape.reduce((product, n) => product * n, 1);
  return Float32Array.from(levels.subarray(index * size, (index + 1) * size), (level) => level * steps[index]);
}

function photo(/** @type {Bundle} */ bundle) {
  const found = bundle.parts.get("photo")?.numbers;
  return found instanceof Uint8Array ? found : new Uint8Array();
}

/**
 * What a system tells besides scores and maps, as `zslviz/tasks/base/insights.py` has it. axes: what its values run over. row: its
 * values in rows, of which there are `rows`.
 * @typedef {{
 *   name: string, title: string, hint: string, axes: string[], unit: string, signed: boolean, names: string[], at: number[], across: string,
 *   term: string, of: "photo" | "model", rows: number, row: (index: number) => Float32Array,
 * }} Insight
 */

/**
 * The insights of a bundle, which its head tells of; count: of attributes. Throws BundleError.
 * @param {Bundle} bundle
 * @param {number} count
 * @returns {Insight[]}
 */
export function insights(bundle, count) {
  return (bundle.head.insights || []).map((/** @type {any} */ told, /** @type {number} */ number) => {
    const name = `insight ${number}`;
    const plain = { unit: "", signed: false, names: [], at: [], across: "", term: "", ...told };
    const axes = plain.axes.join();
    if (axes === "attribute,attribute") {
      const table = part(bundle, name, Uint16Array, [count, count]);
      return { ...plain, rows: count, row: (/** @type {number} */ index) => halves(table.subarray(index * count, (index + 1) * count)) };
    }
    /** @type {Record<string, number[]>} */
    const shapes = { attribute: [count], "named,attribute": [plain.names.length, count], named: [plain.names.length], at: [plain.at.length] };
    if (!shapes[axes]) throw new BundleError(`The bundle cannot be used: there is no way to show '${plain.name}'.`);
    const all = part(bundle, name, Float32Array, shapes[axes]);
    const rows = axes === "named,attribute" ? plain.names.length : 1;
    const wide = all.length / rows;
    return { ...plain, rows, row: (/** @type {number} */ index) => all.subarray(index * wide, (index + 1) * wide) };
  });
}
