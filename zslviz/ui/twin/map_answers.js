// @ts-check
// Maps as the panels draw them, from an explanation's bundle alone: the twin of `zslviz/tasks/attributes/pictures.py` and of `at` in
// `maps.py` beside it, with the same names in the answers.
import { drawn } from "./heatmaps.js";
import * as words from "./map_words.js";
import { regionAt, regionBox } from "./maps.js";
import * as reading from "./reading.js";
import { AskedError, largestFirst } from "./scoring.js";

const LITTLE = 0.15; // share of the photo's scale below which almost nothing was counted
const NOTHING = 0.1; // share of the highest place of a photo's maps below which a place counts for nothing
const REGION_ATTRIBUTES = 8;

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./explanation.js").Maps} Maps */
/** @typedef {{ name: string, share: number | null, counted: boolean, values: number[], places: number, reach: number, weak: boolean, where: string }} Layer */

/**
 * What is worked out once of a photo's maps of one sort. usual: how places share them out on average. sizes: of each map, the mean of
 * its places. highest: the most that any place counts for an attribute that a photo can show.
 * @typedef {{ fused: Float32Array[], usual: Float64Array, sizes: number[], highest: number }} Worked
 */
/** @type {WeakMap<Maps, Worked>} */
const known = new WeakMap();

/**
 * @param {Explanation} x
 * @param {Maps} maps
 * @returns {Worked}
 */
function worked(x, maps) {
  const found = known.get(maps);
  if (found) return found;
  const { visible } = x.space;
  const fused = x.space.attributes.map((_, a) => reading.values({ ...maps, shape: maps.grid }, a));
  const usual = new Float64Array(fused[0].length);
  let highest = 0;
  const sizes = fused.map((values, a) => {
    let sum = 0;
    for (let i = 0; i < values.length; i += 1) {
      const size = Math.abs(values[i]);
      usual[i] += size;
      sum += size;
      if (size > highest && visible[a]) highest = size;
    }
    return sum / values.length;
  });
  const whole = Math.max(total(usual), 1e-12);
  const made = { fused, usual: usual.map((size) => size / whole), sizes, highest };
  known.set(maps, made);
  return made;
}

/** The maps of one sort, the first one offered if null. Throws AskedError. */
function shown(/** @type {Explanation} */ x, /** @type {string | null} */ kind) {
  const maps = x.maps.find(({ offer }) => kind === null || offer.name === kind);
  if (!maps) throw new AskedError(kind === null ? `'${x.model.name}' has no maps of one attribute.` : `There is no map of '${kind}'.`);
  return maps;
}

const total = (/** @type {ArrayLike<number>} */ values) => Array.from(values).reduce((sum, value) => sum + value, 0);

// The end of the photo's one scale: how high the highest map of an attribute is that a photo can show; 0 if all are empty.
function end(/** @type {Explanation} */ { space }, /** @type {Float32Array} */ heights) {
  const seen = heights.filter((_, a) => space.visible[a]);
  return (seen.length ? seen : heights).reduce((most, height) => Math.max(most, height), 0);
}

// What an attribute's map has beside its own sum shared out as usual.
function specialOf(/** @type {Worked} */ { usual }, /** @type {Float32Array} */ values) {
  const whole = total(values);
  return values.map((value, i) => value - whole * usual[i]);
}

/**
 * One map: how far it reaches on the photo's one scale, whether that is almost nothing, and where it is strongest. places: the sum of
 * its values, as exactly as it is known. against: whether its places together speak against the attribute.
 * @param {Explanation} x
 * @param {Maps} maps
 * @param {string} name
 * @param {Float32Array} values
 * @param {number} places
 * @param {boolean} against
 * @param {boolean} special
 * @returns {Layer}
 */
function layer(x, maps, name, values, places = total(values), against = places < 0, special = false) {
  const { offer, grid, heights, special: specials } = maps;
  const top = end(x, special ? specials : heights);
  const height = drawn({ values, grid }).values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const reach = top > 0 ? height / top : 0;
  const turned = (offer.signed || special) && against;
  const where = words.shareInWords(x.geometry, { values: turned ? values.map((value) => -value) : values, grid }, words.sharedOut(offer, turned, special));
  return { name, share: null, counted: true, values: Array.from(values), places, reach, weak: reach < LITTLE, where };
}

/**
 * The maps of each granularity of an attribute, with how much of the map of all together each is; none where there is but one.
 * @param {Explanation} x
 * @param {Maps} maps
 * @param {number} attribute
 * @returns {Layer[]}
 */
function layersOf(x, maps, attribute) {
  if (!maps.layers) return [];
  const { scale, granularities } = x.model;
  const { layers } = maps;
  const attributes = x.space.attributes.length;
  const own = granularities.map((_, g) => reading.values(layers, attribute * granularities.length + g));
  const sizes = own.map((values, g) => (maps.offer.signed ? 1 : Math.abs(scale.shares[g])) * total(values.map(Math.abs)));
  const whole = Math.max(total(sizes), 1e-12);
  return own.map((values, g) => {
    const at = g * attributes + attribute;
    const gain = (scale.shares[g] * scale.table_std[attribute]) / scale.std[at];
    const places = maps.bias ? gain * (x.scores[at] - maps.bias[at]) : total(values); // of exact maps, better than from levels
    return { ...layer(x, maps, granularities[g], values, places), share: sizes[g] / whole, counted: x.rule.weights[g] !== 0 };
  });
}

