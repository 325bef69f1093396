// @ts-check
// Pairs of a state and an object in one photo, read from its bundle: the twin of `scoring.py`, `feasibility.py`, `explanation.py` and
// `bundle.py` of the task that scores pairs, name by name, where the formulae stand. Both work in float64 from float32 numbers and
// round once to float32. Arrays are flat, rows first: a pair's index is state * O + object.
import { BundleError, part } from "./bundle.js";
import { kept, readable } from "./names.js";
import * as reading from "./reading.js";
import { AskedError, bestFirst } from "./scoring.js";

const FORMAT = 1;
const OF_STAGE = " places"; // what follows a stage's name in that of its table
const EXPERTS = 0.5; // weight of the state's and the object's log probabilities in a pair's score

/** @typedef {import("./reading.js").Bytes} Bytes */
/** @typedef {import("./reading.js").Sprites} Sprites */
/** @typedef {import("./bundle.js").Bundle} Bundle */
/** @typedef {import("./maps.js").Geometry} Geometry */
/** @typedef {[state: number, object: number]} Pair */
/**
 * What a system calls its two answers, before and after it refines: see `zslviz/models/refining.py`.
 * @typedef {{ before: string, after: string, turned: string, beside: string }} Refining
 */
/**
 * S states and O objects. seen, candidates: [S, O], trained on, and competing in the closed world. feasibility, familiarity: [S, O].
 * @typedef {{
 *   states: string[], objects: string[], state_names: string[], object_names: string[], seen: Uint8Array, candidates: Uint8Array, feasibility: Float32Array, familiarity: Float32Array,
 *   words: string, name: string,
 * }} CompositionSpace
 */
/**
 * What all photos of a model share. bias: added to unseen pairs. threshold: of feasibility. familiar: whether familiarity counts.
 * refining: what it calls its two answers, null of one that answers once. remark: on what is not as usual in its system.
 * @typedef {{
 *   name: string, title: string, terms: string, bias: number, threshold: number, familiar: boolean, refining: Refining | null, remark: string,
 *   insights: reading.Insight[], space: CompositionSpace,
 * }} CompositionModel
 */
/** @typedef {{ pairs: Float32Array, states: Float32Array, objects: Float32Array }} PairLogits [S, O], [S], [O] */
/** @typedef {"pair" | "state" | "object"} Thing */
/** @typedef {{ name: string, places: Float32Array, pair: Sprites, state: Sprites, object: Sprites }} StageMaps places: [S, O] */
/**
 * The competing pairs of a photo, best first. scores: [S, O]. biased: with the bias and familiarity of unseen pairs. competing, ranks:
 * [S, O]; a rank is 0 where a pair does not compete.
 * @typedef {{
 *   scores: Float32Array, biased: Float32Array, competing: Uint8Array, order: number[], ranks: Int32Array, space: CompositionSpace,
 * }} PairRanking
 */
/** @typedef {{ openWorld?: boolean, threshold?: number | null, bias?: number | null, before?: boolean }} Asked */

// -- scoring --------------------------------------------------------------------------------------------------------------

/** z_so + 0.5 (log softmax(z_s)[s] + log softmax(z_o)[o]): [S, O]. */
export function fusedScores(/** @type {PairLogits} */ { pairs, states, objects }) {
  const [ofState, ofObject] = [logSoftmax(states), logSoftmax(objects)];
  const O = objects.length;
  return pairs.map((pair, i) => pair + EXPERTS * (ofState[Math.floor(i / O)] + ofObject[i % O]));
}

function logSoftmax(/** @type {Float32Array} */ logits) {
  const highest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const log = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
  return Float64Array.from(logits, (logit) => logit - highest - log);
}

/**
 * Scores [S, O] with the bias added to those of unseen pairs.
 * @param {Float32Array} fused
 * @param {Uint8Array} seen
 * @param {number} bias
 */
export function biasedScores(fused, seen, bias) {
  return fused.map((score, i) => (seen[i] ? score : score + Math.fround(bias)));
}

