// @ts-check
// One explanation, read from its bundle: what the page asks of it needs no server. The twin of `zslviz/tasks/attributes/explanation.py`
// and, for what is read, of `bundle.py` beside it.
import { BundleError, part } from "./bundle.js";
import * as reading from "./reading.js";
import * as scoring from "./scoring.js";

const FORMAT = 1;

/** @typedef {import("./bundle.js").Bundle} Bundle */
/** @typedef {import("./scoring.js").Edits} Edits */
/** @typedef {import("./scoring.js").SemanticSpace} SemanticSpace */
/**
 * What all photos of a model share.
 * @typedef {{
 *   name: string, title: string, terms: string, data: string, granularities: string[], rule: scoring.ScoringRule, gamma: number,
 *   scale: scoring.AttributeScale, space: SemanticSpace, mapsWorth: string, attributeAuc: import("./attribute_auc.js").AttributeAuc | null,
 *   insights: reading.Insight[],
 * }} Model
 */
/** @typedef {{ name: string, of: string, title: string, hint: string, exact: boolean, signed: boolean, held?: string, rest?: string }} MapOffer */
/**
 * One sort of map of every attribute. levels: [A, H, W]. steps: [A], what a level means. bias: [G, A] of exact ones, else null. layers:
 * those of each granularity, [A * G, H, W], of several. heights, special, common: [A], as `Peaks` of `zslviz/tasks/attributes/maps.py`.
 * @typedef {{
 *   offer: MapOffer, shares: number[], grid: [rows: number, columns: number], levels: Int8Array | Uint8Array, steps: Float32Array,
 *   bias: Float32Array | null, layers: reading.Sprites | null, heights: Float32Array, special: Float32Array, common: Uint8Array,
 * }} Maps
 */
/**
 * How classes are to be ranked; what is left out is as the model has it. scores: after the edits, where they are known already.
 * @typedef {{
 *   gamma?: number | null, unseenOnly?: boolean, imageEdits?: Edits, space?: SemanticSpace, without?: Iterable<number>,
 *   scores?: Float32Array,
 * }} Asked
 */

/** The model part of a bundle. Throws BundleError. */
export function readModelBundle(/** @type {reading.Bytes} */ content) {
  return reading.openModel(content, "attribute model", FORMAT, model);
}

/**
 * @param {Bundle} bundle
 * @returns {Model}
 */
function model(bundle) {
  const { head } = bundle;
  const [G, A, K] = [head.granularities.length, head.attributes.length, head.classes.length];
  const floats = (/** @type {string} */ name, /** @type {number[]} */ ...shape) => part(bundle, name, Float32Array, shape);
  const table = floats("table", K, A);
  return {
    name: head.model,
    title: head.title,
    terms: head.terms,
    data: head.space,
    granularities: head.granularities,
    rule: head.rule,
    gamma: head.gamma,
    mapsWorth: head.maps_worth || "", // what its maps have been measured to be worth
    attributeAuc: head.attribute_auc || null, // how well attributes are read on its test photos
    insights: reading.insights(bundle, A),
    scale: {
      mean: floats("mean", G, A),
      std: floats("std", G, A),
      table_mean: floats("table_mean", A),
      table_std: floats("table_std", A),
      shares: floats("shares", G),
    },
    space: {
      classes: head.classes,
      class_names: head.class_names,
      attributes: head.attributes,
      attribute_names: head.attribute_names,
      groups: head.groups,
      table,
      seen: part(bundle, "seen", Uint8Array, [K]),
      lengths: scoring.lengths(table, K),
      visible: part(bundle, "visible", Uint8Array, [A]),
    },
  };
}

/**
 * An explanation. model: its model part, read or not, where the bundle was not written whole. Throws BundleError.
 * @param {reading.Bytes} content
 * @param {Model | reading.Bytes | null} given
 */
export function readExplanationBundle(content, given = null) {
  return reading.openPhoto(content, "explanation by attributes", FORMAT, given, readModelBundle, (...parts) => new Explanation(...parts));
}

/** @type {WeakMap<Explanation, { made: readonly { name: string, values: ArrayLike<number> }[], x: Explanation }>} */
const joined = new WeakMap(); // the last one of each

