// @ts-check
// What so many moves can gain at most: the twin of `_Frame` of `what_would_it_take/fewest.py`.

/** @typedef {import("./take_leaves.js").Leaves} Leaves */
/**
 * By rival and corner. gains: Q x C rows of [J], not negative. needs: [Q x C]. tops: of so many largest.
 * @typedef {{ rivals: number, corners: number, gains: Float64Array[], needs: Float64Array, tops: Float64Array[] }} Frame
 */

/**
 * What at most so many of the allowed moves can gain over these rivals, and over the mixture of all.
 * @param {Leaves} leaves
 * @param {number[]} among the allowed moves
 * @param {number} most
 * @param {number[]} rivals
 * @returns {Frame}
 */
export function makeFrame(leaves, among, most, rivals) {
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
      gains.push(clipped(leaves.gains[r]));
      needs.push(leaves.needs[r]);
    }
    if (leaves.mixture) {
      const row = new Float64Array(moves.length);
      let need = 0;
      leaves.mixture.forEach((share, r) => {
        if (!share) return;
        need += share * leaves.needs[r];
        for (let j = 0; j < row.length; j += 1) row[j] += share * leaves.gains[r][j];
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
    /** @type {{ apart: Float64Array, fixed: number, base: number[] }[]} */
    const rows = rivals.map((r) => {
      return { apart: problem.apart[r], fixed: problem.fixed[r], base: problem.base.map((one) => one[r]) };
    });
    if (leaves.mixed) rows.push(leaves.mixed);
    for (const { apart, fixed, base } of rows) {
      const added = problem.weights.map((_, g) => Float64Array.from(moves.changes, ({ members, steps }) =>
        members.reduce((total, a, e) => total + apart[a] * problem.pace[g * problem.attributes + a] * steps[e], 0)));
      for (let corner = 0; corner < 1 << ends.length; corner += 1) {
        const by = ends.map((pair, g) => pair[(corner >> g) & 1]);
        gains.push(clipped(added[0].map((_, j) => by.reduce((total, one, g) => total + one * added[g][j], 0))));
        needs.push(problem.least - fixed - by.reduce((total, one, g) => total + one * base[g], 0));
      }
    }
  }
  const tops = [new Float64Array(gains.length)];
  const largest = gains.map((row) => {
    const own = row.slice(); // of up and down one gains nothing
    for (const shared of moves.shared) {
      const best = Math.max(...shared.map((j) => row[j]));
      shared.forEach((j, i) => (own[j] = i ? 0 : best));
    }
    return own.sort().reverse();
  });
  for (let k = 0; k < most; k += 1) tops.push(tops[k].map((top, i) => top + (largest[i][k] ?? 0)));
  const corners = problem.cosine ? 1 << problem.weights.length : 1;
  return { rivals: gains.length / corners, corners, gains, needs: Float64Array.from(needs), tops };
}
