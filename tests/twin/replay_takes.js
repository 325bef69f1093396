// Replays what `take_vectors.py` wrote through the page's arithmetic: node tests/twin/replay_takes.js
//   ZSLVIZ_VECTORS: the folder of the vectors. ZSLVIZ_TWIN: the folder of the scripts, `zslviz/ui/twin` if not told.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { same, test } from "./same.js";

const vectors = process.env.ZSLVIZ_VECTORS;
const twin = resolve(process.env.ZSLVIZ_TWIN || "zslviz/ui/twin");
const scripts = ["explanation.js", "what_would_it_take.js"];
const [{ readExplanationBundle }, { whatWouldItTake }] = await Promise.all(
  scripts.map((name) => import(pathToFileURL(join(twin, name)).href)));

for (const { name, bundle, asked } of JSON.parse(readFileSync(join(vectors, "cases.json"), "utf8"))) {
  const x = readExplanationBundle(readFileSync(join(vectors, bundle)));
  test(`${name}: ${asked.length} questions`, () => {
    for (const { question, request, made, answer } of asked) {
      same(whatWouldItTake(x.joined(made), question, request), answer, JSON.stringify({ ...question, locked: 0 }));
      if (question.side || question.by || question.character) continue;
      // How many edits it takes, asked alone, may be proved less often, and is right if it is.
      const [[way], [first]] = [whatWouldItTake(x.joined(made), { ...question, ways: 1, brief: true }, request).ways, answer.ways];
      assert.equal(Boolean(way), Boolean(first));
      if (way?.proved) assert.ok(way.count === first.count || (!first.proved && way.count < first.count));
      else if (first?.proved) assert.ok(way.count >= first.count);
    }
  });
}
