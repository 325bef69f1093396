// @ts-check
// Which classes it may be: the twin of `zslviz/tasks/attributes/whole_set/sets.py`, where it is told how.
import { bestFirst } from "./scoring.js";
import { listed, part, sentenceOf, sizePart } from "./wording.js";

const SHARE = 0.9;
const FOLDS = 5;
const [NAMED_CLASSES, NAMED_ATTRIBUTES] = [6, 2];
const FEW = 4; // what a larger part than one in so many of the other classes has as well tells nothing

/** @typedef {import("./scoring.js").SemanticSpace} SemanticSpace */
/** @typedef {{ lead: number, seen: number, unseen: number }} Within */

/**
 * short: how far the true class of each photo is behind the first. of_seen: 1 for a photo of a class trained on.
 * @param {Float64Array} short
 * @param {Uint8Array} of_seen
 * @returns {Within}
 */
export function within(short, of_seen) {
  const [near, photos] = [[0, 0], [0, 0]];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const limit = reach(short.filter((_, n) => n % FOLDS !== fold));
    for (let n = fold; n < short.length; n += FOLDS) {
      photos[of_seen[n]] += 1;
      if (short[n] <= limit) near[of_seen[n]] += 1;
    }
  }
  return { lead: reach(short), seen: near[1] / photos[1], unseen: near[0] / photos[0] };
}

// The k-th smallest; the largest where that is beyond them.
function reach(/** @type {Float64Array} */ short) {
  return short.slice().sort()[Math.min(Math.ceil((short.length + 1) * SHARE), short.length) - 1];
}

/** The competing classes within `lead` of the first, best first. */
export function mayBe(/** @type {import("./scoring.js").ClassRanking} */ { calibrated, order }, /** @type {number} */ lead) {
  return order.filter((c) => calibrated[order[0]] - calibrated[c] <= lead);
}

/**
 * Attributes that all of some classes have and fewest of the others, two at most, and how many others have all of these.
 * @param {SemanticSpace} space
 * @param {number[]} classes
 */
export function shared({ table, classes: names, attributes }, classes) {
  const [A, K] = [attributes.length, names.length];
  const within = new Set(classes);
  const most = new Float32Array(A).fill(-Infinity);
  for (let i = 0; i < table.length; i += 1) most[i % A] = Math.max(most[i % A], table[i]);
  const has = (/** @type {number} */ c, /** @type {number} */ a) => table[c * A + a] > 0 && table[c * A + a] >= most[a] / 2;
  const others = Array.from({ length: K }, (_, c) => c).filter((c) => !within.has(c));
  const count = Float64Array.from({ length: A }, (_, a) => others.filter((c) => has(c, a)).length);
  const common = Uint8Array.from(count, (n, a) => Number(2 * n < others.length && classes.every((c) => has(c, a))));
  const found = bestFirst(Float32Array.from(count, (n) => -n), common).slice(0, NAMED_ATTRIBUTES);
  return { found, others: found.length ? others.filter((c) => found.every((a) => has(c, a))).length : 0 };
}

/**
 * What it may be, with how often that has been right, and for several what they have in common.
 * @param {SemanticSpace} space
 * @param {number[]} classes
 * @param {Within} known
 */
export function setSentence(space, classes, known) {
  const named = classes.slice(0, NAMED_CLASSES).map((c) => [part("class", space.class_names[c], c)]);
  const rest = classes.length - named.length;
  const all = /** @type {(import("./wording.js").Part | string)[][]} */ (rest ? [...named, [`${rest} more`]] : named);
  const hundred = (/** @type {number} */ share) => Math.floor(100 * share + 0.5);
  return sentenceOf([
    `${hundred(SHARE)} of 100 test photos have their class within `, known.lead ? sizePart(known.lead) : "0", " of the first. Here ",
    ...(classes.length === 1 ? ["that is ", ...named[0], " alone. "] : [`these are ${classes.length}: `, ...listed(all), ". "]),
    ...inCommon(space, classes),
    `Measured: ${hundred(known.seen)} of 100 photos of classes trained on, ${hundred(known.unseen)} of 100 of the others.`,
  ]);
}

/**
 * @param {SemanticSpace} space
 * @param {number[]} classes
 */
function inCommon(space, classes) {
  if (classes.length < 2) return [];
  const { found, others } = shared(space, classes);
  const of = space.classes.length - classes.length;
  if (!found.length || others * FEW > of) return [];
  const attributes = found.map((a) => [part("attribute", space.attribute_names[a], a)]);
  return ["All are described with ", ...listed(attributes), `, as ${others < 2 ? "is" : "are"} ${others || "none"} of the other ${of} classes. `];
}
