// @ts-check
// What is left of an explanation without one of the photo's places, what is said of that, and whether the network bears it out: the twin
// of `zslviz/tasks/attributes/is_it_true`. The evidence is that of the bundle's maps in 8 bits (docs/is_it_true.md tells how near that is).
import { rank } from "./answers.js";
import { FACTOR, spread } from "./heatmaps.js";
import { AskedError, toValues } from "./scoring.js";
import { part, sentenceOf, sizePart, valueText } from "./wording.js";

const TOLERANCE = 0.05; // of a value
/** @type {Record<Source, string>} */
const BEGINS = { evidence: "by the map, ", network: "by the network, " };

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./answers.js").RankRequest} RankRequest */
/** @typedef {import("./maps.js").Box} Box */
/** @typedef {import("./wording.js").Part} Part */
/** @typedef {import("./wording.js").Sentence} Sentence */
/** @typedef {"evidence" | "network"} Source */
/** @typedef {{ region: Box, scores: number[] }} Left scores [G, A] of the photo without a place */
/** @typedef {{ value: number, before: number, first: number, sentence: Sentence }} Outcome */
/** @typedef {{ evidence: Float64Array, grid: import("./maps.js").Grid }} Places exact evidence [G, A, H, W] in raw scores */

/** @type {WeakMap<Explanation, Places>} */
const known = new WeakMap();

/** The exact evidence of an explanation. Throws AskedError where its bundle has none. */
export function exactPlaces(/** @type {Explanation} */ x) {
  const found = known.get(x);
  if (found) return found;
  const maps = x.maps.find(({ offer }) => offer.exact);
  if (!maps) {
    throw new AskedError(`The maps of '${x.model.name}' are no exact evidence: they do not add up to the scores, so they promise nothing of a `
      + "photo without one of its places.");
  }
  const { shares, std, table_std: spreads } = x.model.scale;
  const [G, A, size] = [shares.length, spreads.length, maps.grid[0] * maps.grid[1]];
  const { levels, steps } = maps.layers || maps;
  const evidence = new Float64Array(G * A * size);
  for (let g = 0; g < G; g += 1) {
    for (let a = 0; a < A; a += 1) {
      const own = maps.layers ? a * G + g : a;
      const gain = maps.offer.signed ? (shares[g] * spreads[a]) / std[g * A + a] : 1; // they are drawn in units of the value
      const step = gain ? steps[own] / gain : 0;
      for (let i = 0; i < size; i += 1) evidence[(g * A + a) * size + i] = levels[own * size + i] * step;
    }
  }
  const made = { evidence, grid: maps.grid };
  known.set(x, made);
  return made;
}

// Of each of `cells` rows (or columns) of maps the share that lies between the photo's edge and an end, a fraction of its side.
/**
 * @param {number} end
 * @param {number} cells
 * @param {number} size
 * @param {number} start
 * @param {number} length
 */
function before(end, cells, size, start, length) {
  const [shared, fine] = [spread(cells), cells * FACTOR];
  const found = new Float64Array(cells);
  const within = (/** @type {number} */ at) => Math.min(Math.max(at, 0), 1);
  for (let i = 0; i < fine; i += 1) {
    const taken = within(((start + end * length) / size) * fine - i) - within((start / size) * fine - i);
    if (taken) for (let j = 0; j < cells; j += 1) found[j] += taken * shared[i * cells + j];
  }
  return found;
}
export const rowsBefore = (/** @type {Explanation} */ { geometry: at }, /** @type {number} */ cells, /** @type {number} */ y) => before(y, cells, at.size, at.top, at.box_height);
export const columnsBefore = (/** @type {Explanation} */ { geometry: at }, /** @type {number} */ cells, /** @type {number} */ x) => before(x, cells, at.size, at.left, at.box_width);

/**
 * How much of the raw scores [G, A] comes from a rectangle.
 * @param {Explanation} x
 * @param {Box} region
 */
function inside(x, [x0, y0, x1, y1]) {
  const { evidence, grid: [rows, columns] } = exactPlaces(x);
  const [low, high] = [rowsBefore(x, rows, y0), rowsBefore(x, rows, y1)];
  const [left, right] = [columnsBefore(x, columns, x0), columnsBefore(x, columns, x1)];
  return Float64Array.from({ length: x.scores.length }, (_, i) => {
    let sum = 0;
    for (let r = 0; r < rows; r += 1) {
      let across = 0;
      for (let c = 0; c < columns; c += 1) across += evidence[(i * rows + r) * columns + c] * (right[c] - left[c]);
      sum += across * (high[r] - low[r]);
    }
    return sum;
  });
}

