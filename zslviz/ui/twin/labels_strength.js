// @ts-check
// What labels' scores mean to people: the twin of `strength.py` of the task that scores labels.

/** @typedef {{ zero: number, seen: number, unseen: number }} StrengthScale as `strength.py` has it */

/**
 * The scale of one photo (`strength_scale`). calibrated: scores [K] at the model's own gamma.
 * @param {Float32Array} calibrated
 * @param {Uint8Array} seen
 * @param {number} threshold
 * @param {number} unseenThreshold
 * @returns {StrengthScale}
 */
export function strengthScale(calibrated, seen, threshold, unseenThreshold) {
  const counts = seen.includes(1) ? calibrated.filter((_, label) => seen[label]) : calibrated;
  const scores = Float64Array.from(counts).sort();
  const half = scores.length >> 1;
  const middle = scores.length % 2 ? scores[half] : (scores[half - 1] + scores[half]) / 2;
  const lowest = Math.min(threshold, unseenThreshold);
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const spread = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
  return { zero: middle < lowest ? middle : lowest - Math.max(spread, 1e-6), seen: threshold, unseen: unseenThreshold };
}

/** The calibrated scores of a strength: of labels trained on, and of the others. */
export function thresholds(/** @type {StrengthScale} */ { zero, seen, unseen }, /** @type {number} */ strength) {
  return [seen, unseen].map((bar) => zero + (strength / 100) * (bar - zero));
}
