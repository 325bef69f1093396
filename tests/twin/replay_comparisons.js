// Replays what `comparison_vectors.py` wrote through the page's arithmetic: node tests/twin/replay_comparisons.js
//   ZSLVIZ_VECTORS: the folder of the vectors. ZSLVIZ_TWIN: the folder of the scripts, `zslviz/ui/twin` if not told.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { same, test } from "./same.js";

const LEVELS = 127; // of a map in 8 bits, from 0 to its highest place
const vectors = process.env.ZSLVIZ_VECTORS;
const twin = resolve(process.env.ZSLVIZ_TWIN || "zslviz/ui/twin");
const [{ readExplanationBundle }, { compare, comparisonAnswer, mapsBeside }] = await Promise.all(
  ["explanation.js", "comparing.js"].map((name) => import(pathToFileURL(join(twin, name)).href)));

// Maps come in 8 bits: a place is right to half a level, what is added up of them to half a level of each place.
function sameMaps(found, { models, end, ...expected }, at) {
  const { models: own, end: reach, ...told } = found;
  same(told, expected, at);
  const off = models.map(({ values }) => Math.max(0, ...values.map(Math.abs)) / LEVELS);
  assert.ok(Math.abs(reach - end) <= 2 * Math.max(0, ...off) + 1e-6, `${at}: ${reach} instead of ${end}`);
  assert.equal(own.length, models.length, at);
  own.forEach(({ grid, values, places, rest }, i) => {
    const wanted = models[i];
    same(grid, wanted.grid, at);
    values.forEach((value, n) => assert.ok(Math.abs(value - wanted.values[n]) <= 0.6 * off[i] + 1e-6, `${at}, place ${n}`));
    same(places === null, wanted.places === null, at);
    if (places === null) return;
    assert.ok(Math.abs(places - wanted.places) <= 60 * off[i] + 1e-5, `${at}: ${places} instead of ${wanted.places}`);
    same(places + rest, wanted.places + wanted.rest, at);
  });
}

for (const { name, bundles, truth, counts, answer, maps, state: { invented = [], ...request } } of JSON.parse(readFileSync(join(vectors, "cases.json"), "utf8"))) {
  test(name, () => {
    const pair = bundles.map((file) => readExplanationBundle(readFileSync(join(vectors, file))));
    const compared = compare(...pair, ["A", "B"]);
    same(comparisonAnswer(compare(...pair.map((x) => x.joined(invented)), ["A", "B"], request, invented.length), truth, ...counts), answer, "answer");
    for (const { attribute, kind, answer: told } of maps) sameMaps(mapsBeside(compared, attribute, kind), told, `maps of ${attribute}`);
  });
}
