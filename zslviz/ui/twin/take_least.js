// @ts-check
// The least change that makes a class win, in all or of any one value: the twin of `what_would_it_take/least.py`, name by name.
import { cheapest, rowsOf } from "./take_simplex.js";

/** @typedef {import("./take_leaves.js").Leaves} Leaves */
/** @typedef {import("./take_moves.js").Moves} Moves */
/** @typedef {import("./take_fewest.js").Choice} Choice */
/** @typedef {import("./take_fewest.js").Blocked} Blocked */

const TURNS = 12;
const HALVINGS = 16;
const SOME = 1e-9;

/**
 * The moves with their amounts, of the allowed ones; proved: of linear rules.
 * @param {Leaves} leaves
 * @param {number[]} allowed
 * @param {"least" | "gentlest"} character
 * @returns {Choice | Blocked}
 */
export function leastChange(leaves, allowed, character) {
  const moves = leaves.moves.take(allowed);
  const { cosine } = leaves.problem;
  const found = cosine ? turned(leaves, moves, character)
    : answer(leaves.problem.linear(leaves.problem.inverseNorms(), moves).gains, leaves.needs, moves, character);
  if (typeof found === "number") return { rival: found, proved: !cosine, noSingle: false };
  const on = [...found.keys()].filter((j) => found[j] > SOME);
  return { chosen: on.map((j) => allowed[j]), amounts: on.map((j) => found[j]), proved: !cosine, noSingle: false };
}

/**
 * The amounts, or the place of a rival that stays ahead.
 * @param {import("./take_simplex.js").Rows} gains
 * @param {Float64Array} needs
 * @param {Moves} moves
 * @param {"least" | "gentlest"} character
 */
function answer(gains, needs, moves, character) {
  const solved = cheapest(gains, needs, moves.costs, new Float64Array(moves.length).fill(1), moves.shared);
  let { t } = solved;
  if (!t) {
    const size = (/** @type {number} */ r) => Math.fround(needs[r]);
    const all = solved.joined.length ? solved.joined : [...needs.keys()];
    return [...all].sort((p, q) => size(q) - size(p) || p - q)[0];
  }
  if (character === "least" || !moves.length) return t;
  let [low, high] = [0, t.reduce((most, one, j) => Math.max(most, one * moves.strides[j]), 0)];
  const rows = Array.from(needs, (_, r) => gains.row(r));
  for (let turn = 0; turn < HALVINGS; turn += 1) {
    const middle = (low + high) / 2;
    const tops = moves.strides.map((stride) => Math.min(1, middle / Math.max(stride, 1e-12)));
    const hopeless = rows.some((row, r) => row.reduce((sum, one, j) => sum + Math.max(one, 0) * tops[j], 0) < needs[r]);
    const now = hopeless ? null : cheapest(rowsOf(rows), needs, moves.costs, tops, moves.shared).t;
    if (now) [high, t] = [middle, now];
    else low = middle;
  }
  return t;
}

/**
 * @param {Leaves} leaves
 * @param {Moves} moves
 * @param {"least" | "gentlest"} character
 */
function turned({ problem, hardest }, moves, character) {
  const everything = moves.main.map((_, j) => j);
  let t = new Float64Array(moves.length);
  /** @type {Float64Array | null} */
  let best = null;
  let [worth, asked] = [Infinity, problem.least];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const x = moves.change(everything, t);
    const { leads, along, gains } = problem.tangent(x, moves);
    let found = answer(gains, leads.map((lead, r) => asked - lead + along[r]), moves, character);
    if (typeof found === "number") {
      const straight = problem.linear(problem.inverseNorms(x), moves);
      found = answer(straight.gains, straight.leads.map((lead) => asked - lead), moves, character);
    }
    if (typeof found === "number") return best ? less(problem, moves, best) : found;
    const made = found;
    const lead = problem.leastLead(moves.change(everything, made));
    const cost = character === "least" ? made.reduce((sum, one, j) => sum + one * moves.costs[j], 0)
      : made.reduce((most, one, j) => Math.max(most, one * moves.strides[j]), 0);
    if (lead >= problem.least && cost < worth - 1e-6) [best, worth] = [made, cost];
    else if (lead >= problem.least && turn > 1) break;
    else if (lead < problem.least && turn > 1) asked += 1.2 * (problem.least - lead);
    t = made;
  }
  return best ? less(problem, moves, best) : hardest[0];
}

/**
 * As little of all amounts, by one factor, as still wins.
 * @param {import("./take_problem.js").Problem} problem
 * @param {Moves} moves
 * @param {Float64Array} t
 */
function less(problem, moves, t) {
  const everything = moves.main.map((_, j) => j);
  let [low, high] = [0, 1];
  for (let turn = 0; turn < HALVINGS; turn += 1) {
    const middle = (low + high) / 2;
    const wins = problem.leastLead(moves.change(everything, t.map((one) => middle * one))) >= problem.least;
    [low, high] = wins ? [low, middle] : [middle, high];
  }
  return t.map((one) => high * one);
}
