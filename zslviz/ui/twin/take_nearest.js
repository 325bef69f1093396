// @ts-check
// A convex program by the dual active set method of Goldfarb and Idnani (1983): `nearest` of `what_would_it_take/squares.py`.

const PIVOTS = 600;
const VIOLATED = 1e-9;
const FLAT = 1e-10; // what is no curvature

/**
 * The solution of a square system, rows of [m], for one right side [m]; by elimination with the largest pivots.
 * @param {Float64Array[]} matrix
 * @param {ArrayLike<number>} right
 */
function solved(matrix, right) {
  const size = matrix.length;
  const rows = matrix.map((row, i) => Float64Array.from([...row, right[i]]));
  return eliminated(rows, size).map((row) => row[size]);
}

/**
 * Rows of [m + n] brought to the unit matrix in their first m columns.
 * @param {Float64Array[]} rows
 * @param {number} size
 */
function eliminated(rows, size) {
  for (let i = 0; i < size; i += 1) {
    let best = i;
    for (let k = i + 1; k < size; k += 1) if (Math.abs(rows[k][i]) > Math.abs(rows[best][i])) best = k;
    [rows[i], rows[best]] = [rows[best], rows[i]];
    const pivot = rows[i][i];
    for (let l = i; l < rows[i].length; l += 1) rows[i][l] /= pivot;
    for (let k = 0; k < size; k += 1) {
      const by = rows[k][i];
      if (k !== i && by) for (let l = i; l < rows[k].length; l += 1) rows[k][l] -= by * rows[i][l];
    }
  }
  return rows;
}

function times(/** @type {Float64Array} */ one, /** @type {Float64Array} */ other) {
  let sum = 0;
  for (let a = 0; a < one.length; a += 1) sum += one[a] * other[a];
  return sum;
}

/**
 * min <z, along^-1 z> with slopes z >= needs [R] and low <= z <= high [A]: z and that; null if there is none.
 * @param {Float64Array[]} along A rows of [A]
 * @param {Float64Array[]} slopes R rows of [A]
 * @param {Float64Array} needs
 * @param {Float64Array} low
 * @param {Float64Array} high
 */
export function nearest(along, slopes, needs, low, high) {
  const [width, rivals] = [low.length, slopes.length];
  const sizes = slopes.map((row) => row.reduce((most, one) => Math.max(most, Math.abs(one)), 1e-12));
  const z = new Float64Array(width);
  // Rows: of the rivals, then of the least and the most of every value.
  const sign = (/** @type {number} */ i) => (i < rivals + width ? 1 : -1);
  const place = (/** @type {number} */ i) => (i - rivals) % width;
  const product = (/** @type {number} */ i, /** @type {Float64Array} */ of) =>
    (i < rivals ? times(slopes[i], of) / sizes[i] : sign(i) * of[place(i)]);
  const end = (/** @type {number} */ i) => {
    if (i < rivals) return needs[i] / sizes[i];
    return sign(i) > 0 ? low[place(i)] : -high[place(i)];
  };
  /** @type {Map<number, Float64Array>} */
  const known = new Map();
  const reached = (/** @type {number} */ i) => { // S times a row
    const found = known.get(i) || (i < rivals ? Float64Array.from(along, (row) => times(row, slopes[i]) / sizes[i])
      : along[place(i)].map((one) => sign(i) * one));
    known.set(i, found);
    return found;
  };
  /** @type {number[]} */
  let active = [];
  /** @type {number[]} */
  let prices = [];
  let [fresh, price] = [-1, 0];
  for (let turn = 0; turn < PIVOTS; turn += 1) {
    if (fresh < 0) {
      let worst = Infinity;
      const on = new Set(active);
      for (let i = 0; i < rivals + 2 * width; i += 1) {
        const left = on.has(i) ? 0 : product(i, z) - end(i);
        if (left < worst) [worst, fresh] = [left, i];
      }
      price = 0;
      if (worst >= -VIOLATED) {
        const worth = active.reduce((sum, i, place_) => sum + prices[place_] * product(i, z), 0);
        return { z: z.map((one, a) => Math.min(Math.max(one, low[a]), high[a])), worth };
      }
    }
    const inner = active.map((i) => Float64Array.from(active, (k) => product(k, reached(i))));
    const give = solved(inner, active.map((i) => product(fresh, reached(i))));
    const way = reached(fresh).slice();
    active.forEach((i, at) => reached(i).forEach((one, a) => (way[a] -= give[at] * one)));
    const bend = product(fresh, way);
    let [drop, most] = [-1, Infinity];
    give.forEach((one, at) => {
      if (one > FLAT && prices[at] / one < most) [drop, most] = [at, prices[at] / one];
    });
    const full = bend > FLAT ? (end(fresh) - product(fresh, z)) / bend : Infinity;
    const step = Math.min(most, full);
    if (!Number.isFinite(step)) return null;
    if (Number.isFinite(full)) way.forEach((one, a) => (z[a] += step * one));
    prices = prices.map((one, at) => one - step * give[at]);
    price += step;
    if (step === full) {
      active = [...active, fresh];
      prices = [...prices, price];
      fresh = -1;
    } else {
      active = active.filter((_, at) => at !== drop);
      prices = prices.filter((_, at) => at !== drop);
    }
  }
  return null;
}

