// @ts-check
// What some chosen moves can do: the twin of `what_would_it_take/leaves.py`, name by name, where the method is told of.
import { Boxes } from "./take_boxes.js";
import { cheapest, rowsOf } from "./take_simplex.js";

/** @typedef {import("./take_problem.js").Problem} Problem */
/** @typedef {import("./take_moves.js").Moves} Moves */

const TURNS = 4; // of a fixed point over the norms

/** Indices by falling value in single precision; of equals the one listed first comes first. */
export function fallingFirst(/** @type {ArrayLike<number>} */ values) {
  return Array.from(values, (_, i) => i).sort((p, q) => Math.fround(values[q]) - Math.fround(values[p]) || p - q);
}

/** Whether one list of numbers comes before another. */
export function before(/** @type {number[]} */ one, /** @type {number[]} */ other) {
  const place = one.findIndex((j, i) => j !== other[i]);
  return place >= 0 && one[place] < other[place];
}

/** Attributes that change, with how much each counts. @typedef {{ members: number[], paced: Float64Array }} Part */

function along(/** @type {Part} */ { members, paced }, /** @type {Float64Array} */ d) {
  let sum = 0;
  for (let e = 0; e < paced.length; e += 1) sum += paced[e] * d[members[e]];
  return sum;
}

/** Chosen moves, judged one by one or many at once. */
export class Leaves {
  /**
   * @param {Problem} problem
   * @param {Moves} moves
   */
  constructor(problem, moves) {
    this.problem = problem;
    this.moves = moves;
    this.least = problem.least; // the lead that is looked for
    this.leads = problem.leads(new Float64Array(problem.attributes));
    this.needs = this.leads.map((lead) => problem.least - lead);
    this.hardest = fallingFirst(this.leads.map((lead) => -lead));
    this.ahead = this.needs.filter((need) => need > 0).length; // rivals; the first of the hardest
    /** @type {Float64Array[][]} */
    this.keptAdded = [];
    /** @type {Float64Array[]} */
    this.keptGains = [];
    this.boxes = new Boxes(this);
    /** @type {Float64Array | null} */
    this.mixture = null; // of rivals, adding up to 1: one more that must be beaten
    /** @type {{ added: Float64Array[], fixed: number, base: number[] } | null} */
    this.mixed = null;
  }

  /** How moves change the norms. */
  get norms() {
    return this.problem.norms(this.moves);
  }

  /** What whole moves add to the lead over a rival: [J]; exact of linear rules, and of these alone. */
  gains(/** @type {number} */ r) {
    return (this.keptGains[r] ||= this.combined(this.added(r), this.problem.weights));
  }

  /** What whole moves add to the product of a rival's d with the scores of each granularity: G rows of [J]. */
  added(/** @type {number} */ r) {
    return (this.keptAdded[r] ||= this.problem.added(r, this.moves));
  }

  /**
   * The sum of rows of [J], each so many times.
   * @param {Float64Array[]} rows
   * @param {ArrayLike<number>} by
   */
  combined(rows, by) {
    const found = new Float64Array(this.moves.length);
    rows.forEach((row, g) => {
      for (let j = 0; j < found.length; j += 1) found[j] += by[g] * row[j];
    });
    return found;
  }

  /** A weighted mean of rivals, adding up to 1, is one more that must be beaten; null: no longer. */
  mixWith(/** @type {Float64Array | null} */ mixture) {
    [this.mixture, this.mixed] = [mixture, null];
    if (!mixture) return;
    const { problem } = this;
    const apart = new Float64Array(problem.attributes);
    mixture.forEach((share, r) => {
      if (share) for (let a = 0; a < apart.length; a += 1) apart[a] += share * problem.apart[r][a];
    });
    const mean = (/** @type {Float64Array} */ of) => mixture.reduce((sum, share, r) => sum + share * of[r], 0);
    this.mixed = { added: problem.addedTo(apart, this.moves), fixed: mean(problem.fixed), base: problem.base.map(mean) };
  }

  /**
   * The cheapest amounts of these moves that win, exactly so of linear rules; null if none are found.
   * @param {number[]} chosen
   * @returns {Float64Array | null}
   */
  amounts(chosen) {
    if (this.moves.whole) {
      const full = new Float64Array(chosen.length).fill(1);
      return this.wins(chosen, full) ? full : null;
    }
    if (this.problem.cosine) return this.turned(chosen);
    return this.program(chosen, this.problem.weights, this.problem.least);
  }

