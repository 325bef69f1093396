// Replays what `label_vectors.py` wrote through the page's arithmetic: node tests/twin/replay_labels.js (see replay.js)
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { nearMap, same, sameScale, test } from "./same.js";

const vectors = process.env.ZSLVIZ_VECTORS;
const twin = resolve(process.env.ZSLVIZ_TWIN || "zslviz/ui/twin");
const scripts = ["labels.js", "labels_answers.js", "reading.js", "painted.js", "labels_parts.js"];
const [labels, answers, { NotInBundleError }, painted, { partMeans }] = await Promise.all(scripts.map((name) => import(pathToFileURL(join(twin, name)).href)));

const read = (name) => labels.readExplanationBundle(readFileSync(join(vectors, name)));

const cases = JSON.parse(readFileSync(join(vectors, "cases.json"), "utf8"));
for (const one of cases) {
  const x = read(one.bundle);
  const own = read(one.own);

  test(`${one.name}: what is read`, () => {
    const { map, ...facts } = answers.facts(own);
    same(facts, one.facts, "facts");
    same(map.name, one.facts.ranking.small[0], "map");
    same([...x.scores], one.scores, "scores");
    assert.deepEqual([...x.regionScores], one.regions);
    assert.deepEqual(x.partScores.map((part) => [...part]), one.parts);
    same(partMeans(x).map((part) => [...part]), one.part_means, "parts");
    assert.deepEqual(x.space.labels.map((_, label) => x.countedRegions(label)), one.counted);
    for (const { region, values, step } of one.attention) nearMap(x.attentionFrom(...region), values, step, "attention");
  });

  test(`${one.name}: labels are added by a product`, () => {
    if (one.classifiers.length !== one.added.length) return; // a shipped model's are not written down
    const added = own.withLabels(one.added, one.classifiers);
    same([...added.scores], one.scores, "scores");
    assert.deepEqual(added.rank().order, x.rank().order);
    assert.deepEqual(added.space.seen, x.space.seen);
    same(added.partScores.map((part) => [...part]), one.parts, "parts");
    assert.equal(x.withAdded(["a word that nobody typed"]), null);
    assert.throws(() => answers.questions.rank(x, { added: ["a word that nobody typed"] }), NotInBundleError);
    assert.throws(() => x.withLabels(["a word"], [[1]]), NotInBundleError);
  });

  test(`${one.name}: ${one.states.length} states`, () => {
    one.states.forEach(({ what, payload, answer, refused }, number) => {
      const at = `state ${number}: ${what}`;
      if (refused) return assert.throws(() => answers.questions[what](x, payload), { message: refused });
      const found = answers.questions[what](x, payload);
      if (what === "thumbnails") return same(found.thumbnails.map(({ values, scale, ...rest }) => rest), answer.thumbnails, at);
      if (!("url" in answer)) return same(found, answer, at);
      const { url, legend, contours, where, ...expected } = answer; // drawn and told by the server alone
      const { values, scale, ...rest } = found;
      same(rest, expected, at);
      const shown = painted[what === "map" ? "labelMap" : "labelAttention"](x, found, () => "drawn");
      assert.deepEqual(Object.keys(shown).sort(), Object.keys(answer).sort(), at);
      assert.deepEqual([shown.where, shown.legend?.gradient], [where, legend?.gradient], at);
      if (what === "map") {
        if (legend) sameScale(scale, legend, at);
        const label = x.space.label_names.indexOf(answer.name);
        const part = one.facts.parts.findIndex(({ name }) => name === answer.part);
        assert.deepEqual([...values], part < 0 ? [...x.regionsOf(label)] : one.parts[part].slice(label * x.regions, (label + 1) * x.regions), at);
      }
    });
  });
}
