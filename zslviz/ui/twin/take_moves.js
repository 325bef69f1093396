// @ts-check
// What may be changed, and how far: the twin of `what_would_it_take/moves.py`, name by name, where moves, boxes, exclusive groups
// are told of.

/** @typedef {import("./scoring.js").SemanticSpace} SemanticSpace */
/** @typedef {{ members: number[], steps: number[], unit: number }} Change */
/** @typedef {{ lowest: Float64Array, highest: Float64Array }} Room */

const SAME = 0.01; // of a group's sum: how far rows may differ from each other
const SMALL = 1e-6; // of a value: what is no change

/** J moves. Each changes its `members` by `steps` when it is made whole; the first of them is what it is called after. */
export class Moves {
  /**
   * @param {Change[]} changes
   * @param {number[]} groups of each move, by number
   * @param {Float64Array} spread
   * @param {Room} room
   * @param {boolean} whole
   */
  constructor(changes, groups, spread, room, whole) {
    this.length = changes.length;
    this.changes = changes;
    this.groups = groups;
    this.units = changes.map(({ unit }) => unit);
    this.main = changes.map(({ members }) => members[0]);
    this.spread = spread;
    this.room = room;
    this.whole = whole;
    const sizes = changes.map(({ members, steps }) => steps.map((step, e) => Math.abs(step) / spread[members[e]]));
    this.costs = Float64Array.from(sizes, (all) => all.reduce((sum, one) => sum + one, 0));
    this.strides = Float64Array.from(sizes, (all) => Math.max(...all));
    this.shared = this.sharedUnits();
    const several = new Set(this.shared.flat());
    this.alone = this.units.map((_, j) => j).filter((j) => !several.has(j));
    /** @type {{ starts: number[], attributes: Int32Array, steps: Float64Array } | null} */
    this.kept = null;
  }

  /** All changes one after the other: move j changes attributes[starts[j]] to attributes[starts[j + 1] - 1]. */
  get flat() {
    if (this.kept) return this.kept;
    const starts = [0];
    for (const { members } of this.changes) starts.push(starts[starts.length - 1] + members.length);
    const attributes = Int32Array.from(this.changes.flatMap(({ members }) => members));
    const steps = Float64Array.from(this.changes.flatMap((change) => change.steps));
    return (this.kept = { starts, attributes, steps });
  }

  sharedUnits() {
    /** @type {Map<number, number[]>} */
    const by = new Map();
    this.units.forEach((unit, j) => by.set(unit, [...(by.get(unit) || []), j]));
    return [...by].sort(([p], [q]) => p - q).map(([, moves]) => moves).filter(
      (moves) => moves.length > 1 && moves.some((j) => this.changes[j].members.length > 1));
  }

  /**
   * The change of all values when so much of the chosen moves is made: [A].
   * @param {ArrayLike<number>} chosen
   * @param {ArrayLike<number>} amounts
   */
  change(chosen, amounts) {
    const x = new Float64Array(this.spread.length);
    for (let i = 0; i < chosen.length; i += 1) {
      const { members, steps } = this.changes[chosen[i]];
      members.forEach((a, e) => (x[a] += amounts[i] * steps[e]));
    }
    return x.map((one, a) => Math.min(Math.max(one, this.room.lowest[a]), this.room.highest[a]));
  }

  /** What all moves change, made t [J] times each: [A]. */
  sum(/** @type {Float64Array} */ t) {
    const x = new Float64Array(this.spread.length);
    const { starts, attributes, steps } = this.flat;
    for (let j = 0; j < t.length; j += 1) {
      if (t[j]) for (let i = starts[j]; i < starts[j + 1]; i += 1) x[attributes[i]] += t[j] * steps[i];
    }
    return x;
  }

  take(/** @type {number[]} */ which) {
    return new Moves(which.map((j) => this.changes[j]), which.map((j) => this.groups[j]), this.spread, this.room, this.whole);
  }
}

/**
 * How far values [A] may be changed, down and up, in a box [A, 2].
 * @param {Float64Array} values
 * @param {Float32Array} box
 * @param {number[]} locked
 * @param {Record<number, [number, number]>} ranges
 * @returns {Room}
 */
