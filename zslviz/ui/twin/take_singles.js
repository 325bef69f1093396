// @ts-check
// One move alone: the twin of `what_would_it_take/singles.py`, name by name.
import { fallingFirst } from "./take_leaves.js";

/** @typedef {import("./take_leaves.js").Leaves} Leaves */
/** Moves that win alone, with the least amounts that do. @typedef {{ which: number[], amounts: number[] }} Singles */

const WAYS = [1, 0.5, 0.25, 0.75]; // parts of a move that are tried where norms move with it
const HALVINGS = 24;
const CLOSEST = 12; // moves whose best part is looked for

/**
 * Those that win among the allowed moves, cheapest first. Of linear rules all there are.
 * @param {Leaves} leaves
 * @param {number[]} allowed
 * @returns {Singles}
 */
export function winningSingles(leaves, allowed) {
  const { which, amounts } = leaves.problem.cosine ? turned(leaves, allowed) : straight(leaves, allowed);
  const costs = which.map((j, i) => Math.fround(amounts[i] * leaves.moves.costs[j]));
  const order = which.map((_, i) => i).sort((p, q) => costs[p] - costs[q] || which[p] - which[q]);
  return { which: order.map((i) => which[i]), amounts: order.map((i) => amounts[i]) };
}

/**
 * @param {Leaves} leaves
 * @param {number[]} allowed
 * @returns {Singles}
 */
function straight(leaves, allowed) {
  const { gains, needs, moves } = leaves;
  /** @type {Singles} */
  const found = { which: [], amounts: [] };
  for (const j of allowed) {
    let [least, most] = [0, 1];
    for (let r = 0; r < needs.length && least <= most; r += 1) {
      const gain = gains[r][j];
      if (moves.whole) least = gain >= needs[r] ? least : Infinity;
      else if (needs[r] > 0) least = Math.max(least, gain > 0 ? needs[r] / gain : Infinity);
      else if (gain < 0) most = Math.min(most, needs[r] / gain);
    }
    if (least > most) continue;
    found.which.push(j);
    found.amounts.push(moves.whole ? 1 : least);
  }
  return found;
}

/**
 * @param {Leaves} leaves
 * @param {number[]} allowed
 * @returns {Singles}
 */
function turned(leaves, allowed) {
  const [{ least }, { whole, costs }] = [leaves.problem, leaves.moves];
  const high = allowed.map(() => Infinity);
  const lost = allowed.map(() => 0); // the largest part below that does not win
  for (const part of whole ? WAYS.slice(0, 1) : WAYS) {
    const leads = leaves.leastOfSingles(allowed, allowed.map(() => part));
    let any = false;
    leads.forEach((lead, i) => {
      if (lead >= least) [high[i], any] = [Math.min(high[i], part), true];
      else if (part < high[i]) lost[i] = Math.max(lost[i], part);
    });
    if (part === 1 && !whole && !any && !near(leaves, allowed)) return { which: [], amounts: [] };
  }
  const won = allowed.map((_, i) => i).filter((i) => Number.isFinite(high[i]));
  const which = won.map((i) => allowed[i]);
  if (whole || !which.length) return { which, amounts: won.map((i) => high[i]) };
  const lows = won.map((i) => (lost[i] < high[i] ? lost[i] : 0));
  const amounts = won.map((i) => high[i]);
  const cheapest = Math.min(...which.map((j, i) => amounts[i] * costs[j]));
  // others cannot be the cheapest
  const close = which.map((_, i) => i).filter((i) => lows[i] * costs[which[i]] <= cheapest + 1e-12);
  for (let turn = 0; turn < HALVINGS; turn += 1) {
    const middle = close.map((i) => (lows[i] + amounts[i]) / 2);
    leaves.leastOfSingles(close.map((i) => which[i]), middle).forEach((lead, place) => {
      if (lead >= least) amounts[close[place]] = middle[place];
      else lows[close[place]] = middle[place];
    });
  }
  return { which, amounts };
}

// Whether a part of some move could do what the whole of none does: where the hardest rivals are beaten by one of them.
function near(/** @type {Leaves} */ leaves, /** @type {number[]} */ allowed) {
  const leads = leaves.leastOfSingles(allowed, allowed.map(() => 1), leaves.hardest.slice(0, 2));
  return leads.some((lead) => lead >= leaves.problem.least);
}

/**
 * The move that alone takes the least lead furthest: its number, how much of it, and that lead; null where none takes it any further.
 * @param {Leaves} leaves
 * @param {number[]} allowed
 */
export function strongestSingle(leaves, allowed) {
  if (!allowed.length) return null;
  const whole = leaves.leastOfSingles(allowed, allowed.map(() => 1));
  const best = fallingFirst(whole).slice(0, CLOSEST);
  const which = best.map((i) => allowed[i]);
  const amounts = best.map(() => 1);
  const leads = best.map((i) => whole[i]);
  for (const part of leaves.moves.whole ? [] : [0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]) {
    leaves.leastOfSingles(which, which.map(() => part)).forEach((lead, i) => {
      if (lead > leads[i] + 1e-9) [amounts[i], leads[i]] = [part, lead];
    });
  }
  const order = which.map((_, i) => i);
  const [first] = order.sort((p, q) => Math.fround(leads[q]) - Math.fround(leads[p]) || which[p] - which[q]);
  const start = leaves.problem.leastLead(new Float64Array(leaves.problem.attributes));
  return leads[first] <= start + 1e-9 ? null : { move: which[first], amount: amounts[first], lead: leads[first] };
}
