// Replays what `invent_vectors.py` wrote through the page's arithmetic: node tests/twin/replay_inventions.js
//   ZSLVIZ_VECTORS: the folder of the vectors. ZSLVIZ_TWIN: the folder of the scripts, `zslviz/ui/twin` if not told.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { same, test } from "./same.js";

const vectors = process.env.ZSLVIZ_VECTORS;
const twin = resolve(process.env.ZSLVIZ_TWIN || "zslviz/ui/twin");
const scripts = ["explanation.js", "invent.js", "answers.js", "sentence.js", "what_would_it_take.js"];
const [{ readExplanationBundle }, invent, { rankingAnswer }, { sentence }, { whatWouldItTake }] = await Promise.all(
  scripts.map((name) => import(pathToFileURL(join(twin, name)).href)));
const ways = {
  blank: (space) => invent.byNumbers(space),
  by_parts: (space, { base, parts }) => invent.byParts(space, base, parts),
  by_photos: (space, { photos }) => invent.byPhotos(space, photos),
};

for (const { name, bundle, made, some, states, take, csv } of JSON.parse(readFileSync(join(vectors, "cases.json"), "utf8"))) {
  test(`${name}: ${made.length} classes, ${states.length} states`, () => {
    const own = readExplanationBundle(readFileSync(join(vectors, bundle)));
    for (const { what, payload, answer, away } of made) {
      const found = ways[what](own.space, payload);
      assert.equal(found.told, answer.told);
      assert.equal(found.few_shot, answer.few_shot);
      same(found.values, answer.values, what);
      same(Array.from(invent.distances(answer.values, own.space)), away, `${what}: distances`);
      const like = invent.mostLike(answer.values, own.space);
      same(like.distance, Math.min(...away), `${what}: the nearest`);
    }
    const x = own.joined(some);
    assert.equal(own.joined(some), x); // nothing is made twice
    for (const { request, answer, sentence: said } of states) {
      same(rankingAnswer(x, request, own.space.classes.length + 1), answer, "answer");
      same(sentence(x, request, own.space.classes.length - 1), said, "sentence");
    }
    same(whatWouldItTake(x, { target: take.target }, {}), take.answer, "take");
    assert.equal(invent.toCsv(own.space, some), csv);
    assert.equal(own.space.classes.length + some.length, x.space.classes.length);
  });
}
