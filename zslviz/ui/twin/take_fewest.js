// @ts-check
// The fewest moves that make a class win against all rivals: the twin of `what_would_it_take/fewest.py`, name by name, where
// the branch and bound is told of.
import { hardRivals, makeFrame, tooFew, topsOf, topsOfUnits } from "./take_frame.js";
import { before, fallingFirst } from "./take_leaves.js";
import { cheapest } from "./take_simplex.js";
import { winningSingles } from "./take_singles.js";

/** @typedef {import("./take_leaves.js").Leaves} Leaves */
/** change: where values change otherwise than by the moves. @typedef {{ chosen: number[], amounts: ArrayLike<number>, proved: boolean, noSingle: boolean, change?: Float64Array }} Choice */
/** @typedef {{ rival: number, proved: boolean, noSingle: boolean }} Blocked */
/** @typedef {import("./take_frame.js").Frame} Frame */

const RIVALS = 20; // that branches are judged by
const HARD = 6; // of cosine rules
const [NODES, LEAVES] = [160, 80]; // of one number of moves
const LESS = 8; // times less where no proof is left
const BRIEFLY = 4; // times less for a brief answer
const MORE = 4; // leaves after the first that wins, for a cheaper one
const TURNS = 4; // of the relaxation, over the norms
const TIGHTER = 2; // times that the largest gains are looked for again
const [LARGEST, LARGEST_BY_NORMS] = [14, 8]; // moves that are searched through; of cosine rules
const NEAR = 1e-9;

/**
 * The search for one way. earlier: groups of the ways before, of which at most one may be shared with each. brief: only how many moves
 * it takes is wanted, so the first choice that wins will do, and less is looked at for a proof.
 */
export class FewestSearch {
  /**
   * @param {Leaves} leaves
   * @param {number[]} allowed
   * @param {Set<number>[]} earlier
   * @param {boolean} brief
   */
  constructor(leaves, allowed, earlier = [], brief = false) {
    this.leaves = leaves;
    this.brief = brief;
    this.moves = leaves.moves;
    this.problem = leaves.problem;
    this.allowed = allowed;
    this.earlier = earlier;
    this.nodes = 0;
    this.left = 0;
    this.complete = true;
    /** @type {{ cost: number, chosen: number[], amounts: Float64Array } | null} */
    this.best = null;
    /** @type {Frame} */
    this.frame = { rivals: 0, corners: 1, gains: [], byUnit: [], needs: new Float64Array(0) };
    /** @type {number[][]} */
    this.failed = [];
  }

  get units() {
    return new Set(this.allowed.map((j) => this.moves.units[j])).size;
  }

  /**
   * The fewest moves, or who is in the way.
   * @returns {Choice | Blocked}
   */
  run() {
    this.leaves.mixWith(null); // of a search before, with other moves
    const singles = winningSingles(this.leaves, this.allowed);
    const { which: [first], amounts: [amount], doubtful } = singles;
    if (first !== undefined) return { chosen: [first], amounts: [amount], proved: true, noSingle: false };
    const noSingle = this.leaves.boxes.impossible(doubtful.map((j) => [j]));
    const early = this.problem.cosine && (noSingle || this.brief) ? this.ofSize(2, this.brief ? BRIEFLY : 1) : null; // often all it takes
    if (early?.found) return { chosen: early.found.chosen, amounts: early.found.amounts, proved: noSingle, noSingle };
    const relaxed = this.relaxed();
    if ("rival" in relaxed) return this.blocked() || relaxed;
    const { lowest, rough } = relaxed;
    const blocked = rough ? null : this.blocked();
    if (blocked) return blocked;
    let proved = noSingle;
    const most = Math.min(this.problem.cosine ? LARGEST_BY_NORMS : LARGEST, rough ? rough.chosen.length : this.units);
    for (let k = early?.complete ? lowest + 1 : lowest; k <= most; k += 1) {
      if (rough && this.brief && !proved) break;
      const { found, complete } = this.ofSize(k, proved ? (this.brief ? BRIEFLY : 1) : LESS);
      if (found) return { chosen: found.chosen, amounts: found.amounts, proved, noSingle };
      if (!rough || k < rough.chosen.length) proved = proved && complete;
    }
    if (rough) return { ...rough, proved: proved && rough.chosen.length <= Math.max(lowest, most + 1), noSingle };
    return { rival: this.leaves.hardest[0], proved: false, noSingle };
  }

  // -- bounds ---------------------------------------------------------------------------------------------------------------

  /**
   * A rival that all moves together cannot beat, of the hardest ones; what others block, linear programs say.
   * @returns {Blocked | null}
   */
  blocked() {
    const rivals = this.leaves.hardest.slice(0, this.problem.cosine ? HARD : RIVALS);
    const { byUnit, needs, corners } = makeFrame(this.leaves, this.allowed, this.units, rivals, false);
    const sums = byUnit.map((row) => row.reduce((sum, one) => sum + one, 0));
    let [worst, most, exact] = [0, -Infinity, 0];
    for (let q = 0; q < needs.length / corners; q += 1) {
      let short = Infinity;
      for (let i = q * corners; i < (q + 1) * corners; i += 1) short = Math.min(short, needs[i] - sums[i]);
      if (Math.fround(short) > most) [worst, most, exact] = [q, Math.fround(short), short];
    }
    return exact > 0 ? { rival: this.leaves.hardest[worst], proved: true, noSingle: false } : null;
  }

