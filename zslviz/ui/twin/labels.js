// @ts-check
// Labels of one photo, read from its bundle: the twin of `scoring.py`, `explanation.py` and `bundle.py` of the task that scores labels,
// name by name, where the formulae stand. Both work in float64 from float32 numbers and round once to float32. Arrays are flat, rows
// first.
import { BundleError, part } from "./bundle.js";
import { ofParts } from "./labels_parts.js";
import { strengthScale, thresholds } from "./labels_strength.js";
import { readable } from "./names.js";
import * as reading from "./reading.js";
import { AskedError, bestFirst } from "./scoring.js";

const FORMAT = 1;

/** @typedef {import("./reading.js").Bytes} Bytes */
/** @typedef {import("./maps.js").Geometry} Geometry */
/** @typedef {{ labels: string[], label_names: string[], seen: Uint8Array, vectors: Float32Array, words: string, name: string }} LabelSpace vectors: [K, D] */
/**
 * What all photos of a model share. counted: how many of a label's highest regions are averaged. remark: on what is not as usual
 * in its system.
 * @typedef {{
 *   name: string, title: string, terms: string, remark: string, insights: reading.Insight[], counted: number, gamma: number, threshold: number, unseenThreshold: number,
 *   space: LabelSpace,
 * }} LabelModel
 */
/**
 * One line of a ranking. score: the label's own; calibrated: less gamma if it is seen; found: at least its threshold.
 * @typedef {{
 *   index: number, name: string, seen: boolean, rank: number, score: number, calibrated: number, found: boolean,
 * }} RankedLabel
 */
/**
 * All labels (or the unseen ones), best first. ranks: [K], 0 where a label does not compete. threshold, unseenThreshold: from
 * which seen and unseen labels count as found. first: instead of them, how many of the ranking do.
 * @typedef {{
 *   scores: Float32Array, calibrated: Float32Array, order: number[], ranks: Int32Array, space: LabelSpace, gamma: number,
 *   threshold: number, unseenThreshold: number, unseenOnly: boolean, first: number | null,
 * }} LabelRanking
 */
/**
 * strength: instead of a threshold, how strong labels that count as found are.
 * @typedef {{
 *   gamma?: number | null, unseenOnly?: boolean, threshold?: number | null, first?: number | null, strength?: number | null,
 * }} Asked
 */

// -- scoring --------------------------------------------------------------------------------------------------------------

/**
 * The `counted` highest regions of one label, highest first: flat indices. regionScores: [K, R].
 * @param {Float32Array} regionScores
 * @param {number} regions
 * @param {number} counted
 * @param {number} label
 */
export function highestRegions(regionScores, regions, counted, label) {
  const own = regionScores.subarray(label * regions, (label + 1) * regions);
  return Array.from(own, (_, cell) => cell).sort((p, q) => own[q] - own[p] || p - q).slice(0, counted);
}

/**
 * The score of every label: the mean of its `counted` highest regions, [K, R] -> [K].
 * @param {Float32Array} regionScores
 * @param {number} regions
 * @param {number} counted
 */
export function regionMeans(regionScores, regions, counted) {
  return Float32Array.from({ length: regionScores.length / regions }, (_, label) => {
    const highest = regionScores.slice(label * regions, (label + 1) * regions).sort().subarray(regions - counted);
    let sum = 0;
    for (let i = highest.length - 1; i >= 0; i -= 1) sum += highest[i];
    return sum / counted;
  });
}

/**
 * Scores [K] as they compete: seen labels' less gamma.
 * @param {Float32Array} scores
 * @param {Uint8Array} seen
 * @param {number} gamma
 */
export function calibrate(scores, seen, gamma) {
  return scores.map((score, label) => (seen[label] ? score - gamma : score));
}

/**
 * Ranks the labels of a space by one photo's scores [K]; of equals the one listed first comes first. Throws AskedError.
 * @param {Float32Array} scores
 * @param {LabelSpace} space
 * @param {number} gamma
 * @param {number} threshold
 * @param {boolean} unseenOnly
 * @param {number | null} first
 * @param {number} unseenThreshold
 * @returns {LabelRanking}
 */
export function rankLabels(scores, space, gamma, threshold, unseenOnly = false, first = null, unseenThreshold = threshold) {
  if (![gamma, threshold, unseenThreshold].every(Number.isFinite)) throw new AskedError("gamma and the threshold must be finite numbers.");
  const calibrated = calibrate(scores, space.seen, gamma);
  const competing = space.seen.map((seen) => (unseenOnly && seen ? 0 : 1));
  if (!competing.includes(1)) throw new AskedError("There is no unseen label, so nothing is left to rank; show all labels.");
  const order = bestFirst(calibrated, competing);
  const ranks = new Int32Array(scores.length);
  order.forEach((label, place) => (ranks[label] = place + 1));
  return { scores, calibrated, order, ranks, space, gamma, threshold, unseenThreshold, unseenOnly, first };
}

/**
 * Whether a label counts as found.
 * @param {LabelRanking} ranking
 * @param {number} label
 */