export function roomOf(values, box, locked = [], ranges = {}) {
  const [lowest, highest] = [new Float64Array(values.length), new Float64Array(values.length)];
  for (let a = 0; a < values.length; a += 1) {
    let [low, high] = [box[2 * a], box[2 * a + 1]];
    if (ranges[a]) {
      [low, high] = [Math.max(ranges[a][0], low), Math.min(ranges[a][1], high)];
      if (low > high) low = high = values[a];
    }
    lowest[a] = Math.min(0, low - values[a]);
    highest[a] = Math.max(0, high - values[a]);
  }
  for (const a of locked) lowest[a] = highest[a] = 0;
  return { lowest, highest };
}

const members = (/** @type {SemanticSpace} */ { groups }) => {
  /** @type {Map<string, number[]>} */
  const by = new Map();
  groups.forEach((name, a) => by.set(name, [...(by.get(name) || []), a]));
  return by;
};

/** @type {WeakMap<SemanticSpace, number[][]>} */
const known = new WeakMap();

/**
 * Attributes of every group, of two or more, whose values add up to the same in all classes of a model's own table; in its order. Classes
 * that are made up do not count.
 */
export function exclusiveGroups(/** @type {SemanticSpace} */ space) {
  const kept = known.get(space);
  if (kept) return kept;
  const [attributes, classes] = [space.attributes.length, space.seen.length];
  const found = [...members(space).values()].filter((own) => {
    let [least, most] = [Infinity, -Infinity];
    for (let c = 0; c < classes; c += 1) {
      const sum = own.reduce((total, a) => total + space.table[c * attributes + a], 0);
      [least, most] = [Math.min(least, sum), Math.max(most, sum)];
    }
    return own.length > 1 && least > 0 && most - least <= SAME * most;
  });
  known.set(space, found);
  return found;
}

/**
 * Every attribute down and up; of exclusive groups every one up, which lowers the others.
 * @param {SemanticSpace} space
 * @param {Room} room
 * @param {Float64Array} spread
 * @param {number[][]} exclusive
 */
export function singleMoves(space, room, spread, exclusive) {
  const { lowest, highest } = room;
  /** @type {Change[]} */
  const changes = [];
  const groupOf = new Map(exclusive.flatMap((group) => group.map((a) => [a, group])));
  for (let a = 0; a < lowest.length; a += 1) {
    const group = groupOf.get(a);
    if (!group) {
      for (const end of [lowest[a], highest[a]]) if (Math.abs(end) > SMALL) changes.push({ members: [a], steps: [end], unit: a });
      continue;
    }
    const others = group.filter((b) => b !== a && lowest[b] < -SMALL);
    const losable = -others.reduce((sum, b) => sum + lowest[b], 0);
    if (highest[a] <= SMALL) continue;
    const part = losable > 0 ? Math.min(1, highest[a] / losable) : 0;
    changes.push({ members: [a, ...others], steps: [highest[a], ...others.map((b) => part * lowest[b])], unit: group[0] });
  }
  return moves(changes, space, spread, room, false);
}

/**
 * Every group of attributes to the values of `goal` [A], as far as they may go; made whole or not at all.
 * @param {SemanticSpace} space
 * @param {Float64Array} values
 * @param {Float64Array} goal
 * @param {Room} room
 * @param {Float64Array} spread
 */
export function partMoves(space, values, goal, room, spread) {
  const change = values.map((value, a) => Math.min(Math.max(goal[a] - value, room.lowest[a]), room.highest[a]));
  const size = (/** @type {number} */ a) => Math.fround(Math.abs(change[a]) / spread[a]);
  const changes = [...members(space).values()].map((own, unit) => {
    const moved = own.filter((a) => Math.abs(change[a]) > SMALL).sort((p, q) => size(q) - size(p) || p - q);
    return { members: moved, steps: moved.map((a) => change[a]), unit };
  });
  return moves(changes.filter((one) => one.members.length), space, spread, room, true);
}

/**
 * @param {Change[]} changes
 * @param {SemanticSpace} space
 * @param {Float64Array} spread
 * @param {Room} room
 * @param {boolean} whole
 */
function moves(changes, space, spread, room, whole) {
  const numbers = new Map([...members(space).keys()].map((name, number) => [name, number]));
  return new Moves(changes, changes.map((one) => Number(numbers.get(space.groups[one.members[0]]))), spread, room, whole);
}
