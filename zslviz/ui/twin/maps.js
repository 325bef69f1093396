// @ts-check
// How maps lie over a photo, and the scales that they are drawn on: the twin of `zslviz/photos/geometry.py`, of the scales in
// `zslviz/photos/heatmaps.py`, and of what `zslviz/tasks/base/pictures.py` tells of regions.

/** @typedef {{ width: number, height: number, size: number, left: number, top: number, box_width: number, box_height: number }} Geometry */
/** @typedef {[rows: number, columns: number]} Grid */
/** @typedef {[x0: number, y0: number, x1: number, y1: number]} Box fractions of the photo's sides */
/** @typedef {{ low: number, high: number, signed: boolean }} ColourScale what a colour means: the values at the ends of the legend */

const clip = (/** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) => Math.min(Math.max(value, low), high);

/**
 * The (row, column) of the map cell that holds a point of the photo in pixels; points outside go to the nearest cell.
 * @param {Geometry} geometry
 * @param {number} x
 * @param {number} y
 * @param {Grid} grid
 * @returns {[number, number]}
 */
export function photoToCell(geometry, x, y, [rows, columns]) {
  const [u, v] = [geometry.left + (x * geometry.box_width) / geometry.width, geometry.top + (y * geometry.box_height) / geometry.height];
  const [row, column] = [Math.floor((v * rows) / geometry.size), Math.floor((u * columns) / geometry.size)];
  return [clip(row, 0, rows - 1), clip(column, 0, columns - 1)];
}

/**
 * The rectangle of the photo under a map cell in pixels, clipped to the photo.
 * @param {Geometry} geometry
 * @param {number} row
 * @param {number} column
 * @param {Grid} grid
 * @returns {Box}
 */
export function cellToPhoto(geometry, row, column, [rows, columns]) {
  const across = (/** @type {number} */ u) => ((u - geometry.left) * geometry.width) / geometry.box_width;
  const down = (/** @type {number} */ v) => ((v - geometry.top) * geometry.height) / geometry.box_height;
  const { size, width, height } = geometry;
  return [
    Math.max(across((column * size) / columns), 0),
    Math.max(down((row * size) / rows), 0),
    Math.min(across(((column + 1) * size) / columns), width),
    Math.min(down(((row + 1) * size) / rows), height),
  ];
}

/**
 * The (row, column) of the region at a place given as fractions of the photo's sides.
 * @param {Geometry} geometry
 * @param {Grid} grid
 * @param {number} x
 * @param {number} y
 */
export function regionAt(geometry, grid, x, y) {
  return photoToCell(geometry, clip(x, 0, 1) * geometry.width, clip(y, 0, 1) * geometry.height, grid);
}

/**
 * A region's rectangle as fractions of the photo's sides, clipped to the photo.
 * @param {Geometry} geometry
 * @param {Grid} grid
 * @param {number} row
 * @param {number} column
 * @returns {Box}
 */
export function regionBox(geometry, grid, row, column) {
  const [x0, y0, x1, y1] = cellToPhoto(geometry, row, column, grid);
  return [x0 / geometry.width, y0 / geometry.height, x1 / geometry.width, y1 / geometry.height];
}

/**
 * One scale for all maps shown together: from 0, or symmetric around 0 if they are signed.
 * @param {ArrayLike<number>[]} maps
 * @param {boolean} signed
 * @returns {ColourScale}
 */
export function shared(maps, signed = false) {
  let largest = 0;
  for (const map of maps) for (let i = 0; i < map.length; i += 1) largest = Math.max(largest, Math.abs(map[i]));
  if (!Number.isFinite(largest) || largest <= 0) largest = 1; // nothing to see
  return { low: signed ? -largest : 0, high: largest, signed };
}

/** The middle of some numbers; of an even count the mean of the two in the middle. */
export function median(/** @type {Iterable<number>} */ numbers) {
  const rising = Float64Array.from(numbers).sort();
  const middle = rising.length >> 1;
  return rising.length % 2 ? rising[middle] : Math.fround(rising[middle - 1] + rising[middle]) / 2;
}

/** The number below which a share of some numbers lies, between two of them as far as it falls. */
export function quantile(/** @type {Float32Array} */ numbers, /** @type {number} */ share) {
  const rising = numbers.slice().sort();
  const at = share * (rising.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, rising.length - 1);
  return rising[below] + (rising[above] - rising[below]) * (at - below);
}

/** A number to so many digits behind the point; a half goes to the even one, as NumPy has it. */
export function rounded(/** @type {number} */ value, /** @type {number} */ digits) {
  const by = 10 ** digits;
  const moved = value * by;
  const down = Math.floor(moved);
  const up = moved - down > 0.5 || (moved - down === 0.5 && down % 2 !== 0);
  return (up ? down + 1 : down) / by;
}

/** Share of the photo's scale below which the strongest place of a map is hardly seen. */
export const WEAK = 0.5;
const SAME = 0.97; // correlation from which two maps are one picture to the eye

/**
 * Pearson's correlation of two maps; of flat ones 1 if both are flat, else 0.
 * @param {Float32Array} first
 * @param {Float32Array} second
 */
function correlation(first, second) {
  const [a, b] = [first, second].map((map) => {
    const mean = map.reduce((sum, value) => sum + value, 0) / map.length;
    return Float64Array.from(map, (value) => value - mean);
  });
  const [ofA, ofB] = [a, b].map((map) => Math.hypot(...map));
  if (ofA <= 1e-12 || ofB <= 1e-12) return Number(ofA <= 1e-12 && ofB <= 1e-12);
  return a.reduce((sum, value, i) => sum + value * b[i], 0) / (ofA * ofB);
}

/** Maps in groups of the same picture: their places, each group led by the one that came first. */
export function alike(/** @type {Float32Array[]} */ maps) {
  /** @type {number[][]} */
  const groups = [];
  maps.forEach((map, i) => {
    const group = groups.find(([first]) => correlation(maps[first], map) >= SAME);
    if (group) group.push(i);
    else groups.push([i]);
  });
  return groups;
}
