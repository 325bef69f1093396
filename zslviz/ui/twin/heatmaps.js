// @ts-check
// Maps -> pixels and lines: smooth maps, how they are laid over a photo, colours, legends, contours. The twin of
// `zslviz/photos/heatmaps.py` and `smoothing.py`, of `map_to_photo` in `geometry.py`, and of what `zslviz/tasks/base/outlines.py` draws.

/** @typedef {import("./maps.js").Geometry} Geometry */
/** @typedef {import("./maps.js").Grid} Grid */
/** @typedef {import("./maps.js").ColourScale} ColourScale */
/** @typedef {{ values: Float32Array, grid: Grid }} Heatmap a map [H, W], row by row */

const RISING_ANCHORS = [[43, 10, 87], [106, 23, 110], [170, 43, 94], [221, 81, 58], [249, 142, 9], [252, 228, 80]];
const AGAINST_ANCHORS = [[146, 197, 222], [67, 147, 195], [33, 102, 172], [8, 66, 138]];
const FOR_ANCHORS = [[253, 190, 133], [244, 125, 66], [214, 60, 38], [158, 10, 30]];
const LEVELS = 256;
const FULL_FROM = 0.7; // a value of this share of the scale is fully opaque
const STOPS = 17; // of a legend
export const FACTOR = 4; // how much finer a smooth map is
const WIDTH = 1; // of the Gaussian, in cells of the map's own
const TALLEST = 8;

// -- smooth maps ----------------------------------------------------------------------------------------------------------

/** @type {Map<number, Float64Array>} */
const spreads = new Map(); // by the number of cells

// [FACTOR x cells, cells]: how each cell is shared among the fine cells.
export function spread(/** @type {number} */ cells) {
  const known = spreads.get(cells);
  if (known) return known;
  const fine = cells * FACTOR;
  const made = new Float64Array(fine * cells);
  for (let j = 0; j < cells; j += 1) {
    let sum = 0;
    for (let i = 0; i < fine; i += 1) {
      const apart = ((i + 0.5) / FACTOR - 0.5 - j) / WIDTH;
      sum += made[i * cells + j] = Math.exp(-(apart * apart) / 2);
    }
    for (let i = 0; i < fine; i += 1) made[i * cells + j] /= sum;
  }
  spreads.set(cells, made);
  return made;
}

/**
 * A map as it is drawn: smooth, on a grid `FACTOR` times as fine, and still in units of one place of its own grid.
 * @param {Heatmap} map
 * @returns {Heatmap}
 */
export function drawn({ values, grid: [rows, columns] }) {
  const [down, across, height, width] = [spread(rows), spread(columns), rows * FACTOR, columns * FACTOR];
  const halfway = new Float64Array(height * columns); // rows are spread
  for (let y = 0; y < height; y += 1) {
    for (let row = 0; row < rows; row += 1) {
      const weight = down[y * rows + row] * FACTOR * FACTOR;
      for (let c = 0; c < columns; c += 1) halfway[y * columns + c] += weight * values[row * columns + c];
    }
  }
  const fine = new Float32Array(height * width);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (let c = 0; c < columns; c += 1) sum += halfway[y * columns + c] * across[x * columns + c];
      fine[y * width + x] = sum;
    }
  }
  return { values: fine, grid: [height, width] };
}

// -- over the photo -------------------------------------------------------------------------------------------------------

// Where the pixels of one side of a picture lie in a map: between which two cells, and how far from the first to the second.
/**
 * @param {number} pixels
 * @param {number} cells
 * @param {number} start of the photo in the square, in cells
 * @param {number} length of the photo in the square, in cells
 */
function positions(pixels, cells, start, length) {
  const step = length / pixels;
  const [low, high, part] = [new Int32Array(pixels), new Int32Array(pixels), new Float64Array(pixels)];
  for (let i = 0; i < pixels; i += 1) {
    const at = start + (i + 0.5) * step - 0.5;
    const cell = Math.floor(at);
    part[i] = at - cell;
    low[i] = Math.min(Math.max(cell, 0), cells - 1);
    high[i] = Math.min(Math.max(cell + 1, 0), cells - 1);
  }
  return { low, high, part };
}

/**
 * Lays a map over the photo, `width` x `height` pixels; between centres of cells it is interpolated.
 * @param {Geometry} geometry
 * @param {Heatmap} map
 * @param {number} width
 * @param {number} height
 */