/**
 * Pairs that compete at a threshold: [S, O], the seen ones whatever their feasibility.
 * @param {Float32Array} table
 * @param {Uint8Array} seen
 * @param {number} threshold
 */
export function feasiblePairs(table, seen, threshold) {
  return seen.map((is, i) => (is || table[i] >= Math.fround(threshold) ? 1 : 0));
}

// -- one photo ------------------------------------------------------------------------------------------------------------

/** The model part of a bundle. Throws BundleError. */
export function readModelBundle(/** @type {Bytes} */ content) {
  return reading.openModel(content, "pair model", FORMAT, (bundle) => {
    const { states, objects, state_names, object_names, words, space: data, model: name, title, terms, bias, threshold, familiar, refining = null, remark = "" } = bundle.head;
    const shape = [states.length, objects.length];
    const space = {
      states, objects, words, name: data,
      state_names: readable(states, state_names),
      object_names: readable(objects, object_names),
      seen: part(bundle, "seen", Uint8Array, shape),
      candidates: part(bundle, "candidates", Uint8Array, shape),
      feasibility: part(bundle, "feasibility", Float32Array, shape),
      familiarity: part(bundle, "familiarity", Float32Array, shape),
    };
    return /** @type {CompositionModel} */ ({ name, title, terms, bias, threshold, familiar, refining, remark, insights: reading.insights(bundle, 0), space });
  });
}

/**
 * An explanation. given: its model part, read or not, where the bundle was not written whole. Throws BundleError.
 * @param {Bytes} content
 * @param {CompositionModel | Bytes | null} given
 */
export function readExplanationBundle(content, given = null) {
  return reading.openPhoto(content, "explanation by pairs", FORMAT, given, readModelBundle, (bundle, model, told) => {
    const { head } = bundle;
    const [S, O] = [model.space.states.length, model.space.objects.length];
    if (head.own[0] > S || head.own[1] > O) throw new BundleError("The bundle cannot be used: its model part is of another model.");
    const mapped = /** @type {number[] | null} */ (head.mapped);
    return new CompositionExplanation({
      model,
      space: model.space,
      own: head.own,
      told,
      mapGeometry: head.map_geometry,
      moved: head.moved,
      logits: logits(bundle, "", S, O),
      before: logits(bundle, "before ", S, O),
      places: bundle.parts.has("places") ? part(bundle, "places", Float32Array, [S, O]) : null,
      evidence: reading.sprites(bundle, "evidence", mapped ? mapped.length : S * O),
      state: reading.sprites(bundle, "state", S),
      object: reading.sprites(bundle, "object", O),
      queries: reading.sprites(bundle, "queries", null),
      stages: stages(bundle, mapped ? mapped.length : S * O, S, O),
      insights: reading.insights(bundle, 0),
      mapOf: mapped ? new Map(mapped.map((pair, i) => [pair, i])) : null,
      rows: Array.from({ length: S }, (_, s) => s),
      columns: Array.from({ length: O }, (_, o) => o),
    });
  });
}

/**
 * @param {Bundle} bundle
 * @param {string} by
 * @param {number} S
 * @param {number} O
 */
function logits(bundle, by, S, O) {
  return {
    pairs: part(bundle, `${by}pairs`, Float32Array, [S, O]),
    states: part(bundle, `${by}states`, Float32Array, [S]),
    objects: part(bundle, `${by}objects`, Float32Array, [O]),
  };
}

// What places of each stage added, where a network adds up by stages: known by the table of what all of them added to each pair.
function stages(/** @type {Bundle} */ bundle, /** @type {number} */ pairs, /** @type {number} */ S, /** @type {number} */ O) {
  const names = [...bundle.parts.keys()].filter((name) => name.endsWith(OF_STAGE)).map((name) => name.slice(0, -OF_STAGE.length));
  return names.map((name) => {
    const maps = (/** @type {string} */ of, /** @type {number} */ count) => reading.sprites(bundle, `${name} ${of}`, count);
    const [pair, state, object] = [maps("pair", pairs), maps("state", S), maps("object", O)];
    if (!pair || !state || !object) throw new BundleError(`The bundle cannot be used: its maps of '${name}' do not fit the rest of it.`);
    return { name, places: part(bundle, name + OF_STAGE, Float32Array, [S, O]), pair, state, object };
  });
}

