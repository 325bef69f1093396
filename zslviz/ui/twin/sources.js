// @ts-check
// Where a lead comes from: places in the photo, what comes from no place, and the visitor's edits. The twin of
// `zslviz/tasks/attributes/sources.py`, where it stands why they add up.
import { factors, row } from "./scoring.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** Of a lead without the handicap. called: what the rest is called. @typedef {{ places: number, rest: number, edits: number, called: string }} Sources */

/** What of the raw scores comes from no place [G, A], and what it is called; null of a model whose maps do not tell. */
export function exactBias(/** @type {Explanation} */ x) {
  const maps = x.maps.find(({ offer, bias }) => offer.exact && bias);
  return maps && maps.bias ? { bias: maps.bias, called: maps.offer.rest || "" } : null;
}

/**
 * Where the lead of a class over a rival comes from. scores: after the edits. space: the classes after them.
 * @param {Explanation} x
 * @param {Float32Array} scores
 * @param {import("./scoring.js").SemanticSpace} space
 * @param {number} classIndex
 * @param {number} rivalIndex
 * @returns {Sources | null}
 */
export function sourcesOfLead(x, scores, space, classIndex, rivalIndex) {
  const found = exactBias(x);
  if (!found) return null;
  const { bias, called } = found;
  const [own, rival] = [classIndex, rivalIndex].map((c) => row(x.rule, space, c));
  const by = factors(x.rule, scores);
  let [places, rest, edits] = [0, 0, 0];
  for (let i = 0; i < bias.length; i += 1) {
    const a = i % own.length;
    const weight = by[Math.floor(i / own.length)] * (own[a] - rival[a]);
    places += weight * (x.scores[i] - bias[i]);
    rest += weight * bias[i];
    edits += weight * (scores[i] - x.scores[i]);
  }
  return { places: Math.fround(places), rest: Math.fround(rest), edits: Math.fround(edits), called };
}
