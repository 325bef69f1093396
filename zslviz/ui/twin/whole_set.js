// @ts-check
// A model's test photos as fused vectors, ranked again after edits of classes: the twin of `zslviz/tasks/attributes/whole_set`.
import { BundleError, halves, part } from "./bundle.js";
import * as reading from "./reading.js";
import * as scoring from "./scoring.js";
import { mayBe, setSentence, within } from "./whole_set_sets.js";
import { calledSentence, retestSentence } from "./whole_set_told.js";

const FORMAT = 1;
const CURVE_POINTS = 81;
const [MOST_CLASSES, MOST_MOVES] = [8, 8];
const KIND = "model's test photos";

/** @typedef {import("./scoring.js").SemanticSpace} SemanticSpace */
/**
 * N test photos. vectors: [N, A], the fused vector of each. labels: [N], class indices. of_seen: [N], 1 for a photo of a seen class.
 * photos: the same for two models that were measured on the same photos in the same order.
 * @typedef {{ model: string, data: string, config: string, photos: string, vectors: Float32Array, labels: Uint16Array, of_seen: Uint8Array }} FusedPhotos
 */

/**
 * What `fused_bytes` of Python wrote. space: of the model. Throws BundleError.
 * @param {ArrayBuffer | Uint8Array} content
 * @param {SemanticSpace} space
 * @returns {FusedPhotos}
 */
export function readFusedPhotos(content, space) {
  const bundle = reading.opened(content, KIND, FORMAT);
  return reading.usable(() => {
    const { model, data, config, photos } = bundle.head;
    const [attributes, count] = [space.attributes.length, bundle.parts.get("labels")?.shape[0] ?? 0];
    const labels = part(bundle, "labels", Uint16Array, [count]);
    const vectors = halves(part(bundle, "vectors", Uint16Array, [count, attributes]));
    const exact = bundle.parts.get("exact");
    if (exact) {
      const rows = part(bundle, "exact", Float32Array, [exact.shape[0], attributes]);
      part(bundle, "exact_places", Uint16Array, [exact.shape[0], 2]).forEach((low, i, places) => {
        if (i % 2) return;
        const place = low + 65536 * places[i + 1];
        if (place >= count) throw new BundleError("This bundle is damaged: it names a photo that it does not have.");
        vectors.set(rows.subarray((i / 2) * attributes, (i / 2 + 1) * attributes), place * attributes);
      });
    }
    if (labels.some((c) => c >= space.classes.length)) throw new BundleError("These test photos are of another model.");
    return { model, data, config, photos, vectors, labels, of_seen: part(bundle, "of_seen", Uint8Array, [count]) };
  });
}

/** @typedef {{ t1: number, u: number, s: number, h: number }} Figures fractions */
/** @typedef {{ index: number, photos: number, right: [before: number, after: number], called: [before: number, after: number] }} ClassChange */
/** @typedef {{ source: number, target: number, photos: number, lost: number, won: number }} Move */
/**
 * What became of the test photos: `Retest` of Python.
 * @typedef {{
 *   photos: number, before: Figures, after: Figures, gamma: [number, number], changed: number, gained: number, lost: number,
 *   edited: number[], classes: ClassChange[], moves: Move[], sentence: import("./wording.js").Sentence, asked: ClassChange | null,
 * }} Retest
 */
/**
 * The best classes of each photo, [N]: the index and the score of the best one that was trained on (0) and of the best other one (1).
 * @typedef {{ index: Int32Array, score: Float64Array }[]} Bests
 */

/** A model's test photos, to be ranked again. Only the columns of edited classes are worked out anew. */
export class WholeSet {
  /**
   * @param {FusedPhotos} photos
   * @param {{ space: SemanticSpace, rule: scoring.ScoringRule, gamma: number }} model
   */
  constructor(photos, { space, rule, gamma }) {
    this.photos = photos;
    this.space = space;
    this.rule = rule;
    this.gamma = gamma;
    /** @type {Float32Array[]} the scores of each class, before calibration */
    this.columns = [];
    /** @type {Map<string, Bests>} among the classes that are not edited: of the newest few sets of edited ones */
    this.rests = new Map();
  }

  /** Works some columns out; whether all are there. most: how many at once, so that a page can go on in between. */
  prepare(most = Infinity) {
    const { columns, space } = this;
    for (let made = 0; made < most && columns.length < space.classes.length; made += 1) columns.push(this.column(space, columns.length));
    return columns.length === space.classes.length;
  }

