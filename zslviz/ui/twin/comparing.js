// @ts-check
// Two models on one photo: the twin of `zslviz/tasks/attributes/comparing` (`comparison.py`, `standard.py`, `state.py`, `maps.py`, `answer.py`),
// where it stands what the numbers are.
import { comparisonSentence } from "./comparing_words.js";
import { drawn } from "./heatmaps.js";
import { AskedError, largestFirst, toValues, withValues } from "./scoring.js";

const SHOWN_CLASSES = 5;
const SHOWN_ATTRIBUTES = 10;
const PART_OF_PHOTO = 100;
const APART = 1e-4; // of a table's values, from which two are not one

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./explanation.js").MapOffer} MapOffer */
/** @typedef {[one: number, other: number]} Both */
/** @typedef {{ attribute: number, values: Both, standard: Both, apart: number, effect: number, visible: boolean }} Reading */
/** @typedef {{ index: number, name: string, seen: boolean, ranks: Both, true: boolean }} RankedTwice */

/** What the model read of every attribute, in standard units: [A]. */
export function standardReadings(/** @type {Explanation} */ { values, model: { scale } }) {
  return values.map((value, a) => (value - scale.table_mean[a]) / scale.table_std[a]);
}

/**
 * The map of an attribute, all granularities together, per hundredth of the picture: of evidence in standard units, else in per cent.
 * @param {Explanation} x
 * @param {MapOffer} offer
 * @param {number} attribute
 */
export function standardMap(x, offer, attribute) {
  const { values, grid } = x.map(offer.name, attribute);
  const unit = offer.signed ? x.model.scale.table_std[attribute] : 1 / PART_OF_PHOTO;
  const by = values.length / (PART_OF_PHOTO * unit);
  return { values: Float32Array.from(values, (value) => value * by), grid };
}

/**
 * The explanation as edits and a handicap have it; itself without any. Its maps stay those of the photo.
 * @param {Explanation} x
 * @param {import("./answers.js").RankRequest} request
 * @param {number | null} gamma
 * @returns {Explanation}
 */
export function inState(x, { image_edits: edits = {}, class_edits: classes = {} }, gamma = null) {
  const [space, own] = [withValues(x.space, classes), gamma ?? x.gamma];
  if (space === x.space && own === x.gamma && !Object.keys(edits).length) return x;
  const scores = x.editedScores(edits);
  return Object.assign(Object.create(Object.getPrototypeOf(x)), x, { scores, space, gamma: own, values: toValues(x.model.scale, scores) });
}

/**
 * Throws AskedError if classes are edited or made up and two models do not describe theirs by one table.
 * @param {Explanation} one
 * @param {Explanation} other
 * @param {import("./answers.js").RankRequest} request
 * @param {number} made
 */
export function checkTables(one, other, { class_edits: edits = {} }, made) {
  if (!made && !Object.values(edits).some((values) => Object.keys(values).length)) return;
  const [own, theirs] = [one.space.table, other.space.table];
  const end = own.length - made * one.space.attributes.length;
  if (own.length === theirs.length && !own.subarray(0, end).some((value, i) => !(Math.abs(value - theirs[i]) <= APART))) return;
  throw new AskedError(`'${one.model.name}' and '${other.model.name}' describe their classes by different tables, so edits of classes, and classes that ` +
    "were made up, cannot be compared; take them back first.");
}

export class Comparison {
  /**
   * @param {Explanation} one
   * @param {Explanation} other
   * @param {[one: string, other: string]} names of the models, as sentences have them
   * @param {import("./answers.js").RankRequest} request the state that both are in already (`inState`)
   * @param {number} made how many of the classes, the last ones, were made up
   * @param {boolean} handicap whether the first model's was set
   */
  constructor(one, other, names, request = {}, made = 0, handicap = false) {
    this.one = one;
    this.other = other;
    this.names = names;
    this.request = request;
    this.made = made;
    this.handicap = handicap;
    this.edits = request.image_edits || {};
    this.rankings = /** @type {const} */ ([this.ranked(one), this.ranked(other)]);
    const [first, theirs] = this.rankings.map(({ order }) => order[0]);
    this.winners = /** @type {Both} */ ([first, theirs]);
    const { order } = this.rankings[0];
    this.rival = theirs !== first ? theirs : order[Math.min(1, order.length - 1)];
    this.lead = this.leadOf({});
    this.standard = /** @type {const} */ ([standardReadings(one), standardReadings(other)]);
    this.apart = this.standard[1].map((value, a) => (a in this.edits ? 0 : value - this.standard[0][a]));
    this.effects = this.apart.map((_, a) => this.leadOf(this.swap([a])) - this.lead);
    this.against = largestFirst(this.effects.map((effect) => -effect)).filter((a) => this.effects[a] < 0);
    this.needed = this.countNeeded();
  }

  /** The edits after which the first model has read these attributes as the other did; none where they read alike. */
  swap(/** @type {number[]} */ attributes) {
    const [own, theirs] = [this.one.values, this.other.values];
    return Object.fromEntries(attributes.filter((a) => theirs[a] !== own[a] && !(a in this.edits)).map((a) => [a, theirs[a]]));
  }

  ranked(/** @type {Explanation} */ x, /** @type {import("./scoring.js").Edits} */ imageEdits = {}) {
    return x.rank({ unseenOnly: this.request.unseen_only, imageEdits });
  }

  leadOf(/** @type {import("./scoring.js").Edits} */ imageEdits) {
    return this.one.contributions(this.winners[0], this.rival, { imageEdits }).margin;
  }

