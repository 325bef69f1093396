// @ts-check
// What a model tells besides scores and maps, as rows of numbers and curves to draw: the twin of `zslviz/tasks/attributes/insights.py`
// and what is told of attributes alone.
import { drawing, endsOf, nothingOf, titlesOf } from "./insights_told.js";
import { exactBias } from "./sources.js";
import { largestFirst } from "./scoring.js";

const SHOWN = 8; // attributes
const APART = "What each answer would say alone"; // `apart.js`

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./reading.js").Insight} Insight */

/** Of the photo or of the model: what follows from the exact maps, then what the network tells. @returns {Insight[]} */
export function insightsOf(/** @type {Explanation} */ x, /** @type {"photo" | "model"} */ of) {
  return of === "photo" ? [...rest(x), ...x.insights] : x.model.insights;
}

// Of a model whose rest differs from photo to photo: what of each value comes from places, and what is this rest.
/** @returns {Insight[]} */
function rest(/** @type {Explanation} */ x) {
  const found = exactBias(x);
  if (!found || !found.called) return [];
  const { shares, table_std: spread, std } = x.model.scale;
  const count = spread.length;
  const values = new Float32Array(2 * count);
  for (let a = 0; a < count; a += 1) {
    let [places, own] = [0, 0];
    shares.forEach((share, g) => {
      const at = g * count + a;
      const gain = Math.fround(Math.fround(share * spread[a]) / std[at]);
      places += gain * (x.scores[at] - found.bias[at]);
      own += gain * found.bias[at];
    });
    values[a] = places;
    values[count + a] = own;
  }
  const { called } = found;
  return [{
    name: "rest", title: `From places, and ${called}`, hint: `What each attribute’s value gets from places of this photo, and what of it is ${called}.`,
    axes: ["named", "attribute"], unit: "", signed: true, names: ["from places", called], at: [], across: "", term: "rest", of: "photo",
    row: (which) => values.subarray(which * count, (which + 1) * count), rows: 2,
  }];
}

/** @returns {import("./insights_told.js").Told} */
const told = (/** @type {Explanation} */ x) => ({ photo: insightsOf(x, "photo"), model: insightsOf(x, "model") });

/** The titles of everything that is told, of the photo and of the model. */
export function titles(/** @type {Explanation} */ x) {
  const { photo, model } = titlesOf(told(x));
  return { photo: [...(x.model.granularities.length > 1 ? [APART] : []), ...photo], model };
}

/** Everything that is told of the photo and of the model, for drawing; the attribute is the one asked about. */
export function insightsAnswer(/** @type {Explanation} */ x, /** @type {number} */ attribute) {
  const { photo, model } = told(x);
  const drawn = (/** @type {Insight[]} */ insights) => insights.map((one) => ofAttributes(x, one, attribute));
  return { photo: drawn(photo), model: drawn(model) };
}

/**
 * @param {Explanation} x
 * @param {Insight} insight
 * @param {number} attribute
 */
function ofAttributes(x, insight, attribute) {
  const { axes, names, signed } = insight;
  if (!axes.includes("attribute")) return drawing(insight);
  const [named, table] = ["named,attribute", "attribute,attribute"].map((kind) => axes.join() === kind);
  const each = table ? [insight.row(attribute)] : Array.from({ length: insight.rows }, (_, i) => insight.row(i));
  const last = each[each.length - 1];
  const counted = Array.from({ length: insight.rows }, (_, i) => insight.row(i).filter((_, j) => !table || i !== j));
  const [low, high] = endsOf(counted);
  return {
    ...drawing(insight),
    about: table ? attribute : null,
    spread: table && insight.rows > 1 ? spreadOf(counted) : null,
    columns: named ? names : [],
    rows: largest(last, attribute, !table, signed).map((a) => ({ attribute: a, name: x.space.attribute_names[a], values: each.map((values) => values[a]) })),
    low,
    high,
    nothing: nothingOf(insight, low, high),
  };
}

// The attributes with the largest numbers; the one asked about first or not at all.
/**
 * @param {Float32Array} values
 * @param {number} attribute
 * @param {boolean} itself
 * @param {boolean} signed
 */
function largest(values, attribute, itself, signed) {
  const others = largestFirst(signed && itself ? values.map(Math.abs) : values).filter((a) => a !== attribute);
  return itself ? [attribute, ...others.slice(0, SHOWN - 1)] : others.slice(0, SHOWN);
}

// The least, the middle and the highest of all numbers.
function spreadOf(/** @type {Float32Array[]} */ rows) {
  const wide = rows[0].length;
  const all = new Float32Array(rows.length * wide);
  rows.forEach((values, i) => all.set(values, i * wide));
  all.sort();
  const half = all.length >> 1;
  return [all[0], all.length % 2 ? all[half] : Math.fround((all[half - 1] + all[half]) / 2), all[all.length - 1]];
}
