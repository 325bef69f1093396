// @ts-check
// Two models in words: the twin of `zslviz/tasks/attributes/comparing/sentence.py`, where it stands what is said when.
import { listed, ordinal, part, sentenceOf, sizePart } from "./wording.js";

const LISTED = 3; // attributes that are named of several that decide together

/** @typedef {import("./comparing.js").Comparison} Comparison */
/** @typedef {(import("./wording.js").Part | string)[]} Pieces */

/**
 * What is so of two models on a photo. truth: index of the true class, where it is known.
 * @param {Comparison} compared
 * @param {number | null} truth
 */
export function comparisonSentence(compared, truth = null) {
  return sentenceOf([...winners(compared), ...readings(compared), ...verdict(compared, truth), ...state(compared)]);
}

const named = (/** @type {Comparison} */ { one }, /** @type {number} */ index) => part("class", one.space.class_names[index], index);

/** @returns {Pieces} */
function winners(/** @type {Comparison} */ compared) {
  const [[one, other], [first, theirs]] = [compared.names, compared.winners];
  if (first === theirs) return [named(compared, first), ` is first for both ${one} and ${other}.`];
  return [named(compared, first), ` is first for ${one}, `, named(compared, theirs), ` for ${other}.`];
}

/** "spots 0.30 lower" @returns {Pieces} */
function reads(/** @type {Comparison} */ compared, /** @type {number} */ attribute) {
  const { values: [own, theirs] } = compared.reading(attribute);
  const more = theirs - own;
  return [part("attribute", compared.one.space.attribute_names[attribute], attribute), " ", sizePart(more), more < 0 ? " lower" : " higher"];
}

/** What the other model's readings do to the first one's lead. @returns {Pieces} */
function readings(/** @type {Comparison} */ compared) {
  const [one, other] = compared.names;
  const [first, rival] = [named(compared, compared.winners[0]), named(compared, compared.rival)];
  if (!compared.effects.some((effect) => effect !== 0)) {
    const alike = !compared.apart.some((value) => value !== 0);
    return [alike ? " They read all attributes alike." : ` What ${other} reads otherwise counts for nothing here.`];
  }
  const agree = compared.winners[0] === compared.winners[1];
  const { needed, against } = compared;
  if (agree && needed !== 1) return movesMost(compared);
  const before = [rival, " before ", first, ` in ${one}'s ranking`];
  if (needed === 1) {
    return [` ${other} reads `, ...reads(compared, against[0]), "; that alone puts ", ...before, agree ? `, though not in ${other}'s own.` : "."];
  }
  if (needed === null) {
    return [` All readings of ${other}'s that speak against `, first, " together do not put ", ...before,
      ": the two differ in how they count what they read."];
  }
  const some = listed(against.slice(0, Math.min(needed, LISTED)).map((a) => reads(compared, a)));
  return [` No single reading of ${other}'s puts `, ...before, `; the ${needed} that count most do together`,
    needed <= LISTED ? ": " : ", first of all ", ...some, "."];
}

/** The reading that moves the lead most, where no single one turns it. @returns {Pieces} */
function movesMost(/** @type {Comparison} */ compared) {
  const [one, other] = compared.names;
  const [{ attribute, effect }] = compared.byEffect(1);
  return [
    ` ${other} reads `, ...reads(compared, attribute), ", which would ",
    effect < 0 ? "take " : "add ", sizePart(effect), effect < 0 ? " from " : " to ",
    ...(compared.lead ? [`${one}'s lead of `, sizePart(compared.lead)] : [`${one}'s lead`]),
    " over ", named(compared, compared.rival), ".",
  ];
}

/** @returns {Pieces} */
function verdict(/** @type {Comparison} */ compared, /** @type {number | null} */ truth) {
  if (truth === null || !compared.rankings[0].ranks[truth]) return [];
  const right = compared.winners.map((winner) => winner === truth);
  if (right.every(Boolean)) return [" Both are right."];
  if (right.some(Boolean)) return [` ${compared.names[right.indexOf(true)]} is right.`];
  const [one, other] = compared.rankings.map(({ ranks }) => ordinal(ranks[truth]));
  return [" Both are wrong: it is ", named(compared, truth), `, ${one} for ${compared.names[0]} and ${other} for ${compared.names[1]}.`];
}

/** What the comparison is of, where it is not of the photo and the models alone. @returns {Pieces} */
function state(/** @type {Comparison} */ { names: [one, other], request: { image_edits: image = {}, class_edits: classes = {}, unseen_only: unseenOnly }, made, handicap }) {
  const edited = Object.keys(image).length || Object.values(classes).some((edits) => Object.keys(edits).length);
  return [
    ...(edited ? [" The edits are made in both."] : []),
    ...(made ? [made === 1 ? " The class that was made up competes in both." : ` The ${made} classes that were made up compete in both.`] : []),
    ...(handicap ? [` The handicap that was set is ${one}'s; ${other} keeps its own.`] : []),
    ...(unseenOnly ? [" Classes trained on are left out."] : []),
  ];
}
