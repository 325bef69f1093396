// @ts-check
// From attribute scores and a class table to ranked classes: the twin of `zslviz/tasks/attributes/scoring.py`, name by name, where the
// formulae stand with their sources. Both work in float64 from float32 numbers and round once to float32, so both find the same order;
// `tests/twin` holds them together. Arrays are flat, rows first.

/** @typedef {Record<number, number>} Edits by attribute */
/** @typedef {Record<number, Edits>} ClassEdits by class */
/** @typedef {{ kind: "dot" | "cosine" | "binary" | "table", weights: number[], thresholds?: number[] }} ScoringRule */
/**
 * How raw scores are read on the scale of the class table. mean, std: [G, A]. table_mean, table_std: [A]. shares: [G].
 * @typedef {{ mean: Float32Array, std: Float32Array, table_mean: Float32Array, table_std: Float32Array, shares: Float32Array }} AttributeScale
 */
/**
 * Classes x attributes. table: [K, A]. seen: [K]. lengths: [K], of the table's rows, 1 for a row of zeros. visible: [A].
 * @typedef {{
 *   classes: string[], class_names: string[], attributes: string[], attribute_names: string[], groups: string[],
 *   table: Float32Array, seen: Uint8Array, lengths: Float64Array, visible: Uint8Array,
 * }} SemanticSpace
 */
/**
 * scores: [K] before calibration. calibrated: [K], -Infinity where a class does not compete. order: those that compete, best first.
 * ranks: [K], 1 for the best, 0 where a class does not compete. probabilities: [K].
 * @typedef {{
 *   scores: Float32Array, calibrated: Float32Array, order: number[], ranks: Int32Array, probabilities: Float64Array, space: SemanticSpace,
 *   gamma: number, unseenOnly: boolean,
 * }} ClassRanking
 */
/** @typedef {{ class_index: number, rival_index: number, terms: Float32Array, calibration: number, margin: number }} Contributions */

const LEAST_NORM = 1e-12;

// What is asked for and cannot be answered, in one sentence for people.
export class AskedError extends Error {}

// -- the space ------------------------------------------------------------------------------------------------------------

/**
 * The sum of terms, the same in whatever order they stand: what is lost at each step is added in the end (Neumaier 1974). What is equal
 * in exact arithmetic, only with its terms in another order, stays equal, and keeps the order of its list.
 */