/**
 * own: how many states and objects are the model's; those after them were added. moved: how far the refinement turned the embedding.
 * places: [S, O], what all places together added to each pair's logit. mapOf: the map of evidence of a pair by its index; null: the pair's
 * own index. rows, columns: which state and object of the maps each one is. Null is what the model lacks.
 * @typedef {{
 *   model: CompositionModel, space: CompositionSpace, own: Pair, told: reading.Told, mapGeometry: Geometry, moved: number, logits: PairLogits, before: PairLogits, places: Float32Array | null,
 *   evidence: Sprites | null, state: Sprites | null, object: Sprites | null, queries: Sprites | null, stages: StageMaps[], insights: reading.Insight[], mapOf: Map<number, number> | null,
 *   rows: number[], columns: number[],
 * }} CompositionParts
 */

export class CompositionExplanation {
  constructor(/** @type {CompositionParts} */ parts) {
    this.parts = parts;
    this.model = parts.model;
    this.told = parts.told;
    this.space = parts.space;
    this.own = parts.own;
    this.bias = parts.model.bias;
    this.threshold = parts.model.threshold;
    /** @type {CompositionExplanation | null} as it was before words were added, where that is known */
    this.alone = null;
    this.fused = { false: fusedScores(parts.logits), true: fusedScores(parts.before) }; // by whether it is before the refinement
  }

  /** The index of a pair in tables [S, O]. */
  at(/** @type {Pair} */ [state, object]) {
    return state * this.space.objects.length + object;
  }

  /** The pair at an index of tables [S, O]. */
  pairAt(/** @type {number} */ index) {
    const O = this.space.objects.length;
    return /** @type {Pair} */ ([Math.floor(index / O), index % O]);
  }

  pairName(/** @type {Pair} */ [state, object]) {
    return `${this.space.state_names[state]} ${this.space.object_names[object]}`;
  }

  /** Pairs that compete: the listed ones (closed world), or all feasible ones (open world): [S, O]. */
  competing(openWorld = false, /** @type {number | null} */ threshold = null) {
    const { candidates, feasibility, seen } = this.space;
    return openWorld ? feasiblePairs(feasibility, seen, threshold ?? this.threshold) : candidates;
  }

  /** Score of every pair: [S, O]; unseen ones with the bias and their familiarity. before: before the refinement. */
  scores(/** @type {number | null} */ bias = null, before = false) {
    const familiar = this.fused[`${before}`].map((score, i) => score + this.space.familiarity[i]);
    return biasedScores(familiar, this.space.seen, bias ?? this.bias);
  }

  /**
   * The competing pairs, best first; what is left out is as the model has it. Throws AskedError.
   * @param {Asked} asked
   * @returns {PairRanking}
   */
  rank({ openWorld = false, threshold = null, bias = null, before = false } = {}) {
    if (![bias ?? 0, threshold ?? 0].every(Number.isFinite)) throw new AskedError("bias and threshold must be finite numbers.");
    const biased = this.scores(bias, before);
    const competing = this.competing(openWorld, threshold);
    const order = bestFirst(biased, competing);
    const ranks = new Int32Array(biased.length);
    order.forEach((pair, place) => (ranks[pair] = place + 1));
    return { scores: this.fused[`${before}`], biased, competing, order, ranks, space: this.space };
  }

  // -- maps ---------------------------------------------------------------------------------------------------------------

  /** Where each query looked, mean over heads: [n][H, W]. Throws AskedError. */
  queryMaps() {
    const { queries } = this.parts;
    if (!queries) throw this.#lacks("queries");
    return Array.from(queries.steps, (_, i) => reading.values(queries, i));
  }