  /** @returns {Reading} */
  reading(/** @type {number} */ a) {
    const [one, other] = this.standard;
    return {
      attribute: a, values: [this.one.values[a], this.other.values[a]], standard: [one[a], other[a]], apart: this.apart[a], effect: this.effects[a],
      visible: Boolean(this.one.space.visible[a]),
    };
  }
  byDifference(/** @type {number} */ count) {
    return largestFirst(this.apart.map(Math.abs)).slice(0, count).map((a) => this.reading(a));
  }
  byEffect(/** @type {number} */ count) {
    return largestFirst(this.effects.map(Math.abs)).slice(0, count).map((a) => this.reading(a));
  }

  /** Whether the rival is before the first class in the first model if it reads these attributes as the other does. */
  turned(/** @type {number[]} */ attributes) {
    const { ranks } = this.ranked(this.one, this.swap(attributes));
    return ranks[this.rival] < ranks[this.winners[0]];
  }
  countNeeded() {
    for (let count = 1; count <= this.against.length; count += 1) {
      const taken = this.against.slice(0, count);
      if (this.leadOf(this.swap(taken)) <= 0 && this.turned(taken)) return count;
    }
    return null;
  }

  /**
   * The classes among the first `top` of either model, and the true one, by their rank in the first.
   * @param {number} top
   * @param {number | null} truth
   * @returns {RankedTwice[]}
   */
  slope(top, truth) {
    const [one, other] = this.rankings;
    const { class_names: names, seen } = this.one.space;
    const chosen = new Set([...one.order.slice(0, top), ...other.order.slice(0, top), ...(truth === null || !one.ranks[truth] ? [] : [truth])]);
    return [...chosen]
      .map((c) => ({ index: c, name: names[c], seen: Boolean(seen[c]), ranks: /** @type {Both} */ ([one.ranks[c], other.ranks[c]]), true: c === truth }))
      .sort((a, b) => a.ranks[0] - b.ranks[0] || a.ranks[1] - b.ranks[1]);
  }
}

/**
 * Two explanations of one photo, side by side. Throws AskedError if the models do not have the same classes and attributes, or classes
 * are edited or made up and their tables differ.
 * @param {Explanation} one
 * @param {Explanation} other
 * @param {[one: string, other: string]} names
 * @param {import("./answers.js").RankRequest} request
 * @param {number} made
 */
export function compare(one, other, names = [one.model.name, other.model.name], request = {}, made = 0) {
  for (const what of /** @type {const} */ (["attributes", "classes"])) {
    const [own, theirs] = [one.space[what], other.space[what]];
    if (own.length !== theirs.length || own.some((name, i) => name !== theirs[i])) throw new AskedError("Only models of the same classes and attributes can be compared.");
  }
  checkTables(one, other, request, made);
  const { gamma = null } = request;
  const handicap = gamma !== null && gamma !== one.gamma;
  return new Comparison(inState(one, request, gamma), inState(other, request), names, request, made, handicap);
}

/**
 * What two models make of a photo, as `comparison_answer` tells it.
 * @param {Comparison} compared
 * @param {number | null} truth
 * @param {number} classes
 * @param {number} attributes
 */
export function comparisonAnswer(compared, truth = null, classes = SHOWN_CLASSES, attributes = SHOWN_ATTRIBUTES) {
  return {
    models: [compared.one.model.name, compared.other.model.name],
    names: compared.names,
    sentence: comparisonSentence(compared, truth),
    winners: compared.winners,
    rival: compared.rival,
    lead: compared.lead,
    needed: compared.needed,
    competing: compared.rankings[0].order.length,
    ranks: compared.slope(classes, truth),
    by_difference: compared.byDifference(attributes),
    by_effect: compared.byEffect(attributes),
  };
}

/** The sorts of maps of attributes that both models have, alike exact and signed, in the first one's order. */
export function sharedOffers(/** @type {Comparison} */ { one, other }) {
  const same = (/** @type {MapOffer} */ a) => other.offers().some((b) => b.name === a.name && b.exact === a.exact && b.signed === a.signed);
  return one.offers().filter(same);
}

/**
 * Both maps of an attribute on one scale, as `maps_beside` tells them.
 * @param {Comparison} compared
 * @param {number} attribute
 * @param {string | null} kind
 */
export function mapsBeside(compared, attribute, kind = null) {
  const offers = sharedOffers(compared);
  const offer = offers.find(({ name }) => kind === null || kind === name) ?? null;
  if (!offer && kind !== null) {
    const told = offers.map(({ name }) => `'${name}'`).join(" and ") || "none";
    throw new AskedError(`The two models have no maps of '${kind}' in common; they both have ${told}.`);
  }
  const visible = Boolean(compared.one.space.visible[attribute]);
  const both = [compared.one, compared.other];
  const maps = offer && visible ? both.map((x) => standardMap(x, offer, attribute)) : [];
  return {
    attribute,
    kind: offer && offer.name,
    kinds: offers.map(({ name, title }) => ({ name, title })),
    signed: Boolean(offer && offer.signed),
    visible,
    end: Math.max(0, ...maps.map((map) => drawn(map).values.reduce((most, value) => Math.max(most, Math.abs(value)), 0))),
    models: maps.map(({ values, grid }, i) => {
      const standard = compared.standard[i][attribute];
      const places = (PART_OF_PHOTO * values.reduce((sum, value) => sum + value, 0)) / values.length;
      const exact = offer && offer.exact;
      return { grid, values: Array.from(values), places: exact ? places : null, rest: exact ? standard - places : null };
    }),
  };
}

/** What sentences call two models: the beginnings of their titles where these differ, else the checkpoints' names. */
export function namesApart(/** @type {string[]} */ titles, /** @type {string[]} */ models) {
  const [one, other] = titles.map((title) => title.split(" · ")[0]);
  return /** @type {[string, string]} */ (one !== other ? [one, other] : models);
}
