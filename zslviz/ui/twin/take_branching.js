// @ts-check
// All choices of one number of moves that bounds leave: the twin of `what_would_it_take/branching.py`, name by name, where the branch
// and bound is told of.
import { Frame } from "./take_frame.js";
import { before } from "./take_leaves.js";

/** @typedef {import("./take_leaves.js").Leaves} Leaves */
/** @typedef {import("./take_frame.js").Bound} Bound */
/** Places, among the allowed moves, of the last two. @typedef {[one: number, other: number]} Pair */
/** @typedef {{ cost: number, chosen: number[], amounts: Float64Array }} Best */

const RIVALS = 20; // that branches are judged by
const HARD = 6; // of cosine rules
const [NODES, LEAVES] = [160, 80]; // of one number of moves
const MORE = 4; // leaves after the first that wins, for a cheaper one
const TOGETHER = 96; // choices that are looked at together
const NEAR = 1e-9;

/** Those that bounds go by: of who is ahead the hardest. */
export function hardestRivals(/** @type {Leaves} */ { hardest, ahead, problem }) {
  return hardest.slice(0, Math.min(ahead, problem.cosine ? HARD : RIVALS));
}

/** apart: whether some moves may go together, by the ways that were found before. brief: whether the first choice that wins will do. */
export class Branching {
  /**
   * @param {Leaves} leaves
   * @param {(chosen: number[]) => boolean} apart
   * @param {boolean} brief
   */
  constructor(leaves, apart, brief) {
    this.leaves = leaves;
    this.moves = leaves.moves;
    this.apart = apart;
    this.brief = brief;
    this.nodes = 0;
    this.left = 0;
    this.complete = true;
    /** @type {Best | null} */
    this.best = null;
    /** @type {number[][]} */
    this.failed = [];
    const { mixture, needs } = leaves;
    const hard = hardestRivals(leaves);
    this.one = new Frame(leaves, hard.slice(0, mixture ? 0 : 1));
    const priced = mixture ? [...mixture.keys()].filter((r) => mixture[r] && needs[r] > 0) : [];
    this.frame = new Frame(leaves, mixture ? [...new Set([...hard, ...priced])].sort((p, q) => p - q) : hard);
  }

  /**
   * The cheapest winning choice of k moves, two at least, that is met, and whether all were ruled out where there is none.
   * @param {number} k
   * @param {number[]} allowed
   * @param {number} less times less is looked at, where nothing would be proved by it
   */
  ofSize(k, allowed, less) {
    // The mixture alone, or the hardest rival, often says that these are too few.
    const able = this.one.bound([], allowed, k).fits().map((i) => allowed[i]);
    [this.nodes, this.left, this.complete, this.best, this.failed] = [Math.floor(NODES / less), Math.floor(LEAVES / less), true, null, []];
    if (able.length) this.visit([], able, k);
    const best = /** @type {Best | null} */ (this.best);
    if (!best && this.complete && this.failed.length) this.complete = this.leaves.boxes.impossible(this.failed);
    return { found: best, complete: this.complete };
  }

  get ended() {
    if (this.nodes > 0 && this.left > 0) return false;
    this.complete = false;
    return true;
  }

  /**
   * @param {number[]} chosen
   * @param {number[]} allowed
   * @param {number} left
   */
  visit(chosen, allowed, left) {
    if (this.ended) return;
    this.nodes -= 1;
    let bound = this.frame.bound(chosen, allowed, left);
    const fits = bound.fits();
    if (!fits.length) return;
    if (fits.length < allowed.length) { // what does not fit fits nowhere below, nor counts among the largest
      allowed = fits.map((i) => allowed[i]);
      bound = this.frame.bound(chosen, allowed, left);
    }
    const { gains, corners, rivals } = bound;
    const over = bound.short.map((short) => short / left - NEAR);
    /** @type {number[]} */
    let branches = [];
    let rival = 0;
    for (let q = 0; q < rivals; q += 1) {
      const share = [...allowed.keys()].filter((i) => {
        for (let c = q * corners; c < (q + 1) * corners; c += 1) if (gains[c][i] >= over[c]) return true;
        return false;
      });
      if (q === 0 || share.length < branches.length) [branches, rival] = [share, q];
    }
    branches = falling(branches, (i) => bound.best(rival, i));
    if (left === 2) {
      this.end(chosen, allowed, bound, branches);
      return;
    }
    const gone = new Set();
    for (const place of branches) {
      if (this.ended) return;
      const j = allowed[place];
      if (this.apart([...chosen, j])) {
        const others = allowed.filter((i, at) => !gone.has(at) && this.moves.units[i] !== this.moves.units[j]);
        this.visit([...chosen, j], others, left - 1);
      }
      gone.add(place);
    }
  }

  // -- the last two moves -----------------------------------------------------------------------------------------------------

