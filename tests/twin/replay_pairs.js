// Replays what `pair_vectors.py` wrote through the page's arithmetic: node tests/twin/replay_pairs.js (see replay.js)
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { nearMap, same, test } from "./same.js";

const vectors = process.env.ZSLVIZ_VECTORS;
const twin = resolve(process.env.ZSLVIZ_TWIN || "zslviz/ui/twin");
const scripts = ["pairs.js", "pairs_answers.js", "pairs_pictures.js", "reading.js", "painted.js"];
const [pairs, answers, { pairPictures }, { NotInBundleError }, painted] = await Promise.all(scripts.map((name) => import(pathToFileURL(join(twin, name)).href)));

const read = (name) => pairs.readExplanationBundle(readFileSync(join(vectors, name)));

// A pair's answer: its numbers, which pictures there are, and that those of one sort are on the scale of the server's legend.
function samePair({ pictures, ...found }, { maps, legends, scaling, ...expected }, at) {
  same(found, expected, at);
  assert.equal(pictures === undefined, maps === undefined, at);
  if (!maps) return;
  assert.deepEqual(pictures.map(({ which }) => which).sort(), maps, at);
  for (const { offer, scale, reach, stretched } of pictures) {
    const wanted = scaling[offer];
    assert.ok(Math.abs(reach - wanted.reach) <= 0.02 * Math.max(1, wanted.reach), `${at}: ${reach} instead of ${wanted.reach}`);
    if (Math.abs(wanted.reach - 0.5) > 0.02 || at !== "pair") assert.equal(stretched, wanted.stretched, at);
    if (stretched === wanted.stretched && legends[offer]) sameScaleNearly(scale, legends[offer], at);
  }
}

// As the panels read it: every map is drawn or shown by another one's picture.
function samePictures(x, found, { maps, legends }, at) {
  const shown = painted.pairMaps(x, found, () => "drawn");
  if (!maps) return assert.equal(shown.maps, undefined, at);
  assert.deepEqual([...Object.keys(shown.maps), ...Object.values(shown.same).flat()].sort(), maps, at);
  assert.deepEqual(Object.keys(shown.legends).sort(), Object.keys(legends).sort(), at);
  for (const part of ["same", "contours", "where"]) assert.deepEqual(Object.keys(shown[part]), Object.keys(shown.maps), at);
}

// The ends of a scale are those of maps in 8 bits.
function sameScaleNearly(scale, legend, at) {
  const most = Math.max(...legend.ticks.map(Math.abs));
  [scale.low, scale.high].forEach((end, i) => assert.ok(Math.abs(end - legend.ticks[2 * i]) <= most / 100, `${at}: ${end} of ${legend.ticks}`));
}

const cases = JSON.parse(readFileSync(join(vectors, "cases.json"), "utf8"));
for (const one of cases) {
  const x = read(one.bundle);
  const own = read(one.own);

  test(`${one.name}: what is read`, () => {
    const { pair, ...facts } = answers.facts(own);
    const { pair: wanted, ...expected } = one.facts;
    same(facts, expected, "facts");
    samePair(pair, wanted, "pair");
    same([[...x.fused.false], [...x.fused.true]], one.fused, "fused");
    assert.equal(x.withAdded(["a word that nobody typed"], []), null);
    assert.throws(() => answers.questions.rank(x, { objects: ["a word that nobody typed"] }), NotInBundleError);
    assert.equal(x.withAdded(x.space.states.slice(x.own[0]), x.space.objects.slice(x.own[1])), x);
  });

  test(`${one.name}: maps`, () => {
    for (const { pair, other, maps } of one.maps) {
      const found = pairPictures(x, pair, other);
      assert.deepEqual(found.map(({ which }) => which), Object.keys(maps));
      for (const { which, values } of found) {
        const { values: expected, step } = maps[which];
        if (which === "difference") {
          expected.forEach((value, i) => assert.ok(Math.abs(values[i] - value) <= 0.5001 * step, `${which}: ${values[i]} instead of ${value}`));
        } else nearMap(values, expected, step, which);
      }
    }
    if (one.queries.length) {
      x.queryMaps().forEach((map, i) => nearMap(map, one.queries[i], Math.max(...one.queries[i]) / 255, "query"));
    }
  });

  test(`${one.name}: ${one.states.length} states`, () => {
    one.states.forEach(({ what, payload, answer, refused }, number) => {
      const at = `state ${number}: ${what}`;
      if (refused) return assert.throws(() => answers.questions[what](x, payload), { message: refused });
      const found = answers.questions[what](x, payload);
      if (what === "pair") return [samePair(found, answer, at), samePictures(x, found, answer, at)];
      if (what === "rank") {
        assert.deepEqual(Object.keys(found), Object.keys(answer), at);
        const { pair, ...rest } = found;
        const { pair: wanted, ...expected } = answer;
        same(rest, expected, at);
        return wanted && samePair(pair, wanted, at);
      }
      if (what === "insights") return same(found, answer, at);
      // which maps are one picture is asked of maps in 8 bits: those at the border may stand alone
      const things = ({ maps }) => maps.flatMap((one) => one.things).sort((a, b) => (a.name < b.name ? -1 : 1));
      assert.deepEqual([found.kind, things(found)], [answer.kind, things(answer)], at);
      assert.ok(Math.abs(found.maps.length - answer.maps.length) <= 1, at);
      sameScaleNearly(found.scale, answer.legend, at);
    });
  });
}
