// @ts-check
// Whether the answer stays when the photo is seen slightly otherwise: the twin of `zslviz/tasks/attributes/wobble.py`.
import { rank } from "./answers.js";
import { rankLeft } from "./is_it_true.js";
import { listed, part, sentenceOf, valueText } from "./wording.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {{ first: number, stays: number, of: number, leads: number[], others: [index: number, count: number][], sentence: import("./wording.js").Sentence }} Wobbled */

/**
 * What becomes of the first class in several looks. scores: of each look, [G, A]. Throws AskedError.
 * @param {Explanation} x
 * @param {number[][]} scores
 * @param {import("./answers.js").RankRequest} request
 * @returns {Wobbled}
 */
export function wobbled(x, scores, request) {
  const [first] = rank(x, request).order;
  const rankings = scores.map((one) => rankLeft(x, one, request));
  const leads = rankings.map(({ order, calibrated }) => {
    const other = order.find((c) => c !== first);
    return other === undefined ? 0 : calibrated[first] - calibrated[other];
  });
  /** @type {Map<number, number>} */
  const ahead = new Map();
  for (const { order: [best] } of rankings) ahead.set(best, (ahead.get(best) || 0) + 1);
  const stays = ahead.get(first) || 0;
  ahead.delete(first);
  const others = [...ahead].sort(([p, one], [q, other]) => other - one || p - q);
  return { first, stays, of: scores.length, leads, others, sentence: sentence(x, first, stays, leads, others) };
}

/**
 * @param {Explanation} x
 * @param {number} first
 * @param {number} stays
 * @param {number[]} leads
 * @param {[index: number, count: number][]} others
 */
function sentence({ space: { class_names: names } }, first, stays, leads, others) {
  const named = (/** @type {number} */ c) => part("class", names[c], c);
  const [least, most] = [Math.min(...leads), Math.max(...leads)].map((lead) => valueText(lead));
  const pieces = [
    `Seen ${leads.length} times slightly otherwise (mirrored, moved, nearer, farther), `, named(first),
    ` is first ${stays} of ${leads.length} times; its lead goes from ${least} to ${most}.`,
  ];
  if (others.length) pieces.push(" Else first: ", ...listed(others.map(([c, count]) => [named(c), ` (${count})`])), ".");
  return sentenceOf(pieces);
}