/**
 * The part of S in which what is not free stays, and changes of every exclusive group add up to nothing: A rows of [A].
 * @param {Float64Array[] | null} given null: the unit matrix
 * @param {number[][]} exclusive
 * @param {Float64Array} spread
 * @param {Uint8Array} free
 */
export function within(given, exclusive, spread, free) {
  const width = spread.length;
  const along = given || Array.from(spread, (_, a) => Float64Array.from(spread, (_one, b) => Number(a === b)));
  const stays = [...free.keys()].filter((a) => !free[a]);
  const sums = stays.map((a) => Float64Array.from(spread, (_, b) => Number(a === b)));
  for (const members of exclusive.filter((own) => own.some((a) => free[a]))) {
    const row = new Float64Array(width);
    for (const a of members) row[a] = spread[a] * free[a];
    sums.push(row);
  }
  if (!sums.length) return along;
  const reached = sums.map((row) => Float64Array.from(along, (own) => times(own, row))); // the columns of S sums'
  const rows = sums.map((row, i) => {
    const both = new Float64Array(sums.length + width);
    reached.forEach((column, k) => (both[k] = times(row, column)));
    both.set(reached[i], sums.length);
    return both;
  });
  const shares = eliminated(rows, sums.length).map((row) => row.subarray(sums.length));
  return along.map((own, a) => {
    const found = own.slice();
    if (!free[a]) return found.fill(0);
    shares.forEach((row, k) => {
      const by = reached[k][a];
      if (by) for (let b = 0; b < width; b += 1) found[b] -= by * row[b];
    });
    for (const b of stays) found[b] = 0;
    return found;
  });
}

/** @type {WeakMap<import("./scoring.js").SemanticSpace, Float64Array[]>} */
const known = new WeakMap();

/** The shrunk correlation of attributes over a table's classes: A rows of [A]. */
export function correlation(/** @type {import("./scoring.js").SemanticSpace} */ space) {
  const kept = known.get(space);
  if (kept) return kept;
  const [width, count] = [space.attributes.length, space.seen.length];
  const columns = Array.from({ length: width }, (_, a) => {
    const column = Float64Array.from({ length: count }, (_one, c) => space.table[c * width + a]);
    const mean = column.reduce((sum, one) => sum + one, 0) / count;
    const spread = Math.sqrt(column.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (count - 1));
    return column.map((one) => (one - mean) / Math.max(spread, 1e-9));
  });
  const squared = columns.map((column) => column.map((one) => one * one));
  const found = columns.map(() => new Float64Array(width));
  let [total, doubt] = [0, 0];
  for (let a = 0; a < width; a += 1) {
    for (let b = 0; b < width; b += 1) {
      if (a === b) continue;
      const sum = times(columns[a], columns[b]);
      found[a][b] = sum / Math.max(count - 1, 1);
      total += found[a][b] ** 2;
      doubt += (count / Math.max(count - 1, 1) ** 3) * Math.max(times(squared[a], squared[b]) - sum ** 2 / count, 0);
    }
  }
  const share = total > 0 ? Math.min(1, Math.max(0.05, doubt / total)) : 1;
  found.forEach((row, a) => row.forEach((one, b) => (row[b] = a === b ? 1 : (1 - share) * one)));
  known.set(space, found);
  return found;
}
