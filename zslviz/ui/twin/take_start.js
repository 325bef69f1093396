// @ts-check
// What is the same for all classes that are asked for in one state: worked out once, since the page asks for every class in sight.
import { rank } from "./answers.js";
import { row } from "./scoring.js";
import { valuesNow } from "./whatifs.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./answers.js").RankRequest} RankRequest */
/** @typedef {import("./take_moves.js").Moves} Moves */
/** @typedef {import("./take_problem.js").MovedNorms} MovedNorms */

const LEAST_LEAD = 1e-4; // float32 scores of some 10 are told apart to 1e-6

/** @type {WeakMap<import("./scoring.js").SemanticSpace, { rule: import("./scoring.js").ScoringRule, rows: Float64Array[] }>} */
const known = new WeakMap();

/**
 * What stands for every class of a space: K rows of [A].
 * @param {import("./scoring.js").ScoringRule} rule
 * @param {import("./scoring.js").SemanticSpace} space
 */
function rowsOf(rule, space) {
  const kept = known.get(space);
  if (kept?.rule === rule) return kept.rows;
  const rows = space.classes.map((_, c) => row(rule, space, c));
  known.set(space, { rule, rows });
  return rows;
}

/**
 * What is the same for all classes that are asked for after one request. scores, pace: G x A. products: of the scores with the rows
 * of all classes, G of [K]. gains: room that searches share. moved: by moves, what these do.
 * @typedef {{
 *   x: Explanation, ranking: import("./scoring.js").ClassRanking, rows: Float64Array[], scores: Float64Array, pace: Float64Array,
 *   spread: Float64Array, values: Float64Array, squares: number[], products: Float64Array[], least: number,
 *   gains: Float64Array, moves: Map<string, Moves>, moved: WeakMap<Moves, { norms: MovedNorms, added: Float64Array[][] }>,
 * }} Start
 */

/** @type {WeakMap<RankRequest, Start>} */
const starts = new WeakMap();

/**
 * @param {Explanation} x
 * @param {RankRequest} request
 * @returns {Start}
 */
export function startOf(x, request) {
  const kept = starts.get(request);
  if (kept?.x === x) return kept;
  const ranking = rank(x, request);
  const [{ scale }, { space }] = [x.model, ranking];
  const width = space.attributes.length;
  const rows = rowsOf(x.rule, space);
  const scores = Float64Array.from(x.editedScores(request.image_edits));
  const product = (/** @type {number} */ g, /** @type {Float64Array} */ other) => {
    let sum = 0;
    for (let a = 0, i = g * width; a < width; a += 1, i += 1) sum += scores[i] * other[a];
    return sum;
  };
  const start = {
    x,
    ranking,
    rows,
    scores,
    pace: Float64Array.from(scale.std, (std, i) => std / scale.table_std[i % width]),
    spread: Float64Array.from(scale.table_std),
    values: valuesNow(x, request),
    squares: x.rule.weights.map((_, g) => product(g, scores.subarray(g * width, (g + 1) * width))),
    products: x.rule.weights.map((_, g) => Float64Array.from(rows, (row) => product(g, row))),
    least: LEAST_LEAD + 2e-6 * ranking.order.reduce((most, c) => Math.max(most, Math.abs(ranking.scores[c])), 0),
    gains: new Float64Array(0), // room for those of a search
    moves: new Map(),
    moved: new WeakMap(),
  };
  starts.set(request, start);
  return start;
}