  /**
   * A lower bound of the number of moves from the relaxation (of linear rules), and the moves that it takes, if they win.
   * @returns {{ lowest: number, rough: Choice | null } | Blocked}
   */
  relaxed() {
    const { problem, leaves } = this;
    const moves = this.allowed.length < this.moves.length ? this.moves.take(this.allowed) : this.moves;
    const ones = new Float64Array(moves.length).fill(1);
    let x = new Float64Array(problem.attributes);
    /** @type {Choice | null} */
    let rough = null;
    /** @type {Float64Array | null} */
    let t = null;
    /** @type {number[]} */
    let chosen = [];
    for (let turn = 0; turn < (problem.cosine ? TURNS : 1); turn += 1) {
      const { leads, gains } = problem.linear(problem.inverseNorms(x), moves);
      const needs = leads.map((lead) => problem.least - lead);
      const solved = cheapest(gains, needs, ones, ones, moves.shared);
      t = solved.t;
      if (!t) {
        if (problem.cosine || rough) break;
        return { rival: this.mostPriced(solved.joined), proved: true, noSingle: false };
      }
      const sum = [...solved.prices.values()].reduce((total, one) => total + one, 0);
      if (sum > 0) {
        const mixture = new Float64Array(needs.length);
        for (const [rival, price] of solved.prices) mixture[rival] = price / sum;
        leaves.mixWith(mixture);
      }
      const made = t;
      const on = fallingFirst(made).filter((j) => made[j] > 1e-9);
      const units = new Set();
      const first = on.filter((j) => !units.has(moves.units[j]) && units.add(moves.units[j])); // of every unit the move made most
      const before = chosen;
      chosen = first.map((j) => this.allowed[j]).sort((p, q) => p - q);
      if (String(chosen) === String(before)) break;
      if (!rough || chosen.length < rough.chosen.length) rough = this.judged(chosen) || rough;
      x = moves.change(on, on.map((j) => made[j]));
    }
    const bound = problem.cosine || !t ? 2 : Math.max(2, Math.ceil(t.reduce((sum, one) => sum + one, 0) - 1e-6));
    return { lowest: bound, rough: rough || this.greedy() };
  }

  /**
   * @param {number[]} chosen
   * @returns {Choice | null}
   */
  judged(chosen) {
    const amounts = this.apart(chosen) ? this.leaves.amounts(chosen) : null;
    return amounts && { chosen, amounts, proved: false, noSingle: false };
  }

  /** One move after the other, whole, that takes the least lead furthest; then without those that are not needed. */
  greedy() {
    /** @type {number[]} */
    const chosen = [];
    let [left, lead] = [this.allowed, -Infinity];
    while (left.length) {
      const { which: [best], leads: [ahead] } = this.leaves.furthestSingles(left, 1, chosen);
      if (ahead <= lead + NEAR) return null;
      lead = ahead;
      chosen.push(best);
      left = left.filter((j) => this.moves.units[j] !== this.moves.units[best] && this.apart([...chosen, j]));
      if (lead >= this.problem.least) break;
    }
    let found = this.judged([...chosen].sort((p, q) => p - q));
    for (const j of [...chosen].reverse()) {
      if (found && found.chosen.length > 1) found = this.judged(found.chosen.filter((i) => i !== j)) || found;
    }
    return found;
  }

  /** Of the rivals that cannot be beaten together the one that is furthest ahead. */
  mostPriced(/** @type {number[]} */ joined) {
    const size = (/** @type {number} */ r) => Math.fround(this.leaves.needs[r]);
    return [...joined].sort((p, q) => size(q) - size(p) || p - q)[0] ?? this.leaves.hardest[0];
  }

  // -- branch and bound -----------------------------------------------------------------------------------------------------

  apart(/** @type {number[]} */ chosen) {
    const groups = new Set(chosen.map((j) => this.moves.groups[j]));
    return this.earlier.every((one) => [...groups].filter((group) => one.has(group)).length <= 1);
  }

  /**
   * The cheapest winning choice of k moves that is met, and whether all were ruled out where there is none.
   * @param {number} k
   * @param {number} less times less is looked at, where nothing would be proved by it
   */
  ofSize(k, less) {
    const hard = hardRivals(this.leaves, this.problem.cosine ? HARD : RIVALS);
    if (this.problem.cosine && tooFew(this.leaves, this.allowed, k, hard)) return { found: null, complete: true };
    this.frame = makeFrame(this.leaves, this.allowed, k, hard);
    [this.nodes, this.left, this.complete, this.best, this.failed] = [NODES / less, LEAVES / less, true, null, []];
    const nothing = new Float64Array(this.frame.needs.length);
    const tops = topsOfUnits(this.frame, k);
    this.visit([], nothing, nothing, this.allowed, tops, k);
    const best = /** @type {FewestSearch["best"]} */ (this.best);
    if (!best && this.complete && this.failed.length) this.complete = this.leaves.boxes.impossible(this.failed);
    return { found: best, complete: this.complete };
  }

