// @ts-check
// What if one attribute were another: the twin of `zslviz/tasks/attributes/whatifs.py`, name by name, where the formulae stand.
import { rank } from "./answers.js";
import { edit, row } from "./scoring.js";
import { changeText } from "./wording.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./answers.js").RankRequest} RankRequest */
/** @typedef {import("./scoring.js").ClassRanking} ClassRanking */
/** @typedef {import("./scoring.js").ScoringRule} ScoringRule */
/** @typedef {import("./scoring.js").SemanticSpace} SemanticSpace */
/**
 * One edit and what comes of it: `attribute` is set to `value`, which is `before` now. move: the edit in words. amounts: of less and
 * more, from where to where, else "". steps: from `before` to `value` in standard deviations of the table. winner: the class that is
 * first afterwards. lead: its lead over the next one. changes: whether another class is first now.
 * @typedef {{
 *   attribute: number, value: number, before: number, move: "without" | "with less" | "with more" | "with", amounts: string,
 *   steps: number, winner: number, lead: number, changes: boolean,
 * }} WhatIf
 */
export const COUNT = 3;
const LITTLE = 0.1; // up to this much of an attribute a thing is "without" it
const MUCH = 0.5; // from this much on it is "with" it
export const LEAST_NORM = 1e-12;

/**
 * The single edits that move the ranking most, of different attributes, at most `count`; none where one class alone competes. truth: the
 * index of the true class, where it is known; of a wrong answer edits that put it right come before all others. Throws AskedError.
 * @param {Explanation} x
 * @param {RankRequest} request
 * @param {number} count
 * @param {number | null} truth
 */
export function whatIfs(x, request = {}, count = COUNT, truth = null) {
  const ranking = rank(x, request);
  const { order, calibrated } = ranking;
  if (order.length < 2) return [];
  const [ends, now, first] = [box(x), valuesNow(x, request), order[0]];
  const lead = calibrated[first] - calibrated[order[1]];
  /** @type {{ what: WhatIf, end: number, size: number }[]} */
  const found = [];
  atEnds(x, request, ranking, ends, (attribute, end, winner, afterwards) => {
    const [value, before] = [ends[2 * attribute + end], now[attribute]];
    const steps = Math.fround((value - before) / x.model.scale.table_std[attribute]);
    const [changes, moved] = [winner !== first, Math.fround(Math.abs(afterwards - lead))];
    if (steps === 0 || steps < 0 !== (end === 0) || !(changes || moved > 0)) return;
    const what = { attribute, value, before, ...inWords(before, value), steps, winner, lead: afterwards, changes };
    found.push({ what, end, size: changes ? Math.abs(steps) : -moved });
  });
  const rights = (/** @type {WhatIf} */ { changes, winner }) => Number(changes && winner === truth);
  found.sort((p, q) =>
    rights(q.what) - rights(p.what) || Number(q.what.changes) - Number(p.what.changes) || p.size - q.size || p.what.attribute - q.what.attribute || p.end - q.end);
  /** @type {WhatIf[]} */
  const chosen = [];
  for (const { what } of found) {
    if (chosen.length === count) break;
    if (!chosen.some(({ attribute }) => attribute === what.attribute)) chosen.push(what);
  }
  return chosen;
}

/** @type {WeakMap<SemanticSpace, Float32Array>} */
const boxes = new WeakMap();

/** The least and the most of every attribute in the model's own table, within 0 and 1: [A, 2]; worked out once a space. */
export function box(/** @type {Explanation} */ { space }) {
  const kept = boxes.get(space);
  if (kept) return kept;
  const found = new Float32Array(2 * space.attributes.length);
  for (let a = 0; a < space.attributes.length; a += 1) {
    let [least, most] = [Infinity, -Infinity];
    for (let i = a; i < space.table.length; i += space.attributes.length) {
      if (space.table[i] < least) least = space.table[i];
      if (space.table[i] > most) most = space.table[i];
    }
    found[2 * a] = Math.min(Math.max(least, 0), 1);
    found[2 * a + 1] = Math.min(Math.max(most, 0), 1);
  }
  boxes.set(space, found);
  return found;
}

/** The values with the edits: [A]. */
export function valuesNow(/** @type {Explanation} */ x, /** @type {RankRequest} */ { image_edits = {} }) {
  const values = Float64Array.from(x.values);
  for (const [attribute, value] of Object.entries(image_edits)) values[Number(attribute)] = value;
  return values;
}

