// @ts-check
// The handicap of trained classes alone: the twin of `what_would_it_take/gamma.py`.
import { rank } from "./answers.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./answers.js").RankRequest} RankRequest */

const DECIMALS = [1, 2, 3, 4, 5];
const COARSE = 0.1; // of the way to the other gamma: what rounding may add

/**
 * The gamma nearest to the present one, in a round number, with which the class would be first; null if there is none.
 * @param {Explanation} x
 * @param {RankRequest} request
 * @param {number} target
 */
export function gammaAlone(x, request, target) {
  const { scores, order, ranks, space: { seen }, gamma: now } = rank(x, request);
  const rivals = order.filter((c) => c !== target);
  const others = rivals.filter((c) => seen[c] !== seen[target]);
  if (ranks[target] === 1 || !others.length) return null;
  if (rivals.some((c) => seen[c] === seen[target] && scores[c] >= scores[target])) return null;
  const apart = Math.max(...others.map((c) => scores[c])) - scores[target];
  for (const decimals of DECIMALS) {
    const scale = 10 ** decimals;
    // a class that was never trained on needs a larger gamma than it is behind, a trained one a smaller one than it is ahead
    const gamma = seen[target] ? (Math.ceil(-apart * scale) - 1) / scale : (Math.floor(apart * scale) + 1) / scale;
    if (1 / scale <= COARSE * Math.abs(gamma - now) && rank(x, { ...request, gamma }).ranks[target] === 1) return gamma + 0;
  }
  return null;
}
