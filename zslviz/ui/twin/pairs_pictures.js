// @ts-check
// Pictures of a pair: its maps, on the photo's one scale or on one of their own: the twin of the task's `pictures.py`.
import { WEAK, shared } from "./maps.js";

const SCALED_BY = 100; // how many of the best pairs the photo's one scale of evidence is taken over
const THINGS = /** @type {const} */ (["pair", "state", "object"]); // that a stage has maps of

/** @typedef {import("./pairs.js").CompositionExplanation} CompositionExplanation */
/** @typedef {import("./pairs.js").Pair} Pair */
/** @typedef {import("./maps.js").ColourScale} ColourScale */
/**
 * reach: how far up the photo's one scale the strongest place comes of those of one sort; stretched: whether `scale` is theirs alone.
 * @typedef {{
 *   which: string, words: string, offer: string, values: Float32Array, scale: ColourScale, reach: number, stretched: boolean,
 * }} PairPicture
 */

/** @type {WeakMap<CompositionExplanation, { attention?: ColourScale, evidence?: ColourScale }>} */
const scales = new WeakMap(); // of a photo they are the same for every pair

// A scale of an explanation, worked out once.
function once(/** @type {CompositionExplanation} */ x, /** @type {"attention" | "evidence"} */ sort, /** @type {() => ColourScale} */ make) {
  const known = scales.get(x) ?? {};
  scales.set(x, known);
  return (known[sort] ??= make());
}

/** The photo's one scale of where texts looked: to the largest share of any of them. */
export const attentionScale = (/** @type {CompositionExplanation} */ x) => once(x, "attention", () =>
  shared([...x.space.states.map((_, s) => x.stateMap(s)), ...x.space.objects.map((_, o) => x.objectMap(o))]));

/** The photo's one scale of what places add: to the strongest place of the best listed pairs (that have a map in the bundle). */
export const evidenceScale = (/** @type {CompositionExplanation} */ x) => once(x, "evidence", () => {
  const best = x.rank().order.slice(0, SCALED_BY).map((pair) => x.pairAt(pair));
  const maps = [
    ...best.map((pair) => x.pairEvidence(pair)),
    ...x.parts.stages.flatMap((stage) => [
      ...best.map((pair) => x.stageMap(stage, "pair", pair)),
      ...x.space.states.map((_, s) => x.stageMap(stage, "state", [s, 0])),
      ...x.space.objects.map((_, o) => x.stageMap(stage, "object", [0, o])),
    ]),
  ];
  return shared(maps.flatMap((map) => (map ? [map] : [])), true);
});

/**
 * The maps of a pair, and of what sets it apart from another: those that the model offers and the bundle has.
 * @param {CompositionExplanation} x
 * @param {Pair} pair
 * @param {Pair | null} other
 * @param {boolean | null} stretch each sort on a scale of its own; null: those that are weak
 * @returns {PairPicture[]}
 */
export function pairPictures(x, pair, other, stretch = null) {
  const found = [];
  if (x.parts.state && x.parts.object) {
    const words = [x.pairName(pair), x.space.state_names[pair[0]], x.space.object_names[pair[1]]];
    const looked = [x.pairMap(pair), x.stateMap(pair[0]), x.objectMap(pair[1])];
    found.push(...onOneScale(["pair", "state", "object"], words, looked, "attention", attentionScale(x), stretch));
  }
  const own = x.parts.evidence && x.pairEvidence(pair);
  if (!own) return found;
  const others = other && x.pairEvidence(other);
  const ofPhoto = evidenceScale(x);
  /** @type {[which: string, words: string, map: Float32Array][]} */
  const evidence = [["evidence", x.pairName(pair), own]];
  if (other && others) {
    evidence.push(["other", x.pairName(other), others]);
    evidence.push(["difference", `for, not ${x.pairName(other)}`, own.map((value, i) => value - others[i])]);
  }
  const named = { pair: x.pairName(pair), state: x.space.state_names[pair[0]], object: x.space.object_names[pair[1]] };
  for (const of of THINGS) {
    for (const stage of x.parts.stages) {
      const map = x.stageMap(stage, of, pair);
      if (map) evidence.push([of === "pair" ? stage.name : `${stage.name}-${of}`, named[of], map]);
    }
  }
  const [which, words, maps] = [evidence.map(([one]) => one), evidence.map(([, one]) => one), evidence.map(([, , one]) => one)];
  return [...found, ...onOneScale(which, words, maps, "evidence", ofPhoto, stretch)];
}

/**
 * @param {string[]} which
 * @param {string[]} words
 * @param {Float32Array[]} maps
 * @param {string} offer
 * @param {ColourScale} ofPhoto
 * @param {boolean | null} stretch
 */
function onOneScale(which, words, maps, offer, ofPhoto, stretch) {
  const strongest = maps.reduce((most, map) => map.reduce((highest, value) => Math.max(highest, Math.abs(value)), most), 0);
  const reach = strongest / ofPhoto.high;
  const stretched = stretch ?? reach < WEAK;
  const scale = stretched ? shared(maps, ofPhoto.signed) : ofPhoto;
  return maps.map((values, i) => ({ which: which[i], words: words[i], offer, values, scale, reach, stretched }));
}