  /**
   * got: what the chosen moves gain. rate: the most that one of them gains for its cost.
   * @param {number[]} chosen
   * @param {Float64Array} got
   * @param {Float64Array} rate
   * @param {number[]} allowed
   * @param {Float64Array[]} tops
   * @param {number} left
   */
  visit(chosen, got, rate, allowed, tops, left) {
    if (this.nodes <= 0 || this.left <= 0) {
      this.complete = false;
      return;
    }
    this.nodes -= 1;
    const { rivals, corners, gains, needs } = this.frame;
    const short = needs.map((need, i) => need - got[i]);
    for (let turn = 0; turn < TIGHTER; turn += 1) { // what fits neither fits below, nor counts among the largest
      const above = tops[left - 1];
      const fit = allowed.filter((j) => {
        for (let q = 0; q < rivals; q += 1) {
          let could = false;
          for (let i = q * corners; i < (q + 1) * corners && !could; i += 1) could = gains[i][j] + above[i] >= short[i] - NEAR;
          if (!could) return false;
        }
        return true;
      });
      if (fit.length === allowed.length) break;
      allowed = fit;
      if (left > 1) tops = topsOf(gains, allowed, left);
    }
    /** @type {number[]} */
    let branches = [];
    let rival = 0;
    for (let q = 0; q < rivals; q += 1) {
      const share = allowed.filter((j) => {
        for (let i = q * corners; i < (q + 1) * corners; i += 1) if (gains[i][j] >= short[i] / left - NEAR) return true;
        return false;
      });
      if (q === 0 || share.length < branches.length) [branches, rival] = [share, q];
    }
    /** @type {Map<number, number>} */
    const weights = new Map(branches.map((j) => {
      let most = 0;
      for (let i = rival * corners; i < (rival + 1) * corners; i += 1) most = Math.max(most, gains[i][j]);
      return [j, Math.fround(most)];
    }));
    if (left === 1) branches = branches.filter((j) => this.cheapEnough(rate, j));
    const able = left === 1 ? this.ableWith(chosen) : null;
    for (const j of branches.sort((p, q) => Number(weights.get(q)) - Number(weights.get(p)) || p - q)) {
      const now = [...chosen, j];
      if (left === 1 && !(able?.(j) && this.apart(now))) continue;
      if (this.left <= 0 || (left > 1 && this.nodes <= 0)) {
        this.complete = false;
        return;
      }
      if (left === 1 && this.cheapEnough(rate, j)) this.judge(now);
      if (left > 1 && this.apart(now)) {
        const others = allowed.filter((i) => this.moves.units[i] !== this.moves.units[j]);
        const best = rate.map((one, i) => Math.max(one, gains[i][j] / this.moves.costs[j]));
        this.visit(now, got.map((one, i) => one + gains[i][j]), best, others, tops, left - 1);
      }
      allowed = allowed.filter((i) => i !== j);
    }
  }

  /**
   * Whether with this move as the last one less could be changed in all than by the best choice so far.
   * @param {Float64Array} rate
   * @param {number} j
   */
  cheapEnough(rate, j) {
    if (!this.best) return true;
    const { rivals, corners, gains, needs } = this.frame;
    let cost = 0;
    for (let q = 0; q < rivals; q += 1) {
      let least = Infinity;
      for (let i = q * corners; i < (q + 1) * corners; i += 1) {
        least = Math.min(least, Math.max(needs[i], 0) / Math.max(rate[i], gains[i][j] / this.moves.costs[j], 1e-300));
      }
      cost = Math.max(cost, least);
    }
    return Math.fround(cost) <= this.best.cost;
  }

  // Whether a move could win as the last one.
  ableWith(/** @type {number[]} */ chosen) {
    if (this.problem.cosine) return (/** @type {number} */ j) => this.leaves.boxes.possible([...chosen, j]);
    const { needs, hardest, ahead } = this.leaves; // who is behind now needs no beating
    const rows = hardest.slice(0, ahead).map((r) => {
      const gains = this.leaves.gains(r);
      return { gains, short: needs[r] - chosen.reduce((sum, j) => sum + Math.max(gains[j], 0), 0) };
    });
    return (/** @type {number} */ j) => rows.every(({ gains, short }) => Math.max(gains[j], 0) >= short);
  }

  judge(/** @type {number[]} */ chosen) {
    this.left -= 1;
    const ordered = [...chosen].sort((p, q) => p - q);
    const amounts = this.leaves.amounts(ordered);
    if (!amounts) {
      if (this.problem.cosine) this.failed.push(ordered); // that nothing was found proves nothing there
      return;
    }
    const cost = Math.fround(ordered.reduce((sum, j, i) => sum + this.moves.costs[j] * amounts[i], 0));
    if (!this.best) this.left = this.brief ? 0 : Math.min(this.left, MORE);
    if (!this.best || cost < this.best.cost || (cost === this.best.cost && before(ordered, this.best.chosen))) {
      this.best = { cost, chosen: ordered, amounts };
    }
  }
}
