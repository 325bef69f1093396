// @ts-check
// Answers about pairs as the panels read them: the twin of the tab's `answers.py`, of what its `tab.py` answers, and of the task's
// `pictures.py`. Same names, same shape; where the server gives a picture (`url`, `legends`), these give
// `values` [H, W] and the `scale` to draw them on (`pairs_pictures.js`).
import { titlesOf, toldAnswer } from "./insights_told.js";
import { alike, median, quantile, rounded, shared } from "./maps.js";
import { nameIndex } from "./names.js";
import { attentionScale, pairPictures } from "./pairs_pictures.js";
import { NotInBundleError } from "./reading.js";
import { AskedError } from "./scoring.js";

const SHOWN_PAIRS = 10;
const BITING = 0.25; // share of the pairs never trained on that the page's first threshold rules out

/** @typedef {import("./pairs.js").CompositionExplanation} CompositionExplanation */
/** @typedef {import("./pairs.js").Pair} Pair */
/** @typedef {import("./pairs.js").PairRanking} PairRanking */
/** @typedef {[state: string, object: string]} Names */
/**
 * How pairs are to be ranked; what is missing or null is as the model has it.
 * @typedef {{
 *   states?: string[], objects?: string[], open_world?: boolean, threshold?: number | null, bias?: number | null, before?: boolean,
 * }} PairRequest
 */

// With the added words that are asked for.
function asked(/** @type {CompositionExplanation} */ x, /** @type {PairRequest} */ { states = [], objects = [] }) {
  const whole = x.withAdded(states, objects);
  if (!whole) throw new NotInBundleError("A word that was typed is not in this bundle; it has to be added first.");
  return whole;
}

const ranked = (/** @type {CompositionExplanation} */ x, /** @type {PairRequest} */ { open_world = false, threshold, bias, before }) =>
  x.rank({ openWorld: open_world, threshold, bias, before });

// -- the matrix and the ranking -------------------------------------------------------------------------------------------

/**
 * A table [S, O] as rows.
 * @param {CompositionExplanation} x
 * @param {ArrayLike<number>} table
 * @param {(value: number) => number} told
 */
function rows({ space: { states, objects } }, table, told = (value) => value) {
  return states.map((_, s) => objects.map((__, o) => told(table[s * objects.length + o])));
}

/** Heads of the matrix, and what is known of each pair whatever the photo. */
export function spaceAnswer(/** @type {CompositionExplanation} */ x) {
  const { states, objects, state_names, object_names, seen, candidates, feasibility } = x.space;
  return {
    states: states.map((own, i) => ({ name: state_names[i], own, added: i >= x.own[0] })),
    objects: objects.map((own, i) => ({ name: object_names[i], own, added: i >= x.own[1] })),
    seen: rows(x, seen),
    listed: rows(x, candidates),
    feasibility: rows(x, feasibility),
  };
}

/**
 * The matrix of scores with every pair's rank, and the best pairs.
 * @param {CompositionExplanation} x
 * @param {PairRequest} request
 * @param {PairRanking} ranking what was asked for
 */
export function rankingAnswer(x, request, ranking = ranked(x, request)) {
  if (!ranking.order.length) throw new AskedError("No pair competes; lower the feasibility threshold.");
  const other = ranked(x, { ...request, before: !request.before });
  const { order, biased, scores, ranks, space } = ranking;
  const both = [...order.map((pair) => biased[pair]), ...order.map((pair) => other.biased[pair])];
  return {
    scores: rows(x, biased, (value) => rounded(value, 4)),
    ranks: rows(x, ranks),
    other_ranks: rows(x, other.ranks),
    pairs: order.slice(0, SHOWN_PAIRS).map((pair) => {
      const at = x.pairAt(pair);
      return {
        state: space.state_names[at[0]],
        object: space.object_names[at[1]],
        name: x.pairName(at),
        seen: Boolean(space.seen[pair]),
        rank: ranks[pair],
        score: scores[pair],
        biased: biased[pair],
        feasibility: space.feasibility[pair],
        other_rank: other.ranks[pair],
      };
    }),
    competing: order.length,
    competing_unseen: order.filter((pair) => !space.seen[pair]).length,
    floor: median(both),
    ceiling: both.reduce((highest, score) => Math.max(highest, score), -Infinity),
    open_world: Boolean(request.open_world),
    threshold: request.threshold ?? x.threshold,
    bias: request.bias ?? x.bias,
    before: Boolean(request.before),
  };
}

