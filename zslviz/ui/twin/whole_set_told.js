// @ts-check
// What an edit did to the test photos, in words: the twin of `zslviz/tasks/attributes/whole_set/told.py`, character by character.
import { counted, listed, part, sentenceOf } from "./wording.js";

export const CAUTION = "These are test photos: look at what an edit does, do not tune on them.";
const NAMED = 2; // classes that photos went to or came from

/** @typedef {import("./wording.js").Part} Part */
/** @typedef {import("./whole_set.js").ClassChange} ClassChange */
/** @typedef {import("./whole_set.js").Move} Move */

/**
 * first: the edited class that is told of, if any. moves: all of them, the largest first.
 * @param {number} photos
 * @param {number} changed
 * @param {number} gained
 * @param {number} lost
 * @param {ClassChange[]} first
 * @param {Move[]} moves
 * @param {string[]} names
 */
export function retestSentence(photos, changed, gained, lost, first, moves, names) {
  /** @type {(Part | string)[]} */
  const pieces = [changed
    ? `${changed} of ${photos} test photos ${changed === 1 ? "is" : "are"} called otherwise: ${gained} right now, ${lost} right before.`
    : `None of ${photos} test photos is called otherwise.`];
  for (const change of first) pieces.push(" ", ...ofClass(change, names), ...robbed(change.index, moves, names));
  return sentenceOf(pieces);
}

/**
 * "Of 20 test photos called Giraffe, 13 are right." after the edits.
 * @param {ClassChange} change
 * @param {string[]} names
 */
export function calledSentence({ index, right: [, right], called: [, called] }, names) {
  const name = part("class", names[index], index);
  if (!called) return sentenceOf(["No test photo is called ", name, "."]);
  return sentenceOf([`Of ${counted(called, "test photo")} called `, name, `, ${right} ${right === 1 ? "is" : "are"} right.`]);
}

/**
 * @param {ClassChange} change
 * @param {string[]} names
 */
function ofClass({ index, photos, right: [was, now], called }, names) {
  const found = photos ? `: ${now} of its ${counted(photos, "photo")} found, before ${was}` : ": there is no test photo of it";
  return [part("class", names[index], index), found, `; ${counted(called[1], "photo")} called so, before ${called[0]}.`];
}

/**
 * @param {number} index
 * @param {Move[]} moves
 * @param {string[]} names
 */
function robbed(index, moves, names) {
  const taken = moves.filter(({ target }) => target === index).map(({ source, photos, lost }) => [source, photos, lost]);
  const given = moves.filter(({ source }) => source === index).map(({ target, photos, won }) => [target, photos, won]);
  /** @type {(Part | string)[]} */
  const pieces = [];
  if (taken.length) pieces.push(" It takes ", ...shares(taken, "from", "right before", names));
  if (given.length) pieces.push(taken.length ? ", and loses " : " It loses ", ...shares(given, "to", "right now", names));
  return pieces.length ? [...pieces, "."] : pieces;
}

/**
 * The largest of some (class, photos, so many of them `what`), and how many there are besides.
 * @param {number[][]} parts
 * @param {string} word
 * @param {string} what
 * @param {string[]} names
 */
function shares(parts, word, what, names) {
  /** @type {(Part | string)[][]} */
  const items = parts.slice(0, NAMED).map(([c, photos, right]) =>
    [`${photos} ${word} `, part("class", names[c], c), ...(right ? [` (${right} ${what})`] : [])]);
  const rest = parts.slice(NAMED).reduce((sum, [, photos]) => sum + photos, 0);
  return listed(rest ? [...items, [`${rest} ${word} others`]] : items);
}