export function found({ calibrated, ranks, space, threshold, unseenThreshold, first }, label) {
  const bar = space.seen[label] ? threshold : unseenThreshold;
  return first === null ? calibrated[label] >= Math.fround(bar) : ranks[label] > 0 && ranks[label] <= first;
}

/**
 * The first `top` lines of a ranking, or all.
 * @param {LabelRanking} ranking
 * @param {number} top
 * @returns {RankedLabel[]}
 */
export function lines(ranking, top = Infinity) {
  const { order, ranks, scores, calibrated, space } = ranking;
  return order.slice(0, top).map((index) => ({
    index,
    name: space.label_names[index],
    seen: Boolean(space.seen[index]),
    rank: ranks[index],
    score: scores[index],
    calibrated: calibrated[index],
    found: found(ranking, index),
  }));
}

// -- one photo ------------------------------------------------------------------------------------------------------------

/** The model part of a bundle. Throws BundleError. */
export function readModelBundle(/** @type {Bytes} */ content) {
  return reading.openModel(content, "label model", FORMAT, (bundle) => {
    const { head } = bundle;
    const K = head.labels.length;
    const D = bundle.parts.get("vectors")?.shape[1] ?? 0;
    const vectors = part(bundle, "vectors", Float32Array, [K, D]);
    const label_names = readable(head.labels, head.label_names);
    const space = { labels: head.labels, label_names, seen: part(bundle, "seen", Uint8Array, [K]), vectors, words: head.words, name: head.space };
    const { model: name, title, terms, counted, gamma, threshold, unseen_threshold: unseen, remark = "" } = head;
    const insights = reading.insights(bundle, 0);
    return /** @type {LabelModel} */ ({ name, title, terms, remark, insights, counted, gamma, threshold, unseenThreshold: unseen ?? threshold, space });
  });
}

/**
 * An explanation. given: its model part, read or not, where the bundle was not written whole. Throws BundleError.
 * @param {Bytes} content
 * @param {LabelModel | Bytes | null} given
 */
export function readExplanationBundle(content, given = null) {
  return reading.openPhoto(content, "explanation by labels", FORMAT, given, readModelBundle, (bundle, model, told) => {
    const { head } = bundle;
    const K = model.space.labels.length;
    const [rows, columns] = bundle.parts.get("region_scores")?.shape.slice(1) ?? [0, 0];
    const R = rows * columns;
    const E = bundle.parts.get("embeddings")?.shape[1];
    if (head.own > K || model.counted > R) throw new BundleError("The bundle cannot be used: its model part is of another model.");
    return new LabelExplanation({
      model,
      space: model.space,
      own: head.own,
      partScores: ofParts(bundle, "part_scores", [K, rows, columns]),
      partEmbeddings: ofParts(bundle, "part_embeddings", [R, E ?? 0]),
      told,
      mapGeometry: head.map_geometry,
      grid: [rows, columns],
      regionScores: part(bundle, "region_scores", Float32Array, [K, rows, columns]),
      attention: reading.sprites(bundle, "attention", R, 1),
      insights: reading.insights(bundle, 0),
      embeddings: E === undefined ? null : part(bundle, "embeddings", Float32Array, [R, E]),
    });
  });
}

/**
 * told: its truth are the labels known to be there. own: how many of the labels are the model's; those after them were added. regionScores: [K, H, W].
 * attention: where each region looked, [R, R]. embeddings: [R, E], null if they were left out. partScores [K, H, W] and partEmbeddings
 * [R, E] of each part, [] of a model without parts.
 * @typedef {{
 *   model: LabelModel, space: LabelSpace, own: number, told: reading.Told, mapGeometry: Geometry, grid: [rows: number, columns: number], regionScores: Float32Array,
 *   attention: reading.Sprites | null, insights: reading.Insight[], embeddings: Float32Array | null,
 *   partScores: Float32Array[], partEmbeddings: Float32Array[],
 * }} LabelParts
 */

export class LabelExplanation {
  constructor(/** @type {LabelParts} */ parts) {
    this.parts = parts;
    this.model = parts.model;
    this.told = parts.told;
    this.space = parts.space;
    this.own = parts.own;
    this.grid = parts.grid;
    this.regionScores = parts.regionScores;
    this.partScores = parts.partScores;
    this.gamma = parts.model.gamma;
    this.regions = this.grid[0] * this.grid[1];
    this.scores = regionMeans(this.regionScores, this.regions, this.model.counted); // [K]
  }

  /** The map of a label: [H, W]. */
  regionsOf(/** @type {number} */ label) {
    return this.regionScores.subarray(label * this.regions, (label + 1) * this.regions);
  }

  /** The regions whose mean is the label's score, highest first: flat indices. */
  countedCells(/** @type {number} */ label) {
    return highestRegions(this.regionScores, this.regions, this.model.counted, label);
  }

  /** (row, column) of those regions. */
  countedRegions(/** @type {number} */ label) {
    return this.countedCells(label).map((cell) => [Math.floor(cell / this.grid[1]), cell % this.grid[1]]);
  }

