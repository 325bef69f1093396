// Replays what `map_vectors.py` wrote through the page's maps: node tests/twin/replay_maps.js
//   ZSLVIZ_VECTORS: the folder of the vectors. ZSLVIZ_TWIN: the folder of the scripts, `zslviz/ui/twin` if not told.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { same, test } from "./same.js";

const vectors = process.env.ZSLVIZ_VECTORS;
const twin = resolve(process.env.ZSLVIZ_TWIN || "zslviz/ui/twin");
const scripts = ["contours.js", "explanation.js", "heatmaps.js", "map_answers.js"];
const [{ contours }, { readExplanationBundle }, heatmaps, answers] = await Promise.all(
  scripts.map((name) => import(pathToFileURL(join(twin, name)).href)));
const cases = JSON.parse(readFileSync(join(vectors, "cases.json"), "utf8"));

const WIDE = 48; // of the layers that Python painted
const STEPS = 127; // of a map in the bundle: its highest place has so many
const highest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function near(found, expected, apart, at) {
  assert.ok(Math.abs(found - expected) <= apart, `${at}: ${found} instead of ${expected}, more than ${apart} apart`);
}
// Words that name numbers which the bundle's levels leave open in the last digit.
function nearWords(found, expected, at) {
  const numbers = /\d+(\.\d+)?/g;
  assert.equal(found.replace(numbers, "#"), expected.replace(numbers, "#"), at);
  const [ours, theirs] = [found, expected].map((text) => (text.match(numbers) || []).map(Number));
  ours.forEach((number, i) => near(number, theirs[i], Number.isInteger(theirs[i]) ? 2 : 0.02, at));
}
// A map whose places are right to half a level. top: the highest place of what it was written with.
function nearMap({ values, places, reach, weak, where, share, ...told }, expected, top, at, open = 0.02) {
  const apart = (0.51 * top) / STEPS + 1e-5 * top;
  const { values: theirs, places: sum, reach: far, weak: little, where: words, share: part, ...others } = expected;
  same(told, others, at);
  values.forEach((value, i) => near(value, theirs[i], apart, `${at} ${i}`));
  near(places, sum, apart * values.length, `${at} places`);
  if (part === null) assert.equal(share, null, at);
  else near(share, part, 0.02, `${at} share`);
  near(reach, far, open * Math.max(1, far), `${at} reach`);
  if (Math.abs(far - 0.15) > open) assert.equal(weak, little, `${at} weak`);
  if (Math.abs(sum) < 2 * apart * values.length) return; // whether it is for or against is left open
  if (words.startsWith("most")) nearWords(where, words, `${at} where`);
  else assert.equal(where, words, at);
}