/**
 * What is left without the evidence inside a rectangle. Throws AskedError.
 * @param {Explanation} x
 * @param {Box} region
 * @returns {Left}
 */
export function promised(x, region) {
  const taken = inside(x, region);
  return { region, scores: Array.from(x.scores, (score, i) => Math.fround(score - taken[i])) };
}

/** The explanation with other scores; there are no maps of it. */
function left(/** @type {Explanation} */ x, /** @type {number[]} */ given) {
  const scores = Float32Array.from(given);
  return Object.assign(Object.create(Object.getPrototypeOf(x)), x, { scores, values: toValues(x.model.scale, scores), maps: [] });
}

/**
 * The classes that are left, best first. Throws AskedError.
 * @param {Explanation} x
 * @param {number[]} scores
 * @param {RankRequest} request
 */
export const rankLeft = (x, scores, request) => rank(left(x, scores), request);

// -- what is said of it, and whether it is kept ---------------------------------------------------------------------------

/**
 * What is left, for the panels: an attribute's value before and after, who is first, and that in words. Throws AskedError.
 * @param {Explanation} x
 * @param {number[]} scores
 * @param {Source} source
 * @param {number} attribute
 * @param {RankRequest} request
 * @returns {Outcome}
 */
export function outcome(x, scores, source, attribute, request) {
  const [was, value] = [x.values[attribute], toValues(x.model.scale, Float32Array.from(scores))[attribute]];
  const [ranking, unharmed] = [rankLeft(x, scores, request), rank(x, request)];
  const sentence = sentenceOf([BEGINS[source], ...valuePieces(x, attribute, was, value), "; ", ...firstPieces(ranking, unharmed), "."]);
  return { value, before: was, first: ranking.order[0], sentence };
}

/**
 * @param {Explanation} x
 * @param {number} attribute
 * @param {number} was
 * @param {number} value
 */
function valuePieces(x, attribute, was, value) {
  const name = part("attribute", x.space.attribute_names[attribute], attribute);
  const [from, to] = [was, value].map((one) => part("number", valueText(one), null, one));
  return from.text === to.text ? [name, " stays at ", to] : [name, value < was ? " falls from " : " rises from ", from, " to ", to];
}

/**
 * @param {import("./scoring.js").ClassRanking} ranking
 * @param {import("./scoring.js").ClassRanking} unharmed
 */
function firstPieces({ order, space, calibrated }, unharmed) {
  const [first, second] = order.slice(0, 2).map((c) => part("class", space.class_names[c], c));
  if (!second) return [first, " is the only class that competes"];
  const by = calibrated[order[0]] - calibrated[order[1]];
  const stays = order[0] === unharmed.order[0] ? " stays first, " : " becomes first, ";
  return by === 0 ? [first, `${stays}level with `, second] : [first, `${stays}ahead of `, second, " by ", sizePart(by)];
}

/**
 * What is said of a promise, and of its proof where there is one. kept: whether the map has kept its word: the first class is the
 * promised one, and the attribute's value is within `TOLERANCE` of the promise or nearer to it than to what it was. Throws AskedError.
 * @param {Explanation} x
 * @param {number[]} promise
 * @param {number[] | null} proof
 * @param {number} attribute
 * @param {RankRequest} request
 */
export function tried(x, promise, proof, attribute, request) {
  const told = outcome(x, promise, "evidence", attribute, request);
  if (!proof) return { promise: told, proof: null };
  const found = outcome(x, proof, "network", attribute, request);
  const off = Math.fround(Math.abs(found.value - told.value));
  const sameClass = told.first === found.first;
  const sameValue = off <= Math.fround(TOLERANCE) || off < Math.fround(Math.abs(found.value - told.before));
  const broken = [...(sameClass ? [] : ["another first class"]), ...(sameValue ? [] : ["another value of "])];
  const name = part("attribute", x.space.attribute_names[attribute], attribute);
  const sentence = sameClass && sameValue ? sentenceOf(["The map has kept its word."])
    : sentenceOf(["The map has not kept its word: it promised ", broken.join(" and "), ...(sameValue ? [] : [name]), "."]);
  return { promise: told, proof: found, kept: sameClass && sameValue, same_class: sameClass, same_value: sameValue, sentence };
}
