// @ts-check
// Contours of a map over the photo as SVG paths: the twin of `contours_answer` in `zslviz/tasks/base/outlines.py`, drawn along the
// interpolated map instead of along pixels.
import { drawnSize, mapToPhoto } from "./heatmaps.js";

const FRAME_WIDTH = 1000; // units of the lines' coordinates across the photo
const TRACED_WIDTH = 96; // how finely the map is looked at
const SHARES = [0.25, 0.5, 0.75]; // of a scale

/** @typedef {{ share: number, against: boolean, path: string }} Contour */
/** @typedef {{ from: number, to: number }} Segment between two edges of the mesh, with what is inside on its left */

/**
 * Contours of a map at a quarter, a half and three quarters of its scale. Of a signed scale the shares are of its upper end, and of its
 * lower end for what speaks against.
 * @param {import("./maps.js").Geometry} geometry
 * @param {import("./heatmaps.js").Heatmap} map
 * @param {import("./maps.js").ColourScale} scale
 * @returns {{ width: number, height: number, lines: Contour[] }}
 */
export function contours(geometry, map, { low, high, signed }) {
  const [width, height] = drawnSize(geometry, TRACED_WIDTH);
  const laid = mapToPhoto(geometry, map, width, height);
  const unit = FRAME_WIDTH / TRACED_WIDTH;
  /** @type {Contour[]} */
  const lines = [];
  const against = laid.map((value) => -value);
  for (const share of SHARES) {
    const above = signed ? high * share : low + share * (high - low);
    lines.push({ share, against: false, path: traced(laid, width, height, above, unit) });
    if (signed) lines.push({ share, against: true, path: traced(against, width, height, -low * share, unit) });
  }
  return { width: width * unit, height: height * unit, lines: lines.filter(({ path }) => path) };
}

/**
 * The closed lines around what reaches a level, as a path. The photo's border closes what touches it.
 * @param {Float32Array} laid [height, width]
 * @param {number} width
 * @param {number} height
 * @param {number} level
 * @param {number} unit
 */
function traced(laid, width, height, level, unit) {
  const [columns, rows] = [width + 2, height + 2]; // of nodes: the pixels, and a ring around them that nothing reaches
  const nodes = new Float32Array(columns * rows).fill(-Infinity);
  for (let y = 0; y < height; y += 1) nodes.set(laid.subarray(y * width, (y + 1) * width), (y + 1) * columns + 1);
  const inside = new Uint8Array(nodes.length);
  for (let i = 0; i < nodes.length; i += 1) inside[i] = nodes[i] >= level ? 1 : 0;
  // Edges by number: twice that of the node that they begin at, one more if they go down.
  /** @type {Map<number, number>} */
  const next = new Map();
  for (let y = 0; y < rows - 1; y += 1) {
    for (let x = 0; x < columns - 1; x += 1) {
      const node = y * columns + x;
      const which = inside[node] + 2 * inside[node + 1] + 4 * inside[node + columns + 1] + 8 * inside[node + columns];
      if (which === 0 || which === 15) continue;
      const [top, right, bottom, left] = [2 * node, 2 * (node + 1) + 1, 2 * (node + columns), 2 * node + 1];
      for (const [from, to] of TURNS[which]([top, right, bottom, left])) next.set(from, to);
    }
  }
  const place = (/** @type {number} */ edge) => {
    const node = edge >> 1;
    const [x, y] = [node % columns, Math.floor(node / columns)];
    const [x1, y1] = edge % 2 ? [x, y + 1] : [x + 1, y];
    const [from, to] = [nodes[y * columns + x], nodes[y1 * columns + x1]];
    const part = Number.isFinite(from) && Number.isFinite(to) ? (level - from) / (to - from) : 0.5;
    return `${((x + (x1 - x) * part - 0.5) * unit).toFixed(1)} ${((y + (y1 - y) * part - 0.5) * unit).toFixed(1)}`;
  };
  let path = "";
  for (const [start] of next) {
    if (!next.has(start)) continue;
    const corners = [];
    for (let edge = start; next.has(edge);) {
      corners.push(place(edge));
      const following = /** @type {number} */ (next.get(edge));
      next.delete(edge);
      edge = following;
    }
    path += `M${corners.join("L")}Z`;
  }
  return path;
}

/** @typedef {[top: number, right: number, bottom: number, left: number]} Sides */
// For each case of corners inside (1: top left, 2: top right, 4: bottom right, 8: bottom left): from which side to which.
/** @type {((sides: Sides) => [number, number][])[]} */
const TURNS = [
  () => [],
  ([t, , , l]) => [[t, l]],
  ([t, r]) => [[r, t]],
  ([, r, , l]) => [[r, l]],
  ([, r, b]) => [[b, r]],
  ([t, r, b, l]) => [[t, l], [b, r]],
  ([t, , b]) => [[b, t]],
  ([, , b, l]) => [[b, l]],
  ([, , b, l]) => [[l, b]],
  ([t, , b]) => [[t, b]],
  ([t, r, b, l]) => [[r, t], [l, b]],
  ([, r, b]) => [[r, b]],
  ([, r, , l]) => [[l, r]],
  ([t, r]) => [[t, r]],
  ([t, , , l]) => [[l, t]],
  () => [],
];
