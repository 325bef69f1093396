// Writes the lines of Python that the page shows of states: node tests/links/lines.js
//   ZSLVIZ_VECTORS: the folder of cases.json, where lines.json is put. ZSLVIZ_TWIN: the folder of the page's modules.
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const vectors = process.env.ZSLVIZ_VECTORS;
const python = await import(pathToFileURL(join(resolve(process.env.ZSLVIZ_TWIN || "zslviz/ui/twin"), "python.js")).href);
const cases = JSON.parse(readFileSync(join(vectors, "cases.json"), "utf8"));
writeFileSync(join(vectors, "lines.json"), JSON.stringify(cases.map(({ function: name, head, linked, x }) => python[name](head, linked, x))));