/**
 * The best competing pair besides this one; null if there is none.
 * @param {CompositionExplanation} x
 * @param {PairRanking} ranking
 * @param {Pair} pair
 */
export function rivalOf(x, ranking, pair) {
  const rival = ranking.order.slice(0, 2).find((index) => index !== x.at(pair));
  return rival === undefined ? null : x.pairAt(rival);
}

/**
 * What the score of a pair (with the refined embedding) is made of: places + rest = logit; logit + heads + familiarity + bias = score.
 * @param {CompositionExplanation} x
 * @param {PairRequest} request
 * @param {Pair} pair
 */
export function terms(x, request, pair) {
  const at = x.at(pair);
  const { logits, places: sums, stages } = x.parts;
  const [logit, fused] = [logits.pairs[at], x.fused.false[at]];
  const places = sums ? sums[at] : 0;
  const familiarity = x.space.familiarity[at];
  const bias = x.space.seen[at] ? 0 : request.bias ?? x.bias;
  return {
    places,
    ...Object.fromEntries(stages.map((stage) => [`${stage.name} places`, stage.places[at]])),
    rest: logit - places,
    logit,
    heads: fused - logit,
    familiarity,
    bias,
    score: fused + familiarity + bias,
    before: x.fused.true[at] + familiarity + bias,
  };
}

// Its state and its object, as people read them.
const named = (/** @type {CompositionExplanation} */ { space }, /** @type {Pair} */ [s, o]) => /** @type {Names} */ ([space.state_names[s], space.object_names[o]]);

// -- a pair -------------------------------------------------------------------------------------------------------------

/**
 * A pair beside another one, the best besides it if none is named; without their pictures if these are `drawn` already.
 * @param {CompositionExplanation} x
 * @param {PairRequest} request
 * @param {PairRanking} ranking
 * @param {Pair} pair
 * @param {Pair | null} chosen
 * @param {boolean | null} stretch
 * @param {[Names, Names | null] | null} drawn
 */
export function pairAnswer(x, request, ranking, pair, chosen = null, stretch = null, drawn = null) {
  const other = chosen ?? rivalOf(x, ranking, pair);
  const told = {
    pair: named(x, pair),
    terms: terms(x, request, pair),
    other: other && named(x, other),
    other_terms: other && terms(x, request, other),
  };
  const there = drawn && JSON.stringify(drawn) === JSON.stringify([told.pair, told.other]);
  return there ? told : { ...told, pictures: pairPictures(x, pair, other, stretch) };
}

/**
 * Small maps on one scale, those that are the same as one: where each query looked ("queries"), or the text of each state, object, or of the best pairs.
 * @param {CompositionExplanation} x
 * @param {string} kind
 * @param {Pair[]} pairs
 */
export function multiplesAnswer(x, kind, pairs) {
  const { state_names: states, object_names: objects } = x.space;
  /** @type {[name: string, key: string[], values: Float32Array][]} */
  let maps;
  if (kind === "queries") maps = x.queryMaps().map((map, i) => [`query ${i + 1}`, [`${i + 1}`], map]);
  else if (kind === "states") maps = states.map((name, s) => [name, [name], x.stateMap(s)]);
  else if (kind === "objects") maps = objects.map((name, o) => [name, [name], x.objectMap(o)]);
  else if (kind === "pairs") maps = pairs.map((pair) => [x.pairName(pair), [states[pair[0]], objects[pair[1]]], x.pairMap(pair)]);
  else throw new AskedError("Small maps are of 'queries', 'states', 'objects' or 'pairs'.");
  const scale = kind === "queries" ? shared(maps.map(([, , values]) => values)) : attentionScale(x);
  const groups = alike(maps.map(([, , values]) => values));
  return {
    kind,
    maps: groups.map((group) => ({ things: group.map((i) => ({ name: maps[i][0], key: maps[i][1] })), values: maps[group[0]][2], scale })),
    scale,
  };
}

