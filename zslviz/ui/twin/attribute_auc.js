// @ts-check
// How well an attribute is read at all, in words: the twin of `zslviz/tasks/attributes/whole_set/attribute_auc.py`, character by character.
import { counted, listed } from "./wording.js";

const [WELL, PARTLY] = [85, 65]; // of 100 pairs
const STEPS = ["well", "partly", "hardly"];

/**
 * On N test photos of C classes. auc: [A], null where nothing can be told. with_photos, with_classes: [A], how many have it.
 * @typedef {{ photos: number, classes: number, auc: (number | null)[], with_photos: number[], with_classes: number[] }} AucOfKind
 */
/** @typedef {{ seen: AucOfKind, unseen: AucOfKind }} AttributeAuc */

/** "" of a model that does not tell. */
export function readAnswer(/** @type {import("./explanation.js").Explanation} */ x, /** @type {number} */ attribute) {
  const { attributeAuc: found } = x.model;
  return { text: found ? readWords(found, x.space.attribute_names[attribute], attribute) : "" };
}

/**
 * @param {AttributeAuc} found
 * @param {string} name
 * @param {number} attribute
 */
export function readWords(found, name, attribute) {
  const [seen, unseen] = [found.seen, found.unseen].map((kind) => figure(kind, attribute));
  const first = unseen || seen;
  if (!first) return `How well ${name} is read cannot be told: the test photos have no pair of one with it and one without.`;
  const [kind, rest] = unseen ? [found.unseen, found.seen] : [found.seen, found.unseen];
  const [of, others] = unseen ? ["never trained on", "trained on"] : ["trained on", "never trained on"];
  const step = stepOf(kind.auc[attribute] ?? 0);
  const told = `${name[0].toUpperCase()}${name.slice(1)} is ${step} read on photos of classes ${of}: in ${first[0]} pairs of a photo with it and one without`;
  const lacking = rest.with_photos[attribute] ? "all have it" : "none has it";
  const beside = unseen && seen ? `: in ${seen[0]} (${seen[1]})` : ` ${lacking}, so nothing can be told`;
  return `${told}, the one with it scored higher (${first[1]}). Of classes ${others}${beside}. By chance it would be 50.`;
}

/**
 * The attributes that are hardly read, and what is to be said of those among them that are named: the twin of `hardly_answer`.
 * @param {import("./explanation.js").Explanation} x
 * @param {readonly number[]} named
 */
export function hardlyAnswer(x, named) {
  const { attributeAuc: found } = x.model;
  const hardly = found ? hardlyRead(found) : new Map();
  return { attributes: [...hardly.keys()], text: hardlyWords(hardly, x.space.attribute_names, named) };
}

/** The areas of those that are hardly better read than by chance, by attribute. @returns {Map<number, number>} */
function hardlyRead(/** @type {AttributeAuc} */ { seen, unseen }) {
  const areas = unseen.auc.map((area, a) => area ?? seen.auc[a]);
  return new Map(areas.flatMap((area, a) => (area !== null && stepOf(area) === STEPS[2] ? [[a, area]] : [])));
}

/**
 * @param {Map<number, number>} hardly
 * @param {readonly string[]} names
 * @param {readonly number[]} named
 */
function hardlyWords(hardly, names, named) {
  const some = [...new Set(named)].filter((a) => hardly.has(a));
  if (!some.length) return "";
  const who = listed(some.map((a) => [names[a]])).join("");
  const counts = listed(some.map((a) => [String(ofHundred(hardly.get(a) ?? 0))])).join("");
  const told = `${who[0].toUpperCase()}${who.slice(1)} ${some.length === 1 ? "is" : "are"} hardly read: in ${counts} of 100 pairs`;
  return `${told} of a test photo with it and one without, the one with it scored higher; by chance it would be 50.`;
}

const ofHundred = (/** @type {number} */ area) => Math.floor(100 * area + 0.5);
const stepOf = (/** @type {number} */ area) => STEPS[Number(ofHundred(area) < WELL) + Number(ofHundred(area) < PARTLY)];
const classes = (/** @type {number} */ count) => (count === 1 ? "1 class" : `${count} classes`);

/** @returns {[area: string, counts: string] | null} */
function figure(/** @type {AucOfKind} */ kind, /** @type {number} */ attribute) {
  const area = kind.auc[attribute];
  if (area === null) return null;
  const [photos, having] = [kind.with_photos[attribute], kind.with_classes[attribute]];
  const without = `${kind.photos - photos} of ${classes(kind.classes - having)} without`;
  return [`${ofHundred(area)} of 100`, `${counted(photos, "photo")} of ${classes(having)} with it, ${without}`];
}
