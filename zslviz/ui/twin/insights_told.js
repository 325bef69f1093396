// @ts-check
// What a model tells besides scores and maps, whatever it scores: the twin of `zslviz/tasks/base/insights.py`.

/** @typedef {import("./reading.js").Insight} Insight */
/** @typedef {{ photo: Insight[], model: Insight[] }} Told of the photo, and of the model */
/** @typedef {{ attribute: number | null, name: string, values: number[] }} Row */

/** What is said where every number is 0. */
export const nothingOf = (/** @type {Insight} */ { of }, /** @type {number} */ low, /** @type {number} */ high) => (low !== 0 || high !== 0 ? ""
  : of === "model" ? "The model learned to leave this out: all of it is exactly 0, so there is nothing to draw."
  : "All of it is exactly 0 in this photo, so there is nothing to draw.");

/** The titles of what is told. */
export function titlesOf(/** @type {Told} */ { photo, model }) {
  const named = (/** @type {Insight[]} */ insights) => insights.map(({ title }) => title);
  return { photo: named(photo), model: named(model) };
}

/** What is told, for drawing. */
export function toldAnswer(/** @type {Told} */ { photo, model }) {
  return { photo: photo.map(drawing), model: model.map(drawing) };
}

/** @typedef {ReturnType<typeof drawing>} Drawing */
/** One insight, whose task has more to say of those of a number an attribute. */
export function drawing(/** @type {Insight} */ insight) {
  const { name, title, hint, unit, signed, term, across, axes, names, at } = insight;
  const all = Array.from({ length: insight.rows }, (_, i) => insight.row(i));
  const [low, high] = endsOf(all);
  return {
    name, title, hint, unit, signed, term, across,
    about: /** @type {number | null} */ (null),
    spread: /** @type {number[] | null} */ (null),
    columns: /** @type {string[]} */ ([]),
    rows: axes.join() === "named" ? names.map((one, i) => /** @type {Row} */ ({ attribute: null, name: one, values: [all[0][i]] })) : [],
    at,
    curve: axes.join() === "at" ? Array.from(all[0]) : [],
    low,
    high,
    nothing: nothingOf(insight, low, high),
  };
}

/** The ends of the scale of numbers, 0 among them. */
export function endsOf(/** @type {Float32Array[]} */ rows) {
  const low = rows.reduce((least, values) => values.reduce((one, other) => Math.min(one, other), least), 0);
  const high = rows.reduce((most, values) => values.reduce((one, other) => Math.max(one, other), most), 0);
  return [low, high];
}
