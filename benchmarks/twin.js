// Times the page's arithmetic: node benchmarks/twin.js BUNDLE ROUNDS. Prints milliseconds as JSON, a list for each thing that is timed.
import { readFileSync } from "node:fs";
import { rankingAnswer } from "../zslviz/ui/twin/answers.js";
import { readExplanationBundle } from "../zslviz/ui/twin/explanation.js";
import { withValues } from "../zslviz/ui/twin/scoring.js";

const [, , path, rounds] = process.argv;
const content = readFileSync(path);
const x = readExplanationBundle(content);
const attributes = x.space.attributes.length;

const timed = {
  "reading the bundle": () => readExplanationBundle(content),
  "an edit to the ranking": (round) => x.rank({ imageEdits: { [round % attributes]: (round % 100) / 100 } }),
  "an edit of a class to the ranking": (round) => x.rank({ space: withValues(x.space, { 3: { [round % attributes]: 0.5 } }) }),
  "an edit to the whole answer, before and after": (round) => rankingAnswer(x, { image_edits: { [round % attributes]: 0 } }),
};

const milliseconds = {};
for (const [name, work] of Object.entries(timed)) {
  milliseconds[name] = [];
  for (let round = -20; round < Number(rounds); round += 1) {
    const started = performance.now();
    work(round + 20);
    if (round >= 0) milliseconds[name].push(performance.now() - started);
  }
}
console.log(JSON.stringify(milliseconds));