function orderFreeSum(/** @type {Float64Array} */ terms) {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < terms.length; i += 1) {
    const term = terms[i];
    const next = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** The lengths of a table's rows; 1 for a row of zeros. */
export function lengths(/** @type {Float32Array} */ table, /** @type {number} */ classes) {
  const attributes = table.length / classes;
  return Float64Array.from({ length: classes }, (_, c) => rowLength(table, c, attributes));
}

function rowLength(/** @type {Float32Array} */ table, /** @type {number} */ c, /** @type {number} */ attributes) {
  const sum = orderFreeSum(Float64Array.from(table.subarray(c * attributes, (c + 1) * attributes), (value) => value * value));
  return sum > 0 ? Math.sqrt(sum) : 1;
}

/**
 * A space with other values of some classes; the same space if there is none.
 * @param {SemanticSpace} space
 * @param {ClassEdits} edits
 * @returns {SemanticSpace}
 */
export function withValues(space, edits) {
  const rows = Object.entries(edits).filter(([, values]) => Object.keys(values).length > 0);
  if (!rows.length) return space;
  const [table, long, attributes] = [space.table.slice(), space.lengths.slice(), space.attributes.length];
  for (const [c, values] of rows) {
    for (const [a, value] of Object.entries(values)) table[Number(c) * attributes + Number(a)] = value;
    long[Number(c)] = rowLength(table, Number(c), attributes);
  }
  return { ...space, table, lengths: long };
}

/**
 * A space with more classes, unseen ones, described by [A] values each; the same space if there is none.
 * @param {SemanticSpace} space
 * @param {readonly { name: string, values: ArrayLike<number> }[]} made
 * @returns {SemanticSpace}
 */
export function withClasses(space, made) {
  if (!made.length) return space;
  const [before, attributes, names] = [space.classes.length, space.attributes.length, made.map(({ name }) => name)];
  const table = new Float32Array((before + made.length) * attributes);
  table.set(space.table);
  made.forEach(({ values }, i) => table.set(values, (before + i) * attributes));
  const [seen, long] = [new Uint8Array(before + made.length), new Float64Array(before + made.length)];
  seen.set(space.seen);
  long.set(space.lengths);
  made.forEach((_, i) => (long[before + i] = rowLength(table, before + i, attributes)));
  return { ...space, classes: [...space.classes, ...names], class_names: [...space.class_names, ...names], table, seen, lengths: long };
}

// -- the rule -------------------------------------------------------------------------------------------------------------

/**
 * What stands for one class, before any rounding: [A]; one of `exact_rows`.
 * @param {ScoringRule} rule
 * @param {SemanticSpace} space
 * @param {number} index
 */
export function row(rule, space, index) {
  const attributes = space.attributes.length;
  const start = index * attributes;
  const found = Float64Array.from(space.table.subarray(start, start + attributes));
  if (rule.kind === "binary") return found.map((value, a) => (value > Math.fround(threshold(rule, a)) ? 1 : 0));
  return rule.kind === "table" ? found : found.map((value) => value / space.lengths[index]);
}

const threshold = (/** @type {ScoringRule} */ rule, /** @type {number} */ a) => /** @type {number[]} */ (rule.thresholds)[a];

/**
 * What each granularity's scores [G, A] are multiplied with before they are added: [G].
 * @param {ScoringRule} rule
 * @param {Float32Array | Float64Array} scores
 */
export function factors(rule, scores) {
  if (rule.kind !== "cosine") return Float64Array.from(rule.weights);
  const attributes = scores.length / rule.weights.length;
  return Float64Array.from(rule.weights, (weight, g) => {
    let sum = 0;
    for (let i = g * attributes; i < (g + 1) * attributes; i += 1) sum += scores[i] * scores[i];
    return weight / Math.max(Math.sqrt(sum), LEAST_NORM);
  });
}

/**
 * The fused attribute vector u: [G, A] -> [A].
 * @param {ScoringRule} rule
 * @param {Float32Array | Float64Array} scores
 */
export function fuse(rule, scores) {
  const by = factors(rule, scores);
  const fused = new Float64Array(scores.length / by.length);
  for (let i = 0; i < scores.length; i += 1) fused[i % fused.length] += by[Math.floor(i / fused.length)] * scores[i];
  return fused;
}

// -- the scale ------------------------------------------------------------------------------------------------------------

/**
 * One value on the table's scale, before it is rounded.
 * @param {AttributeScale} scale
 * @param {Float32Array} scores
 * @param {number} a
 */
function exactValue(scale, scores, a) {
  const attributes = scale.table_mean.length;
  let fused = 0;
  for (let g = 0; g < scale.shares.length; g += 1) {
    const i = g * attributes + a;
    fused += scale.shares[g] * ((scores[i] - scale.mean[i]) / scale.std[i]);
  }
  return scale.table_mean[a] + scale.table_std[a] * fused;
}

/**
 * Raw scores [G, A] -> values on the table's scale [A] (about 0..1).
 * @param {AttributeScale} scale
 * @param {Float32Array} scores
 */
export function toValues(scale, scores) {
  return Float32Array.from(scale.table_mean, (_, a) => exactValue(scale, scores, a));
}

/**
 * Scores [G, A] whose values at the edited attributes are the wanted ones; every other number is untouched.
 * @param {AttributeScale} scale
 * @param {Float32Array} scores
 * @param {Edits} edits
 */
export function edit(scale, scores, edits) {
  const edited = scores.slice();
  const attributes = scale.table_mean.length;
  for (const [attribute, wanted] of Object.entries(edits)) {
    const a = Number(attribute);
    const step = (wanted - exactValue(scale, scores, a)) / scale.table_std[a];
    for (let i = a; i < edited.length; i += attributes) edited[i] = scores[i] + step * scale.std[i];
  }
  return edited;
}

// -- classes --------------------------------------------------------------------------------------------------------------

/**
 * Class scores before calibration: [G, A] -> [K].
 * @param {Float32Array} scores
 * @param {SemanticSpace} space
 * @param {ScoringRule} rule
 */
export function classScores(scores, space, rule) {
  const fused = fuse(rule, scores);
  const { table, seen } = space;
  const attributes = fused.length;
  const found = new Float32Array(seen.length);
  const terms = new Float64Array(attributes);
  const plain = rule.kind !== "binary";
  const bounds = plain ? null : Float32Array.from(/** @type {number[]} */ (rule.thresholds));
  for (let c = 0; c < found.length; c += 1) {
    const start = c * attributes;
    if (bounds) {
      for (let a = 0; a < attributes; a += 1) terms[a] = table[start + a] > bounds[a] ? fused[a] : 0;
    } else {
      for (let a = 0; a < attributes; a += 1) terms[a] = table[start + a] * fused[a];
    }
    const sum = orderFreeSum(terms);
    found[c] = plain && rule.kind !== "table" ? sum / space.lengths[c] : sum;
  }
  return found;
}

/**
 * Calibrated stacking: gamma is subtracted from the scores [K] of seen classes.
 * @param {Float32Array} scores
 * @param {Uint8Array} seen
 * @param {number} gamma
 */
export function calibrate(scores, seen, gamma) {
  return scores.map((score, c) => (seen[c] ? score - Math.fround(gamma) : score));
}

/**
 * Ranks the classes of a space for one photo's attribute scores [G, A]. Ties keep the order of the table. Throws AskedError.
 * @param {Float32Array} scores
 * @param {SemanticSpace} space
 * @param {ScoringRule} rule
 * @param {number} gamma
 * @param {boolean} unseenOnly
 * @param {Iterable<number>} without indices of classes that are not to compete
 * @returns {ClassRanking}
 */
export function rankClasses(scores, space, rule, gamma = 0, unseenOnly = false, without = []) {
  if (!Number.isFinite(gamma)) throw new AskedError("gamma must be a finite number.");
  const raw = classScores(scores, space, rule);
  const competing = space.seen.map((seen) => (unseenOnly && seen ? 0 : 1));
  if (!competing.includes(1)) throw new AskedError("There is no unseen class in this table, so nothing is left to rank; show all classes.");
  for (const c of without) competing[c] = 0;
  if (!competing.includes(1)) throw new AskedError("Every class is left out, so nothing is left to rank; leave out fewer.");
  const calibrated = calibrate(raw, space.seen, gamma).map((score, c) => (competing[c] ? score : -Infinity));
  const order = bestFirst(calibrated, competing);
  const ranks = new Int32Array(raw.length);
  order.forEach((c, place) => (ranks[c] = place + 1));
  const odds = Float64Array.from(calibrated, (score) => Math.exp(score - calibrated[order[0]]));
  const sum = odds.reduce((total, one) => total + one, 0);
  return { scores: raw, calibrated, order, ranks, probabilities: odds.map((one) => one / sum), space, gamma, unseenOnly };
}

/**
 * Indices of what competes by falling value; of equals the one listed first comes first.
 * @param {Float32Array} values
 * @param {Uint8Array} competing
 */
export function bestFirst(values, competing) {
  const order = [];
  for (let c = 0; c < values.length; c += 1) if (competing[c]) order.push(c);
  return order.sort((p, q) => (values[p] > values[q] ? -1 : values[p] < values[q] ? 1 : p - q));
}

/**
 * The exact terms of the margin between two classes for one photo's attribute scores [G, A]: `terms` [A] and `calibration` add up to
 * `margin`.
 * @param {Float32Array} scores
 * @param {SemanticSpace} space
 * @param {ScoringRule} rule
 * @param {number} classIndex
 * @param {number} rivalIndex
 * @param {number} gamma
 * @returns {Contributions}
 */
export function contributions(scores, space, rule, classIndex, rivalIndex, gamma = 0) {
  const [own, rival] = [row(rule, space, classIndex), row(rule, space, rivalIndex)];
  const terms = Float32Array.from(fuse(rule, scores), (u, a) => u * (own[a] - rival[a]));
  const calibration = gamma * (space.seen[rivalIndex] - space.seen[classIndex]);
  const sum = terms.reduce((total, term) => total + term, 0);
  return { class_index: classIndex, rival_index: rivalIndex, terms, calibration, margin: sum + calibration };
}

/**
 * Attributes with the largest terms by size, largest first.
 * @param {Contributions} exact
 * @param {number} count
 */
export function strongest({ terms }, count = 10) {
  const found = /** @type {number[]} */ ([]); // by falling size; of equals the one listed first comes first
  for (let a = 0; a < terms.length; a += 1) {
    const size = Math.abs(terms[a]);
    let place = found.length;
    while (place > 0 && Math.abs(terms[found[place - 1]]) < size) place -= 1;
    if (place < count) found.splice(place, 0, a);
    if (found.length > count) found.pop();
  }
  return found;
}

/** Indices by falling value; of equals the one listed first comes first. */
export function largestFirst(/** @type {ArrayLike<number>} */ values) {
  return Array.from(values, (_, i) => i).sort((p, q) => values[q] - values[p] || p - q);
}

/**
 * The class that would be first without the handicap (gamma = 0), where the handicap decides: where that class is of the other sort,
 * trained on or not, than the one that is first. Of equal scores the class listed first.
 * @param {ClassRanking} ranking
 * @returns {number | null}
 */
export function byAttributesAlone({ scores, ranks, order, space }) {
  let alone = order[0];
  scores.forEach((score, c) => {
    if (ranks[c] && (score > scores[alone] || (score === scores[alone] && c < alone))) alone = c;
  });
  return space.seen[alone] !== space.seen[order[0]] ? alone : null;
}
