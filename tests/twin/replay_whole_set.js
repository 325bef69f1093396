// Replays what `whole_set_vectors.py` wrote through the page's arithmetic: node tests/twin/replay_whole_set.js
//   ZSLVIZ_VECTORS: the folder of the vectors. ZSLVIZ_TWIN: the folder of the scripts, `zslviz/ui/twin` if not told.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { same, test } from "./same.js";

const vectors = process.env.ZSLVIZ_VECTORS;
const twin = resolve(process.env.ZSLVIZ_TWIN || "zslviz/ui/twin");
const [{ readFusedPhotos, retestAnswer, WholeSet }, { lengths, rankClasses }, { hardlyAnswer, readAnswer }] = await Promise.all(
  ["whole_set.js", "scoring.js", "attribute_auc.js"].map((name) => import(pathToFileURL(join(twin, name)).href)));

for (const { name, file, table, space: told, rule, gamma, asked, auc } of JSON.parse(readFileSync(join(vectors, "cases.json"), "utf8"))) {
  const [K, A] = [told.classes.length, told.attributes.length];
  const values = new Float32Array(new Uint8Array(readFileSync(join(vectors, table))).buffer);
  const space = { ...told, seen: Uint8Array.from(told.seen), table: values, lengths: lengths(values, K) };
  const whole = new WholeSet(readFusedPhotos(readFileSync(join(vectors, file)), space), { space, rule, gamma });
  assert.equal(whole.prepare(3), false); // in portions
  test(`${name}: how well attributes are read`, () => {
    told.read.forEach((text, a) => assert.deepEqual(readAnswer({ space, model: { attributeAuc: auc } }, a), { text }));
    assert.deepEqual(readAnswer({ space, model: { attributeAuc: null } }, 0), { text: "" });
    told.hardly.forEach(([named, answer]) => assert.deepEqual(hardlyAnswer({ space, model: { attributeAuc: auc } }, named), answer));
    assert.deepEqual(hardlyAnswer({ space, model: { attributeAuc: null } }, [0]), { attributes: [], text: "" });
  });
  for (const [number, { rows, names, gamma: wanted, asked: about, photo, answer, curve }] of asked.entries()) {
    test(`${name}: question ${number}`, () => {
      const count = names.length;
      const edited = new Float32Array(count * A);
      edited.set(values);
      for (const [c, row] of Object.entries(rows)) edited.set(row, Number(c) * A);
      const seen = Uint8Array.from({ length: count }, (_, c) => (c < K ? space.seen[c] : 0));
      const changed = Object.keys(rows).length
        ? { ...space, classes: names, class_names: names, seen, table: edited, lengths: lengths(edited, count) } : space;
      const linear = { ...rule, kind: rule.kind === "cosine" ? "dot" : rule.kind, weights: [1] };
      const ranking = rankClasses(whole.photos.vectors.slice(photo * A, (photo + 1) * A), changed, linear, wanted);
      for (const _ of [1, 2]) same(retestAnswer(whole, ranking, about), answer, `${name} ${number}`); // what is kept changes nothing
      if (curve) same(whole.curve(changed), curve, "curve");
    });
  }
}
