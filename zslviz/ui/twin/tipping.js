// @ts-check
// Where on its way a value tips the answer: the twin of `zslviz/tasks/attributes/tipping.py`, name by name, where the formulae stand.
import { rank } from "./answers.js";
import { LEAST_NORM, box, columns, valuesNow } from "./whatifs.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./answers.js").RankRequest} RankRequest */
/** @typedef {import("./scoring.js").ClassRanking} ClassRanking */
/**
 * Beyond `value` the class `rival` is first. bound: the value in words, cut towards the side where that is so.
 * @typedef {{ value: number, rival: number, bound: string }} TippingPoint
 */

const NEAR = 1e-9; // between two values that are told apart
const NOTHING = 1e-12; // of the sum of weights: a lead that is lost by less is not lost

/**
 * Where the class that is first now is overtaken as this attribute alone sinks below, or rises above, what it is; null if nowhere in its
 * box (which a value outside of it widens). Throws AskedError.
 * @param {Explanation} x
 * @param {number} attribute
 * @param {RankRequest} request
 * @returns {{ below: TippingPoint | null, above: TippingPoint | null }}
 */
export function tippingPoints(x, attribute, request = {}) {
  const ranking = rank(x, request);
  const now = valuesNow(x, request)[attribute];
  const [low, high] = box(x).subarray(2 * attribute, 2 * attribute + 2);
  if (ranking.order.length < 2) return { below: null, above: null };
  const way = new Way(x, request, ranking, attribute, now);
  return { below: low < now ? way.tippingPoint(low) : null, above: high > now ? way.tippingPoint(high) : null };
}

// The leads of the first class over all others while one attribute moves.
class Way {
  /**
   * @param {Explanation} x
   * @param {RankRequest} request
   * @param {ClassRanking} ranking
   * @param {number} attribute
   * @param {number} now
   */
  constructor(x, request, ranking, attribute, now) {
    const { rule, model: { scale } } = x;
    const { space, order: [first, ...rivals] } = ranking;
    const [scores, attributes, classes] = [x.editedScores(request.image_edits), space.attributes.length, space.seen.length];
    const all = columns(rule, space);
    this.now = now;
    this.weights = rule.weights;
    this.cosine = rule.kind === "cosine";
    this.at = rule.weights.map((_, g) => scores[g * attributes + attribute]);
    this.pace = rule.weights.map((_, g) => scale.std[g * attributes + attribute] / scale.table_std[attribute]);
    this.squares = rule.weights.map(() => 0); // of the other attributes
    const others = rule.weights.map(() => new Float64Array(classes)); // what these bring to the products, more for the first class
    for (let i = 0; i < scores.length; i += 1) {
      const [a, g] = [i % attributes, Math.floor(i / attributes)];
      if (a === attribute) continue;
      const [brought, own] = [others[g], all[a * classes + first]];
      this.squares[g] += scores[i] * scores[i];
      for (let c = 0; c < classes; c += 1) brought[c] += scores[i] * (own - all[a * classes + c]);
    }
    this.rivals = rivals.sort((p, q) => p - q).map((c) => ({
      c,
      others: others.map((brought) => brought[c]),
      own: all[attribute * classes + first] - all[attribute * classes + c],
      fixed: Math.fround(ranking.gamma) * (space.seen[c] - space.seen[first]),
    }));
    for (const rival of this.rivals) rival.fixed += Math.max(-this.lead(rival, now), 0); // float32 may have found equal what is not quite
  }

  /** What one granularity brings to the lead over a rival at a raw score. */
  term(/** @type {Rival} */ rival, /** @type {number} */ g, /** @type {number} */ raw) {
    const product = this.weights[g] * (rival.others[g] + raw * rival.own);
    return this.cosine ? product / Math.max(Math.sqrt(this.squares[g] + raw * raw), LEAST_NORM) : product;
  }

  raw(/** @type {number} */ g, /** @type {number} */ value) {
    return this.at[g] + (value - this.now) * this.pace[g];
  }

  lead(/** @type {Rival} */ rival, /** @type {number} */ value) {
    return this.weights.reduce((sum, _, g) => sum + this.term(rival, g, this.raw(g, value)), 0) + rival.fixed;
  }

  /** What the lead is at least between two values: each granularity's least, added. */
  least(/** @type {Rival} */ rival, /** @type {number} */ one, /** @type {number} */ other) {
    let sum = 0;
    for (let g = 0; g < this.weights.length; g += 1) {
      const [start, stop] = [this.raw(g, one), this.raw(g, other)];
      let least = Math.min(this.term(rival, g, start), this.term(rival, g, stop));
      const turning = (rival.own * this.squares[g]) / rival.others[g]; // a quotient's one stationary point
      if (this.squares[g] > 0 && turning > Math.min(start, stop) && turning < Math.max(start, stop)) {
        least = Math.min(least, this.term(rival, g, turning));
      }
      sum += least;
    }
    return sum + rival.fixed;
  }

  /**
   * The nearest one on the way to a value.
   * @param {number} end
   * @returns {TippingPoint | null}
   */
  tippingPoint(end) {
    const found = this.cosine ? this.nearest(end) : this.crossing(end);
    return found && { ...found, bound: bound(found.value, end) };
  }

  /** Of leads that are linear: where the first of them is zero. */
  crossing(/** @type {number} */ end) {
    const towards = Math.sign(end - this.now);
    const pace = this.weights.reduce((sum, weight, g) => sum + weight * this.pace[g], 0) * towards;
    const ways = this.rivals.map((one) => {
      const slope = pace * one.own;
      return { way: slope < 0 ? this.lead(one, this.now) / -slope : Infinity, slope: Math.fround(slope), rival: one.c };
    });
    const nearest = Math.fround(Math.min(...ways.map(({ way }) => way)));
    const [{ way, rival }] = ways.filter((one) => Math.fround(one.way) === nearest).sort((p, q) => p.slope - q.slope); // the steepest
    return way < Math.abs(end - this.now) ? { value: this.now + towards * way, rival } : null;
  }

  /** Where the first lead is lost: halves the way, the near half first, and passes over what is proved to be kept. */
  nearest(/** @type {number} */ end) {
    const lost = -NOTHING * this.weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    const stretches = [{ near: this.now, far: end, which: this.rivals }];
    for (let stretch = stretches.pop(); stretch; stretch = stretches.pop()) {
      const { near, far } = stretch;
      const which = stretch.which.filter((rival) => this.least(rival, near, far) < lost);
      if (!which.length) continue;
      if (Math.abs(far - near) > NEAR) {
        const middle = (near + far) / 2;
        stretches.push({ near: middle, far, which }, { near, far: middle, which });
        continue;
      }
      const leads = which.map((rival) => this.lead(rival, far));
      const least = Math.min(...leads);
      if (least < lost) return { value: far, rival: which[leads.findIndex((lead) => lead <= least - lost)].c }; // of those alike the first
    }
    return null;
  }
}

/** A rival of the first class. own: of the attribute that moves, what the first class has more of it. @typedef {Way["rivals"][number]} Rival */

// With two decimals or as many as are needed to stay between the value and the end.
function bound(/** @type {number} */ value, /** @type {number} */ end) {
  for (const decimals of [2, 3, 4, 5, 6]) {
    const scale = 10 ** decimals;
    const cut = (end < value ? Math.floor(value * scale) : Math.ceil(value * scale)) / scale;
    if ((cut > Math.min(value, end) && cut < Math.max(value, end)) || cut === value) return cut.toFixed(decimals);
  }
  return value.toFixed(6);
}
