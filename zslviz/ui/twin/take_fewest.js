// @ts-check
// The fewest moves that make a class win against all rivals: the twin of `what_would_it_take/fewest.py`, name by name, where
// the branch and bound is told of.
import { Branching, hardestRivals } from "./take_branching.js";
import { Frame } from "./take_frame.js";
import { fallingFirst } from "./take_leaves.js";
import { cheapest } from "./take_simplex.js";
import { winningSingles } from "./take_singles.js";

/** @typedef {import("./take_leaves.js").Leaves} Leaves */
/** change: where values change otherwise than by the moves. @typedef {{ chosen: number[], amounts: ArrayLike<number>, proved: boolean, noSingle: boolean, change?: Float64Array }} Choice */
/** @typedef {{ rival: number, proved: boolean, noSingle: boolean }} Blocked */

/** @type {[number, number][]} */
const EARLY = [[2, 1], [3, 2]]; // moves that are tried before anything is relaxed; how many times less is looked at
const LESS = 8; // times less where no proof is left
const BRIEFLY = 8; // times less for a brief answer
const TURNS = 4; // of the relaxation, over the norms
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
    let tooFew = 1; // of so many moves none wins
    if (this.problem.cosine && (noSingle || this.brief)) { // often so few are all it takes; then nothing is relaxed
      const branching = this.branching();
      for (const [k, less] of this.brief ? EARLY.slice(0, 1) : EARLY) {
        const { found, complete } = branching.ofSize(k, this.allowed, this.brief ? BRIEFLY : less);
        if (found) return { chosen: found.chosen, amounts: found.amounts, proved: noSingle, noSingle };
        if (!complete) break;
        tooFew = k;
      }
    }
    const relaxed = this.relaxed();
    if ("rival" in relaxed) return this.blocked() || relaxed;
    const { lowest, rough } = relaxed;
    const blocked = rough ? null : this.blocked();
    if (blocked) return blocked;
    let proved = noSingle;
    const most = Math.min(this.problem.cosine ? LARGEST_BY_NORMS : LARGEST, rough ? rough.chosen.length : this.units);
    const branching = this.branching();
    for (let k = Math.max(lowest, tooFew + 1); k <= most; k += 1) {
      if (rough && this.brief && !proved) break;
      const { found, complete } = branching.ofSize(k, this.allowed, proved ? (this.brief ? BRIEFLY : 1) : LESS);
      if (found) return { chosen: found.chosen, amounts: found.amounts, proved, noSingle };
      if (!rough || k < rough.chosen.length) proved = proved && complete;
    }
    if (rough) return { ...rough, proved: proved && rough.chosen.length <= Math.max(lowest, tooFew + 1, most + 1), noSingle };
    return { rival: this.leaves.hardest[0], proved: false, noSingle };
  }

  // -- bounds ---------------------------------------------------------------------------------------------------------------

  /**
   * A rival that all moves together cannot beat, of the hardest ones; what others block, linear programs say.
   * @returns {Blocked | null}
   */
  blocked() {
    const bound = new Frame(this.leaves, hardestRivals(this.leaves), false).bound([], this.allowed, this.units);
    const [sums, { corners }] = [bound.most(), bound];
    let [worst, most, exact] = [0, -Infinity, 0];
    for (let q = 0; q < bound.rivals; q += 1) {
      let short = Infinity;
      for (let i = q * corners; i < (q + 1) * corners; i += 1) short = Math.min(short, bound.short[i] - sums[i]);
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

  apart(/** @type {number[]} */ chosen) {
    const groups = new Set(chosen.map((j) => this.moves.groups[j]));
    return this.earlier.every((one) => [...groups].filter((group) => one.has(group)).length <= 1);
  }

  branching() {
    return new Branching(this.leaves, (chosen) => this.apart(chosen), this.brief);
  }
}
