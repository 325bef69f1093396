// @ts-check
// Answers to edits and choices, as the panels read them: the twin of `zslviz/ui/tabs/explain/answers.py`, with the same names in them.
import { byAttributesAlone, fuse, largestFirst, row, strongest, withValues } from "./scoring.js";
import { sourcesOfLead } from "./sources.js";

const SHOWN_CLASSES = 10;
const SHOWN_TERMS = 8;

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./scoring.js").ClassRanking} ClassRanking */
/**
 * How classes are to be ranked. image_edits: what the model is to have seen. class_edits: what a class is to be said to look like.
 * gamma: the model's if null.
 * @typedef {{
 *   image_edits?: import("./scoring.js").Edits, class_edits?: import("./scoring.js").ClassEdits, gamma?: number | null,
 *   unseen_only?: boolean, without?: number[],
 * }} RankRequest
 */

const asked = (/** @type {Explanation} */ x, /** @type {RankRequest} */ request) => ({
  gamma: request.gamma,
  unseenOnly: request.unseen_only,
  imageEdits: request.image_edits,
  space: withValues(x.space, request.class_edits || {}),
  without: request.without,
});

/** The classes with edits of what they are said to look like. */
export function edited(/** @type {Explanation} */ { space }, /** @type {import("./scoring.js").ClassEdits} */ edits) {
  return withValues(space, edits);
}

const isEdited = (/** @type {RankRequest} */ { image_edits = {}, class_edits = {} }) =>
  Object.keys(image_edits).length > 0 || Object.values(class_edits).some((edits) => Object.keys(edits).length > 0);

/** The classes that compete after the edits, best first. Throws AskedError. */
export function rank(/** @type {Explanation} */ x, /** @type {RankRequest} */ request) {
  return x.rank(asked(x, request));
}

/** @type {WeakMap<Explanation, { key: string, ranking: ClassRanking }>} */
const unedited = new WeakMap(); // the last one of each explanation: edits come many times to one calibration

/** The same calibration and competing classes, without any edit. Throws AskedError. */
export function rankUnedited(/** @type {Explanation} */ x, /** @type {RankRequest} */ { gamma, unseen_only, without }) {
  const key = JSON.stringify([gamma, unseen_only, without]);
  const known = unedited.get(x);
  if (known?.key === key) return known.ranking;
  const ranking = rank(x, { gamma, unseen_only, without });
  unedited.set(x, { key, ranking });
  return ranking;
}

/**
 * The ranking after the edits, each line with the state before them, and the lead of one class over another.
 * @param {Explanation} x
 * @param {RankRequest} request
 * @param {number | null} why the class asked about; null: the first of the ranking
 * @param {number | null} trueClass
 * @param {number | null} rival what it is compared with; null: as `whyAnswer` has it
 * @param {number} count how many classes it tells of; the true one takes the last line where it comes after them
 */
export function rankingAnswer(x, request, why = null, trueClass = null, rival = null, count = SHOWN_CLASSES) {
  const after = rank(x, request);
  const before = isEdited(request) ? rankUnedited(x, request) : after;
  const lines = after.order.slice(0, count);
  if (trueClass !== null && after.ranks[trueClass] > lines.length) lines[lines.length - 1] = trueClass;
  const best = after.order[0];
  const { space } = after;
  return {
    classes: lines.map((index) => ({
      index,
      name: space.class_names[index],
      seen: Boolean(space.seen[index]),
      rank: after.ranks[index],
      score: after.calibrated[index],
      probability: after.probabilities[index],
      before: before.calibrated[index],
      rank_before: before.ranks[index],
      true: index === trueClass,
    })),
    competing: after.order.length,
    floor: median(before.order.map((c) => before.calibrated[c])),
    ceiling: Math.max(before.calibrated[before.order[0]], after.calibrated[best]),
    edited: isEdited(request),
    gamma: after.gamma,
    alone: byAttributesAlone(after),
    why: whyAnswer(x, request, after, why === null || !after.ranks[why] ? best : why, rival),
  };
}

// Of numbers by falling value.
function median(/** @type {number[]} */ falling) {
  const middle = falling.length >> 1;
  return falling.length % 2 ? falling[middle] : (falling[middle - 1] + falling[middle]) / 2;
}

/**
 * Why this class and not its rival: if none that competes is named, the runner-up for the first of the ranking, the first for any
 * other. `terms`, `others` (everything else together) and `calibration` add up to `margin`. absent: attributes that count by not being there.
 * sources: with `calibration` the margin as well, by what it comes from.
 * @param {Explanation} x
 * @param {RankRequest} request
 * @param {ClassRanking} ranking
 * @param {number} index
 * @param {number | null} named
 */
export function whyAnswer(x, request, ranking, index, named = null) {
  const { space, order } = ranking;
  const first = order[0];
  const usual = index === first ? order[1] ?? first : first;
  const rival = named === null || named === index || !ranking.ranks[named] ? usual : named;
  const scores = x.editedScores(request.image_edits);
  const exact = x.contributions(index, rival, { gamma: request.gamma, space, scores });
  const shown = strongest(exact, SHOWN_TERMS).filter((a) => exact.terms[a] !== 0);
  const together = shown.reduce((sum, a) => sum + exact.terms[a], 0);
  const fused = fuse(x.rule, scores);
  return {
    class: index,
    rival,
    class_name: space.class_names[index],
    rival_name: space.class_names[rival],
    margin: exact.margin,
    calibration: exact.calibration,
    terms: shown.map((a) => ({ attribute: a, term: exact.terms[a] })),
    others: exact.margin - exact.calibration - together,
    other_count: space.attributes.length - shown.length,
    pull: Array.from(exact.terms),
    absent: Array.from(fused.keys()).filter((a) => fused[a] < 0),
    sources: sourcesOfLead(x, scores, space, index, rival),
  };
}

/** What a class is said to look like before any edit: [A]. */
export function classValues(/** @type {Explanation} */ { space }, /** @type {number} */ index) {
  const attributes = space.attributes.length;
  return Array.from(space.table.subarray(index * attributes, (index + 1) * attributes));
}

/**
 * Attributes that speak most for the first class of the ranking, compared with the average class; those that a photo can show.
 * @param {Explanation} x
 * @param {number} count
 */
export function strongestAttributes(x, count) {
  const { rule, space } = x;
  const fused = fuse(rule, x.scores);
  const sum = new Float64Array(fused.length);
  space.classes.forEach((_, c) => row(rule, space, c).forEach((value, a) => (sum[a] += value)));
  const first = row(rule, space, x.rank().order[0]);
  const order = largestFirst(fused.map((u, a) => u * (first[a] - sum[a] / space.classes.length)));
  const shown = order.filter((a) => space.visible[a]);
  return (shown.length ? shown : order).slice(0, count);
}
