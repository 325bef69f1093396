// @ts-check
// The answer in words, true of every state: the twin of `zslviz/tasks/attributes/sentence.py`, where it stands what is said when.
import { rank } from "./answers.js";
import { byAttributesAlone, fuse, strongest } from "./scoring.js";
import { sourcesOfLead } from "./sources.js";
import { whatIfs } from "./whatifs.js";
import { counted, listed, ordinal, part, sentenceOf, sizePart } from "./wording.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./answers.js").RankRequest} RankRequest */
/** @typedef {import("./scoring.js").ClassRanking} ClassRanking */
/** @typedef {import("./wording.js").Part} Part */
/** @typedef {(Part | string)[]} Pieces */
/** One contribution to the lead. attribute: its index, or `OTHERS` or `HANDICAP`. @typedef {{ attribute: number, size: number }} Weight */

const NAMED = 2; // attributes
const TOLD = 0.5; // of what comes from places: from there on a rest with a name is told
const OTHERS = -1;
const HANDICAP = -2;

/**
 * What is so after the edits: `text`, and its `parts` for marking classes, attributes and numbers. truth: index of the true class, where
 * it is known. Throws AskedError if nothing competes.
 * @param {Explanation} x
 * @param {RankRequest} request
 * @param {number | null} truth
 */
export function sentence(x, request = {}, truth = null) {
  const said = new Said(x, request, rank(x, request));
  return sentenceOf([...circumstances(request), ...said.lead(), ...said.ofNoPlace(), ...said.verdict(truth), ...said.oneChange(truth)]);
}

function circumstances(/** @type {RankRequest} */ { image_edits = {}, class_edits = {}, unseen_only = false, without = [] }) {
  const edits = [image_edits, ...Object.values(class_edits)].reduce((sum, some) => sum + Object.keys(some).length, 0);
  const left = new Set(without).size;
  return [
    edits ? `after ${counted(edits, "edit")}, ` : "",
    unseen_only ? "among classes never trained on, " : "",
    left ? `with ${left} ${left === 1 ? "class" : "classes"} left out, ` : "",
  ].filter(Boolean);
}

// The sentences on one state, each as pieces; none where there is nothing to say.
class Said {
  /**
   * @param {Explanation} x
   * @param {RankRequest} request
   * @param {ClassRanking} ranking
   */
  constructor(x, request, ranking) {
    const { order, calibrated } = ranking;
    this.x = x;
    this.request = request;
    this.ranking = ranking;
    this.first = order[0];
    this.second = order[1] ?? order[0];
    this.by = calibrated[this.first] - calibrated[this.second];
    this.alone = byAttributesAlone(ranking);
    this.madeUp = this.first >= x.model.space.classes.length; // nobody can say that it is wrong
    this.scores = x.editedScores(request.image_edits);
    this.fused = fuse(x.rule, this.scores);
  }

  name(/** @type {number} */ index) {
    return part("class", this.ranking.space.class_names[index], index);
  }

  attribute(/** @type {number} */ index) {
    return part("attribute", this.ranking.space.attribute_names[index], index);
  }

  // -- the lead -----------------------------------------------------------------------------------------------------------

  /** Who is first, by how much and for what. @returns {Pieces} */
  lead() {
    const { space, unseenOnly, order, calibrated } = this.ranking;
    const first = [this.name(this.first)];
    if (order.length === 1) return [...first, " is the only class that competes."];
    const second = this.name(this.second);
    if (this.madeUp) first.push(part("text", ", which you made up,"));
    else if (!space.seen[this.first] && !unseenOnly) first.push(part("text", ", never trained on,"));
    if (this.by === 0) {
      const level = order.filter((c) => calibrated[c] === calibrated[this.first]).length - 2;
      return [
        ...first, " is level with ", second, level ? ` and ${level} more` : "", "; it stands first because it comes first in the table.",
        ...this.withoutHandicap(" It does so only because "),
      ];
    }
    const ahead = [...first, " is ahead of ", second, " by ", sizePart(this.by)];
    const named = this.named();
    if (this.alone !== this.second) {
      return [...ahead, ...this.reasons(named, "mostly for "), ".", ...this.withoutHandicap(" It leads only because ")];
    }
    const handicap = Math.abs(named.find(({ attribute }) => attribute === HANDICAP)?.size ?? 0);
    const larger = named.filter(({ attribute, size }) => attribute !== HANDICAP && Math.abs(size) > handicap);
    const begins = larger.length ? ", but only because " : ", only because ";
    return [...ahead, ...this.reasons(larger, "for "), ...this.withoutHandicap(begins)];
  }

  /**
   * @param {Weight[]} named
   * @param {string} favour
   * @returns {Pieces}
   */
  reasons(named, favour) {
    /** @type {[string, number][]} */
    const sides = [[favour, 1], ["in spite of ", -1]];
    return sides.flatMap(([words, sign]) => {
      const items = named.filter(({ size }) => size * sign > 0).map((one) => this.item(one));
      return items.length ? [", ", words, ...listed(items)] : [];
    });
  }