/**
 * All that is drawn and said of one attribute.
 * @param {Explanation} x
 * @param {number} attribute
 * @param {string} kind
 */
export function mapsAnswer(x, attribute, kind) {
  const maps = shown(x, kind);
  const { offer, grid, common } = maps;
  const { score, rest } = x.map(offer.name, attribute);
  const work = worked(x, maps);
  const fused = work.fused[attribute];
  const [value, visible] = [x.values[attribute], Boolean(x.space.visible[attribute])];
  const places = score === null || rest === null ? null : score - rest;
  const special = specialOf(work, fused);
  const layers = [layer(x, maps, "all together", fused, places ?? total(fused)), ...layersOf(x, maps, attribute)];
  const [count, of] = [common.reduce((sum, one) => sum + one, 0), x.space.visible.reduce((sum, one) => sum + one, 0)];
  const most = common[attribute] && 2 * count > of ? { count, of } : null;
  const name = x.space.attribute_names[attribute];
  const moved = special.reduce((sum, one) => sum + Math.max(one, 0), 0);
  return {
    attribute,
    kind: offer.name,
    visible,
    absent: words.absent(x, attribute),
    value,
    places,
    rest,
    equation: places === null ? "" : words.valueWords(value, places, offer.rest, x.fromNoPlace(maps)[attribute]),
    held: places === null ? "" : words.heldWords(offer.held || ""),
    grid,
    end: end(x, maps.heights),
    special_end: end(x, maps.special),
    layers,
    special: { ...layer(x, maps, "special", special, 0, layers[0].places < 0, true), says: words.specialWords(moved, offer) },
    common: most,
    says: !visible ? [words.unseenWords(name)]
      : layers[0].weak ? [words.littleWords(name, offer)]
      : most ? [words.commonWords(count, of, offer)] : [],
  };
}

/**
 * Small multiples: the maps of some attributes, all granularities together, on the photo's one scale.
 * @param {Explanation} x
 * @param {number[]} attributes
 * @param {string} kind
 */
export function thumbnailsAnswer(x, attributes, kind) {
  const maps = shown(x, kind);
  const [{ fused }, top] = [worked(x, maps), end(x, maps.heights)];
  return {
    kind: maps.offer.name,
    grid: maps.grid,
    end: top,
    thumbnails: attributes.map((attribute) => ({
      attribute,
      absent: words.absent(x, attribute),
      values: Array.from(fused[attribute]),
      weak: top <= 0 || maps.heights[attribute] < LITTLE * top,
    })),
  };
}

/**
 * What a place of the photo speaks for and against; x and y are fractions of the photo's sides.
 * @param {Explanation} explanation
 * @param {number} x
 * @param {number} y
 * @param {string | null} kind
 */
export function regionAnswer(explanation, x, y, kind = null) {
  const maps = shown(explanation, kind);
  const [row, column] = regionAt(explanation.geometry, maps.grid, x, y);
  return {
    row,
    column,
    grid: maps.grid,
    box: regionBox(explanation.geometry, maps.grid, row, column),
    end: worked(explanation, maps).highest,
    attributes: at(explanation, maps, row * maps.grid[1] + column).slice(0, REGION_ATTRIBUTES),
  };
}

// Attributes that a place speaks for or against, largest sizes first; none that no photo can show, and none that counts for nothing.
/**
 * @param {Explanation} x
 * @param {Maps} maps
 * @param {number} cell
 */
function at(x, maps, cell) {
  const { fused, sizes, highest } = worked(x, maps);
  const there = fused.map((values) => values[cell]);
  const enough = (/** @type {number} */ a) => Math.max(NOTHING * highest, maps.offer.signed ? 0 : 2 * sizes[a]);
  return largestFirst(there.map(Math.abs))
    .filter((a) => x.space.visible[a] && there[a] !== 0 && Math.abs(there[a]) >= enough(a))
    .map((attribute) => ({ attribute, counted: there[attribute] }));
}

/** The part every place was counted to, per granularity: small maps on one scale from 0 to the largest share ("end"). */
export function partsAnswer(/** @type {Explanation} */ x) {
  const { parts } = x;
  if (!parts) return { rows: [], grid: /** @type {import("./maps.js").Grid} */ ([1, 1]), end: 0 };
  const { granularities } = x.model;
  const each = parts.steps.length / granularities.length;
  const maps = Array.from(parts.steps, (_, i) => Array.from(reading.values(parts, i)));
  return {
    rows: granularities.map((name, g) => ({ name, maps: maps.slice(g * each, (g + 1) * each) })),
    grid: /** @type {import("./maps.js").Grid} */ (parts.shape),
    end: maps.reduce((most, map) => map.reduce((high, value) => Math.max(high, value), most), 0),
  };
}