// -- as the tab's store asks ----------------------------------------------------------------------------------------------

// A pair by name, null if none is named or a word of it has been taken away.
function known(/** @type {CompositionExplanation} */ { space }, /** @type {Names | null | undefined} */ names) {
  if (!names) return null;
  const pair = /** @type {Pair} */ ([nameIndex(space.states, space.state_names, names[0]), nameIndex(space.objects, space.object_names, names[1])]);
  return pair.includes(-1) ? null : pair;
}

function pairNamed(/** @type {CompositionExplanation} */ x, /** @type {Names} */ names) {
  const pair = known(x, names);
  if (!pair) throw new AskedError(`There is no pair '${names.join(" ")}'.`);
  return pair;
}

const unless = (/** @type {Pair | null} */ other, /** @type {Pair} */ pair) => (other && other.join() === pair.join() ? null : other);

const told = (/** @type {CompositionExplanation} */ { parts, model }) => ({ photo: parts.insights, model: model.insights });

/** What the panels are told of an explanation. */
export function facts(/** @type {CompositionExplanation} */ x) {
  const ranking = x.rank();
  const { state, queries, moved } = x.parts;
  const truth = /** @type {Pair | null} */ (x.told.truth);
  const { seen, feasibility } = x.space;
  const unseen = Float32Array.from(feasibility).filter((_, i) => !seen[i]);
  return {
    space: spaceAnswer(x),
    true: truth && named(x, truth),
    bias: x.bias,
    threshold: x.threshold,
    biting: unseen.length ? rounded(quantile(unseen, BITING), 2) : 0,
    moved,
    words: x.space.words,
    refining: x.model.refining,
    remark: x.model.remark,
    tells: titlesOf(told(x)),
    counts: x.parts.evidence !== null,
    has_queries: queries !== null,
    has_familiarity: x.model.familiar,
    has_texts: state !== null,
    stages: x.parts.stages.map(({ name }) => name),
    ranking: rankingAnswer(x, {}, ranking),
    pair: pairAnswer(x, {}, ranking, x.pairAt(ranking.order[0])),
  };
}

/** @typedef {PairRequest & Record<string, any>} Payload the request, and what a question is about */
/**
 * What the panels ask, by its name: as `store.ask` of the tab has it. Throws AskedError, and NotInBundleError for what only the server has.
 * @type {Record<string, (x: CompositionExplanation, payload: Payload) => object>}
 */
export const questions = {
  rank(x, payload) {
    const whole = asked(x, payload);
    const ranking = ranked(whole, payload);
    const answer = { ranking: rankingAnswer(whole, payload, ranking), ...(payload.with_space ? { space: spaceAnswer(whole) } : {}) };
    if (payload.pair === undefined) return answer;
    const pair = known(whole, payload.pair) ?? whole.pairAt(ranking.order[0]);
    const other = unless(known(whole, payload.other), pair);
    return { ...answer, pair: pairAnswer(whole, payload, ranking, pair, other, payload.stretch ?? null, payload.drawn) };
  },
  pair(x, payload) {
    const whole = asked(x, payload);
    const pair = pairNamed(whole, payload.pair);
    const other = payload.other ? unless(pairNamed(whole, payload.other), pair) : null;
    return pairAnswer(whole, payload, ranked(whole, payload), pair, other, payload.stretch ?? null);
  },
  multiples(x, payload) {
    const whole = asked(x, payload);
    const best = ranked(whole, payload).order.slice(0, SHOWN_PAIRS).map((pair) => whole.pairAt(pair));
    return multiplesAnswer(whole, payload.kind, best);
  },
  insights: (x) => toldAnswer(told(x)),
};