  /**
   * The cheapest amounts of these moves that lead by so much, where a granularity's scores count `by` times; null if there are none.
   * @param {number[]} chosen
   * @param {ArrayLike<number>} by
   * @param {number} asked
   */
  program(chosen, by, asked) {
    const { problem, hardest } = this;
    const parts = this.partsOf(chosen, by);
    /** @type {Float64Array[]} */
    const rows = [];
    /** @type {number[]} */
    const needs = [];
    for (const r of hardest) {
      let need = asked - problem.fixed[r];
      for (let g = 0; g < by.length; g += 1) need -= by[g] * problem.base[g][r];
      const row = new Float64Array(chosen.length);
      let [most, least] = [0, 0];
      for (let i = 0; i < row.length; i += 1) {
        row[i] = along(parts[i], problem.apart[r]);
        if (row[i] > 0) most += row[i];
        else least += row[i];
      }
      if (most < need) return null;
      if (least < need) { // else it is beaten anyway
        rows[r] = row;
        needs[r] = need;
      }
    }
    const close = [...rows.keys()].filter((r) => rows[r]);
    const costs = Float64Array.from(chosen, (j) => this.moves.costs[j]);
    const ones = new Float64Array(chosen.length).fill(1);
    return cheapest(rowsOf(close.map((r) => rows[r])), Float64Array.from(close, (r) => needs[r]), costs, ones, []).t;
  }

  /**
   * What each of these moves changes, and how much that counts.
   * @param {number[]} chosen
   * @param {ArrayLike<number>} by
   * @returns {Part[]}
   */
  partsOf(chosen, by) {
    const { pace, attributes: width } = this.problem;
    return chosen.map((j) => {
      const { members, steps } = this.moves.changes[j];
      const paced = new Float64Array(steps.length);
      for (let e = 0; e < paced.length; e += 1) {
        for (let g = 0; g < by.length; g += 1) paced[e] += by[g] * pace[g * width + members[e]];
        paced[e] *= steps[e];
      }
      return { members, paced };
    });
  }

  wins(/** @type {number[]} */ chosen, /** @type {Float64Array} */ t) {
    return this.leastOf(chosen, t, this.problem.least) >= this.problem.least;
  }

  /**
   * The least lead, exact, when so much of the chosen moves is made, which share no unit; looked for no further than to one below `enough`.
   * @param {number[]} chosen
   * @param {ArrayLike<number>} t
   * @param {number} enough
   */
  leastOf(chosen, t, enough) {
    const { problem, hardest } = this;
    const by = this.factors(chosen, t);
    const parts = this.partsOf(chosen, by);
    let least = Infinity;
    for (let place = 0; place < hardest.length && least >= enough; place += 1) {
      const r = hardest[place];
      let lead = problem.fixed[r];
      for (let g = 0; g < by.length; g += 1) lead += by[g] * problem.base[g][r];
      for (let i = 0; i < parts.length; i += 1) lead += t[i] * along(parts[i], problem.apart[r]);
      if (lead < least) least = lead;
    }
    return least;
  }

  /**
   * How often each granularity's scores count when so much of the chosen moves is made.
   * @param {number[]} chosen
   * @param {ArrayLike<number>} t
   */
  factors(chosen, t) {
    const { problem } = this;
    if (!problem.cosine) return problem.weights;
    const { norms } = this;
    return problem.weights.map((_, g) => {
      let square = problem.squares[g];
      chosen.forEach((j, i) => (square += t[i] * (2 * norms.linear[g][j] + t[i] * norms.square[g][j])));
      return norms.factor(g, square);
    });
  }

  /**
   * The fixed point over the norms; the cheapest answer on the way that wins.
   * @param {number[]} chosen
   */
  turned(chosen) {
    const { least } = this.problem;
    const cost = (/** @type {Float64Array} */ amounts) => amounts.reduce((sum, one, i) => sum + one * this.moves.costs[chosen[i]], 0);
    let t = new Float64Array(chosen.length).fill(1);
    let best = this.wins(chosen, t) ? t : null;
    let asked = least;
    for (let turn = 0; turn < TURNS; turn += 1) {
      const found = this.program(chosen, this.factors(chosen, t), asked);
      if (!found) return best;
      const moved = found.reduce((most, one, i) => Math.max(most, Math.abs(one - t[i])), 0);
      const lead = this.leastOf(chosen, found, moved < 1e-4 ? -Infinity : least);
      if (lead >= least) {
        if (!best || cost(found) < cost(best) - 1e-9) best = found;
        if (moved < 1e-6) return best;
      } else if (moved < 1e-4) asked += 1.5 * (least - lead);
      t = found;
    }
    return best;
  }

