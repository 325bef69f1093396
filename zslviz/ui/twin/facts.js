// @ts-check
// What the panels are told of an explanation, from its bundle alone: the twin of what `zslviz/ui/tabs/explain/tab.py` tells (`facts`),
// without the pictures, which the page draws itself.
import { classValues, rankingAnswer, strongestAttributes } from "./answers.js";
import { titles } from "./insights.js";
import { rounded } from "./maps.js";

const THUMBNAILS = 8;

/** @typedef {import("./explanation.js").Explanation} Explanation */

const told = (/** @type {ArrayLike<number>} */ values) => Array.from(values, (value) => rounded(value, 5));

/** What a class is said to look like before any edit, and which class that is. */
export function described(/** @type {Explanation} */ x, /** @type {number} */ index) {
  return { class: index, values: told(classValues(x, index)) };
}

/** What the panels are told of an explanation. */
export function facts(/** @type {Explanation} */ x) {
  const { space, model } = x;
  const offers = x.offers();
  const ranking = rankingAnswer(x, {}, null, x.truth);
  return {
    gamma: x.gamma,
    rule: x.rule.kind,
    true_class: x.truth,
    space: model.data,
    classes: space.class_names.map((name, i) => ({ name, seen: Boolean(space.seen[i]) })),
    attributes: space.attribute_names,
    groups: space.groups,
    values: told(x.values),
    has_parts: x.parts !== null,
    geometry: x.geometry,
    offers,
    maps_worth: offers.length ? model.mapsWorth : "",
    tells: titles(x),
    unlike: x.unlike,
    strongest: strongestAttributes(x, THUMBNAILS),
    ranking,
    described: described(x, ranking.classes[0].index),
  };
}