  /** The scores of one class of a space: [N]. */
  column(/** @type {SemanticSpace} */ space, /** @type {number} */ c) {
    const { photos: { vectors, labels }, rule } = this;
    const [A, plain] = [space.attributes.length, rule.kind === "dot" || rule.kind === "cosine"];
    const weights = plain ? Float64Array.from(space.table.subarray(c * A, (c + 1) * A)) : scoring.row(rule, space, c);
    const length = plain ? space.lengths[c] : 1;
    const found = new Float32Array(labels.length);
    for (let n = 0, i = 0; n < found.length; n += 1) {
      let sum = 0;
      for (let a = 0; a < A; a += 1, i += 1) sum += weights[a] * vectors[i];
      found[n] = sum / length;
    }
    return found;
  }

  /** The test photos before and after edits of classes and gamma. space: the edited one, perhaps with classes more. */
  retest(space = this.space, gamma = this.gamma, asked = /** @type {number | null} */ (null)) {
    this.prepare();
    const edited = this.edited(space);
    const before = this.state(this.space, [], this.gamma);
    const after = edited.length || gamma !== this.gamma ? this.state(space, edited, gamma) : before;
    return { ...compared(this.photos, before, after, [this.gamma, gamma], edited, space, asked), within: within(after.short, this.photos.of_seen) };
  }

  /** Classes that are described otherwise, and new ones. */
  edited(/** @type {SemanticSpace} */ space) {
    const [A, known] = [space.attributes.length, this.space.classes.length];
    const found = [];
    for (let c = 0; c < space.classes.length; c += 1) {
      let same = c < known && space.seen[c] === this.space.seen[c];
      for (let i = c * A; same && space !== this.space && i < (c + 1) * A; i += 1) same = space.table[i] === this.space.table[i];
      if (!same) found.push(c);
    }
    return found;
  }

  /** What every photo is called, [N], and the figures. */
  state(/** @type {SemanticSpace} */ space, /** @type {number[]} */ edited, /** @type {number} */ gamma) {
    const rest = this.rest(edited);
    const [seen, unseen] = rest.map(({ index, score }) => ({ index: index.slice(), score: score.slice() }));
    const columns = this.columns.slice();
    for (const c of edited) better(space.seen[c] ? seen : unseen, (columns[c] = this.column(space, c)), c);
    const { labels, of_seen } = this.photos;
    const called = new Int32Array(labels.length);
    const handicap = Math.fround(gamma);
    const short = new Float64Array(labels.length); // how far the true class is behind the first
    const [photos, t1, right] = [0, 1, 2].map(() => new Uint32Array(space.classes.length));
    for (let n = 0; n < called.length; n += 1) {
      const [s, u, label] = [Math.fround(seen.score[n] - handicap), unseen.score[n], labels[n]];
      called[n] = s > u || (s === u && seen.index[n] < unseen.index[n]) ? seen.index[n] : unseen.index[n];
      photos[label] += 1;
      const own = columns[label][n];
      short[n] = Math.max(s, u) - (space.seen[label] ? Math.fround(own - handicap) : own);
      if (called[n] === label) right[label] += 1;
      if (!of_seen[n] && unseen.index[n] === label) t1[label] += 1;
    }
    const [s, u] = [1, 0].map((kind) => meanShare(right, photos, (c) => this.space.seen[c] === kind));
    const figures = { t1: meanShare(t1, photos, (c) => !this.space.seen[c]), u, s, h: s + u > 0 ? (2 * s * u) / (s + u) : 0 };
    return { called, figures, seen, unseen, short };
  }

  /** The best of the classes that are not edited. */
  rest(/** @type {number[]} */ edited) {
    const key = edited.join();
    const known = this.rests.get(key);
    if (known) return known;
    const count = this.photos.labels.length;
    const made = [0, 1].map(() => ({ index: new Int32Array(count).fill(-1), score: new Float64Array(count).fill(-Infinity) }));
    this.columns.forEach((column, c) => {
      if (!edited.includes(c)) better(made[this.space.seen[c] ? 0 : 1], column, c);
    });
    this.rests.set(key, made);
    if (this.rests.size > 3) this.rests.delete([...this.rests.keys()][1]); // the first one is that without edits
    return made;
  }