  /**
   * The least lead over all rivals when one move is made, alone or besides the chosen ones (whole): [n].
   * @param {ArrayLike<number>} which
   * @param {ArrayLike<number>} t
   */
  leastOfSingles(which, t) {
    const single = this.singles([]);
    return Float64Array.from(which, (j, n) => single(j, t[n], -Infinity));
  }

  /**
   * The least lead of one move, made t times, besides the chosen ones, made whole: hardest rivals first, and no further than to one
   * below `enough`.
   * @param {number[]} chosen
   * @returns {(j: number, t: number, enough: number) => number}
   */
  singles(chosen) {
    const { problem, moves } = this;
    const x = chosen.length ? moves.change(chosen, chosen.map(() => 1)) : null;
    const start = x ? problem.leads(x) : this.leads;
    const order = x ? fallingFirst(start.map((lead) => -lead)) : this.hardest;
    if (!problem.cosine) {
      const one = this.partsOf(moves.main.map((_, j) => j), problem.weights);
      return (j, t, enough) => {
        let least = Infinity;
        for (let place = 0; place < order.length && least >= enough; place += 1) {
          const lead = start[order[place]] + t * along(one[j], problem.apart[order[place]]);
          if (lead < least) least = lead;
        }
        return least;
      };
    }
    const { norms } = this;
    const [granularities, width] = [problem.weights.length, problem.attributes];
    const on = x ? [...x.keys()].filter((a) => x[a]) : [];
    const squares = problem.squares.map((square, g) => {
      if (!x) return square;
      let sum = 0;
      for (let a = 0, i = g * width; a < width; a += 1, i += 1) sum += (problem.scores[i] + problem.pace[i] * x[a]) ** 2;
      return sum;
    });
    const base = problem.base.map((row, g) => {
      if (!x) return row;
      return row.map((one, r) => on.reduce((sum, a) => sum + problem.pace[g * width + a] * x[a] * problem.apart[r][a], one));
    });
    const by = new Float64Array(granularities);
    return (j, t, enough) => {
      const { members, steps } = moves.changes[j];
      for (let g = 0; g < granularities; g += 1) {
        by[g] = norms.factor(g, squares[g] + 2 * t * norms.linear[g][j] + t ** 2 * norms.square[g][j]);
      }
      const paced = steps.map((step, e) => {
        let sum = 0;
        for (let g = 0; g < granularities; g += 1) sum += by[g] * problem.pace[g * width + members[e]];
        return sum * step * t;
      });
      let least = Infinity;
      for (let place = 0; place < order.length && least >= enough; place += 1) {
        const r = order[place];
        const d = problem.apart[r];
        let lead = problem.fixed[r];
        for (let g = 0; g < granularities; g += 1) lead += by[g] * base[g][r];
        for (let e = 0; e < paced.length; e += 1) lead += paced[e] * d[members[e]];
        if (lead < least) least = lead;
      }
      return least;
    };
  }

  /**
   * Of these moves, made whole, alone or besides the chosen ones, those that take the least lead furthest, and that lead.
   * @param {number[]} which
   * @param {number} count
   * @param {number[]} chosen
   */
  furthestSingles(which, count, chosen = []) {
    const single = this.singles(chosen);
    /** @type {{ j: number, lead: number, size: number }[]} */
    const found = [];
    for (const j of which) {
      const last = found.length < count ? -Infinity : found[count - 1].size;
      const lead = single(j, 1, last - 1e-6 * Math.abs(last)); // equals in single precision go by their numbers
      const size = Math.fround(lead);
      if (found.length === count && (size < last || (size === last && j > found[count - 1].j))) continue;
      let place = found.length;
      while (place > 0 && (found[place - 1].size < size || (found[place - 1].size === size && found[place - 1].j > j))) place -= 1;
      found.splice(place, 0, { j, lead, size });
      if (found.length > count) found.pop();
    }
    return { which: found.map(({ j }) => j), leads: found.map(({ lead }) => lead) };
  }
}
