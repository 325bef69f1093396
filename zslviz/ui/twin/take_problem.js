// @ts-check
// The leads of one class over all rivals when the values that a model saw are changed by x: the twin of
// `what_would_it_take/problem.py`, name by name, where the formulae stand.
import { rank } from "./answers.js";
import { AskedError, row } from "./scoring.js";
import { LEAST_NORM, valuesNow } from "./whatifs.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./answers.js").RankRequest} RankRequest */
/** @typedef {import("./take_moves.js").Moves} Moves */

const LEAST_LEAD = 1e-4;
const LEAST_SQUARE = 1e-24;

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

function less(/** @type {Float64Array} */ one, /** @type {Float64Array} */ other) {
  const found = new Float64Array(one.length);
  for (let a = 0; a < found.length; a += 1) found[a] = one[a] - other[a];
  return found;
}

/** What the class at `target` would have to lead over: R rivals, by their indices in the order of the table. */
export class Problem {
  /**
   * @param {Explanation} x
   * @param {RankRequest} request
   * @param {number} target
   */
  constructor(x, request, target) {
    const ranking = rank(x, request);
    const { space } = ranking;
    if (!ranking.ranks[target]) {
      const name = space.class_names[target];
      throw new AskedError(`'${name}' does not compete here, so nothing could make it first; let all classes compete.`);
    }
    const { scale } = x.model;
    this.target = target;
    this.ranking = ranking;
    this.space = space;
    this.cosine = x.rule.kind === "cosine";
    this.weights = x.rule.weights;
    this.scores = Float64Array.from(x.editedScores(request.image_edits));
    this.attributes = space.attributes.length;
    this.pace = Float64Array.from(scale.std, (std, i) => std / scale.table_std[i % this.attributes]);
    this.spread = Float64Array.from(scale.table_std);
    this.values = valuesNow(x, request);
    this.rivals = ranking.order.filter((c) => c !== target).sort((p, q) => p - q);
    const rows = rowsOf(x.rule, space);
    this.rows = rows;
    const gamma = Math.fround(ranking.gamma);
    /** d: R rows of [A] */
    this.apart = this.rivals.map((c) => less(rows[target], rows[c]));
    this.fixed = Float64Array.from(this.rivals, (c) => gamma * (space.seen[c] - space.seen[target]));
    const width = this.attributes;
    this.squares = this.weights.map((_, g) => this.product(g, this.scores.subarray(g * width, (g + 1) * width)));
    /** G rows of [R] */
    this.base = this.weights.map((_, g) => Float64Array.from(this.apart, (d) => this.product(g, d)));
    this.least = LEAST_LEAD + 2e-6 * ranking.order.reduce((most, c) => Math.max(most, Math.abs(ranking.scores[c])), 0);
  }

  // Of a granularity's scores with a row.
  product(/** @type {number} */ g, /** @type {Float64Array} */ other) {
    const start = g * this.attributes;
    let sum = 0;
    for (let a = 0; a < this.attributes; a += 1) sum += this.scores[start + a] * other[a];
    return sum;
  }

  /** n: [G]. */
  inverseNorms(/** @type {Float64Array | null} */ x = null) {
    if (!this.cosine) return this.weights.map(() => 1);
    return this.weights.map((_, g) => {
      if (!x) return 1 / Math.max(Math.sqrt(this.squares[g]), LEAST_NORM);
      let sum = 0;
      const start = g * this.attributes;
      for (let a = 0; a < this.attributes; a += 1) sum += (this.scores[start + a] + this.pace[start + a] * x[a]) ** 2;
      return 1 / Math.max(Math.sqrt(sum), LEAST_NORM);
    });
  }

  /** The least lead over all rivals, exact. */
  leastLead(/** @type {Float64Array} */ x) {
    return this.leads(x).reduce((least, lead) => Math.min(least, lead), Infinity);
  }

  /** Over all rivals, exact: [R]. */
  leads(/** @type {Float64Array} */ x) {
    const norms = this.inverseNorms(x);
    const on = [...x.keys()].filter((a) => x[a]);
    const by = norms.map((one, g) => one * this.weights[g]);
    const paced = on.map((a) => by.reduce((sum, one, g) => sum + one * this.pace[g * this.attributes + a], 0) * x[a]);
    const found = new Float64Array(this.rivals.length);
    for (let r = 0; r < found.length; r += 1) {
      let lead = this.fixed[r];
      for (let g = 0; g < by.length; g += 1) lead += by[g] * this.base[g][r];
      for (let i = 0; i < on.length; i += 1) lead += paced[i] * this.apart[r][on[i]];
      found[r] = lead;
    }
    return found;
  }