/**
 * The move, and its amounts where the word alone would not say what is done.
 * @param {number} before
 * @param {number} value
 * @returns {Pick<WhatIf, "move" | "amounts">}
 */
function inWords(before, value) {
  if (value > before) {
    if (before <= LITTLE && value >= MUCH) return { move: "with", amounts: "" };
    return { move: "with more", amounts: changeText(before, value) };
  }
  if (before > LITTLE && value <= LITTLE) return { move: "without", amounts: "" };
  return { move: "with less", amounts: changeText(before, value) };
}

/**
 * Tells of each single edit to an end of its box which class is first afterwards, and by how much.
 * @param {Explanation} x
 * @param {RankRequest} request
 * @param {ClassRanking} ranking
 * @param {Float32Array} ends
 * @param {(attribute: number, end: number, winner: number, lead: number) => void} tell
 */
function atEnds(x, request, { order, space, gamma }, ends, tell) {
  const { rule, model: { scale } } = x;
  const [scores, attributes, granularities] = [x.editedScores(request.image_edits), ends.length / 2, rule.weights.length];
  const competing = Int32Array.from(order).sort(); // of equals the one listed first is first
  const handicaps = Float32Array.from(space.seen, (seen) => (seen ? gamma : 0));
  const [all, classes] = [columns(rule, space), space.seen.length];
  const products = new Float64Array(granularities * classes);
  for (let i = 0; i < scores.length; i += 1) {
    const [from, to] = [(i % attributes) * classes, Math.floor(i / attributes) * classes];
    for (let c = 0; c < classes; c += 1) products[to + c] += scores[i] * all[from + c];
  }
  const others = rule.kind === "cosine" ? squaresOfOthers(scores, attributes) : null;
  const factors = Float64Array.from(rule.weights);
  for (const end of [0, 1]) {
    const wanted = Object.fromEntries(Array.from({ length: attributes }, (_, a) => [a, ends[2 * a + end]]));
    const moved = edit(scale, x.scores, wanted);
    for (let a = 0; a < attributes; a += 1) {
      let step = 0;
      for (let g = 0; g < granularities; g += 1) {
        const i = g * attributes + a;
        if (others) factors[g] = rule.weights[g] / Math.max(Math.sqrt(others[i] + moved[i] * moved[i]), LEAST_NORM);
        step += factors[g] * (moved[i] - scores[i]);
      }
      let winner = -1;
      let best = -Infinity;
      let second = -Infinity;
      for (let n = 0; n < competing.length; n += 1) {
        const c = competing[n];
        let score = step * all[a * classes + c];
        for (let g = 0; g < granularities; g += 1) score += factors[g] * products[g * classes + c];
        score = Math.fround(Math.fround(score) - handicaps[c]);
        if (score > best) {
          second = best;
          best = score;
          winner = c;
        } else if (score > second) second = score;
      }
      tell(a, end, winner, best - second);
    }
  }
}

/** @type {WeakMap<SemanticSpace, { rule: ScoringRule, all: Float64Array }>} */
const laid = new WeakMap();

// What stands for the classes, attribute after attribute: [A, K]; kept as long as the space is.
export function columns(/** @type {ScoringRule} */ rule, /** @type {SemanticSpace} */ space) {
  const kept = laid.get(space);
  if (kept?.rule === rule) return kept.all;
  const classes = space.seen.length;
  const all = new Float64Array(space.table.length);
  for (let c = 0; c < classes; c += 1) row(rule, space, c).forEach((value, a) => (all[a * classes + c] = value));
  laid.set(space, { rule, all });
  return all;
}

// The sum of squares over all attributes but one, for each: [G, A]; added from both ends, so that nothing cancels.
function squaresOfOthers(/** @type {Float32Array} */ scores, /** @type {number} */ attributes) {
  const found = new Float64Array(scores.length);
  for (let start = 0; start < scores.length; start += attributes) {
    for (let i = start, sum = 0; i < start + attributes; i += 1) [found[i], sum] = [sum, sum + scores[i] * scores[i]];
    for (let i = start + attributes - 1, sum = 0; i >= start; i -= 1) [found[i], sum] = [found[i] + sum, sum + scores[i] * scores[i]];
  }
  return found;
}
