// @ts-check
// What some chosen moves can do: the twin of `what_would_it_take/leaves.py`, name by name, where the method is told of.
import { MovedNorms } from "./take_problem.js";
import { cheapest } from "./take_simplex.js";

/** @typedef {import("./take_problem.js").Problem} Problem */
/** @typedef {import("./take_moves.js").Moves} Moves */
/** Amounts of k moves between two ends. @typedef {{ members: number[], low: number[], high: number[] }} Box */

const TURNS = 4; // of a fixed point over the norms
const BOXES = 640;
const HALVINGS = 12;
const HARD = 4; // rivals that are asked first
const FIRST = 4 * HARD; // rivals of a first look
const LEAST_SQUARE = 1e-24;

/** Indices by falling value in single precision; of equals the one listed first comes first. */
export function fallingFirst(/** @type {ArrayLike<number>} */ values) {
  return Array.from(values, (_, i) => i).sort((p, q) => Math.fround(values[q]) - Math.fround(values[p]) || p - q);
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
    /** @type {MovedNorms | null} */
    this.keptNorms = null;
    /** @type {Float64Array[] | null} */
    this.keptGains = null;
    /** @type {Float64Array | null} */
    this.mixture = null; // of rivals, adding up to 1: one more that must be beaten
    /** @type {{ apart: Float64Array, fixed: number, base: number[] } | null} */
    this.mixed = null;
  }

  /** How moves change the norms. */
  get norms() {
    return (this.keptNorms ||= new MovedNorms(this.problem, this.moves));
  }

  /** What whole moves add to the leads: R rows of [J]; exact of linear rules, and of these alone. */
  get gains() {
    return (this.keptGains ||= this.problem.linear(this.problem.inverseNorms(), this.moves).gains);
  }

  mixWith(/** @type {Float64Array} */ mixture) {
    const { problem } = this;
    const apart = new Float64Array(problem.attributes);
    mixture.forEach((share, r) => {
      if (share) for (let a = 0; a < apart.length; a += 1) apart[a] += share * problem.apart[r][a];
    });
    const mean = (/** @type {Float64Array} */ of) => mixture.reduce((sum, share, r) => sum + share * of[r], 0);
    this.mixture = mixture;
    this.mixed = { apart, fixed: mean(problem.fixed), base: problem.base.map(mean) };
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
    return this.program(this.gains.map((row) => Float64Array.from(chosen, (j) => row[j])), this.needs, chosen);
  }

  /**
   * @param {Float64Array[]} gains
   * @param {Float64Array} needs
   * @param {number[]} chosen
   */
  program(gains, needs, chosen) {
    if (gains.some((row, r) => row.reduce((sum, one) => sum + Math.max(one, 0), 0) < needs[r])) return null;
    const costs = Float64Array.from(chosen, (j) => this.moves.costs[j]);
    return cheapest(gains, needs, costs, new Float64Array(chosen.length).fill(1), []).t;
  }

  wins(/** @type {number[]} */ chosen, /** @type {Float64Array} */ t) {
    return this.problem.leastLead(this.moves.change(chosen, t)) >= this.problem.least;
  }

  /**
   * The fixed point over the norms; the cheapest answer on the way that wins.
   * @param {number[]} chosen
   */
  turned(chosen) {
    const { problem } = this;
    const [own, { least }] = [this.moves.take(chosen), problem];
    const cost = (/** @type {Float64Array} */ amounts) => amounts.reduce((sum, one, i) => sum + one * own.costs[i], 0);
    let t = new Float64Array(chosen.length).fill(1);
    let best = this.wins(chosen, t) ? t : null;
    let asked = least;
    for (let turn = 0; turn < TURNS; turn += 1) {
      const { leads, gains } = problem.linear(problem.inverseNorms(this.moves.change(chosen, t)), own);
      const found = this.program(gains, leads.map((lead) => asked - lead), chosen);
      if (!found) return best;
      const lead = problem.leastLead(this.moves.change(chosen, found));
      const moved = found.reduce((most, one, i) => Math.max(most, Math.abs(one - t[i])), 0);
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
      const { gains } = this;
      return (j, t, enough) => {
        let least = Infinity;
        for (let place = 0; place < order.length && least >= enough; place += 1) {
          const lead = start[order[place]] + t * gains[order[place]][j];
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

  /** Whether it is proved that none of these choices wins, whatever their amounts. For cosine rules. */
  impossible(/** @type {number[][]} */ choices) {
    let boxes = choices.map((members) => this.wholeBox(members));
    for (let turn = 0; turn < HALVINGS; turn += 1) {
      boxes = boxes.filter((box) => this.open(box));
      if (!boxes.length) return true;
      if (boxes.length > BOXES || this.moves.whole) return false;
      const halves = boxes.map(({ members, low, high }) => {
        let [longest, most] = [0, -1];
        members.forEach((j, i) => {
          const size = Math.fround((high[i] - low[i]) * this.moves.costs[j]);
          if (size > most) [longest, most] = [i, size];
        });
        const middle = (low[longest] + high[longest]) / 2;
        const replaced = (/** @type {number[]} */ ends) => ends.map((end, i) => (i === longest ? middle : end));
        return [{ members, low, high: replaced(high) }, { members, low: replaced(low), high }];
      });
      boxes = [...halves.map(([one]) => one), ...halves.map(([, other]) => other)];
    }
    return false;
  }

  /** Whether a look at the whole box of a choice and some rivals does not rule it out. For cosine rules. */
  possible(/** @type {number[]} */ members) {
    return this.open(this.wholeBox(members), FIRST);
  }

  /**
   * @param {number[]} members
   * @returns {Box}
   */
  wholeBox(members) {
    return { members, low: members.map(() => (this.moves.whole ? 1 : 0)), high: members.map(() => 1) };
  }

  /**
   * Whether no rival, nor the mixture, is known to stay ahead all over a box: the hardest rivals first, at most so many.
   * @param {Box} box
   * @param {number} most
   */
  open({ members, low, high }, most = Infinity) {
    const { problem, norms, mixed } = this;
    const granularities = problem.weights.length;
    const ends = problem.weights.map((_, g) => {
      let [least, most] = [problem.squares[g], problem.squares[g]];
      members.forEach((j, i) => {
        const [down, up] = norms.span(g, j, low[i], high[i]);
        [least, most] = [least + down, most + up];
      });
      return [most, least].map((square) => problem.weights[g] / Math.sqrt(Math.max(square, LEAST_SQUARE)));
    });
    const changes = members.map((j) => this.moves.changes[j]);
    const added = members.map(() => new Float64Array(granularities)); // what each whole move adds to a rival's products
    const order = this.hardest;
    const corners = 1 << granularities;
    for (let place = -1; place < Math.min(order.length, most); place += 1) {
      if (place < 0 && !mixed) continue;
      const r = order[place];
      const d = place < 0 && mixed ? mixed.apart : problem.apart[r];
      changes.forEach(({ members: changed, steps }, i) => {
        for (let g = 0, start = 0; g < granularities; g += 1, start += problem.attributes) {
          let sum = 0;
          for (let e = 0; e < steps.length; e += 1) sum += problem.pace[start + changed[e]] * steps[e] * d[changed[e]];
          added[i][g] = sum;
        }
      });
      let beats = false;
      for (let corner = 0; corner < corners && !beats; corner += 1) {
        let lead = place < 0 && mixed ? mixed.fixed : problem.fixed[r];
        for (let g = 0; g < granularities; g += 1) {
          lead += ends[g][(corner >> g) & 1] * (place < 0 && mixed ? mixed.base[g] : problem.base[g][r]);
        }
        for (let i = 0; i < members.length; i += 1) {
          let slope = 0;
          for (let g = 0; g < granularities; g += 1) slope += ends[g][(corner >> g) & 1] * added[i][g];
          lead += Math.max(slope * low[i], slope * high[i]);
        }
        beats = lead >= problem.least;
      }
      if (!beats) return false;
    }
    return true;
  }
}