  /**
   * Leads at x = 0 [R] and what whole moves add to them, R rows of [J], for given inverse norms.
   * @param {number[]} norms
   * @param {Moves} moves
   */
  linear(norms, moves) {
    const by = norms.map((one, g) => one * this.weights[g]);
    const pace = this.spread.map((_, a) => by.reduce((sum, one, g) => sum + one * this.pace[g * this.attributes + a], 0));
    const leads = Float64Array.from(this.fixed, (one, r) => by.reduce((sum, b, g) => sum + b * this.base[g][r], one));
    const { starts, attributes, steps } = moves.flat;
    const paced = steps.map((step, i) => step * pace[attributes[i]]);
    const gains = this.apart.map((d) => {
      const found = new Float64Array(moves.length);
      for (let j = 0; j < found.length; j += 1) {
        let sum = 0;
        for (let i = starts[j]; i < starts[j + 1]; i += 1) sum += d[attributes[i]] * paced[i];
        found[j] = sum;
      }
      return found;
    });
    return { leads, gains };
  }

  /** Leads at x [R] and their exact derivatives there, R rows of [A]. */
  tangent(/** @type {Float64Array} */ x) {
    const norms = this.inverseNorms(x);
    const by = norms.map((one, g) => one * this.weights[g]);
    const moved = this.scores.map((score, i) => score + this.pace[i] * x[i % this.attributes]);
    const slopes = this.apart.map((d) => d.slice());
    const leads = Float64Array.from(this.fixed, (one, r) => {
      const d = this.apart[r];
      const products = by.map((_, g) => {
        let sum = 0;
        for (let a = 0, i = g * this.attributes; a < this.attributes; a += 1, i += 1) sum += moved[i] * d[a];
        return sum;
      });
      for (let a = 0; a < this.attributes; a += 1) {
        let slope = 0;
        for (let g = 0, i = a; g < by.length; g += 1, i += this.attributes) {
          slope += by[g] * this.pace[i] * (this.cosine ? d[a] - norms[g] ** 2 * products[g] * moved[i] : d[a]);
        }
        slopes[r][a] = slope;
      }
      return by.reduce((sum, b, g) => sum + b * products[g], one);
    });
    return { leads, slopes };
  }
}

/** How moves change the squared norms of a problem: by 2 t linear + t^2 square; units share no attribute, so moves add up. */
export class MovedNorms {
  /**
   * @param {Problem} problem
   * @param {Moves} moves
   */
  constructor(problem, moves) {
    this.problem = problem;
    this.moves = moves;
    /** G rows of [J] each */
    this.linear = problem.weights.map(() => new Float64Array(moves.length));
    this.square = problem.weights.map(() => new Float64Array(moves.length));
    moves.changes.forEach(({ members, steps }, j) => {
      for (let g = 0; g < problem.weights.length; g += 1) {
        members.forEach((a, e) => {
          const paced = problem.pace[g * problem.attributes + a] * steps[e];
          this.linear[g][j] += problem.scores[g * problem.attributes + a] * paced;
          this.square[g][j] += paced * paced;
        });
      }
    });
    /** @type {{ falls: Float64Array[], rises: Float64Array[] } | null} */
    this.kept = null;
  }

  /**
   * What a move adds to a square while t is between two ends, least and most, is told.
   * @param {number} g
   * @param {number} j
   * @param {number} low
   * @param {number} high
   * @returns {[least: number, most: number]}
   */
  span(g, j, low, high) {
    const [linear, square] = [this.linear[g][j], this.square[g][j]];
    const at = (/** @type {number} */ t) => 2 * t * linear + t * t * square;
    const turning = Math.min(Math.max(-linear / Math.max(square, 1e-300), low), high);
    const [one, other] = [at(low), at(high)];
    return [Math.min(at(turning), one, other), Math.max(one, other)];
  }

  /** How far the squares can sink and rise at most by whole units, largest first: G rows of [units] each. */
  get reach() {
    if (this.kept) return this.kept;
    const units = [...new Set(this.moves.units)];
    const place = new Map(units.map((unit, i) => [unit, i]));
    const [falls, rises] = [0, 1].map(() => this.problem.weights.map(() => new Float64Array(units.length)));
    for (let g = 0; g < falls.length; g += 1) {
      this.moves.units.forEach((unit, j) => {
        const [least, most] = this.span(g, j, 0, 1);
        const i = Number(place.get(unit));
        falls[g][i] = Math.max(falls[g][i], -least);
        rises[g][i] = Math.max(rises[g][i], most);
      });
      falls[g].sort().reverse();
      rises[g].sort().reverse();
    }
    this.kept = { falls, rises };
    return this.kept;
  }

  /** 1 over the length that a square belongs to, times the granularity's weight. */
  factor(/** @type {number} */ g, /** @type {number} */ square) {
    return this.problem.cosine ? this.problem.weights[g] / Math.sqrt(Math.max(square, LEAST_SQUARE)) : this.problem.weights[g];
  }
}
