// @ts-check
// How a class would have to be described to be first: the twin of `what_would_it_take/description.py`, name by name, where the
// formulae and the method are told of.
import { fuse } from "./scoring.js";
import { fallingFirst } from "./take_leaves.js";

/** @typedef {import("./scoring.js").ScoringRule} ScoringRule */
/** @typedef {import("./take_problem.js").Problem} Problem */
/** @typedef {import("./take_moves.js").Moves} Moves */
/** @typedef {import("./take_fewest.js").Choice} Choice */
/** @typedef {import("./take_fewest.js").Blocked} Blocked */

const GRID = 65; // places of n
const FINER = 40; // steps around the best of them
const STRETCHES = 600;
const HALVINGS = 30;
const CONVEX = 12; // moves that are added one by one where T is not above 0

/** The class of a problem, described by `row` [A] and changed by moves. */
export class Described {
  /**
   * @param {ScoringRule} rule
   * @param {Problem} problem
   * @param {Moves} moves
   * @param {Float64Array} row
   */
  constructor(rule, problem, moves, row) {
    this.rule = rule;
    this.problem = problem;
    this.moves = moves;
    this.row = row;
    this.pull = fuse(rule, problem.scores); // u: [A]
    this.thresholds = Float32Array.from(rule.thresholds || []);
    const ahead = problem.rivals.map((c, r) => product(problem.rows[c], this.pull) - problem.fixed[r]);
    this.hardest = fallingFirst(ahead)[0]; // place of a rival
    this.best = ahead.reduce((most, one) => Math.max(most, one), -Infinity);
  }

  /** T. */
  get goal() {
    return this.best + this.problem.least;
  }

  // -- exact ----------------------------------------------------------------------------------------------------------------

  /** The row when these moves are made so much: [A]. */
  rowAfter(/** @type {number[]} */ chosen, /** @type {ArrayLike<number>} */ amounts) {
    const change = this.moves.change(chosen, amounts);
    return this.row.map((value, a) => value + change[a]);
  }

  /** The least lead over all rivals with this row. */
  lead(/** @type {Float64Array} */ row) {
    const { kind } = this.rule;
    if (kind === "binary") return this.pull.reduce((sum, one, a) => (row[a] > this.thresholds[a] ? sum + one : sum), 0) - this.best;
    return product(row, this.pull) / ((kind !== "table" && Math.sqrt(product(row, row))) || 1) - this.best;
  }

  wins(/** @type {number[]} */ chosen, /** @type {ArrayLike<number>} */ t) {
    return this.lead(this.rowAfter(chosen, t)) >= this.problem.least;
  }

  // -- the search -----------------------------------------------------------------------------------------------------------

  /**
   * The fewest of the allowed moves that make the class first.
   * @param {number[]} allowed
   * @returns {Choice | Blocked}
   */
  fewest(allowed) {
    if (!allowed.length) return this.blocked(true);
    if (this.rule.kind !== "dot" && this.rule.kind !== "cosine") return this.flat(allowed);
    return this.goal > 0 ? this.curved(allowed) : this.convex(allowed);
  }

  /** @returns {Blocked} */
  blocked(/** @type {boolean} */ proved) {
    return { rival: this.hardest, proved, noSingle: false };
  }

  /** Gains that do not depend on each other: the largest ones. */
  flat(/** @type {number[]} */ allowed) {
    const start = this.lead(this.row);
    const gains = allowed.map((j) => this.lead(this.rowAfter([j], [1])) - start);
    const order = this.largest(allowed, gains);
    let total = start;
    for (const [place, i] of order.entries()) {
      if (gains[i] <= 0) break;
      total += gains[i];
      if (total < this.problem.least) continue;
      const chosen = order.slice(0, place + 1).map((p) => allowed[p]).sort((p, q) => p - q);
      return { chosen, amounts: this.shrunk(chosen, chosen.map(() => 1)), proved: true, noSingle: false };
    }
    return this.blocked(true);
  }

  /**
   * Places of `allowed` by falling gain, of every unit the best.
   * @param {number[]} allowed
   * @param {ArrayLike<number>} gains
   */
  largest(allowed, gains) {
    const units = new Set();
    return fallingFirst(gains).filter((i) => !units.has(this.moves.units[allowed[i]]) && units.add(this.moves.units[allowed[i]]));
  }

