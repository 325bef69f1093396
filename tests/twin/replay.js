// Replays what `vectors.py` wrote through the page's arithmetic: node tests/twin/replay.js
//   ZSLVIZ_VECTORS: the folder of the vectors. ZSLVIZ_TWIN: the folder of the scripts, `zslviz/ui/twin` if not told.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { nearMap, same, test } from "./same.js";

const vectors = process.env.ZSLVIZ_VECTORS;
const twin = resolve(process.env.ZSLVIZ_TWIN || "zslviz/ui/twin");
const scripts = ["answers.js", "explanation.js", "facts.js", "scoring.js", "sentence.js", "tipping.js", "whatifs.js", "apart.js", "insights.js"];
const [answers, explanations, { facts }, { strongest, withValues }, { sentence }, { tippingPoints }, { whatIfs }, { apartAnswer }, { insightsAnswer }] = await Promise.all(
  scripts.map((name) => import(pathToFileURL(join(twin, name)).href)));

// A value that lies, to rounding, on a decimal may be cut to that one or to the next.
function sameTipping(found, expected, at) {
  for (const side of ["below", "above"]) {
    const [one, other] = [found[side], expected[side]];
    same(one && { ...one, bound: 0 }, other && { ...other, bound: 0 }, `${at} ${side}`);
    if (one) assert.ok(Math.abs(one.bound - other.bound) <= 0.0100001, `${at}: ${one.bound} instead of ${other.bound}`);
  }
}

const cases = JSON.parse(readFileSync(join(vectors, "cases.json"), "utf8"));
for (const one of cases) {
  const x = explanations.readExplanationBundle(readFileSync(join(vectors, one.bundle)));

  test(`${one.name}: what is read`, () => {
    assert.equal(x.gamma, one.gamma);
    assert.equal(x.truth, one.truth);
    same(x.space.class_names, one.class_names, "names");
    same([...x.values], one.values, "values");
    same(facts(x), one.facts, "facts");
    for (const [a, told] of Object.entries(one.insights)) same(insightsAnswer(x, Number(a)), told, `insights of ${a}`);
    for (const { offer, attribute, values, score, rest, step } of one.maps) {
      const map = x.map(offer, attribute);
      nearMap(map.values, values, step, offer);
      same([map.score, map.rest], [score, rest], offer);
    }
  });

  test(`${one.name}: ${one.states.length} states`, () => {
    one.states.forEach((state, number) => {
      const { request, pair } = state;
      const at = `state ${number}`;
      if (state.refused) {
        assert.throws(() => answers.rank(x, request), { message: state.refused });
        return;
      }
      const ranking = answers.rank(x, request);
      assert.deepEqual(ranking.order, state.order, at);
      assert.deepEqual([...ranking.ranks], state.ranks, at);
      same([...x.editedScores(request.image_edits)], state.edited_scores, at);
      for (const name of ["scores", "calibrated", "probabilities"]) same([...ranking[name]], state[name], `${at} ${name}`);
      const space = withValues(x.space, request.class_edits);
      const exact = x.contributions(...pair, { gamma: request.gamma, imageEdits: request.image_edits, space });
      same({ ...exact, terms: [...exact.terms] }, state.contributions, at);
      const sum = exact.terms.reduce((total, term) => total + term, exact.calibration);
      assert.ok(Math.abs(sum - exact.margin) <= 1e-9 * Math.max(1, Math.abs(exact.margin)), `${at}: terms make ${sum}`);
      assert.ok(strongest(exact, 1).every((a) => exact.terms.every((term) => Math.abs(term) <= Math.abs(exact.terms[a]))));
      same(answers.rankingAnswer(x, request, state.why, state.truth), state.answer, at);
      same(sentence(x, request, state.truth), state.sentence, `${at} sentence`);
      same(apartAnswer(x, request), state.apart, `${at} apart`);
      same(whatIfs(x, request, undefined, state.truth), state.what_ifs, `${at} what-ifs`);
      const { attribute, ...tipping } = state.tipping_points;
      sameTipping(tippingPoints(x, attribute, request), tipping, `${at} tipping points`);
    });
  });
}