  /** @returns {Pieces} */
  item(/** @type {Weight} */ { attribute }) {
    const { gamma, space } = this.ranking;
    if (attribute === HANDICAP) {
      return gamma > 0
        ? ["the handicap of ", sizePart(gamma), " that trained classes carry"]
        : ["the head start of ", sizePart(gamma), " that trained classes have"];
    }
    if (attribute !== OTHERS) return [this.fused[attribute] < 0 ? "not " : "", this.attribute(attribute)];
    const others = space.attributes.length - NAMED;
    return [others === 1 ? "the other attribute" : `${others} other attributes together`];
  }

  /** That the handicap decides, where it does. @returns {Pieces} */
  withoutHandicap(/** @type {string} */ begins) {
    if (this.alone === null) return [];
    const { gamma, scores } = this.ranking;
    const carry = gamma > 0 ? "trained classes carry a handicap of " : "trained classes have a head start of ";
    const apart = scores[this.alone] - scores[this.first];
    const alone = this.name(this.alone);
    const then = apart === 0 ? ["it would be level with ", alone] : [alone, " would be ahead of it by ", sizePart(apart)];
    return [begins, carry, sizePart(gamma), "; by attributes alone ", ...then, "."];
  }

  // -- what weighs ----------------------------------------------------------------------------------------------------------

  /** What is named of the lead, largest first. */
  named() {
    const { space } = this.ranking;
    const { gamma, image_edits: imageEdits } = this.request;
    const exact = this.x.contributions(this.first, this.second, { gamma, imageEdits, space });
    const chosen = strongest(exact, NAMED).filter((a) => exact.terms[a] !== 0);
    const together = exact.terms.reduce((sum, term, a) => (chosen.includes(a) ? sum : sum + term), 0);
    const attributes = chosen.map((a) => ({ attribute: a, size: exact.terms[a] }));
    const rest = largest([weight(HANDICAP, exact.calibration), weight(OTHERS, together)].filter(({ size }) => size !== 0));
    const least = attributes.length === NAMED ? Math.abs(attributes[NAMED - 1].size) : 0;
    const named = [...attributes, ...rest.filter(({ size }) => Math.abs(size) > least)];
    const favour = inFavour([...attributes, ...rest]);
    for (const one of rest) if (!named.includes(one) && one.size > 0 && inFavour(named) <= favour / 2) named.push(one);
    return largest(named);
  }

  /**
   * How much of the lead comes from no place, where that is more than what comes from places, or has a name and is half as much.
   * @returns {Pieces}
   */
  ofNoPlace() {
    const found = sourcesOfLead(this.x, this.scores, this.ranking.space, this.first, this.second);
    if (!found || this.by === 0) return [];
    const { rest, places, called } = found;
    if (Math.abs(rest) <= Math.abs(places) * (called ? TOLD : 1)) return [];
    if (called) return [" Of the lead, ", ...this.inFavourOf(rest), ` is ${called}`, ...(places ? [" and ", ...this.inFavourOf(places), " comes from places"] : []), "."];
    const fromPlaces = places ? [" (", ...this.inFavourOf(places), ")"] : [];
    return [" More of the lead comes from no place in the photo (", ...this.inFavourOf(rest), ") than from places", ...fromPlaces, "."];
  }

  inFavourOf(/** @type {number} */ size) {
    return [sizePart(size), " for ", this.name(size > 0 ? this.first : this.second)];
  }

  // -- the truth, and what else could be ------------------------------------------------------------------------------------

  /** Whether the first class is the true one. @returns {Pieces} */
  verdict(/** @type {number | null} */ truth) {
    if (truth === null) return [];
    if (truth === this.first) return [" The answer is right."];
    const { ranks, calibrated } = this.ranking;
    const wrong = this.madeUp ? " Of the classes that were there, it is " : " Wrong: it is ";
    if (!ranks[truth]) return [wrong, this.name(truth), ", which does not compete here."];
    if (calibrated[truth] === calibrated[this.first]) return [" It is ", this.name(truth), ", which is level with the first."];
    return [wrong, this.name(truth), ` (${ordinal(ranks[truth])}).`];
  }

  /**
   * The one edit that gives another first class with the smallest step, if one does; the true one, where that can be.
   * @param {number | null} truth
   * @returns {Pieces}
   */
  oneChange(truth) {
    const [what] = whatIfs(this.x, this.request, 1, truth);
    if (!what?.changes) return [];
    const move = what.move[0].toUpperCase() + what.move.slice(1);
    const amounts = what.amounts ? ` (${what.amounts})` : "";
    return [` ${move} `, this.attribute(what.attribute), amounts, ", ", this.name(what.winner), " would be first."];
  }
}

const weight = (/** @type {number} */ attribute, /** @type {number} */ size) => ({ attribute, size: Math.fround(size) });

const largest = (/** @type {Weight[]} */ some) => some.sort((p, q) => Math.abs(q.size) - Math.abs(p.size));

const inFavour = (/** @type {Weight[]} */ some) => some.reduce((sum, { size }) => (size > 0 ? sum + size : sum), 0);