for (const one of cases) {
  const x = readExplanationBundle(readFileSync(join(vectors, one.bundle)));

  test(`${one.name}: ${one.maps.length} maps`, () => {
    for (const { attribute, kind, answer } of one.maps) {
      const at = `${kind} ${attribute}`;
      const { layers, special, ...told } = answers.mapsAnswer(x, attribute, kind);
      const { layers: expected, special: theirs, ...others } = answer;
      same(told, others, at);
      assert.equal(layers.length, expected.length, at);
      layers.forEach((layer, i) => nearMap(layer, expected[i], highest(expected[i].values), `${at} layer ${i}`));
      if (told.places !== null) near(layers.slice(1).reduce((sum, layer) => sum + layer.places, 0) || told.places, told.places, 1e-4, `${at} sum`);
      const { says, ...map } = special;
      const { says: words, ...their } = theirs;
      nearWords(says, words, at);
      nearMap({ ...map, where: "" }, { ...their, where: "" }, 4 * highest(expected[0].values), `${at} special`, 0.06);
    }
  });

  test(`${one.name}: small maps, places, parts`, () => {
    const { attributes, kind, answer } = one.thumbnails;
    const { thumbnails, ...told } = answers.thumbnailsAnswer(x, attributes, kind);
    const { thumbnails: expected, ...others } = answer;
    same(told, others, "thumbnails");
    thumbnails.forEach(({ values, ...small }, i) => {
      const { values: theirs, ...their } = expected[i];
      same(small, their, `thumbnail ${i}`);
      values.forEach((value, at) => near(value, theirs[at], (0.51 * highest(theirs)) / STEPS + 1e-9, `thumbnail ${i}`));
    });
    for (const { place, answer: { attributes: spoken, end, ...region } } of one.regions) {
      const { attributes: found, end: most, ...where } = answers.regionAnswer(x, ...place);
      same(where, region, "region");
      near(most, end, 0.01 * end, "end");
      const counted = new Map(spoken.map(({ attribute, counted: much }) => [attribute, much]));
      const least = spoken.length === 8 ? Math.abs(spoken[7].counted) : 0.1 * end; // those beside it may be in or out
      for (const { attribute, counted: much } of found) {
        if (counted.has(attribute)) near(much, counted.get(attribute), 0.01 * end, "counted");
        else near(Math.abs(much), least, 0.01 * end, "counted");
      }
      const clear = [...counted].filter(([, much]) => Math.abs(much) > least + 0.01 * end).map(([attribute]) => attribute);
      assert.deepEqual(clear.filter((attribute) => !found.some((other) => other.attribute === attribute)), [], "counted");
    }
    const { rows, ...parts } = answers.partsAnswer(x);
    const { rows: theirs, ...their } = one.parts;
    same(parts, their, "parts");
    assert.deepEqual(rows.map(({ name, maps }) => [name, maps.length]), theirs.map(({ name, maps }) => [name, maps.length]));
    rows.forEach(({ maps }, g) => maps.forEach((map, p) => map.forEach((value, i) => near(value, theirs[g].maps[p][i], 0.003, "part"))));
  });

  test(`${one.name}: ${one.layers.length} layers`, () => {
    for (const { values, grid, scale, smooth, size: [width, height], levels } of one.layers) {
      const map = { values: Float32Array.from(values), grid };
      const drawn = smooth ? heatmaps.drawn(map) : map;
      assert.deepEqual(heatmaps.drawnSize(one.geometry, WIDE), [width, height]);
      const laid = heatmaps.mapToPhoto(one.geometry, drawn, width, height);
      heatmaps.levels(scale, laid).forEach((level, i) => near(level, levels[i], 1, `pixel ${i}`));
      const { pixels } = heatmaps.layer(one.geometry, drawn, scale, WIDE);
      assert.deepEqual([...heatmaps.palette(scale)], one.palettes[Number(scale.signed)], "colours");
      const [colours, transparent] = [heatmaps.palette(scale), 4 * width * height];
      assert.equal(pixels.length, transparent);
      assert.deepEqual([...pixels.subarray(0, 4)], [...colours.subarray(4 * heatmaps.levels(scale, laid)[0]).subarray(0, 4)]);
      sameContours(one.geometry, drawn, scale, smooth ? 0.06 : 0.2);
    }
  });
}

// Every corner of a line lies where the map comes to the line's share of the scale, or on the border of the photo.
function sameContours(geometry, map, scale, apart) {
  const { width, height, lines } = contours(geometry, map, scale);
  const [wide, high] = heatmaps.drawnSize(geometry, 400);
  const laid = heatmaps.mapToPhoto(geometry, map, wide, high);
  const reached = laid.reduce((most, value) => Math.max(most, value), 0) / scale.high;
  assert.equal(lines.some(({ share, against }) => share === 0.25 && !against), reached >= 0.26 || (reached > 0.24 && lines.length > 0));
  for (const { share, against, path } of lines) {
    for (const [, x, y] of path.matchAll(/([\d.-]+) ([\d.-]+)/g)) {
      const [u, v] = [Number(x) / width, Number(y) / height];
      if (Math.min(u, v, 1 - u, 1 - v) < 0.02) continue;
      const value = laid[Math.min(high - 1, Math.floor(v * high)) * wide + Math.min(wide - 1, Math.floor(u * wide))];
      near((against ? -value : value) / scale.high, share, apart, `a line at ${share}`);
    }
  }
}
