// @ts-check
// A small linear program by the dual simplex method for bounded variables: the twin of `what_would_it_take/simplex.py`.

const SHORT = 1e-9; // of a row, next to the largest number in it: not short
const PIVOT = 1e-9;
const MOST = 500; // pivots

// Of a row, by size.
function largest(/** @type {Float64Array} */ row) {
  let most = 0;
  for (let j = 0; j < row.length; j += 1) most = Math.max(most, Math.abs(row[j]));
  return most;
}

/** min costs t over 0 <= t <= tops; rows come one after the other. */
export class LinearProgram {
  /**
   * @param {Float64Array} costs
   * @param {Float64Array} tops
   */
  constructor(costs, tops) {
    this.count = costs.length;
    this.tops = Array.from(tops);
    this.dictionary = /** @type {Float64Array[]} */ ([]); // basic = constant + dictionary outside
    this.reduced = Float64Array.from(costs);
    this.outside = Array.from(costs, (_, i) => i);
    this.basic = /** @type {number[]} */ ([]);
    this.atTop = new Uint8Array(costs.length);
    this.values = /** @type {number[]} */ ([]);
  }

  /**
   * One more row: row t >= need.
   * @param {Float64Array} given
   * @param {number} need
   */
  add(given, need) {
    const size = Math.max(largest(given), 1e-12);
    const [row, fresh, t] = [new Float64Array(this.count), new Float64Array(this.count), this.all()];
    let value = -need / size;
    for (let j = 0; j < row.length; j += 1) {
      row[j] = given[j] / size;
      value += row[j] * t[j];
    }
    for (let j = 0; j < fresh.length; j += 1) if (this.outside[j] < this.count) fresh[j] = row[this.outside[j]];
    for (let i = 0; i < this.basic.length; i += 1) {
      const [by, known] = [row[this.basic[i]], this.dictionary[i]];
      if (this.basic[i] < this.count && by) for (let j = 0; j < fresh.length; j += 1) fresh[j] += by * known[j];
    }
    this.basic.push(this.count + this.basic.length);
    this.dictionary.push(fresh);
    this.tops.push(Infinity);
    this.values.push(value);
  }

  /** Whether there is such a t; `solution` is the cheapest one then. */
  solve() {
    for (let turn = 0; turn < MOST; turn += 1) {
      let [i, most, exact] = [-1, -Infinity, 0];
      this.values.forEach((value, row) => {
        const short = Math.max(-value, value - this.tops[this.basic[row]]);
        exact = Math.max(exact, short);
        if (Math.fround(short) > most) [i, most] = [row, Math.fround(short)];
      });
      if (i < 0 || exact <= SHORT) return true;
      const [below, above] = [-this.values[i], this.values[i] - this.tops[this.basic[i]]];
      if (!this.mend(i, below >= above, Math.max(below, above))) return false;
    }
    return false;
  }

  /**
   * Takes the basic variable of row i to the end that it is beyond. False if nothing outside can.
   * @param {number} i
   * @param {boolean} rises
   * @param {number} gap
   */
  mend(i, rises, gap) {
    const [row, size] = [this.dictionary[i], this.dictionary[i].length];
    const [helps, ratios] = [new Float64Array(size), new Float32Array(size).fill(Infinity)];
    for (let j = 0; j < size; j += 1) {
      helps[j] = rises === Boolean(this.atTop[j]) ? -row[j] : row[j];
      if (helps[j] > PIVOT) ratios[j] = Math.abs(this.reduced[j]) / helps[j];
    }
    /** @type {number[]} */
    const passed = [];
    for (let left = gap; ;) { // by rising ratio; of equals by number
      let enters = -1;
      for (let j = 0; j < size; j += 1) {
        if (ratios[j] < Infinity && (enters < 0 || ratios[j] < ratios[enters] ||
          (ratios[j] === ratios[enters] && this.outside[j] < this.outside[enters]))) enters = j;
      }
      if (enters < 0) return false;
      left -= helps[enters] * this.tops[this.outside[enters]];
      if (left <= SHORT) {
        for (const j of passed) this.flip(j);
        this.pivot(i, enters, rises);
        return true;
      }
      ratios[enters] = Infinity;
      passed.push(enters);
    }
  }

  // To its other end.
  flip(/** @type {number} */ j) {
    const way = this.atTop[j] ? -this.tops[this.outside[j]] : this.tops[this.outside[j]];
    for (let k = 0; k < this.values.length; k += 1) this.values[k] += this.dictionary[k][j] * way;
    this.atTop[j] = 1 - this.atTop[j];
  }

