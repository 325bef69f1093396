// @ts-check
// What each of a model's answers would say alone, and where they disagree: the twin of `zslviz/tasks/attributes/apart.py`.
import { edited, rank } from "./answers.js";
import { contributions, largestFirst, rankClasses } from "./scoring.js";

const SHOWN_CLASSES = 5;
const SHOWN_TERMS = 6;

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./scoring.js").ScoringRule} ScoringRule */

/** The rule with all weight on one granularity. @returns {ScoringRule} */
export function alone(/** @type {ScoringRule} */ rule, /** @type {number} */ granularity) {
  const whole = rule.weights.reduce((sum, weight) => sum + Math.abs(weight), 0) || 1;
  return { ...rule, weights: rule.weights.map((_, g) => (g === granularity ? whole : 0)) };
}

/** What part of the ranking each granularity makes: by the rule, and as far as the model says that it trusts it in this photo. */
function sharesOf(/** @type {Explanation} */ x, /** @type {string[]} */ names) {
  const rule = x.rule.weights.map(Math.abs);
  const trust = x.insights.find((one) => one.term === "trust" && one.names.join("|") === names.join("|"));
  const shares = (rule.some(Boolean) ? rule : rule.map(() => 1)).map((weight, g) => weight * (trust ? trust.row(0)[g] : 1));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / (whole || 1));
}

/**
 * Each granularity's best classes, and what tells two of them apart by each. Throws AskedError if nothing competes.
 * @param {Explanation} x
 * @param {import("./answers.js").RankRequest} request
 */
export function apartAnswer(x, request) {
  const names = x.model.granularities;
  if (names.length < 2) return { answers: [], agree: true, pair: [0, 0], terms: [], leads: [] };
  const { image_edits: imageEdits, class_edits: classEdits, unseen_only: unseenOnly, without } = request;
  const [space, scores] = [edited(x, classEdits || {}), x.editedScores(imageEdits)];
  const rules = names.map((_, g) => alone(x.rule, g));
  const together = rank(x, request);
  const { gamma, order: [first, next] } = together;
  const rankings = rules.map((rule) => rankClasses(scores, space, rule, gamma, unseenOnly, without));
  const shares = sharesOf(x, names);
  const others = rankings.filter((_, g) => shares[g]).map(({ order }) => order[0]).filter((c) => c !== first);
  const rival = others.length ? others[0] : next ?? first;
  const each = rules.map((rule) => contributions(scores, space, rule, first, rival, gamma));
  const spread = Array.from(each[0].terms, (_, a) => {
    const here = each.map(({ terms }) => terms[a]);
    return Math.max(...here) - Math.min(...here);
  });
  return {
    answers: names.map((name, g) => ({
      name,
      share: shares[g],
      classes: rankings[g].order.slice(0, SHOWN_CLASSES).map((index) => ({
        index, name: space.class_names[index], seen: Boolean(space.seen[index]), score: rankings[g].calibrated[index],
      })),
    })),
    agree: !others.length,
    pair: [first, rival],
    terms: largestFirst(spread).slice(0, SHOWN_TERMS).filter((a) => spread[a] > 0)
      .map((attribute) => ({ attribute, values: each.map(({ terms }) => terms[attribute]) })),
    leads: each.map(({ margin }) => margin),
  };
}
