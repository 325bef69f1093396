// @ts-check
// Names of labels, states and objects: the data set's own, which never change, and how people read them; found by both.
import { BundleError } from "./bundle.js";

/**
 * How people read the names of a list, as the head of a bundle has it; an older bundle has no readable names, so they are the own ones. Throws BundleError.
 * @param {string[]} own
 * @param {string[]} [shown]
 */
export function readable(own, shown = []) {
  if (shown.length && shown.length !== own.length) throw new BundleError("The bundle cannot be used: its readable names are not as many as its names.");
  return shown.length ? shown : own;
}

/**
 * The place of a name in a list: as it is written, own or readable, else in any case; -1 if it is not there. The twin of `Names.find`.
 * @param {string[]} own
 * @param {string[]} shown
 * @param {string} name
 */
export function nameIndex(own, shown, name) {
  const place = own.indexOf(name);
  const exact = place < 0 ? shown.indexOf(name) : place;
  if (exact >= 0) return exact;
  const folded = fold(name);
  const same = (/** @type {string} */ one) => fold(one) === folded;
  const found = own.findIndex(same);
  return found < 0 ? shown.findIndex(same) : found;
}

const fold = (/** @type {string} */ name) => name.normalize("NFC").trim().toLowerCase();

/** The model's `own` names and some of those added after them, as places in the list; null if one of them is not there. */
export function kept(/** @type {string[]} */ all, /** @type {number} */ own, /** @type {string[]} */ added) {
  const places = added.map((name) => all.indexOf(name, own));
  return places.includes(-1) ? null : [...Array(own).keys(), ...places];
}
