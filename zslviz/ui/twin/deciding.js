// @ts-check
// The smallest rectangle whose evidence decides who is first: the twin of `zslviz/tasks/attributes/is_it_true/deciding.py`.
import { rank } from "./answers.js";
import { columnsBefore, exactPlaces, promised, rankLeft, rowsBefore } from "./is_it_true.js";
import { factors, row, withValues } from "./scoring.js";

const LIKE = 1e-9; // areas that differ by less are one size

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./answers.js").RankRequest} RankRequest */
/** @typedef {import("./is_it_true.js").Left} Left */

// Where the maps' cells meet, as fractions of a side of the photo.
function lines(/** @type {number} */ cells, /** @type {number} */ size, /** @type {number} */ start, /** @type {number} */ length) {
  const inner = Array.from({ length: cells + 1 }, (_, cell) => ((cell * size) / cells - start) / length);
  return [0, ...inner.filter((at) => at > 1e-6 && at < 1 - 1e-6), 1];
}

/**
 * The smallest rectangle of whole cells without whose evidence another class would be first; null if there is none. Throws AskedError.
 * @param {Explanation} x
 * @param {RankRequest} request
 * @returns {Left | null}
 */
export function decidingRegion(x, request) {
  const ranking = rank(x, request);
  if (ranking.order.length < 2) return null;
  const [first] = ranking.order;
  const { grid } = exactPlaces(x);
  const { size, top, left: begin, box_height: high, box_width: wide } = x.geometry;
  const [ys, xs] = [lines(grid[0], size, top, high), lines(grid[1], size, begin, wide)];
  const leads = new Leads(x, request, ranking, ys, xs);
  /** @type {{ box: [number, number, number, number], area: number }[]} */
  const boxes = [];
  for (let y0 = 0; y0 < ys.length; y0 += 1) {
    for (let y1 = y0 + 1; y1 < ys.length; y1 += 1) {
      for (let x0 = 0; x0 < xs.length; x0 += 1) {
        for (let x1 = x0 + 1; x1 < xs.length; x1 += 1) boxes.push({ box: [x0, y0, x1, y1], area: (ys[y1] - ys[y0]) * (xs[x1] - xs[x0]) });
      }
    }
  }
  boxes.sort((p, q) => p.area - q.area);
  for (let i = 0; i < boxes.length;) {
    const found = [];
    for (let last = boxes[i].area; i < boxes.length && boxes[i].area - last <= LIKE; i += 1) {
      last = boxes[i].area;
      const lead = leads.after(boxes[i].box);
      if (lead < 0) found.push({ lead, box: boxes[i].box });
    }
    for (const { box: [x0, y0, x1, y1] } of found.sort((p, q) => p.lead - q.lead)) {
      const one = promised(x, [xs[x0], ys[y0], xs[x1], ys[y1]]);
      if (rankLeft(x, one.scores, request).order[0] !== first) return one; // rounded, as everything that is told
    }
  }
  return null;
}

/** The same for the panels, as `promise`; null with a sentence where no rectangle decides. Throws AskedError. */
export function decidingAnswer(/** @type {Explanation} */ x, /** @type {RankRequest} */ request) {
  const promise = decidingRegion(x, request);
  if (promise) return { promise, sentence: "" };
  const { order: [first], space } = rank(x, request);
  const sentence = `No place decides: by the maps, ${space.class_names[first]} stays first without the evidence of any rectangle.`;
  return { promise, sentence };
}