export class Explanation {
  /**
   * @param {Bundle} bundle
   * @param {Model} model
   * @param {reading.Told} told
   */
  constructor(bundle, model, told) {
    const { head } = bundle;
    const [G, A] = [model.granularities.length, model.space.attributes.length];
    this.model = model;
    this.space = model.space;
    this.rule = model.rule;
    this.gamma = model.gamma;
    this.told = told;
    this.truth = /** @type {number | null} */ (told.truth);
    this.unlike = String(head.unlike || ""); // that it looks like nothing the model was shown, in words
    this.geometry = told.geometry;
    this.scores = part(bundle, "scores", Float32Array, [G, A]);
    /** @type {Maps[]} */
    this.maps = head.maps.map((/** @type {any} */ { offer, shares }, /** @type {number} */ number) => {
      const maps = reading.sprites(bundle, `map ${number}`, A);
      if (!maps) throw new BundleError(`The bundle cannot be used: its maps of '${offer.name}' are missing.`);
      const bias = bundle.parts.has(`map ${number} bias`) ? part(bundle, `map ${number} bias`, Float32Array, [G, A]) : null;
      const layers = G > 1 ? reading.sprites(bundle, `map ${number} layers`, A * G) : null;
      if (layers && layers.shape.join() !== maps.shape.join()) throw new BundleError(`The bundle cannot be used: its maps of '${offer.name}' differ.`);
      const [heights, special] = ["heights", "special"].map((name) => part(bundle, `map ${number} ${name}`, Float32Array, [A]));
      const common = part(bundle, `map ${number} common`, Uint8Array, [A]);
      return { offer, shares, grid: maps.shape, levels: maps.levels, steps: maps.steps, bias, layers, heights, special, common };
    });
    this.parts = reading.sprites(bundle, "parts", null); // [G x P, H, W]: the part every place was counted to, or null
    this.insights = reading.insights(bundle, A);
    this.values = scoring.toValues(model.scale, this.scores); // what the model saw, on the class table's scale: [A]
  }

  /**
   * The same with classes that were made up as its last ones, unseen; itself without any. Asked again for the same it is the same.
   * @param {readonly { name: string, values: ArrayLike<number> }[]} made
   * @returns {Explanation}
   */
  joined(made = []) {
    if (!made.length) return this;
    const before = joined.get(this);
    const same = before?.made.length === made.length && made.every(({ name, values }, i) =>
      values === before.made[i].values ? name === before.made[i].name : false);
    if (before && (before.made === made || same)) return before.x;
    const x = Object.assign(Object.create(Explanation.prototype), this, { space: scoring.withClasses(this.space, made) });
    joined.set(this, { made, x });
    return x;
  }

  offers() {
    return this.maps.map(({ offer }) => offer);
  }

  /**
   * The map of one attribute, all granularities together. values: [H, W]. score: the attribute's value, and rest: the part of it that
   * comes from no place; both null of maps that are not exact. Throws AskedError.
   * @param {string} offer
   * @param {number} attribute
   */
  map(offer, attribute) {
    const maps = this.maps.find((one) => one.offer.name === offer);
    if (!maps) throw new scoring.AskedError(`There is no map of '${offer}'.`);
    const values = reading.values({ ...maps, shape: maps.grid }, attribute);
    if (!maps.offer.exact) return { ...maps, values, score: null, rest: null };
    const rest = maps.bias ? scoring.toValues(this.model.scale, maps.bias)[attribute] : 0;
    return { ...maps, values, score: this.values[attribute], rest };
  }

  /** What the bias of each attribute, all granularities together, adds to its value: [A]; 0 of maps that are not exact. */
  fromNoPlace(/** @type {Maps} */ { bias }) {
    const { shares, table_std: spread, std } = this.model.scale;
    return Float32Array.from(this.values, (_, a) =>
      (bias ? shares.reduce((sum, share, g) => sum + ((share * spread[a]) / std[g * spread.length + a]) * bias[g * spread.length + a], 0) : 0));
  }

  /** Raw scores [G, A] after edits of what the model saw. */
  editedScores(/** @type {Edits} */ edits = {}) {
    return scoring.edit(this.model.scale, this.scores, edits);
  }

  /** Ranks classes. Throws AskedError. */
  rank(/** @type {Asked} */ { gamma = null, unseenOnly = false, imageEdits = {}, space = this.space, without = [] } = {}) {
    return scoring.rankClasses(this.editedScores(imageEdits), space, this.rule, gamma ?? this.gamma, unseenOnly, without);
  }

  /**
   * Exact terms, attribute by attribute, of the margin between two classes.
   * @param {number} classIndex
   * @param {number} rivalIndex
   * @param {Asked} asked
   */
  contributions(classIndex, rivalIndex, { gamma = null, imageEdits = {}, space = this.space, scores = this.editedScores(imageEdits) } = {}) {
    return scoring.contributions(scores, space, this.rule, classIndex, rivalIndex, gamma ?? this.gamma);
  }
}