  /**
   * @param {number} i
   * @param {number} j
   * @param {boolean} rises
   */
  pivot(i, j, rises) {
    const pivot = this.dictionary[i][j];
    const end = rises ? 0 : this.tops[this.basic[i]];
    const step = (end - this.values[i]) / pivot;
    const start = this.atTop[j] ? this.tops[this.outside[j]] : 0;
    for (let k = 0; k < this.values.length; k += 1) this.values[k] += this.dictionary[k][j] * step;
    this.values[i] = start + step;
    const fresh = new Float64Array(this.count);
    for (let l = 0; l < fresh.length; l += 1) fresh[l] = -this.dictionary[i][l] / pivot;
    fresh[j] = 1 / pivot;
    this.dictionary.forEach((row, k) => {
      if (k === i) return;
      const by = row[j];
      row[j] = 0;
      if (by) for (let l = 0; l < row.length; l += 1) row[l] += by * fresh[l];
    });
    this.dictionary[i] = fresh;
    const price = this.reduced[j];
    this.reduced[j] = 0;
    for (let l = 0; l < fresh.length; l += 1) this.reduced[l] += price * fresh[l];
    [this.basic[i], this.outside[j]] = [this.outside[j], this.basic[i]];
    this.atTop[j] = rises ? 0 : 1;
  }

  /** t [N]. */
  solution() {
    const t = this.all();
    for (let i = 0; i < t.length; i += 1) t[i] = Math.min(Math.max(t[i], 0), this.tops[i]);
    return t;
  }

  all() {
    const t = new Float64Array(this.count);
    for (let j = 0; j < this.count; j += 1) if (this.atTop[j] && this.outside[j] < this.count) t[this.outside[j]] = this.tops[this.outside[j]];
    this.basic.forEach((id, i) => {
      if (id < this.count) t[id] = this.values[i];
    });
    return t;
  }

  /** What one more of each row's need, scaled as `add` scales rows, would cost: [rows]; not negative. */
  prices() {
    const found = new Float64Array(this.basic.length);
    this.outside.forEach((id, j) => {
      if (id >= this.count) found[id - this.count] = Math.max(this.reduced[j], 0);
    });
    return found;
  }
}

/** R rows of [N]: row r, and all rows times t, [R]. @typedef {{ row: (r: number) => Float64Array, times: (t: Float64Array) => Float64Array }} Rows */

/**
 * Rows that are there.
 * @param {Float64Array[]} rows
 * @returns {Rows}
 */
export function rowsOf(rows) {
  return {
    row: (r) => rows[r],
    times: (t) => Float64Array.from(rows, (row) => {
      let sum = 0;
      for (let j = 0; j < t.length; j += 1) if (t[j]) sum += row[j] * t[j];
      return sum;
    }),
  };
}

/**
 * The cheapest t [N] with gains t >= needs [R], 0 <= t <= tops, and at most 1 in all of every `shared` set; or null. Also the prices
 * of the rows that joined.
 * @param {Rows} gains of which only the rows that join are looked at
 * @param {Float64Array} needs
 * @param {Float64Array} costs
 * @param {Float64Array} tops
 * @param {number[][]} shared
 */
export function cheapest(gains, needs, costs, tops, shared) {
  const program = new LinearProgram(costs, tops);
  /** @type {Map<number, number>} */
  const scales = new Map();
  const sets = new Set();
  /** @type {number[]} */
  const order = [];
  let found = true;
  for (;;) {
    const t = program.solution();
    /** @type {{ r: number, lacks: number, size: number }[]} */
    const worst = [];
    const got = gains.times(t);
    for (let r = 0; r < needs.length; r += 1) {
      const lacks = needs[r] - got[r];
      const size = Math.fround(lacks);
      if (worst.length < 3 || size > worst[worst.length - 1].size) {
        let place = worst.length;
        while (place > 0 && worst[place - 1].size < size) place -= 1;
        worst.splice(place, 0, { r, lacks, size });
        worst.length = Math.min(worst.length, 3);
      }
    }
    const fresh = worst.filter(({ r, lacks }) => lacks > 1e-7 && !scales.has(r));
    const full = (/** @type {number[]} */ members) => members.reduce((sum, j) => sum + t[j], 0) > 1 + 1e-9;
    const crowded = shared.flatMap((members, i) => (!sets.has(i) && full(members) ? [i] : []));
    if (!fresh.length && !crowded.length) break;
    for (const { r } of fresh) {
      const row = gains.row(r);
      scales.set(r, Math.max(largest(row), 1e-12));
      program.add(row, needs[r]);
      order.push(r);
    }
    for (const i of crowded) {
      sets.add(i);
      const row = new Float64Array(costs.length);
      for (const j of shared[i]) row[j] = -1;
      program.add(row, -1);
      order.push(-1);
    }
    found = program.solve();
    if (!found) break;
  }
  const all = program.prices();
  /** @type {Map<number, number>} */
  const prices = new Map();
  order.forEach((r, place) => {
    if (r >= 0) prices.set(r, all[place] / /** @type {number} */ (scales.get(r)));
  });
  return { t: found ? program.solution() : null, prices, joined: order.filter((r) => r >= 0) };
}
