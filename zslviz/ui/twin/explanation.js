// @ts-check
// One explanation, read from its bundle: what the page asks of it needs no server. The twin of `zslviz/tasks/attributes/explanation.py`
// and, for what is read, of `bundle.py` beside it.
import { BundleError, part, readBundle } from "./bundle.js";
import * as scoring from "./scoring.js";

const FORMAT = 1;

/** @typedef {import("./bundle.js").Bundle} Bundle */
/** @typedef {import("./scoring.js").Edits} Edits */
/** @typedef {import("./scoring.js").SemanticSpace} SemanticSpace */
/**
 * What all photos of a model share.
 * @typedef {{
 *   name: string, title: string, terms: string, data: string, granularities: string[], rule: scoring.ScoringRule, gamma: number,
 *   scale: scoring.AttributeScale, space: SemanticSpace,
 * }} Model
 */
/** @typedef {{ name: string, of: string, title: string, hint: string, exact: boolean, signed: boolean }} MapOffer */
/**
 * One sort of map of every attribute. levels: [A, H, W]. steps: [A], what a level means. bias: [G, A] of exact ones, else null.
 * @typedef {{
 *   offer: MapOffer, shares: number[], grid: [rows: number, columns: number], levels: Int8Array | Uint8Array, steps: Float32Array,
 *   bias: Float32Array | null,
 * }} Maps
 */
/**
 * How classes are to be ranked; what is left out is as the model has it.
 * @typedef {{ gamma?: number | null, unseenOnly?: boolean, imageEdits?: Edits, space?: SemanticSpace, without?: Iterable<number> }} Asked
 */

/** The model part of a bundle. Throws BundleError. */
export function readModelBundle(/** @type {ArrayBuffer | Uint8Array} */ content) {
  const bundle = opened(content, "attribute model");
  return /** @type {Model} */ (whole(() => model(bundle)));
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
    },
  };
}

/**
 * An explanation. model: its model part, read or not, where the bundle was not written whole. Throws BundleError.
 * @param {ArrayBuffer | Uint8Array} content
 * @param {Model | ArrayBuffer | Uint8Array | null} given
 */
export function readExplanationBundle(content, given = null) {
  const bundle = opened(content, "explanation by attributes");
  const within = bundle.parts.get("model")?.numbers;
  const own = given || (within instanceof Uint8Array ? within : null);
  if (!own) throw new BundleError("The bundle is of a photo alone; its model part is needed as well.");
  const shared = own instanceof ArrayBuffer || own instanceof Uint8Array ? readModelBundle(own) : own;
  return /** @type {Explanation} */ (whole(() => new Explanation(bundle, shared)));
}

// What a head that lacks something leads to is one sentence as well.
function whole(/** @type {() => any} */ read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof BundleError ? error : new BundleError("This bundle is damaged: its head lacks something.");
  }
}

function opened(/** @type {ArrayBuffer | Uint8Array} */ content, /** @type {string} */ kind) {
  const bundle = readBundle(content);
  if (bundle.head.bundle !== kind) throw new BundleError(`The bundle is not what is needed here, which is one of an ${kind}.`);
  if (bundle.head.format > FORMAT) throw new BundleError("The bundle is of a newer zslviz; load the page again.");
  return bundle;
}

export class Explanation {
  /**
   * @param {Bundle} bundle
   * @param {Model} model
   */
  constructor(bundle, model) {
    const { head } = bundle;
    const [G, A] = [model.granularities.length, model.space.attributes.length];
    this.model = model;
    this.space = model.space;
    this.rule = model.rule;
    this.gamma = model.gamma;
    this.digest = /** @type {string} of the model part */ (head.digest);
    this.title = /** @type {string} */ (head.title);
    this.credits = /** @type {string} */ (head.credits);
    this.truth = /** @type {number | null} */ (head.truth);
    this.geometry = /** @type {Record<string, number>} */ (head.geometry);
    this.scores = part(bundle, "scores", Float32Array, [G, A]);
    this.photo = /** @type {Uint8Array} WebP */ (bundle.parts.get("photo")?.numbers || new Uint8Array());
    /** @type {Maps[]} */
    this.maps = head.maps.map((/** @type {any} */ { offer, shares }, /** @type {number} */ number) => {
      const levels = bundle.parts.get(`map ${number} levels`);
      if (!levels || levels.numbers instanceof Float32Array || levels.shape.length !== 3 || levels.shape[0] !== A) {
        throw new BundleError(`The bundle cannot be used: its maps of '${offer.name}' are missing or do not fit the rest of it.`);
      }
      const bias = bundle.parts.has(`map ${number} bias`) ? part(bundle, `map ${number} bias`, Float32Array, [G, A]) : null;
      const steps = part(bundle, `map ${number} steps`, Float32Array, [A]);
      return { offer, shares, grid: levels.shape.slice(1), levels: levels.numbers, steps, bias };
    });
    this.values = scoring.toValues(model.scale, this.scores); // what the model saw, on the class table's scale: [A]
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
    const places = maps.grid[0] * maps.grid[1];
    const levels = maps.levels.subarray(attribute * places, (attribute + 1) * places);
    const values = Float32Array.from(levels, (level) => level * maps.steps[attribute]);
    if (!maps.offer.exact) return { ...maps, values, score: null, rest: null };
    const rest = maps.bias ? scoring.toValues(this.model.scale, maps.bias)[attribute] : 0;
    return { ...maps, values, score: this.values[attribute], rest };
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
  contributions(classIndex, rivalIndex, { gamma = null, imageEdits = {}, space = this.space } = {}) {
    return scoring.contributions(this.editedScores(imageEdits), space, this.rule, classIndex, rivalIndex, gamma ?? this.gamma);
  }
}