  /** Ranks labels; what is left out is as the model has it. Throws AskedError. */
  rank(/** @type {Asked} */ { gamma = null, unseenOnly = false, threshold = null, first = null, strength = null } = {}) {
    const { threshold: own, unseenThreshold } = this.model;
    const bars = threshold !== null ? [threshold, threshold] : strength !== null ? thresholds(this.strengths, strength) : [own, unseenThreshold];
    return rankLabels(this.scores, this.space, gamma ?? this.gamma, bars[0], unseenOnly, first, bars[1]);
  }

  /** What its labels' scores mean to people. */
  get strengths() {
    const { threshold, unseenThreshold } = this.model;
    return strengthScale(calibrate(this.scores, this.space.seen, this.gamma), this.space.seen, threshold, unseenThreshold);
  }

  /**
   * Labels of one region, best first: [index, what the region gives to it, less gamma if it is seen].
   * @param {number} row
   * @param {number} column
   * @param {number} count
   * @param {number | null} gamma
   * @returns {[index: number, score: number][]}
   */
  regionLabels(row, column, count = 10, gamma = null) {
    const taken = gamma ?? this.gamma;
    const cell = row * this.grid[1] + column;
    const there = Array.from(this.space.seen, (seen, label) => this.regionScores[label * this.regions + cell] - taken * seen);
    const order = there.map((_, label) => label).sort((p, q) => there[q] - there[p] || p - q);
    return order.slice(0, count).map((label) => [label, there[label]]);
  }

  /** Where a region looked, mean over heads: [H, W]. Throws AskedError if the model does not tell. */
  attentionFrom(/** @type {number} */ row, /** @type {number} */ column) {
    if (!this.parts.attention) throw new AskedError("This model's regions do not look at each other.");
    return reading.values(this.parts.attention, row * this.grid[1] + column);
  }

  /**
   * The same photo with more labels, unseen, from their classifiers [N][E]: one product a label and region. Throws NotInBundleError.
   * @param {string[]} names
   * @param {ArrayLike<number>[]} classifiers
   */
  withLabels(names, classifiers) {
    const { embeddings, partEmbeddings } = this.parts;
    if (!embeddings) throw new reading.NotInBundleError("This bundle was written without what labels are added by.");
    const all = [embeddings, ...partEmbeddings];
    const { labels, label_names: read } = this.space;
    return this.#with([...labels, ...names], [...read, ...names], (flat, i) => [...this.#rows(flat, labels), ...classifiers.map((c) => this.#product(all[i], c))]);
  }

  /** The same photo with these labels added to the model's own, unseen, by their maps [N][R], and by those of each part [P][N][R]. */
  withMaps(/** @type {string[]} */ names, /** @type {ArrayLike<number>[]} */ maps, /** @type {ArrayLike<number>[][]} */ ofParts = []) {
    const [own, read] = [this.space.labels, this.space.label_names].map((all) => all.slice(0, this.own));
    return this.#with([...own, ...names], [...read, ...names], (flat, i) => [...this.#rows(flat, own), ...[maps, ...ofParts][i]]);
  }

  /** The same photo with those of its added labels alone, in this order; null if one of them is not in it. */
  withAdded(/** @type {string[]} */ names) {
    const own = this.space.labels.slice(0, this.own);
    const added = this.space.labels.slice(this.own);
    if (names.join("\n") === added.join("\n")) return this;
    const wanted = [...own, ...names];
    if (!names.every((name) => added.includes(name))) return null;
    const read = wanted.map((name) => this.space.label_names[this.space.labels.indexOf(name)]);
    return this.#with(wanted, read, (flat) => this.#rows(flat, wanted));
  }

  #product(/** @type {Float32Array} */ embeddings, /** @type {ArrayLike<number>} */ classifier) {
    const width = embeddings.length / this.regions;
    return Float32Array.from({ length: this.regions }, (_, region) => {
      let sum = 0;
      for (let e = 0; e < width; e += 1) sum += embeddings[region * width + e] * classifier[e];
      return sum;
    });
  }

  #rows(/** @type {Float32Array} */ flat, /** @type {string[]} */ labels) {
    return labels.map((name) => this.space.labels.indexOf(name)).map((label) => flat.subarray(label * this.regions, (label + 1) * this.regions));
  }

  // rows: the maps of these labels, of all together (0) and of each part, from those that there are.
  #with(/** @type {string[]} */ labels, /** @type {string[]} */ label_names, /** @type {(flat: Float32Array, i: number) => ArrayLike<number>[]} */ rows) {
    const [regionScores, ...partScores] = [this.regionScores, ...this.partScores].map((flat, i) => {
      const laid = new Float32Array(labels.length * this.regions);
      rows(flat, i).forEach((map, label) => laid.set(map, label * this.regions));
      return laid;
    });
    const seen = Uint8Array.from(labels, (_, label) => (label < this.own ? this.space.seen[label] : 0));
    return new LabelExplanation({ ...this.parts, space: { ...this.space, labels, label_names, seen }, regionScores, partScores });
  }
}