// The lead of the first class over the best other one without a rectangle: by summed-area tables of classes and, where norms or edits
// need them, of attributes.
class Leads {
  /**
   * @param {Explanation} x
   * @param {RankRequest} request
   * @param {import("./scoring.js").ClassRanking} ranking
   * @param {number[]} ys
   * @param {number[]} xs
   */
  constructor(x, request, ranking, ys, xs) {
    this.x = x;
    this.edits = Object.entries(request.image_edits || {}).map(([a, wanted]) => ({ a: Number(a), wanted }));
    this.cosine = x.rule.kind === "cosine";
    const space = withValues(x.space, request.class_edits || {});
    this.rows = ranking.order.map((c) => row(x.rule, space, c));
    this.handicap = ranking.order.map((c) => (space.seen[c] ? ranking.gamma : 0));
    this.across = xs.length;
    this.attributes = this.table(ys, xs);
    this.scores = Float64Array.from(x.scores);
    const [G, A] = [x.rule.weights.length, x.space.attributes.length];
    const edited = new Set(this.edits.map(({ a }) => a));
    const counted = Array.from({ length: A }, (_, a) => a).filter((a) => !edited.has(a)); // edited values stay what they are
    const ofClasses = (/** @type {Float64Array} */ scores, /** @type {number} */ start) => this.rows.flatMap((own) =>
      Array.from({ length: G }, (_, g) => counted.reduce((sum, a) => sum + own[a] * scores[start + g * A + a], 0)));
    this.whole = ofClasses(this.scores, 0);
    const corners = Array.from({ length: ys.length * xs.length }, (_, corner) => ofClasses(this.attributes, corner * G * A));
    this.classes = Float64Array.from(corners.flat());
  }

  // What lies above and left of each corner: [Y, X, G, A].
  table(/** @type {number[]} */ ys, /** @type {number[]} */ xs) {
    const { evidence, grid: [rows, columns] } = exactPlaces(this.x);
    const count = this.x.scores.length;
    const downs = ys.map((y) => rowsBefore(this.x, rows, y));
    const rights = xs.map((at) => columnsBefore(this.x, columns, at));
    const found = new Float64Array(ys.length * xs.length * count);
    const strip = new Float64Array(rows);
    for (let i = 0; i < count; i += 1) {
      rights.forEach((right, j) => {
        for (let r = 0; r < rows; r += 1) {
          strip[r] = 0;
          for (let c = 0; c < columns; c += 1) strip[r] += evidence[(i * rows + r) * columns + c] * right[c];
        }
        downs.forEach((down, y) => {
          let sum = 0;
          for (let r = 0; r < rows; r += 1) sum += strip[r] * down[r];
          found[(y * rights.length + j) * count + i] = sum;
        });
      });
    }
    return found;
  }

  /** @param {[number, number, number, number]} box left, top, right, bottom, by the numbers of their lines */
  after([x0, y0, x1, y1]) {
    const { across, x, rows, handicap } = this;
    const { scale } = x.model;
    const [G, A] = [x.rule.weights.length, x.space.attributes.length];
    const corners = [y1 * across + x1, y0 * across + x1, y1 * across + x0, y0 * across + x0];
    const within = (/** @type {Float64Array} */ table, /** @type {number} */ width, /** @type {number} */ i) =>
      table[corners[0] * width + i] - table[corners[1] * width + i] - table[corners[2] * width + i] + table[corners[3] * width + i];
    const needed = this.cosine || this.edits.length;
    const scores = needed ? this.scores.map((score, i) => score - within(this.attributes, G * A, i)) : this.scores;
    for (const { a, wanted } of this.edits) {
      let value = 0;
      for (let g = 0; g < G; g += 1) value += scale.shares[g] * ((scores[g * A + a] - scale.mean[g * A + a]) / scale.std[g * A + a]);
      const step = (wanted - Math.fround(scale.table_mean[a] + scale.table_std[a] * value)) / scale.table_std[a];
      for (let g = 0; g < G; g += 1) scores[g * A + a] += step * scale.std[g * A + a];
    }
    const by = factors(x.rule, /** @type {any} */ (scores));
    let [own, other] = [0, -Infinity];
    for (let k = 0; k < rows.length; k += 1) {
      let score = -handicap[k];
      for (let g = 0; g < G; g += 1) {
        let sum = this.whole[k * G + g] - within(this.classes, rows.length * G, k * G + g);
        for (const { a } of this.edits) sum += rows[k][a] * scores[g * A + a];
        score += by[g] * sum;
      }
      if (k === 0) own = score;
      else if (score > other) other = score;
    }
    return own - other;
  }
}
