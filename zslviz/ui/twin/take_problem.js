// @ts-check
// The leads of one class over all rivals when the values that a model saw are changed by x: the twin of
// `what_would_it_take/problem.py`, name by name, where the formulae stand.
import { AskedError } from "./scoring.js";
import { startOf } from "./take_start.js";
import { LEAST_NORM } from "./whatifs.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./answers.js").RankRequest} RankRequest */
/** @typedef {import("./take_moves.js").Moves} Moves */

const LEAST_SQUARE = 1e-24;

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
    const start = startOf(x, request);
    const { ranking, scores, products, squares, rows } = start;
    const { space } = ranking;
    if (!ranking.ranks[target]) {
      const name = space.class_names[target];
      throw new AskedError(`'${name}' does not compete here, so nothing could make it first; let all classes compete.`);
    }
    this.target = target;
    this.start = start;
    this.ranking = ranking;
    this.space = space;
    this.cosine = x.rule.kind === "cosine";
    this.weights = x.rule.weights;
    this.scores = scores;
    this.pace = start.pace;
    this.spread = start.spread;
    this.values = start.values;
    this.squares = squares;
    this.rows = rows;
    this.least = start.least;
    this.attributes = space.attributes.length;
    this.rivals = ranking.order.filter((c) => c !== target).sort((p, q) => p - q);
    const gamma = Math.fround(ranking.gamma);
    /** d: R rows of [A] */
    this.apart = this.rivals.map((c) => less(rows[target], rows[c]));
    this.fixed = Float64Array.from(this.rivals, (c) => gamma * (space.seen[c] - space.seen[target]));
    /** G rows of [R] */
    this.base = products.map((of) => Float64Array.from(this.rivals, (c) => of[target] - of[c]));
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
   * @returns {{ leads: Float64Array, gains: import("./take_simplex.js").Rows }}
   */
  linear(norms, moves) {
    const by = norms.map((one, g) => one * this.weights[g]);
    const pace = this.spread.map((_, a) => by.reduce((sum, one, g) => sum + one * this.pace[g * this.attributes + a], 0));
    const leads = Float64Array.from(this.fixed, (one, r) => by.reduce((sum, b, g) => sum + b * this.base[g][r], one));
    const { starts, attributes, steps } = moves.flat;
    const paced = steps.map((step, i) => step * pace[attributes[i]]);
    const row = (/** @type {number} */ r) => {
      const [d, found] = [this.apart[r], new Float64Array(moves.length)];
      for (let j = 0; j < found.length; j += 1) {
        let sum = 0;
        for (let i = starts[j]; i < starts[j + 1]; i += 1) sum += d[attributes[i]] * paced[i];
        found[j] = sum;
      }
      return found;
    };
    return { leads, gains: { row, times: (t) => this.products(moves.sum(t), pace) } };
  }

  /** How moves change the norms. */
  norms(/** @type {Moves} */ moves) {
    return this.moved(moves).norms;
  }

  moved(/** @type {Moves} */ moves) {
    const kept = this.start.moved.get(moves) || { norms: new MovedNorms(this, moves), added: [] };
    this.start.moved.set(moves, kept);
    return kept;
  }

  /**
   * What whole moves add to the product of a rival's d with the scores of each granularity: G rows of [J].
   * @param {number} r
   * @param {Moves} moves
   */
  added(r, moves) {
    const { added } = this.moved(moves);
    const [own, other] = [this.target, this.rivals[r]].map((c) => (added[c] ||= this.addedTo(this.rows[c], moves)));
    return own.map((row, g) => less(row, other[g]));
  }

  /**
   * The same for the row of a class.
   * @param {Float64Array} d
   * @param {Moves} moves
   */
  addedTo(d, moves) {
    const { starts, attributes, steps } = moves.flat;
    return this.weights.map((_, g) => {
      const [found, from] = [new Float64Array(moves.length), g * this.attributes];
      for (let j = 0; j < found.length; j += 1) {
        let sum = 0;
        for (let i = starts[j]; i < starts[j + 1]; i += 1) sum += d[attributes[i]] * this.pace[from + attributes[i]] * steps[i];
        found[j] = sum;
      }
      return found;
    });
  }

  /** The rows d times a change [A] at given paces [A]: [R]. */
  products(/** @type {Float64Array} */ x, /** @type {Float64Array} */ pace) {
    /** @type {number[]} */
    const on = [];
    for (let a = 0; a < x.length; a += 1) if (x[a]) on.push(a);
    const paced = on.map((a) => x[a] * pace[a]);
    return Float64Array.from(this.apart, (d) => {
      let sum = 0;
      for (let i = 0; i < on.length; i += 1) sum += paced[i] * d[on[i]];
      return sum;
    });
  }

  /**
   * Leads at x [R], their exact derivatives there times x [R], of each rival [A], and by moves, R rows of [J].
   * @param {Float64Array} x
   * @param {Moves} moves
   * @returns {{
   *   leads: Float64Array, along: Float64Array, slope: (r: number) => Float64Array, gains: import("./take_simplex.js").Rows,
   * }}
   */
  tangent(x, moves) {
    const norms = this.inverseNorms(x);
    const by = norms.map((one, g) => one * this.weights[g]);
    const paces = by.map((_, g) => this.pace.subarray(g * this.attributes, (g + 1) * this.attributes));
    const moved = by.map((_, g) => paces[g].map((pace, a) => this.scores[g * this.attributes + a] + pace * x[a]));
    const products = by.map((_, g) => this.products(x, paces[g]).map((one, r) => one + this.base[g][r])); // of what is moved with d
    const factors = by.map((one, g) => (this.cosine ? one * norms[g] ** 2 : 0)); // of how norms move
    const slope = (/** @type {number} */ r) => {
      const d = this.apart[r];
      const found = new Float64Array(d.length);
      for (let g = 0; g < by.length; g += 1) {
        const [pace, own, less] = [paces[g], moved[g], factors[g] * products[g][r]];
        for (let a = 0; a < d.length; a += 1) found[a] += pace[a] * (by[g] * d[a] - less * own[a]);
      }
      return found;
    };
    const row = (/** @type {number} */ r) => {
      const { starts, attributes, steps } = moves.flat;
      const [own, found] = [slope(r), new Float64Array(moves.length)];
      for (let j = 0; j < found.length; j += 1) {
        for (let i = starts[j]; i < starts[j + 1]; i += 1) found[j] += own[attributes[i]] * steps[i];
      }
      return found;
    };
    const times = (/** @type {Float64Array} */ change) => {
      const found = new Float64Array(this.rivals.length);
      by.forEach((one, g) => {
        const along = this.products(change, paces[g]);
        let length = 0; // by how much a square would rise, by half
        for (let a = 0; a < change.length; a += 1) length += moved[g][a] * paces[g][a] * change[a];
        for (let r = 0; r < found.length; r += 1) found[r] += one * along[r] - factors[g] * products[g][r] * length;
      });
      return found;
    };
    const leads = Float64Array.from(this.fixed, (one, r) => by.reduce((sum, b, g) => sum + b * products[g][r], one));
    return { leads, along: times(x), slope, gains: { row, times: (t) => times(moves.sum(t)) } };
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
