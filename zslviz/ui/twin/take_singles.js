// @ts-check
// One move alone: the twin of `what_would_it_take/singles.py`, name by name.

/** @typedef {import("./take_leaves.js").Leaves} Leaves */
/** Moves that win alone, with the least amounts that do. @typedef {{ which: number[], amounts: number[] }} Singles */
/** doubtful: moves that do not win, and are not ruled out. @typedef {Singles & { doubtful: number[] }} Found */

const WAYS = [1, 0.5, 0.25, 0.75]; // parts of a move that are tried where norms move with it
const INSIDE = [1, 2, 3, 4, 5, 6, 7].map((part) => part / 8); // where the least amount is looked for between two others
const FINER = 6; // times
const HARD = 4; // rivals that are asked first
const CLOSEST = 12; // moves whose best part is looked for

/**
 * Those that win among the allowed moves, cheapest first. Of linear rules all there are, and none is doubtful.
 * @param {Leaves} leaves
 * @param {number[]} allowed
 * @returns {Found}
 */
export function winningSingles(leaves, allowed) {
  const { cosine } = leaves.problem;
  const able = allowed.filter(cosine ? (j) => leaves.boxes.possible([j]) : ableTo(leaves));
  const { which, amounts } = cosine ? turned(leaves, able) : straight(leaves, able);
  const costs = which.map((j, i) => Math.fround(amounts[i] * leaves.moves.costs[j]));
  const order = which.map((_, i) => i).sort((p, q) => costs[p] - costs[q] || which[p] - which[q]);
  const doubtful = cosine ? able.filter((j) => !which.includes(j)) : [];
  return { which: order.map((i) => which[i]), amounts: order.map((i) => amounts[i]), doubtful };
}

// Whether a move could win by what the hardest rivals say, by linear rules.
function ableTo(/** @type {Leaves} */ leaves) {
  const hard = leaves.hardest.slice(0, Math.min(HARD, leaves.ahead)).map((r) => ({ need: leaves.needs[r], gains: leaves.gains(r) }));
  return (/** @type {number} */ j) => hard.every(({ need, gains }) => gains[j] >= need);
}

/**
 * @param {Leaves} leaves
 * @param {number[]} allowed
 * @returns {Singles}
 */
function straight(leaves, allowed) {
  const { needs, moves, hardest } = leaves;
  /** @type {Singles} */
  const found = { which: [], amounts: [] };
  for (const j of allowed) {
    let [least, most] = [0, 1];
    for (let place = 0; place < needs.length && least <= most; place += 1) {
      const r = hardest[place];
      const gain = leaves.gains(r)[j];
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
 * @param {number[]} able
 * @returns {Singles}
 */
function turned(leaves, able) {
  const [{ least }, { whole, costs }] = [leaves.problem, leaves.moves];
  const single = leaves.singles([]);
  const wins = (/** @type {number} */ j, /** @type {number} */ t) => single(j, t, least) >= least;
  const high = able.map(() => Infinity);
  const lost = able.map(() => 0); // the largest part below that does not win
  for (const part of whole ? WAYS.slice(0, 1) : WAYS) {
    able.forEach((j, i) => {
      if (wins(j, part)) high[i] = Math.min(high[i], part);
      else if (part < high[i]) lost[i] = Math.max(lost[i], part);
    });
  }
  const won = able.map((_, i) => i).filter((i) => Number.isFinite(high[i]));
  const which = won.map((i) => able[i]);
  const amounts = won.map((i) => high[i]);
  if (whole || !which.length) return { which, amounts };
  const lows = won.map((i) => (lost[i] < high[i] ? lost[i] : 0));
  const cheapest = Math.min(...which.map((j, i) => amounts[i] * costs[j]));
  which.forEach((j, i) => {
    if (lows[i] * costs[j] > cheapest + 1e-12) return; // cannot be the cheapest
    for (let turn = 0; turn < FINER; turn += 1) {
      const [low, gap] = [lows[i], amounts[i] - lows[i]];
      const between = INSIDE.map((part) => low + gap * part);
      const first = between.findIndex((t) => wins(j, t)); // the least part that wins
      if (first >= 0) amounts[i] = between[first];
      if (first !== 0) lows[i] = between[(first < 0 ? between.length : first) - 1];
    }
  });
  return { which, amounts };
}

/**
 * The move that alone takes the least lead furthest: its number, how much of it, and that lead; null where none takes it any further.
 * @param {Leaves} leaves
 * @param {number[]} allowed
 */
export function strongestSingle(leaves, allowed) {
  if (!allowed.length) return null;
  const { which, leads } = leaves.furthestSingles(allowed, CLOSEST);
  const amounts = which.map(() => 1);
  for (const part of leaves.moves.whole ? [] : [0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]) {
    leaves.leastOfSingles(which, which.map(() => part)).forEach((lead, i) => {
      if (lead > leads[i] + 1e-9) [amounts[i], leads[i]] = [part, lead];
    });
  }
  const order = which.map((_, i) => i);
  const [first] = order.sort((p, q) => Math.fround(leads[q]) - Math.fround(leads[p]) || which[p] - which[q]);
  return leads[first] <= leaves.leads[leaves.hardest[0]] + 1e-9 ? null : { move: which[first], amount: amounts[first], lead: leads[first] };
}
