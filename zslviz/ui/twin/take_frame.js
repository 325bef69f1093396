// @ts-check
// What so many moves can gain at most: the twin of `what_would_it_take/frame.py`, name by name, where the bound is told of.

/** @typedef {import("./take_leaves.js").Leaves} Leaves */
/** Rows of a rival or of the mean. @typedef {{ added: Float64Array[], base: number[], need: number }} Row */

const NEAR = 1e-9;

/** Rivals, and, if it is to be `mixed`, the weighted mean of all, over which moves gain. */
export class Frame {
  /**
   * @param {Leaves} leaves
   * @param {number[]} rivals
   * @param {boolean} mixed
   */
  constructor(leaves, rivals, mixed = true) {
    const { problem, mixture } = leaves;
    this.leaves = leaves;
    /** @type {Row[]} */
    this.rows = [];
    if (problem.cosine) {
      for (const r of rivals) {
        this.rows.push({ added: leaves.added(r), base: problem.base.map((one) => one[r]), need: problem.least - problem.fixed[r] });
      }
      if (leaves.mixed && mixed) this.rows.push({ ...leaves.mixed, need: problem.least - leaves.mixed.fixed });
      return;
    }
    for (const r of rivals) this.rows.push({ added: [leaves.gains(r)], base: [leaves.leads[r]], need: problem.least });
    if (!mixture || !mixed) return;
    const row = new Float64Array(leaves.moves.length);
    let lead = 0;
    mixture.forEach((share, r) => {
      if (!share) return;
      lead += share * leaves.leads[r];
      const own = leaves.gains(r);
      for (let j = 0; j < row.length; j += 1) row[j] += share * own[j];
    });
    this.rows.push({ added: [row], base: [lead], need: problem.least });
  }

  /**
   * By the chosen moves and so many (left) more of the allowed ones.
   * @param {number[]} chosen
   * @param {number[]} allowed
   * @param {number} left
   */
  bound(chosen, allowed, left) {
    return new Bound(this, chosen, allowed, left);
  }

  /**
   * How often each granularity's products count, at every corner: C rows of [G].
   * @param {number[]} chosen
   * @param {number[]} allowed
   * @param {number[]} runs where units begin among the allowed
   * @param {number} left
   */
  factors(chosen, allowed, runs, left) {
    const { problem, norms } = this.leaves;
    if (!problem.cosine) return [[1]];
    const ends = problem.squares.map((square, g) => {
      const [least, most] = [norms.swings.least[g], norms.swings.most[g]];
      const falls = mostOfUnits((i) => -least[allowed[i]], runs, allowed.length, left);
      const rises = mostOfUnits((i) => most[allowed[i]], runs, allowed.length, left);
      const down = chosen.reduce((sum, j) => sum + least[j], -falls);
      const up = chosen.reduce((sum, j) => sum + most[j], rises);
      return [norms.factor(g, square + up), norms.factor(g, square + down)];
    });
    return Array.from({ length: 1 << ends.length }, (_, corner) => ends.map((pair, g) => pair[(corner >> g) & 1]));
  }
}

/**
 * By rival and corner, Q x C: gains, not negative, of the allowed moves and then of the chosen ones; short, what is needed besides what
 * the chosen gain.
 */
export class Bound {
  /**
   * @param {Frame} frame
   * @param {number[]} chosen
   * @param {number[]} allowed
   * @param {number} left
   */
  constructor(frame, chosen, allowed, left) {
    const { units } = frame.leaves.moves;
    this.left = left;
    this.count = allowed.length;
    this.runs = [...allowed.keys()].filter((i) => i === 0 || units[allowed[i]] !== units[allowed[i - 1]]);
    const by = frame.factors(chosen, allowed, this.runs, left);
    const which = [...allowed, ...chosen];
    this.rivals = frame.rows.length;
    this.corners = by.length;
    /** @type {Float64Array[]} */
    this.gains = [];
    this.short = new Float64Array(this.rivals * this.corners);
    this.needs = new Float64Array(this.short.length);
    const width = which.length;
    const own = new Float64Array(width);
    for (const { added, base, need } of frame.rows) {
      const from = this.gains.length;
      for (let c = 0; c < by.length; c += 1) this.gains.push(new Float64Array(width));
      for (let g = 0; g < added.length; g += 1) {
        for (let i = 0; i < width; i += 1) own[i] = added[g][which[i]];
        for (let c = 0; c < by.length; c += 1) {
          const [factor, row] = [by[c][g], this.gains[from + c]];
          for (let i = 0; i < width; i += 1) row[i] += factor * own[i];
        }
      }
      for (let c = 0; c < by.length; c += 1) {
        const row = this.gains[from + c];
        for (let i = 0; i < width; i += 1) if (row[i] < 0) row[i] = 0;
        let short = need;
        for (let g = 0; g < base.length; g += 1) short -= by[c][g] * base[g];
        this.needs[from + c] = short;
        for (let i = this.count; i < width; i += 1) short -= row[i];
        this.short[from + c] = short;
      }
    }
  }

  /** What as many moves as told gain at most: Q x C. */
  most(left = this.left) {
    return Float64Array.from(this.gains, (row) => mostOfUnits((i) => row[i], this.runs, this.count, left));
  }

  /** The places of the allowed moves with which every rival could be beaten, at one corner at least. */
  fits() {
    const above = this.most(this.left - 1);
    const over = this.short.map((short, i) => short - above[i] - NEAR);
    /** @type {number[]} */
    const found = [];
    for (let i = 0; i < this.count; i += 1) if (this.covers(over, i)) found.push(i);
    return found;
  }

  /**
   * Whether a move, or two, gain so much over every rival, at one corner at least.
   * @param {Float64Array} over
   * @param {number} i
   * @param {number} other
   */
  covers(over, i, other = -1) {
    const { gains, corners } = this;
    for (let at = 0; at < over.length; at += corners) {
      let could = false;
      for (let c = at; c < at + corners && !could; c += 1) could = gains[c][i] + (other < 0 ? 0 : gains[c][other]) >= over[c];
      if (!could) return false;
    }
    return true;
  }

  /**
   * What a move gains over a rival at the best corner.
   * @param {number} rival
   * @param {number} i
   */
  best(rival, i) {
    let most = 0;
    for (let c = rival * this.corners; c < (rival + 1) * this.corners; c += 1) most = Math.max(most, this.gains[c][i]);
    return most;
  }
}

/**
 * The sum of the largest of some values, not negative, so many, of every unit one.
 * @param {(i: number) => number} value
 * @param {number[]} runs where units begin
 * @param {number} length
 * @param {number} count
 */
function mostOfUnits(value, runs, length, count) {
  if (!count) return 0;
  const largest = new Float64Array(count);
  for (let run = 0; run < runs.length; run += 1) {
    const end = run + 1 < runs.length ? runs[run + 1] : length;
    let one = 0;
    for (let i = runs[run]; i < end; i += 1) one = Math.max(one, value(i));
    if (one <= largest[count - 1]) continue;
    let place = count - 1;
    for (; place > 0 && largest[place - 1] < one; place -= 1) largest[place] = largest[place - 1];
    largest[place] = one;
  }
  return largest.reduce((sum, one) => sum + one, 0);
}