  /** The seen-unseen curve: S and U at some gammas from where all is called a class trained on to where none is. */
  curve(space = this.space) {
    this.prepare();
    const { seen, unseen } = this.state(space, this.edited(space), 0);
    const { labels, of_seen } = this.photos;
    let [least, most] = [Infinity, -Infinity];
    for (let n = 0; n < labels.length; n += 1) {
      least = Math.min(least, seen.score[n] - unseen.score[n]);
      most = Math.max(most, seen.score[n] - unseen.score[n]);
    }
    const step = (Math.ceil(most) - Math.floor(least)) / (CURVE_POINTS - 1);
    const gammas = Array.from({ length: CURVE_POINTS }, (_, i) => Math.floor(least) + i * step);
    const photos = new Uint32Array(space.classes.length);
    for (const label of labels) photos[label] += 1;
    const points = gammas.map((gamma) => {
      const [right, handicap] = [new Uint32Array(space.classes.length), Math.fround(gamma)];
      for (let n = 0; n < labels.length; n += 1) {
        const [s, u] = [Math.fround(seen.score[n] - handicap), unseen.score[n]];
        const called = s > u || (s === u && seen.index[n] < unseen.index[n]) ? seen.index[n] : unseen.index[n];
        if (called === labels[n] && Boolean(of_seen[n]) === Boolean(this.space.seen[called])) right[called] += 1;
      }
      return [1, 0].map((kind) => meanShare(right, photos, (c) => this.space.seen[c] === kind));
    });
    return { gamma: gammas, seen: points.map(([s]) => s), unseen: points.map(([, u]) => u) };
  }
}

/**
 * What the page shows of it, after the edits that a ranking has: with a class to be told of, and which classes the photo may be.
 * @param {WholeSet} whole
 * @param {scoring.ClassRanking} ranking of the photo in sight, after the edits: its classes are the model's, and perhaps some more
 * @param {number} asked
 */
export function retestAnswer(whole, ranking, asked) {
  const { space } = ranking;
  const found = whole.retest(space, ranking.gamma, asked);
  const called = calledSentence(/** @type {ClassChange} */ (found.asked), space.class_names);
  return { ...found, called, may_be: setSentence(space, mayBe(ranking, found.within.lead), found.within) };
}

// Takes over what a class is better at: of equals the one listed first.
function better(/** @type {Bests[number]} */ { index, score }, /** @type {Float32Array} */ column, /** @type {number} */ c) {
  for (let n = 0; n < column.length; n += 1) {
    if (column[n] > score[n] || (column[n] === score[n] && c < index[n])) {
      score[n] = column[n];
      index[n] = c;
    }
  }
}

// Mean over classes of the share of their photos; classes without a photo are skipped.
function meanShare(/** @type {Uint32Array} */ right, /** @type {Uint32Array} */ photos, /** @type {(c: number) => boolean} */ counts) {
  let [sum, classes] = [0, 0];
  for (let c = 0; c < photos.length; c += 1) {
    if (!photos[c] || !counts(c)) continue;
    sum += right[c] / photos[c];
    classes += 1;
  }
  return classes ? sum / classes : 0;
}

/**
 * @param {FusedPhotos} photos
 * @param {{ called: Int32Array, figures: Figures }} before
 * @param {{ called: Int32Array, figures: Figures }} after
 * @param {[number, number]} gamma
 * @param {number[]} edited
 * @param {SemanticSpace} space
 * @param {number | null} asked
 * @returns {Retest}
 */
function compared({ labels }, before, after, gamma, edited, space, asked) {
  let [changed, gained, lost] = [0, 0, 0];
  const change = space.classes.map((_, index) => (/** @type {ClassChange} */ ({ index, photos: 0, right: [0, 0], called: [0, 0] })));
  /** @type {Map<number, Move>} */
  const moves = new Map();
  for (let n = 0; n < labels.length; n += 1) {
    const [label, was, now] = [labels[n], before.called[n], after.called[n]];
    change[label].photos += 1;
    change[was].called[0] += 1;
    change[now].called[1] += 1;
    if (was === label) change[label].right[0] += 1;
    if (now === label) change[label].right[1] += 1;
    if (was === now) continue;
    changed += 1;
    if (now === label) gained += 1;
    if (was === label) lost += 1;
    const key = was * space.classes.length + now;
    const move = moves.get(key) || { source: was, target: now, photos: 0, lost: 0, won: 0 };
    move.photos += 1;
    if (was === label) move.lost += 1;
    if (now === label) move.won += 1;
    moves.set(key, move);
  }
  const all = [...moves].sort(([p, one], [q, other]) => other.photos - one.photos || p - q).map(([, move]) => move);
  const size = (/** @type {ClassChange} */ { right: [was, now] }) => Math.abs(now - was);
  const most = change.filter((one) => size(one)).sort((p, q) => size(q) - size(p) || p.index - q.index);
  const classes = [...new Set([...edited.map((c) => change[c]), ...most])].slice(0, MOST_CLASSES);
  const told = { photos: labels.length, before: before.figures, after: after.figures, gamma, changed, gained, lost, edited, classes };
  const sentence = retestSentence(labels.length, changed, gained, lost, edited.length ? classes.slice(0, 1) : [], all, space.class_names);
  return { ...told, moves: all.slice(0, MOST_MOVES), sentence, asked: asked === null ? null : change[asked] };
}
