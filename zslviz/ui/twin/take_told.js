// @ts-check
// What it would take, in words: the twin of `Told` of `what_would_it_take/answer.py`, to the last character.
import { counted, listed, part, sentenceOf } from "./wording.js";

/** @typedef {import("./scoring.js").SemanticSpace} SemanticSpace */
/** @typedef {import("./wording.js").Part} Part */
/** @typedef {"photo" | "description"} Side */
/** @typedef {"attributes" | "parts"} By */
/**
 * One value that changes. along: whether it only follows another. step: of which change it is, from 0 on.
 * @typedef {{ attribute: number, before: number, value: number, along: boolean, step: number }} Edit
 */

const NAMED = 5; // changes in a sentence
const NAMED_OF_MANY = 3;

/** The sentences of one question. Never "if the animal had": what a thing is like is not asked here. */
export class Told {
  /**
   * @param {SemanticSpace} space
   * @param {number} target
   * @param {Side} side
   * @param {By} by
   */
  constructor(space, target, side, by) {
    this.space = space;
    this.side = side;
    this.by = by;
    this.target = part("class", space.class_names[target], target);
  }

  /**
   * If the model had seen this, or if the class were described so, it would be first.
   * @param {Edit[]} edits
   * @param {string[]} groups
   */
  way(edits, groups) {
    const what = this.what(edits, groups);
    if (this.side === "photo") return sentenceOf(["if the model had seen ", ...what, ", ", this.target, " would be first."]);
    return sentenceOf(["if ", this.target, " were described with ", ...what, ", it would be first."]);
  }

  /**
   * How far the strongest single change gets.
   * @param {Edit[]} edits
   * @param {string | null} group
   * @param {number} share
   * @param {boolean} proved
   */
  near(edits, group, share, proved) {
    const begins = proved ? "no single change can do it: the strongest, " : "no single change was found to do it: the strongest, ";
    const what = this.what(edits, group === null ? [] : [group]);
    return sentenceOf([begins, ...what, `, gets ${Math.floor(100 * share)} % of the way.`]);
  }

  /**
   * That no way was found, and who stays ahead.
   * @param {number} rival
   * @param {boolean} impossible
   * @param {boolean} kept Whether somebody wants some attributes kept as they are or within ends.
   */
  nothing(rival, impossible, kept) {
    const within = `within what classes have${kept ? " and with what is to be kept" : ""}`;
    let begins = "no way was found to make ";
    if (impossible && this.by === "parts") begins = `no parts${kept ? ", with what is to be kept," : ""} would make `;
    else if (impossible && this.side === "photo") begins = `nothing that the model could have seen, ${within}, would make `;
    else if (impossible) begins = `no description, ${within}, would make `;
    return sentenceOf([begins, this.target, " first: ", part("class", this.space.class_names[rival], rival), " stays ahead."]);
  }

  /** That nothing is needed. */
  firstAlready() {
    return sentenceOf([this.target, " is first already."]);
  }

  /**
   * @param {Edit[]} edits
   * @param {string[]} groups
   * @returns {(Part | string)[]}
   */
  what(edits, groups) {
    if (this.by === "parts") {
      const asIs = this.side === "photo" ? [" as ", this.target, " is described"] : [" as the model saw it in the photo"];
      return [...listed(groups.map((group) => [group])), ...asIs];
    }
    const own = edits.filter(({ along }) => !along);
    const shown = own.length <= NAMED ? own : own.slice(0, NAMED_OF_MANY);
    /** @type {(Part | string)[][]} */
    const items = shown.map(({ attribute, value }) =>
      [part("attribute", this.space.attribute_names[attribute], attribute), " at ", valuePart(value)]);
    if (own.length > shown.length) items.push([counted(own.length - shown.length, "other value")]);
    const pieces = listed(items);
    if (own.length < edits.length) pieces.push(` (and less of the others of ${own.length === 1 ? "that group" : "such groups"})`);
    return pieces;
  }
}

/** A value with two decimals, halves away from zero, without zeros that say nothing: "0.2", "0.95", "1", "-0.1". */
export function valuePart(/** @type {number} */ value) {
  const text = Math.abs(value).toFixed(2).replace(/0+$/, "").replace(/\.$/, "");
  return part("number", value < 0 && text !== "0" ? `-${text}` : text, null, value);
}