  /**
   * Judges the choices of which one of these branches and another allowed move are the last two.
   * @param {number[]} chosen
   * @param {number[]} allowed
   * @param {Bound} bound
   * @param {number[]} branches
   */
  end(chosen, allowed, bound, branches) {
    if (branches.length > this.nodes) {
      branches = branches.slice(0, this.nodes);
      this.complete = false;
    }
    this.nodes -= branches.length;
    /** @type {Pair[]} */
    let some = [];
    for (const pair of this.pairs(allowed, bound, branches)) {
      some.push(pair);
      if (some.length < (this.brief ? 1 : TOGETHER)) continue;
      if (!this.together(chosen, allowed, bound, some)) return;
      some = [];
    }
    if (some.length) this.together(chosen, allowed, bound, some);
  }

  /**
   * Judges choices with these last two; whether others may follow.
   * @param {number[]} chosen
   * @param {number[]} allowed
   * @param {Bound} bound
   * @param {Pair[]} pairs
   */
  together(chosen, allowed, bound, pairs) {
    if (this.left <= 0) {
      this.complete = false;
      return false;
    }
    const costs = pairs.map((pair) => (this.brief ? 0 : this.leastCost(bound, chosen, allowed, pair)));
    const cheap = [...pairs.keys()].filter((p) => !this.best || costs[p] <= this.best.cost);
    const members = (/** @type {number} */ p) => [...chosen, ...pairs[p].map((i) => allowed[i])];
    const able = cheap.filter((p) => this.leaves.boxes.possible(members(p)));
    for (const p of able.sort((one, other) => costs[one] - costs[other] || one - other)) {
      const now = members(p);
      if (!this.apart(now)) continue;
      if (this.left <= 0) {
        this.complete = false;
        return false;
      }
      if (!this.best || costs[p] <= this.best.cost) this.judge(now);
    }
    return true;
  }

  /**
   * The least that a choice costs if it wins: the dearest rival's, at the corner where it is cheapest. Of one rival, without the
   * others, amounts t would have to cover its need: the dual of that program is tried at all its corners.
   * @param {Bound} bound
   * @param {number[]} chosen
   * @param {number[]} allowed
   * @param {Pair} pair
   */
  leastCost({ gains, needs, corners, count }, chosen, allowed, pair) {
    const places = [...chosen.map((_, i) => count + i), ...pair];
    const costs = [...chosen, ...pair.map((i) => allowed[i])].map((j) => this.moves.costs[j]);
    let dearest = 0;
    for (let at = 0; at < needs.length; at += corners) {
      let cheapest = Infinity;
      for (let c = at; c < at + corners; c += 1) {
        let most = 0;
        for (let i = 0; i < places.length; i += 1) {
          const price = costs[i] / Math.max(gains[c][places[i]], NEAR);
          let worth = price * needs[c];
          for (let o = 0; o < places.length; o += 1) {
            if (o !== i) worth -= Math.max(price * gains[c][places[o]] - costs[o], 0);
          }
          most = Math.max(most, worth);
        }
        cheapest = Math.min(cheapest, most);
      }
      dearest = Math.max(dearest, cheapest);
    }
    return Math.fround(dearest);
  }

  /**
   * The last two that bounds leave, in the order in which they are looked at.
   * @param {number[]} allowed
   * @param {Bound} bound
   * @param {number[]} branches
   * @returns {Generator<Pair>}
   */
  *pairs(allowed, bound, branches) {
    const { units } = this.moves;
    const over = bound.short.map((short) => short - NEAR);
    const gone = new Set();
    for (const one of branches) {
      gone.add(one);
      const unit = units[allowed[one]];
      const others = [...allowed.keys()].filter((i) => !gone.has(i) && units[allowed[i]] !== unit && bound.covers(over, one, i));
      for (const other of falling(others, (i) => bound.best(0, i))) yield [one, other];
    }
  }

  judge(/** @type {number[]} */ chosen) {
    this.left -= 1;
    const ordered = [...chosen].sort((p, q) => p - q);
    const amounts = this.leaves.amounts(ordered);
    if (!amounts) {
      if (this.leaves.problem.cosine) this.failed.push(ordered); // that nothing was found proves nothing there
      return;
    }
    const cost = Math.fround(ordered.reduce((sum, j, i) => sum + this.moves.costs[j] * amounts[i], 0));
    if (!this.best) this.left = this.brief ? 0 : Math.min(this.left, MORE);
    if (!this.best || cost < this.best.cost || (cost === this.best.cost && before(ordered, this.best.chosen))) {
      this.best = { cost, chosen: ordered, amounts };
    }
  }
}

/**
 * Places by falling weight in single precision; of equals the smaller one first.
 * @param {number[]} places
 * @param {(i: number) => number} weight
 */
function falling(places, weight) {
  const weights = new Map(places.map((i) => [i, Math.fround(weight(i))]));
  return places.sort((p, q) => Number(weights.get(q)) - Number(weights.get(p)) || p - q);
}