  /** What each allowed move counts: along u, along the row, and by its own length. */
  slopes(/** @type {number[]} */ allowed) {
    const { changes } = this.moves;
    const sum = (/** @type {number} */ j, /** @type {(a: number, step: number) => number} */ of) =>
      changes[j].members.reduce((total, a, e) => total + of(a, changes[j].steps[e]), 0);
    return allowed.map((j) => ({
      pull: sum(j, (a, step) => this.pull[a] * step),
      along: sum(j, (a, step) => this.row[a] * step),
      square: sum(j, (_, step) => step * step),
      unit: this.moves.units[j],
    }));
  }

  /**
   * What each move gains at its best part for this n, and that part.
   * @param {ReturnType<Described["slopes"]>} slopes
   * @param {number} n
   */
  gains(slopes, n) {
    return slopes.map(({ pull, along, square }) => {
      const best = ((n * pull) / this.goal - along) / Math.max(square, 1e-300);
      const part = this.moves.whole ? 1 : Math.min(Math.max(best, 0), 1);
      return { part, gain: part * pull - (this.goal / (2 * n)) * (2 * part * along + part ** 2 * square) };
    });
  }

  /**
   * The most that 0, 1, 2, ... moves can reach of <u, q> - T |q| for this n.
   * @param {ReturnType<Described["slopes"]>} slopes
   * @param {number} n
   */
  most(slopes, n) {
    /** @type {Map<number, number>} */
    const best = new Map();
    this.gains(slopes, n).forEach(({ gain }, i) => best.set(slopes[i].unit, Math.max(best.get(slopes[i].unit) ?? 0, gain)));
    const table = [product(this.row, this.pull) - this.goal * (product(this.row, this.row) / (2 * n) + n / 2)];
    for (const gain of Float64Array.from(best.values()).sort().reverse()) table.push(table[table.length - 1] + gain);
    return table;
  }