  /** Where the text of a state looked: [H, W]. Throws AskedError. */
  stateMap(/** @type {number} */ state) {
    if (!this.parts.state) throw this.#lacks("image-to-text mapping");
    return reading.values(this.parts.state, this.parts.rows[state]);
  }

  /** Where the text of an object looked: [H, W]. Throws AskedError. */
  objectMap(/** @type {number} */ object) {
    if (!this.parts.object) throw this.#lacks("image-to-text mapping");
    return reading.values(this.parts.object, this.parts.columns[object]);
  }

  /** Where the text of a pair looked: the mean of its state's and its object's map. Throws AskedError. */
  pairMap(/** @type {Pair} */ [state, object]) {
    const ofObject = this.objectMap(object);
    return this.stateMap(state).map((value, i) => (value + ofObject[i]) / 2);
  }

  /** What each place added to the logit of a pair: [H, W]; null if the bundle has no map of this pair. Throws AskedError. */
  pairEvidence(/** @type {Pair} */ pair) {
    const { evidence } = this.parts;
    if (!evidence) throw this.#lacks("queries");
    const map = this.#mapOf(pair);
    return map === undefined ? null : reading.values(evidence, map);
  }

  /**
   * What each place of a stage added to the logit of a pair, of its state or of its object: [H, W]; null as of `pairEvidence`.
   * @param {StageMaps} stage
   * @param {Thing} of
   * @param {Pair} pair
   */
  stageMap(stage, of, pair) {
    const map = of === "pair" ? this.#mapOf(pair) : of === "state" ? this.parts.rows[pair[0]] : this.parts.columns[pair[1]];
    return map === undefined ? null : reading.values(stage[of], map);
  }

  // Which map of the bundle is of a pair; undefined: none.
  #mapOf(/** @type {Pair} */ [state, object]) {
    const { mapOf, rows, columns, model } = this.parts;
    const index = rows[state] * model.space.objects.length + columns[object];
    return mapOf ? mapOf.get(index) : index;
  }

  #lacks(/** @type {string} */ what) {
    return new AskedError(`'${this.model.name}' has no ${what}, so it has no such map.`);
  }

  // -- words --------------------------------------------------------------------------------------------------------------

  /** The same photo with those of its added states and objects alone, in this order; null if one of them is not in it. */
  withAdded(/** @type {string[]} */ states, /** @type {string[]} */ objects) {
    if (this.alone && !states.length && !objects.length) return this.alone;
    const [rows, columns] = [kept(this.space.states, this.own[0], states), kept(this.space.objects, this.own[1], objects)];
    if (!rows || !columns) return null;
    const [S, O] = [this.space.states.length, this.space.objects.length];
    if (rows.join() === kept(this.space.states, S, [])?.join() && columns.join() === kept(this.space.objects, O, [])?.join()) return this;
    const { space, parts } = this;
    const table = (/** @type {any} */ all) => all && all.constructor.from(rows.flatMap((s) => columns.map((o) => all[s * O + o])));
    const taken = (/** @type {PairLogits} */ { pairs, states: ofStates, objects: ofObjects }) => ({
      pairs: table(pairs),
      states: Float32Array.from(rows, (s) => ofStates[s]),
      objects: Float32Array.from(columns, (o) => ofObjects[o]),
    });
    const tables = { seen: table(space.seen), candidates: table(space.candidates) };
    const scores = { feasibility: table(space.feasibility), familiarity: table(space.familiarity) };
    const of = (/** @type {string[]} */ all, /** @type {number[]} */ places) => places.map((i) => all[i]);
    const names = { states: of(space.states, rows), objects: of(space.objects, columns), state_names: of(space.state_names, rows), object_names: of(space.object_names, columns) };
    return new CompositionExplanation({
      ...parts,
      space: { ...space, ...tables, ...scores, ...names },
      logits: taken(parts.logits),
      before: taken(parts.before),
      places: table(parts.places),
      stages: parts.stages.map((stage) => ({ ...stage, places: table(stage.places) })),
      rows: rows.map((s) => parts.rows[s]),
      columns: columns.map((o) => parts.columns[o]),
    });
  }
}
