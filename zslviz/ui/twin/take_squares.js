// @ts-check
// The least sum of squares that makes a class win, or the same by how attributes go together: the twin of
// `what_would_it_take/squares.py`, name by name, where the method is told of.
import { leastChange } from "./take_least.js";
import { exclusiveGroups } from "./take_moves.js";
import { correlation, nearest, within } from "./take_nearest.js";

/** @typedef {import("./take_leaves.js").Leaves} Leaves */
/** @typedef {import("./take_fewest.js").Choice} Choice */
/** @typedef {import("./take_fewest.js").Blocked} Blocked */
/** S, and the ends of what changes, in standard steps. @typedef {{ along: Float64Array[], low: Float64Array, high: Float64Array }} Room */

const TURNS = 12;
const PARTS = [1, 0.5, 0.2];
const STEPS = [1, 0.5, 0.25, 0.1];
const PRICES = [2, 30]; // of what is short, next to what the first tangents say
const FURTHER = [1.001, 1.01, 1.05, 1.2];
const NEAR = 1e-4; // standard steps
const SOME = 1e-6; // standard steps
const HALVINGS = 20;

/**
 * The change, by attributes that the allowed moves change; proved: of linear rules.
 * @param {import("./scoring.js").SemanticSpace} space the model's own
 * @param {Leaves} leaves
 * @param {number[]} allowed
 * @param {"squares" | "natural"} character
 * @returns {Choice | Blocked}
 */
export function leastSquares(space, leaves, allowed, character) {
  const { moves, problem } = leaves;
  const [{ spread, cosine, attributes: width }, { lowest, highest }] = [problem, moves.room];
  // Of an exclusive group only that rises which has a move of its own; the others fall along.
  const [low, high, free] = [new Float64Array(width), new Float64Array(width), new Uint8Array(width)];
  for (const j of allowed) {
    const { members, steps } = moves.changes[j];
    members.forEach((a, e) => {
      if (steps[e] < 0) low[a] = lowest[a] / spread[a];
      if (steps[e] > 0) high[a] = highest[a] / spread[a];
      if (steps[e]) free[a] = 1;
    });
  }
  const related = character === "natural" ? correlation(space) : null;
  const room = { along: within(related, exclusiveGroups(space), spread, free), low, high };
  const z = cosine ? turned(leaves, room) : straight(leaves, room);
  if (!z) { // with groups that keep their sum there is none: the least change knows who is in the way
    const other = leastChange(leaves, allowed, "least");
    return "rival" in other ? other : { ...other, proved: false };
  }
  const change = z.map((one, a) => (Math.abs(one) > SOME ? one : 0) * spread[a]);
  const part = (/** @type {number} */ j) => change[moves.main[j]] / moves.changes[j].steps[0];
  const chosen = allowed.filter((j) => part(j) > 0);
  return { chosen, amounts: chosen.map(part), proved: !cosine, noSingle: false, change };
}

/**
 * Leads at z, what the derivatives there make of z [R], and these in standard steps, R rows of [A].
 * @param {Leaves} leaves
 * @param {Float64Array} z
 */
function tangent({ problem, moves }, z) {
  const { leads, along, slope } = problem.tangent(z.map((one, a) => one * problem.spread[a]), moves);
  return { leads, along, slopes: Array.from(leads, (_, r) => slope(r).map((one, a) => one * problem.spread[a])) };
}

/**
 * @param {Leaves} leaves
 * @param {Room} room
 */
function straight(leaves, room) {
  const { slopes } = tangent(leaves, new Float64Array(room.low.length));
  return nearest(room.along, slopes, leaves.needs, room.low, room.high)?.z ?? null;
}

/**
 * By tangents, the better one of two ways there: with little and with much care for the leads on the way.
 * @param {Leaves} leaves
 * @param {Room} room
 */
function turned(leaves, room) {
  const [one, other] = PRICES.map((price) => followed(leaves, room, price));
  return (other && (!one || other.worth < one.worth) ? other : one)?.z ?? null;
}

/**
 * Each answer is gone to as far as worth and shortness together become less. dear: shortness, next to the first tangents.
 * @param {Leaves} leaves
 * @param {Room} room
 * @param {number} dear
 */
function followed(leaves, room, dear) {
  const { problem } = leaves;
  const lacking = (/** @type {Float64Array} */ at) => problem.least - leastLead(leaves, at);
  let z = new Float64Array(room.low.length);
  let [worth, short, price, least] = [0, leaves.needs.reduce((most, one) => Math.max(most, one), -Infinity), 0, Infinity];
  const start = short;
  /** @type {Float64Array | null} */
  let best = null;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const { leads, along, slopes } = tangent(leaves, z);
    /** @type {{ z: Float64Array, worth: number } | null} */
    let near = null;
    for (const part of PARTS) { // of what is short, where tangents have no answer for all of it
      const needs = along.map((one, r) => one - leads[r] + problem.least - (1 - part) * Math.max(short, 0));
      near = nearest(room.along, slopes, needs, room.low, room.high);
      if (near) break;
    }
    if (!near) break;
    price = Math.max(price, (dear * near.worth) / start);
    let [there, cost, lacks] = [z, worth, short];
    for (const step of STEPS) {
      const to = near.z;
      there = z.map((one, a) => one + step * (to[a] - one));
      cost = (1 - step) * worth + step * near.worth; // at least what it is, since worth is convex
      lacks = lacking(there);
      if (cost + price * Math.max(lacks, 0) < worth + price * Math.max(short, 0)) break;
    }
    const moved = there.reduce((most, one, a) => Math.max(most, Math.abs(one - z[a])), 0);
    [z, worth, short] = [there, cost, lacks];
    if (short <= 0 && worth < least) [best, least] = [z, worth];
    if (moved < NEAR) break;
  }
  if (!best) [best, least] = [reached(leaves, z, room), worth];
  if (!best) return null;
  const part = less(leaves, best);
  return { z: best.map((one) => part * one), worth: part ** 2 * least };
}

function leastLead(/** @type {Leaves} */ { problem }, /** @type {Float64Array} */ z) {
  return problem.leastLead(z.map((one, a) => one * problem.spread[a]));
}

/**
 * Somewhat further the same way, where that wins.
 * @param {Leaves} leaves
 * @param {Float64Array} z
 * @param {Room} room
 */
function reached(leaves, z, { low, high }) {
  for (const factor of FURTHER) {
    const there = z.map((one, a) => Math.min(Math.max(factor * one, low[a]), high[a]));
    if (leastLead(leaves, there) >= leaves.problem.least) return there;
  }
  return null;
}

/** The least part of it that still wins. */
function less(/** @type {Leaves} */ leaves, /** @type {Float64Array} */ z) {
  let [low, high] = [0, 1];
  for (let turn = 0; turn < HALVINGS; turn += 1) {
    const middle = (low + high) / 2;
    if (leastLead(leaves, z.map((one) => middle * one)) >= leaves.problem.least) high = middle;
    else low = middle;
  }
  return high;
}
