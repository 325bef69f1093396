// Replays what `take_vectors.py` wrote through the page's arithmetic: node tests/twin/replay_takes.js
//   ZSLVIZ_VECTORS: the folder of the vectors. ZSLVIZ_TWIN: the folder of the scripts, `zslviz/ui/twin` if not told.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { same } from "./same.js";

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
    }
  });
}
