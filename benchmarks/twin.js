// Times the page's arithmetic: node benchmarks/twin.js TASK BUNDLE ROUNDS. Prints milliseconds as JSON, a list for each thing that is timed.
import { readFileSync } from "node:fs";
import { rankingAnswer } from "../zslviz/ui/twin/answers.js";
import * as attributes from "../zslviz/ui/twin/explanation.js";
import * as labels from "../zslviz/ui/twin/labels.js";
import * as labelsAnswers from "../zslviz/ui/twin/labels_answers.js";
import * as pairs from "../zslviz/ui/twin/pairs.js";
import * as pairsAnswers from "../zslviz/ui/twin/pairs_answers.js";
import { withValues } from "../zslviz/ui/twin/scoring.js";

const [, , task, path, rounds] = process.argv;
const content = readFileSync(path);
const reader = { attributes, multilabel: labels, compositional: pairs }[task];
const x = reader.readExplanationBundle(content);

const works = {
  attributes: {
    "an edit to the ranking": (round) => x.rank({ imageEdits: { [round % x.space.attributes.length]: (round % 100) / 100 } }),
    "an edit of a class to the ranking": (round) => x.rank({ space: withValues(x.space, { 3: { [round % x.space.attributes.length]: 0.5 } }) }),
    "an edit to the whole answer, before and after": (round) => rankingAnswer(x, { image_edits: { [round % x.space.attributes.length]: 0 } }),
  },
  multilabel: {
    "another γ to the ranking": (round) => x.rank({ gamma: (round % 100) / 50 }),
    "another γ to the whole answer": (round) => labelsAnswers.rankingAnswer(x, { gamma: (round % 100) / 50 }),
  },
  compositional: {
    "another bias to the ranking": (round) => x.rank({ bias: (round % 100) / 20, openWorld: true }),
    "another bias to the whole answer, matrix and maps": (round) =>
      pairsAnswers.questions.rank(x, { bias: (round % 100) / 20, open_world: true, pair: [x.space.states[0], x.space.objects[0]] }),
  },
}[task];

const timed = { "reading the bundle": () => reader.readExplanationBundle(content), ...works };
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