  /** The least and the most that |q| can be. */
  ends() {
    let [least, most] = [0, 0];
    this.row.forEach((value, a) => {
      const [low, high] = [value + this.moves.room.lowest[a], value + this.moves.room.highest[a]];
      least += low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high)) ** 2;
      most += Math.max(Math.abs(low), Math.abs(high)) ** 2;
    });
    return [Math.max(Math.sqrt(least), 1e-6), Math.max(Math.sqrt(most), 2e-6)];
  }

  /** @returns {Choice | Blocked} */
  curved(/** @type {number[]} */ allowed) {
    const slopes = this.slopes(allowed);
    const [low, high] = this.ends();
    const grid = Array.from({ length: GRID }, (_, i) => low * (high / low) ** (i / (GRID - 1)));
    const table = grid.map((n) => this.most(slopes, n)); // rises with the number of moves
    const width = table[0].length;
    const column = (/** @type {number} */ k) => table.map((row) => row[k]);
    const enough = table[0].findIndex((_, k) => table.some((row) => row[k] >= 0));
    let k = Math.max(enough < 0 ? width - 1 : enough, 1);
    while (k > 1 && this.bestN(slopes, grid, column(k - 1), k - 1).value >= 0) k -= 1;
    for (let count = k; count < width; count += 1) {
      const { at, value } = this.bestN(slopes, grid, column(count), count);
      const found = value >= 0 ? this.at(allowed, slopes, at, count) : null;
      if (found) return { ...found, proved: count === 1 || this.never(slopes, count - 1, low, high), noSingle: false };
    }
    return this.blocked(this.never(slopes, width - 1, low, high));
  }

  /**
   * @param {ReturnType<Described["slopes"]>} slopes
   * @param {number[]} grid
   * @param {number[]} values
   * @param {number} k
   */
  bestN(slopes, grid, values, k) {
    const [place] = fallingFirst(values);
    if (values[place] >= 0) return { at: grid[place], value: values[place] };
    let [low, high] = [grid[Math.max(place - 1, 0)], grid[Math.min(place + 1, grid.length - 1)]];
    for (let turn = 0; turn < FINER; turn += 1) {
      const [left, right] = [(2 * low + high) / 3, (low + 2 * high) / 3];
      const [one, other] = [this.most(slopes, left)[k], this.most(slopes, right)[k]];
      if (Math.max(one, other) >= 0) return { at: one >= other ? left : right, value: Math.max(one, other) };
      if (one < other) low = left;
      else high = right;
    }
    return { at: low, value: this.most(slopes, low)[k] };
  }

  /**
   * The k moves that gain most for this n, if they win.
   * @param {number[]} allowed
   * @param {ReturnType<Described["slopes"]>} slopes
   * @param {number} n
   * @param {number} k
   */
  at(allowed, slopes, n, k) {
    const gains = this.gains(slopes, n);
    const places = this.largest(allowed, gains.map(({ gain }) => Math.max(gain, 0))).slice(0, k).sort((p, q) => p - q);
    const [chosen, amounts] = [places.map((i) => allowed[i]), places.map((i) => gains[i].part)];
    return this.wins(chosen, amounts) ? { chosen, amounts: this.shrunk(chosen, amounts) } : null;
  }

  /**
   * Whether it is proved that k moves cannot do it, for no n between the ends.
   * @param {ReturnType<Described["slopes"]>} slopes
   * @param {number} k
   * @param {number} low
   * @param {number} high
   */
  never(slopes, k, low, high) {
    let stretches = [[low, high]];
    for (let looked = 0; stretches.length;) {
      looked += stretches.length;
      if (looked > STRETCHES) return false;
      const open = stretches.filter(([from, to]) => this.most(slopes, to)[k] + (this.goal * (to - from)) / 2 >= 0);
      if (open.length && Math.max(...open.map(([from, to]) => to - from)) < 1e-9 * high) return false;
      const middle = (/** @type {number[]} */ [from, to]) => (from + to) / 2;
      stretches = [...open.map((one) => [one[0], middle(one)]), ...open.map((one) => [middle(one), one[1]])];
    }
    return true;
  }

  /**
   * Where T is not above 0, whole moves do most: one by one. Only that one does not suffice is proved.
   * @param {number[]} allowed
   * @returns {Choice | Blocked}
   */
  convex(allowed) {
    /** @type {number[]} */
    const chosen = [];
    let left = allowed;
    while (left.length && chosen.length < CONVEX) {
      const leads = left.map((j) => this.lead(this.rowAfter([...chosen, j], [...chosen, j].map(() => 1))));
      const [place] = fallingFirst(leads);
      const best = left[place];
      chosen.push(best);
      if (leads.some((lead) => lead >= this.problem.least)) {
        const ordered = [...chosen].sort((p, q) => p - q);
        const amounts = this.shrunk(ordered, ordered.map(() => 1));
        return { chosen: ordered, amounts, proved: ordered.length <= 2, noSingle: false };
      }
      left = left.filter((j) => this.moves.units[j] !== this.moves.units[best]);
    }
    return this.blocked(false);
  }

  /**
   * Less of the same moves: all by one factor, then each alone, while the class stays first.
   * @param {number[]} chosen
   * @param {number[]} amounts
   */
  shrunk(chosen, amounts) {
    if (this.moves.whole) return amounts;
    let t = amounts;
    for (let which = -1; which < chosen.length; which += 1) {
      const scaled = (/** @type {number} */ factor) => t.map((one, i) => (which < 0 || which === i ? one * factor : one));
      let [low, high] = [0, 1];
      for (let turn = 0; turn < HALVINGS; turn += 1) {
        const middle = (low + high) / 2;
        if (this.wins(chosen, scaled(middle))) high = middle;
        else low = middle;
      }
      t = scaled(high);
    }
    return t;
  }

  /**
   * The move that alone takes the least lead furthest; null where none takes it any further.
   * @param {number[]} allowed
   */
  strongest(allowed) {
    /** @type {{ move: number, amount: number, lead: number } | null} */
    let best = null;
    for (const part of allowed.length ? (this.moves.whole ? [1] : [1, 0.75, 0.5, 0.25]) : []) {
      const leads = allowed.map((j) => this.lead(this.rowAfter([j], [part])));
      const [place] = fallingFirst(leads);
      if (!best || leads[place] > best.lead + 1e-9) best = { move: allowed[place], amount: part, lead: leads[place] };
    }
    return best && best.lead > this.lead(this.row) + 1e-9 ? best : null;
  }
}

function product(/** @type {Float64Array} */ one, /** @type {Float64Array} */ other) {
  let sum = 0;
  for (let a = 0; a < one.length; a += 1) sum += one[a] * other[a];
  return sum;
}
