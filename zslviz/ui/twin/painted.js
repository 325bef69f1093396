// @ts-check
// Answers about maps of labels and pairs as the panels read them from the server, pictures included: the twin of the tasks'
// `pictures.py`, and of `where_in_words` in `zslviz/tasks/base/where.py`. `url`: makes an address of pixels.
import { contours } from "./contours.js";
import { layer, legend, mapToPhoto } from "./heatmaps.js";
import { WEAK, alike, median } from "./maps.js";

const [LARGE, MAP, THUMBNAIL] = [480, 288, 112]; // pixels across
const LAID = 60;
const ACROSS = ["left", "middle", "right"];
const DOWN = ["upper", "middle", "lower"];

/** @typedef {import("./maps.js").Geometry} Geometry */
/** @typedef {import("./maps.js").ColourScale} ColourScale */
/** @typedef {import("./heatmaps.js").Heatmap} Heatmap */
/** @typedef {(pixels: { width: number, height: number, pixels: Uint8ClampedArray<ArrayBuffer> }) => string} Url */
/** @typedef {import("./labels.js").LabelExplanation} LabelExplanation */
/** @typedef {import("./pairs.js").CompositionExplanation} CompositionExplanation */
/** @typedef {import("./pairs_pictures.js").PairPicture} PairPicture */

/**
 * "strongest at the upper left; 4 of 49 places come half-way to it or more"; "" of a map that is nowhere above `low`.
 * @param {Geometry} geometry
 * @param {Heatmap} map
 * @param {number} low what counts as nothing
 */
export function whereInWords(geometry, map, low = 0) {
  const { values } = map;
  const top = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (top <= low) return "";
  const laid = mapToPhoto(geometry, map, LAID, LAID); // what lies beside the photo is none of its places
  const at = laid.reduce((best, value, i) => (value > laid[best] ? i : best), 0);
  const [x, y] = [at % LAID, Math.floor(at / LAID)].map((i) => Math.min(2, Math.floor((3 * (i + 0.5)) / LAID)));
  const half = Math.fround((low + top) / 2);
  const near = values.reduce((count, value) => count + Number(value >= half), 0);
  return `strongest at the ${x === 1 && y === 1 ? "centre" : `${DOWN[y]} ${ACROSS[x]}`}; ${near} of ${values.length} places come half-way to it or more`;
}

// -- labels ---------------------------------------------------------------------------------------------------------------

/**
 * A label's map (`mapAnswer`).
 * @param {LabelExplanation} x
 * @param {any} answer
 * @param {Url} url
 */
export function labelMap({ parts: { mapGeometry: geometry }, grid }, { values, scale, ...told }, url) {
  const map = { values, grid };
  const flat = values.every((/** @type {number} */ value) => value === values[0]);
  return {
    ...told,
    url: url(layer(geometry, map, scale, LARGE)),
    contours: contours(geometry, map, scale),
    where: whereInWords(geometry, map, median(values)),
    legend: flat ? null : legend(scale), // a flat map has no scale
  };
}

/**
 * Small maps of labels (`thumbnailsAnswer`).
 * @param {LabelExplanation} x
 * @param {any} answer
 * @param {Url} url
 */
export const labelThumbnails = ({ parts: { mapGeometry }, grid }, { thumbnails }, url) => ({
  thumbnails: thumbnails.map((/** @type {any} */ { values, scale, ...told }) => ({ ...told, url: url(layer(mapGeometry, { values, grid }, scale, THUMBNAIL)) })),
});

/**
 * Where a region looked (`attentionAnswer`).
 * @param {LabelExplanation} x
 * @param {any} answer
 * @param {Url} url
 */
export const labelAttention = ({ parts: { mapGeometry }, grid }, { values, scale, ...told }, url) =>
  ({ ...told, url: url(layer(mapGeometry, { values, grid }, scale, LARGE)), legend: legend(scale) });

// -- pairs ----------------------------------------------------------------------------------------------------------------

const gridOf = (/** @type {CompositionExplanation} */ { parts: { evidence, state, queries } }) =>
  /** @type {[number, number]} */ ((evidence ?? state ?? queries)?.shape ?? [1, 1]);

/**
 * The maps of a pair (`pairAnswer`); equal ones of where texts looked are one. Without those that are not in the bundle: they are told
 * by no `maps`.
 * @param {CompositionExplanation} x
 * @param {any} answer
 * @param {Url} url
 */
export function pairMaps(x, { pictures, ...told }, url) {
  const lacks = x.parts.evidence && !pictures?.some((/** @type {PairPicture} */ { which }) => which === (told.other ? "other" : "evidence"));
  if (!pictures || lacks) return told;
  const grid = gridOf(x);
  const { mapGeometry: geometry } = x.parts;
  const all = /** @type {PairPicture[]} */ (pictures);
  const looked = all.filter(({ offer }) => offer === "attention");
  const groups = [
    ...alike(looked.map(({ values }) => values)).map((group) => group.map((i) => looked[i])),
    ...all.filter(({ offer }) => offer !== "attention").map((one) => [one]),
  ];
  const drawn = groups.map(([first]) => first);
  /** @template T @param {(one: PairPicture) => T} made @param {(one: PairPicture) => string} by */
  const each = (made, by = ({ which }) => which) => Object.fromEntries(drawn.map((one) => [by(one), made(one)]));
  const map = (/** @type {PairPicture} */ { values }) => ({ values, grid });
  return {
    ...told,
    maps: each((one) => url(layer(geometry, map(one), one.scale, MAP))),
    same: Object.fromEntries(groups.map(([first, ...others]) => [first.which, others.map(({ which }) => which)])),
    contours: each((one) => contours(geometry, map(one), one.scale)),
    where: each((one) => whereInWords(geometry, map(one))),
    legends: each(({ reach, scale }) => (reach > 0 ? legend(scale) : null), ({ offer }) => offer),
    scaling: each(({ reach, stretched }) => ({ weak: reach < WEAK, stretched, reach }), ({ offer }) => offer),
  };
}

/**
 * Small maps (`multiplesAnswer`).
 * @param {CompositionExplanation} x
 * @param {any} answer
 * @param {Url} url
 */
export const pairMultiples = (x, { kind, maps, scale }, url) => ({
  kind,
  maps: maps.map((/** @type {any} */ { things, values }) => ({ things, url: url(layer(x.parts.mapGeometry, { values, grid: gridOf(x) }, scale, THUMBNAIL)) })),
  legend: legend(scale),
});
