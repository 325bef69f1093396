// @ts-check
// Answers about labels as the panels read them: the twin of the tab's `answers.py`, of what its `tab.py` answers, and of the task's
// `scales.py`. Same names, same shape; where the server gives a picture (`url`, `legend`), these give `values` [H, W] and the `scale`
// to draw them on (and the contours, and where it is strongest in words).
import { titlesOf, toldAnswer } from "./insights_told.js";
import { lines } from "./labels.js";
import { partEnds, partLeads, partMap, partNamed, partsOf } from "./labels_parts.js";
import { WEAK, alike, median, quantile, regionAt, regionBox, shared } from "./maps.js";
import { nameIndex } from "./names.js";
import { NotInBundleError } from "./reading.js";
import { AskedError } from "./scoring.js";

const LEADING = 5;
const SMALL_MAPS = 4; // of labels never trained on, and as many of others
const REGION_LABELS = 8;
const FLOOR = 0.9; // share of all labels and places that a map leaves transparent

/** @typedef {import("./labels.js").LabelExplanation} LabelExplanation */
/** @typedef {import("./maps.js").ColourScale} ColourScale */
/**
 * How labels are to be ranked; what is missing or null is as the model has it.
 * @typedef {{
 *   added?: string[], gamma?: number | null, threshold?: number | null, first?: number | null, unseen_only?: boolean,
 *   strength?: number | null,
 * }} LabelRequest
 */

// With the added labels that are asked for.
function asked(/** @type {LabelExplanation} */ x, /** @type {LabelRequest} */ { added = [] }) {
  const whole = x.withAdded(added);
  if (!whole) throw new NotInBundleError("A label that was typed is not in this bundle; it has to be added first.");
  return whole;
}

function labelIndex(/** @type {LabelExplanation} */ { space }, /** @type {string} */ name) {
  const index = nameIndex(space.labels, space.label_names, name);
  if (index < 0) throw new AskedError(`There is no label '${name}'.`);
  return index;
}

// -- what is found --------------------------------------------------------------------------------------------------------

/** Every label's line; how many are found; which lead, and whose maps are drawn small, those never trained on first. Throws AskedError. */
export function rankingAnswer(/** @type {LabelExplanation} */ x, /** @type {LabelRequest} */ request) {
  const whole = asked(x, request);
  const first = request.first ?? null;
  const { gamma, threshold, strength } = request;
  const ranking = whole.rank({ gamma, threshold, strength, first, unseenOnly: request.unseen_only });
  const all = lines(ranking);
  const [unseen, seen] = [false, true].map((is) => all.filter((line) => line.seen === is).map((line) => line.name));
  return {
    labels: all.map((line) => ({ ...line, added: line.index >= whole.own })),
    found: all.filter((line) => line.found).length,
    found_unseen: all.filter((line) => line.found && !line.seen).length,
    leading: { unseen: unseen.slice(0, LEADING), seen: seen.slice(0, LEADING) },
    small: [...unseen.slice(0, SMALL_MAPS), ...seen.slice(0, SMALL_MAPS)],
    floor: median(all.map((line) => line.calibrated)),
    ceiling: all[0].calibrated,
    gamma: ranking.gamma,
    threshold: first === null ? ranking.threshold : null,
    unseen_threshold: first === null ? ranking.unseenThreshold : null,
    first,
  };
}

/**
 * The labels that a region stands out for, with what it gives to them (less gamma, if seen), and how far up the photo's one scale that is.
 * @param {LabelExplanation} x
 * @param {number} row
 * @param {number} column
 * @param {number | null} gamma
 */
export function regionLabels(x, row, column, gamma = null) {
  const { low, high } = mapScale(x);
  const there = (/** @type {number} */ label) => x.regionsOf(label)[row * x.grid[1] + column];
  return x.regionLabels(row, column, REGION_LABELS, gamma).filter(([i]) => there(i) > low)
    .map(([i, score]) => ({ name: x.space.label_names[i], seen: Boolean(x.space.seen[i]), score, height: (there(i) - low) / (high - low) }));
}

// -- maps -----------------------------------------------------------------------------------------------------------------

/** @returns {ColourScale} */
const from = (/** @type {number} */ low, /** @type {number} */ high) => ({ low, high: high > low ? high : low + 1, signed: false });

/** One scale for every label's map of a photo: the highest tenth of the region scores of the model's own labels. */
export function mapScale(/** @type {LabelExplanation} */ x) {
  const scores = x.regionScores.subarray(0, x.own * x.regions);
  return from(quantile(scores, FLOOR), scores.reduce((highest, score) => Math.max(highest, score), -Infinity));
}

/** The scale of one label's map [H, W] that is looked at alone: from its median region to its highest. */
export function ownScale(/** @type {Float32Array} */ values) {
  return from(median(values), values.reduce((highest, value) => Math.max(highest, value), -Infinity));
}

/**
 * The scale of a label's map: the photo's one scale, or its own where that is asked for, or the map is weak (`stretch` null).
 * @param {LabelExplanation} x
 * @param {number} label
 * @param {boolean | null} stretch
 */
