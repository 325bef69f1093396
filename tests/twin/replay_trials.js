// Replays what `trial_vectors.py` wrote through the page's arithmetic: node tests/twin/replay_trials.js
//   ZSLVIZ_VECTORS: the folder of the vectors. ZSLVIZ_TWIN: the folder of the scripts, `zslviz/ui/twin` if not told.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { same, test } from "./same.js";

const vectors = process.env.ZSLVIZ_VECTORS;
const twin = resolve(process.env.ZSLVIZ_TWIN || "zslviz/ui/twin");
const scripts = ["explanation.js", "is_it_true.js", "deciding.js", "wobble.js"];
const [{ readExplanationBundle }, { promised, tried }, { decidingAnswer }, { wobbled }] = await Promise.all(
  scripts.map((name) => import(pathToFileURL(join(twin, name)).href)));

for (const { name, bundle, asked } of JSON.parse(readFileSync(join(vectors, "cases.json"), "utf8"))) {
  const x = readExplanationBundle(readFileSync(join(vectors, bundle)));
  test(`${name}: ${asked.length} places`, () => {
    for (const { region, attribute, request, promise, proof, counts, deciding, ...told } of asked) {
      const counted = (scores) => scores.filter((_, i) => counts[i]); // what counts for nothing is in no bundle
      same(counted(promised(x, region).scores), counted(promise), `without ${region}`);
      same(tried(x, promise, proof, attribute, request), told.tried, `tried ${region}`);
      same(tried(x, promise, null, attribute, request), told.untried, `untried ${region}`);
      same(wobbled(x, told.looks, request), told.wobbled, `looks ${JSON.stringify(request)}`);
      const found = decidingAnswer(x, request);
      same(found.promise?.region || null, deciding.promise?.region || null, `deciding ${JSON.stringify(request)}`);
      same(counted(found.promise?.scores || []), counted(deciding.promise?.scores || []), "deciding");
      same(found.sentence, deciding.sentence, "none");
    }
  });
}