export function mapToPhoto(geometry, { values, grid: [rows, columns] }, width, height) {
  const { size, left: start, top, box_width: boxWidth, box_height: boxHeight } = geometry;
  const x = positions(width, columns, (start * columns) / size, (boxWidth * columns) / size);
  const y = positions(height, rows, (top * rows) / size, (boxHeight * rows) / size);
  const laid = new Float32Array(width * height);
  const { low, high, part } = x; // and no lists in the loop: the first map is laid before anything is compiled
  for (let j = 0; j < height; j += 1) {
    const above = y.low[j] * columns;
    const below = y.high[j] * columns;
    const v = y.part[j];
    for (let i = 0; i < width; i += 1) {
      const from = low[i];
      const to = high[i];
      const u = part[i];
      const left = values[above + from];
      const under = values[below + from];
      const upper = left + (values[above + to] - left) * u;
      const lower = under + (values[below + to] - under) * u;
      laid[j * width + i] = upper + (lower - upper) * v;
    }
  }
  return laid;
}

/** Width and height of a picture of a photo's outline: `wide` pixels wide, less of one over `TALLEST` times as high. */
export function drawnSize(/** @type {Geometry} */ { width, height }, /** @type {number} */ wide) {
  const high = Math.round((wide * height) / width);
  if (high > TALLEST * wide) return [Math.max(1, Math.round((TALLEST * wide * width) / height)), TALLEST * wide];
  return [wide, Math.max(1, high)];
}

// -- colours --------------------------------------------------------------------------------------------------------------

function ramp(/** @type {number[][]} */ anchors, /** @type {number} */ levels) {
  return Array.from({ length: levels }, (_, i) => {
    const at = (i / (levels - 1)) * (anchors.length - 1);
    const below = Math.min(Math.floor(at), anchors.length - 2);
    return anchors[below].map((value, c) => Math.round(value + (anchors[below + 1][c] - value) * (at - below)));
  });
}

function table(/** @type {boolean} */ signed) {
  const half = LEVELS / 2;
  const colours = signed ? [...ramp(AGAINST_ANCHORS, half).reverse(), ...ramp(FOR_ANCHORS, half)] : ramp(RISING_ANCHORS, LEVELS);
  const made = new Uint8ClampedArray(4 * LEVELS);
  colours.forEach((colour, i) => {
    const distance = signed ? Math.abs((2 * i) / (LEVELS - 1) - 1) : i / (LEVELS - 1);
    made.set([...colour, Math.round(Math.min(distance / FULL_FROM, 1) * 255)], 4 * i);
  });
  return made;
}

const TABLES = [table(false), table(true)];

/** The colour table, RGBA [256 x 4]. */
export const palette = (/** @type {ColourScale} */ { signed }) => TABLES[Number(signed)];

/** The colour of each value: numbers of the colour table. */
export function levels(/** @type {ColourScale} */ { low, high }, /** @type {Float32Array} */ values) {
  const per = (LEVELS - 1) / (high - low);
  const found = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i += 1) found[i] = Math.min(Math.max((values[i] - low) * per + 0.5, 0), LEVELS - 1);
  return found;
}

/**
 * The scale of one map alone: from 0, or symmetric around 0, to its highest value; null of an empty one.
 * @param {Heatmap} map
 * @param {boolean} signed
 * @returns {ColourScale | null}
 */
export function ownScale({ values }, signed) {
  let largest = 0;
  for (let i = 0; i < values.length; i += 1) largest = Math.max(largest, Math.abs(values[i]));
  return largest > 0 ? { low: signed ? -largest : 0, high: largest, signed } : null;
}

/** What the colours mean: the numbers at both ends and in the middle, and the colours as a CSS gradient. */
export function legend(/** @type {ColourScale} */ scale) {
  const colours = palette(scale);
  const stops = Array.from({ length: STOPS }, (_, i) => {
    const at = 4 * Math.round((i * (LEVELS - 1)) / (STOPS - 1));
    return `rgba(${colours.slice(at, at + 3).join()},${(colours[at + 3] / 255).toFixed(2)})`;
  });
  const ticks = /** @type {[number, number, number]} */ ([scale.low, (scale.low + scale.high) / 2, scale.high]);
  return { ticks, gradient: `linear-gradient(90deg, ${stops.join(", ")})` };
}

/**
 * A map as pixels to be laid over the photo: transparent where it says nothing.
 * @param {Geometry} geometry
 * @param {Heatmap} map
 * @param {ColourScale} scale
 * @param {number} wide
 */
export function layer(geometry, map, scale, wide) {
  const [width, height] = drawnSize(geometry, wide);
  const colours = new Uint32Array(palette(scale).buffer); // four bytes at once
  const found = levels(scale, mapToPhoto(geometry, map, width, height));
  const pixels = new Uint32Array(found.length);
  for (let i = 0; i < found.length; i += 1) pixels[i] = colours[found[i]];
  return { width, height, pixels: new Uint8ClampedArray(pixels.buffer) };
}
