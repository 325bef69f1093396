// @ts-check
// What is said of an attribute's maps: the twin of `zslviz/tasks/attributes/map_words.py` and of what `zslviz/tasks/base/where.py` says,
// character by character.
import { drawn, mapToPhoto } from "./heatmaps.js";
import { fuse } from "./scoring.js";

const FEW = 9; // one in so many places are the few that words tell the share of
const LAID = 60;
const ACROSS = ["left", "middle", "right"];
const DOWN = ["upper", "middle", "lower"];

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./explanation.js").MapOffer} MapOffer */
/** @typedef {import("./heatmaps.js").Heatmap} Heatmap */

// -- numbers: hundredths, halves away from zero -------------------------------------------------------------------------------

const hundredths = (/** @type {number} */ value) => Math.sign(value) * Math.round(100 * Number(Math.abs(value).toFixed(2)));
const sized = (/** @type {number} */ count) => (Math.abs(count) / 100).toFixed(2);
const plain = (/** @type {number} */ count) => `${count < 0 ? "−" : ""}${sized(count)}`;

// -- of one attribute ---------------------------------------------------------------------------------------------------------

/** Whether an attribute counts as absence: the photo speaks for classes that do not have it, and it is called "not hunter". */
export function absent(/** @type {Explanation} */ x, /** @type {number} */ attribute) {
  return fuse(x.rule, x.scores)[attribute] < 0;
}

/**
 * "0.52 = 0.38 from places + 0.14 that every photo gets", as printed; so the last digit of the rest can be one off. called: what a part
 * of the rest is called that not every photo gets, and own: how much that is.
 */
export function valueWords(/** @type {number} */ value, /** @type {number} */ places, called = "", own = 0) {
  const [whole, counted, named] = [value, places, called ? own : 0].map(hundredths);
  /** @type {[number, string][]} */
  const parts = [...(called ? [/** @type {[number, string]} */ ([named, called])] : []), [whole - counted - named, "that every photo gets"]];
  const told = parts.map(([part, name]) => ` ${part < 0 ? "−" : "+"} ${sized(part)} ${name}`);
  return `${plain(whole)} = ${plain(counted)} from places${told.join("")}`;
}

/** Of exact maps, what was held as it was in this photo so that they add up; "" if nothing besides attention. */
export function heldWords(/** @type {string} */ held) {
  return held ? `Adds up with ${held} held as in this photo.` : "";
}

/** Of what is special for an attribute: how much lies elsewhere than usual; together nothing, so the value's sum still holds. */
export function specialWords(/** @type {number} */ moved, /** @type {MapOffer} */ offer) {
  const much = plain(hundredths(moved));
  if (!offer.signed) return `${isAttention(offer) ? "Looked at " : ""}${much} more where it is red and ${much} less where it is blue than for others here.`;
  return `Beside where attributes are counted on average in this photo: ${much} more where it is red, ${much} less where it is blue; together nothing.`;
}

// Whether a map is of where the model looked; what others without a sign show, their offer says.
const isAttention = (/** @type {MapOffer} */ offer) => offer.name === "attention";

/** Of a map that hardly reaches anywhere. */
export function littleWords(/** @type {string} */ name, /** @type {MapOffer} */ offer) {
  if (offer.signed) return `Almost nothing was counted for ${name} here.`;
  return isAttention(offer) ? `It looked nowhere in particular for ${name}.` : `${offer.title}: almost nothing for ${name} here.`;
}

/** Of a map that is strongest where most of the photo's maps are. */
export function commonWords(/** @type {number} */ count, /** @type {number} */ of, /** @type {MapOffer} */ offer) {
  const counted = offer.signed ? "counted most at" : isAttention(offer) ? "looked for most at" : "strongest at";
  return `The model knows that, not where: ${count} of ${of} attributes are ${counted} this one place.`;
}

/** Of an attribute that no place of a photo can show, whatever its value is added up from. */
export function unseenWords(/** @type {string} */ name) {
  return `No place of a photo can show “${name}”: the model concludes it from what else it sees, so no map is drawn of it.`;
}

/** What the places of a map share out, as `shareInWords` says it. */
export function sharedOut(/** @type {MapOffer} */ offer, /** @type {boolean} */ against, special = false) {
  if (special) return "what is special for it";
  if (!offer.signed) return isAttention(offer) ? "its attention" : "this map";
  return against ? "what speaks against it" : "what speaks for it";
}

// -- where a map is strongest ---------------------------------------------------------------------------------------------------

/** The ninth of the photo that a place lies in, by fractions of its sides: "upper left", "middle right", "centre". */
export function third(/** @type {number} */ x, /** @type {number} */ y) {
  const [across, down] = [x, y].map((share) => Math.min(2, Math.max(0, Math.trunc(3 * share))));
  return across === 1 && down === 1 ? "centre" : `${DOWN[down]} ${ACROSS[across]}`;
}

/**
 * "most at the upper middle; 62 % of what speaks for it in 9 of 81 places". of: what the places of the map share out; those above 0
 * count. "" of a map that is nowhere above 0.
 * @param {import("./maps.js").Geometry} geometry
 * @param {Heatmap} map
 * @param {string} of
 */
export function shareInWords(geometry, map, of) {
  const counted = Float64Array.from(map.values, (value) => Math.max(value, 0)).sort();
  const whole = counted.reduce((sum, value) => sum + value, 0);
  if (whole <= 0) return "";
  const few = Math.ceil(counted.length / FEW);
  const part = counted.subarray(counted.length - few).reduce((sum, value) => sum + value, 0);
  const laid = mapToPhoto(geometry, drawn(map), LAID, LAID); // what lies beside the photo is none of its places
  let most = 0;
  laid.forEach((value, i) => (most = value > laid[most] ? i : most));
  const where = third(((most % LAID) + 0.5) / LAID, (Math.floor(most / LAID) + 0.5) / LAID);
  return `most at the ${where}; ${Math.trunc((100 * part) / whole + 0.5)} % of ${of} in ${few} of ${counted.length} places`;
}
