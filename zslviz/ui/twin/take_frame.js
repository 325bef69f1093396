// @ts-check
// What so many moves can gain at most: the twin of `what_would_it_take/frame.py`.

/** @typedef {import("./take_leaves.js").Leaves} Leaves */
/**
 * By rival and corner. gains: Q x C rows of [J], not negative; byUnit: of every unit one, [units]. needs: [Q x C].
 * @typedef {{ rivals: number, corners: number, gains: Float64Array[], byUnit: Float64Array[], needs: Float64Array }} Frame
 */

/**
 * The hardest rivals, so many, and those of the mixture: of these who are ahead.
 * @param {Leaves} leaves
 * @param {number} most
 */
export function hardRivals({ hardest, needs, mixture }, most) {
  const priced = mixture ? [...mixture.keys()].filter((r) => mixture[r]) : [];
  const both = new Set([...hardest.slice(0, most), ...priced].filter((r) => needs[r] > 0));
  return mixture ? [...both].sort((p, q) => p - q) : [...both];
}

/**
 * What at most so many of the allowed moves can gain over these rivals, and, if it is to be `mixed`, over the mixture of all.
 * @param {Leaves} leaves
 * @param {number[]} among the allowed moves
 * @param {number} most
 * @param {number[]} rivals
 * @param {boolean} mixed
 * @returns {Frame}
 */
export function makeFrame(leaves, among, most, rivals, mixed = true) {
  const { problem, moves } = leaves;
  const allowed = new Uint8Array(moves.length);
  for (const j of among) allowed[j] = 1;
  const clipped = (/** @type {Float64Array} */ row) => row.map((one, j) => (allowed[j] && one > 0 ? one : 0));
  /** @type {Float64Array[]} */
  const gains = [];
  /** @type {number[]} */
  const needs = [];
  if (!problem.cosine) {
    for (const r of rivals) {
      gains.push(clipped(leaves.gains(r)));
      needs.push(leaves.needs[r]);
    }
    if (leaves.mixture && mixed) {
      const row = new Float64Array(moves.length);
      let need = 0;
      leaves.mixture.forEach((share, r) => {
        if (!share) return;
        need += share * leaves.needs[r];
        const own = leaves.gains(r);
        for (let j = 0; j < row.length; j += 1) row[j] += share * own[j];
      });
      gains.push(clipped(row));
      needs.push(need);
    }
  } else {
    const { falls, rises } = leaves.norms.reach;
    const sum = (/** @type {Float64Array} */ of) => of.subarray(0, most).reduce((total, one) => total + one, 0);
    const ends = problem.squares.map((square, g) => {
      const both = [square + sum(rises[g]), square - sum(falls[g])];
      return both.map((one) => leaves.norms.factor(g, one));
    });
    const rows = rivals.map((r) => ({ added: leaves.added(r), fixed: problem.fixed[r], base: problem.base.map((one) => one[r]) }));
    if (leaves.mixed && mixed) rows.push(leaves.mixed);
    const corners = 1 << ends.length;
    const kept = room(leaves, rows.length * corners * moves.length);
    const totals = new Float64Array(corners);
    rows.forEach(({ added, fixed, base }, q) => {
      const from = q * corners;
      for (let corner = 0; corner < corners; corner += 1) {
        gains.push(kept.subarray((from + corner) * moves.length, (from + corner + 1) * moves.length));
        needs.push(ends.reduce((need, pair, g) => need - pair[(corner >> g) & 1] * base[g], problem.least - fixed));
      }
      for (const j of among) {
        totals[0] = 0;
        for (let g = 0, bit = 1; g < ends.length; g += 1, bit *= 2) { // what a corner's last high end adds to that with a low one
          const one = added[g][j];
          const more = (ends[g][1] - ends[g][0]) * one;
          totals[0] += ends[g][0] * one;
          totals[bit] = more;
        }
        for (let corner = 1; corner < corners; corner += 1) {
          const last = corner & -corner;
          totals[corner] = corner === last ? totals[0] + totals[corner] : totals[corner - last] + totals[last] - totals[0];
        }
        for (let corner = 0; corner < corners; corner += 1) if (totals[corner] > 0) gains[from + corner][j] = totals[corner];
      }
    });
  }
  const corners = problem.cosine ? 1 << problem.weights.length : 1;
  return { rivals: gains.length / corners, corners, gains, byUnit: byUnit(gains, moves), needs: Float64Array.from(needs) };
}

/**
 * So many zeros for the gains of a frame, in place of those of the frame before, which nothing looks at any more.
 * @param {Leaves} leaves
 * @param {number} size
 */
function room(leaves, size) {
  const { start } = leaves.problem;
  const kept = start.gains.length < size ? new Float64Array(2 * size) : start.gains;
  start.gains = kept;
  return kept.fill(0, 0, size);
}

/**
 * Gains, of every unit one; of up and down one gains nothing anyway.
 * @param {Float64Array[]} gains
 * @param {import("./take_moves.js").Moves} moves
 */
function byUnit(gains, moves) {
  if (!moves.shared.length) return gains;
  const [several, apart] = [moves.shared, moves.alone];
  return gains.map((row) => {
    const found = new Float64Array(several.length + apart.length);
    for (let i = 0; i < several.length; i += 1) for (const j of several[i]) if (row[j] > found[i]) found[i] = row[j];
    for (let i = 0; i < apart.length; i += 1) found[several.length + i] = row[apart[i]];
    return found;
  });
}

/**
 * Whether it is clear from one rival alone, the mixture or else the first of these, that so many moves do not win.
 * @param {Leaves} leaves
 * @param {number[]} among
 * @param {number} most
 * @param {number[]} rivals
 */
export function tooFew(leaves, among, most, rivals) {
  const frame = makeFrame(leaves, among, most, leaves.mixed ? [] : rivals.slice(0, 1));
  const gained = topsOfUnits(frame, most)[most];
  return frame.needs.every((need, i) => gained[i] < need - 1e-9);
}

/**
 * Of the gains of units: see `topsOf`.
 * @param {Pick<Frame, "byUnit">} frame
 * @param {number} most
 */
export function topsOfUnits({ byUnit }, most) {
  return topsOf(byUnit, [...(byUnit[0] || []).keys()], most);
}

/**
 * Sums of the 0, 1, ..., most largest of the gains of these moves: most + 1 rows, of all rivals and corners.
 * @param {Float64Array[]} gains
 * @param {number[]} among
 * @param {number} most
 */
export function topsOf(gains, among, most) {
  const tops = Array.from({ length: most + 1 }, () => new Float64Array(gains.length));
  const largest = new Float64Array(most);
  gains.forEach((row, i) => {
    largest.fill(0);
    for (const j of among) {
      const one = row[j];
      if (!most || one <= largest[most - 1]) continue;
      let place = most - 1;
      for (; place > 0 && largest[place - 1] < one; place -= 1) largest[place] = largest[place - 1];
      largest[place] = one;
    }
    for (let k = 0; k < most; k += 1) tops[k + 1][i] = tops[k][i] + largest[k];
  });
  return tops;
}
