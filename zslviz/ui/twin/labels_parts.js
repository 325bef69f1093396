// @ts-check
// What the parts of a model give to each label, where its scores are sums of parts: the twin of `parts.py` of the task that scores labels.
import { BundleError, part } from "./bundle.js";
import { median } from "./maps.js";
import { AskedError } from "./scoring.js";

/** @typedef {import("./labels.js").LabelExplanation} LabelExplanation */

/**
 * An array [P, ...] of a bundle as one array a part, [] of a model without parts. Throws BundleError.
 * @param {import("./bundle.js").Bundle} bundle
 * @param {string} name
 * @param {number[]} shape of one part
 */
export function ofParts(bundle, name, shape) {
  const there = bundle.parts.get(name);
  if (!there) return [];
  const P = there.shape[0] ?? 0;
  if (P < 2) throw new BundleError(`The bundle cannot be used: its '${name}' is missing or does not fit the rest of it.`);
  const all = part(bundle, name, Float32Array, [P, ...shape]);
  return Array.from({ length: P }, (_, p) => all.subarray((p * all.length) / P, ((p + 1) * all.length) / P));
}

/** The parts, groups of channels first: the name that each is asked for by, and what people call it. */
export function partsOf(/** @type {LabelExplanation} */ { partScores }) {
  return partScores.map((_, p) => (p === partScores.length - 1 ? { name: "whole", title: "Whole photo" } : { name: `group ${p + 1}`, title: `Group ${p + 1}` }));
}

/** The index of a part by its name; null for all parts together. Throws AskedError. */
export function partNamed(/** @type {LabelExplanation} */ x, /** @type {string | null | undefined} */ name) {
  if (name === null || name === undefined) return null;
  const part = partsOf(x).findIndex((one) => one.name === name);
  if (part < 0) throw new AskedError(`There is no part '${String(name).slice(0, 40)}' of this model.`);
  return part;
}

/** What one part gives to a label at every region: [R]. */
export function partMap(/** @type {LabelExplanation} */ { partScores, regions }, /** @type {number} */ label, /** @type {number} */ part) {
  return partScores[part].subarray(label * regions, (label + 1) * regions);
}

/** @type {WeakMap<LabelExplanation, Float32Array[]>} */
const kept = new WeakMap();

/** What each part gives to every label's score, [P][K]: the mean of its counted regions; of all regions, where it is the whole photo's. */
export function partMeans(/** @type {LabelExplanation} */ x) {
  const found = kept.get(x);
  if (found) return found;
  const every = Array.from({ length: x.regions }, (_, cell) => cell);
  const cells = x.space.labels.map((_, label) => x.countedCells(label));
  const means = x.partScores.map((_, part) => Float32Array.from(cells, (counted, label) => {
    const values = partMap(x, label, part);
    const those = part === x.partScores.length - 1 ? every : counted;
    return those.reduce((sum, cell) => sum + values[cell], 0) / those.length;
  }));
  kept.set(x, means);
  return means;
}

/** How much more each part gives to a label than to the average one of the model's own labels: [P]. */
export function partLeads(/** @type {LabelExplanation} */ x, /** @type {number} */ label) {
  return partMeans(x).map((means) => Math.fround(means[label] - means.subarray(0, x.own).reduce((sum, mean) => sum + mean, 0) / x.own));
}

/**
 * The ends of the scale of a part's map of a label: one for all groups; of the whole photo its own.
 * @param {LabelExplanation} x
 * @param {number} label
 * @param {number} part
 * @returns {[low: number, high: number]}
 */
export function partEnds(x, label, part) {
  const groups = x.partScores.length - 1;
  const shown = part === groups ? [part] : [...x.partScores.keys()].slice(0, groups);
  const values = Float32Array.from(shown.flatMap((p) => [...partMap(x, label, p)]));
  return [median(values), values.reduce((most, value) => Math.max(most, value), -Infinity)];
}
