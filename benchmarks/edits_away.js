// Times how many edits away every class is, as the lines of the ranking ask: node benchmarks/edits_away.js BUNDLE. Prints JSON: the
// milliseconds of the processor for all classes, how many there are, and of how many a number is proved.
import { readFileSync } from "node:fs";
import { rank } from "../zslviz/ui/twin/answers.js";
import { readExplanationBundle } from "../zslviz/ui/twin/explanation.js";
import { whatWouldItTake } from "../zslviz/ui/twin/what_would_it_take.js";

const x = readExplanationBundle(readFileSync(process.argv[2]));
const classes = rank(x, {}).order.slice(1);
const away = (request) => classes.map((target) => whatWouldItTake(x, { target, brief: true }, request));
away({ gamma: x.gamma + 1 }); // another state, which warms the compiler and leaves nothing to be found again
const started = process.cpuUsage();
const answers = away({});
const { user, system } = process.cpuUsage(started);
const proved = answers.filter(({ ways: [way], impossible }) => way?.proved || impossible).length;
console.log(JSON.stringify({ milliseconds: (user + system) / 1e3, classes: classes.length, proved }));