export function labelScale(x, label, stretch = null) {
  const scale = mapScale(x);
  const values = x.regionsOf(label);
  const highest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const reach = (highest - scale.low) / (scale.high - scale.low);
  const weak = reach < WEAK;
  const stretched = stretch ?? weak;
  return { scale: stretched ? ownScale(values) : scale, weak, stretched, reach };
}

/**
 * A label's map, its counted regions as fractions of the photo's sides, and its score. part: of this part of the model alone.
 * @param {LabelExplanation} x
 * @param {number} label
 * @param {boolean | null} stretch
 * @param {number | null} part
 */
export function mapAnswer(x, label, stretch = null, part = null) {
  const boxes = x.countedRegions(label).map(([row, column]) => regionBox(x.parts.mapGeometry, x.grid, row, column));
  return {
    name: x.space.label_names[label],
    seen: Boolean(x.space.seen[label]),
    added: label >= x.own,
    score: x.scores[label],
    values: part === null ? x.regionsOf(label) : partMap(x, label, part),
    boxes: boxes.filter((box) => box[0] < box[2] && box[1] < box[3]),
    counted: boxes.length,
    part: part === null ? null : partsOf(x)[part].name,
    leads: partLeads(x, label),
    ...labelScale(x, label, stretch),
    ...(part === null ? {} : { scale: from(...partEnds(x, label, part)) }),
  };
}

/** Small maps of some labels, weak ones stretched; labels whose maps are the same have one, seen and unseen ones apart. */
export function thumbnailsAnswer(/** @type {LabelExplanation} */ x, /** @type {number[]} */ labels) {
  const groups = alike(labels.map((label) => x.regionsOf(label))).map((group) => group.map((i) => labels[i]));
  const apart = groups.flatMap((group) => [0, 1].map((seen) => group.filter((label) => Number(x.space.seen[label]) === seen)));
  return {
    thumbnails: apart.filter((group) => group.length).map((group) => ({
      names: group.map((label) => x.space.label_names[label]), values: x.regionsOf(group[0]), ...labelScale(x, group[0]),
    })),
  };
}

/** Where a region looked, on a scale from 0 to the largest share. Throws AskedError. */
export function attentionAnswer(/** @type {LabelExplanation} */ x, /** @type {number} */ row, /** @type {number} */ column) {
  if (!x.parts.attention) {
    const offered = ["evidence", ...partsOf(x).map(({ name }) => name)];
    throw new AskedError(`There is no map of 'attention'; choose ${[offered.slice(0, -1).join(", "), ...offered.slice(-1)].filter(Boolean).join(" or ")}.`);
  }
  const values = x.attentionFrom(row, column);
  return { row, column, values, scale: shared([values]) };
}

// -- as the tab's store asks ----------------------------------------------------------------------------------------------

const told = (/** @type {LabelExplanation} */ { parts, model }) => ({ photo: parts.insights, model: model.insights });

/** What the panels are told of an explanation. */
export function facts(/** @type {LabelExplanation} */ x) {
  const ranking = rankingAnswer(x, { added: x.space.labels.slice(x.own) });
  return {
    gamma: x.gamma,
    labels: x.space.labels.map((own, i) => ({ name: x.space.label_names[i], own, seen: Boolean(x.space.seen[i]) })),
    there: x.told.truth.map((/** @type {number} */ i) => x.space.label_names[i]),
    strength: x.strengths,
    words: x.space.words,
    remark: x.model.remark,
    tells: titlesOf(told(x)),
    has_attention: x.parts.attention !== null,
    parts: partsOf(x),
    ranking,
    map: mapAnswer(x, labelIndex(x, ranking.small[0])),
  };
}

/** @typedef {LabelRequest & Record<string, any>} Payload the request, and what a question is about */
/**
 * What the panels ask, by its name: as `store.ask` of the tab has it. Throws AskedError, and NotInBundleError for what only the server has.
 * @type {Record<string, (x: LabelExplanation, payload: Payload) => object>}
 */
export const questions = {
  rank: rankingAnswer,
  map: (x, payload) => {
    const whole = asked(x, payload);
    return mapAnswer(whole, labelIndex(whole, payload.label), payload.stretch ?? null, partNamed(whole, payload.part));
  },
  thumbnails: (x, payload) => {
    const whole = asked(x, payload);
    return thumbnailsAnswer(whole, payload.labels.map((/** @type {string} */ name) => labelIndex(whole, name)));
  },
  region: (x, payload) => {
    const whole = asked(x, payload);
    const geometry = whole.parts.mapGeometry;
    const [row, column] = regionAt(geometry, whole.grid, payload.x, payload.y);
    const box = regionBox(geometry, whole.grid, row, column);
    return { row, column, grid: whole.grid, box, labels: regionLabels(whole, row, column, payload.gamma) };
  },
  attention: (x, { row, column }) => attentionAnswer(x, row, column),
  insights: (x) => toldAnswer(told(x)),
};
