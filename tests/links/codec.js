// Links of random states, read again; and links that are cut, garbled, hostile or old: node tests/links/codec.js
//   ZSLVIZ_VECTORS: a folder with names.json, the names that links of each tab are about.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import vm from "node:vm";

const UI = "zslviz/ui";
const STATES = 1000; // a tab
const names = JSON.parse(readFileSync(join(process.env.ZSLVIZ_VECTORS, "names.json"), "utf8"));
const specs = {};
const zslviz = { tabs: { explain: {}, multilabel: {}, compose: {} }, link: { join: (tab, spec) => (specs[tab] = spec) } };
for (const script of ["shared/codec.js", ...Object.keys(zslviz.tabs).map((tab) => `tabs/${tab}/link.js`)]) {
  vm.runInThisContext(`(zslviz) => {${readFileSync(join(UI, script), "utf8")}\n}`)(zslviz);
}
const { codec } = zslviz;

// Mulberry32: the same numbers every time.
function randomFrom(seed) {
  let at = seed;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let t = Math.imul(at ^ (at >>> 15), 1 | at);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
function drawing(seed, own) {
  const random = randomFrom(seed);
  const below = (n) => Math.floor(random() * n);
  const one = (list) => list[below(list.length)];
  const maybe = (make, share = 0.5) => (random() < share ? make() : undefined);
  // Values as sliders, fields, what-ifs and arithmetic leave them.
  const value = () => one([() => below(201) / 100 - 0.5, () => below(2001) / 1000 - 0.5, () => random() * 2 - 0.5, () => below(2)])();
  const number = () => one([() => below(4000) / 100 - 20, () => random() * 1e-7, () => (random() - 0.5) * 2e6, () => 7.7])();
  const edits = (most, things) => Object.fromEntries(Array.from({ length: below(most + 1) }, () => [below(things), value()]));
  const word = () => Array.from({ length: 1 + below(12) }, () => one([..."abcäßé日 +,:/&=%#~'\"<>()!?;𝒳-"])).join("").trim() || "x";
  const words = (most) => Array.from({ length: below(most + 1) }, word);
  // Some of a field's choices.
  const some = (key) => own[key].slice(2).filter(() => random() < 0.3);
  return { some, below, one, maybe, number, edits, word, words };
}
const common = ({ one, word, maybe }) => ({
  ...one([{ example: one(["giraffe", "köln-2"]) }, { own: true }]), model: one(["mgmrn-awa2", "mine/v 2"]), check: maybe(() => "k3f9a"),
  hide: maybe(() => ["ranking", "editor"], 0.2), present: maybe(() => true, 0.2), embed: maybe(() => "maps", 0.1),
});
const random = {
  explain(draw, { attribute, class: classes }) {
    const { below, maybe, number, edits, word, some } = draw;
    const rows = Object.fromEntries(Object.entries(edits(4, classes.length)).map(([c]) => [c, edits(6, attribute.length)]).filter(([, some]) => Object.keys(some).length));
    const invented = Array.from({ length: below(5) ? 0 : 1 + below(3) }, () => ({ name: `${word()} x`.trim(), fewShot: below(2) === 1, told: "From a link.", chips: [],
      values: attribute.map(() => below(4001) / 4000) }));
    return { invented, attribute: maybe(() => below(attribute.length)), kind: maybe(() => "attention"), image: edits(14, attribute.length), classes: rows, view: some("v"),
      gamma: maybe(number), unseenOnly: maybe(() => true), why: maybe(() => below(classes.length)) };
  },
  multilabel: ({ maybe, number, word, words, below, some }) => ({ view: some("v"), label: maybe(word), added: words(5), strength: maybe(number),
    first: maybe(() => 1 + below(30)), gamma: maybe(number), unseenOnly: maybe(() => true), overlaid: words(4), filter: maybe(word) }),
  compose: ({ maybe, number, word, words, some }) => ({ view: some("v"), pair: maybe(() => [word(), word()]), other: maybe(() => [word(), word()]), openWorld: maybe(() => true),
    threshold: maybe(number), bias: maybe(number), before: maybe(() => true), states: words(3), objects: words(3) }),
};
const full = (state) => Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined && (typeof value !== "object" || Object.keys(value).length)));
function readAgain(hash, tab, about) {
  const parts = codec.parse(hash);
  const { values, lost } = codec.read(parts, specs[tab].fields, about);
  return { parts, values: { ...values, ...parts.view }, lost: [...parts.problems, ...lost] };
}
// As a browser has it after it was typed into its address.
const typed = (text) => new URL(`http://127.0.0.1/#${text}`).hash;

for (const [tab, tables] of Object.entries(names)) {
  for (const [model, about] of Object.entries(tables)) {
    test(`${tab}, ${model}: ${STATES} states come back as they were`, () => {
      for (let seed = 0; seed < STATES; seed += 1) {
        const draw = drawing(seed, specs[tab].fields);
        const state = full({ ...common(draw), ...random[tab](draw, about) });
        const text = codec.write(tab, specs[tab].fields, state, about);
        const { parts, values, lost } = readAgain(typed(text), tab, about);
        assert.deepEqual(lost, [], text);
        assert.equal(parts.tab, tab);
        assert.deepEqual(values, state, text);
        assert.deepEqual(readAgain(encodeURIComponent(text), tab, about).values, state, "all of it in per cents");
      }
    });
  }
}

const birds = names.explain[Object.keys(names.explain).find((one) => one.includes("cub"))];
const animals = names.explain[Object.keys(names.explain).find((one) => one.includes("awa2"))];
const { fields } = specs.explain;

test("40 edits make at most 2 000 characters, with the longest names and numbers", () => {
  const longest = (list) => list.map((name, i) => [name.length, i]).sort((a, b) => b[0] - a[0]).slice(0, 40).map(([, i]) => i);
  for (const value of [0.37, 0.12345678901234567]) {
    const classes = Object.fromEntries(longest(birds.class).map((c, k) => [c, { [longest(birds.attribute)[k]]: value }]));
    const head = { example: "white-pelican-cutout", model: "msdn-cub-grounded", check: "zzzzzzz", kind: "attention", gamma: 12.345678, unseenOnly: true, why: 3,
      view: ["part-3", "stretched", "color", "cells"] };
    const text = codec.write("explain", fields, { ...head, classes }, birds);
    assert.ok(text.length <= 1950, `${text.length}`); // and the page's own address before it
    assert.deepEqual(readAgain(text, "explain", birds).values.classes, classes);
  }
});

test("a class that was made up is short, and one of other attributes, or too many, are told", () => {
  const made = (name, about) => ({ name, values: about.attribute.map((_, a) => (a % 401) / 400), fewShot: false, told: "From a link.", chips: [] });
  for (const [about, most] of [[animals, 250], [birds, 700]]) {
    const text = codec.write("explain", fields, { invented: [made("My own", about)] }, about);
    assert.ok(text.length < most, `${text.length}`);
    const other = readAgain(text, "explain", about === birds ? animals : birds);
    assert.deepEqual([other.values.invented, other.lost], [[], ["“My own” is described by other attributes"]]);
    const garbled = readAgain(text.replace(/.&?\/$/, "?/"), "explain", about);
    assert.deepEqual(garbled.values.invented, []);
    assert.equal(garbled.lost.length, 1);
  }
  const many = Array.from({ length: 21 }, (_, i) => made(`Mine ${i}`, animals));
  const { values, lost } = readAgain(codec.write("explain", fields, { invented: many }, animals), "explain", animals);
  assert.equal(values.invented.length, 20);
  assert.deepEqual(lost, ["there are more than 20 made-up classes"]);
});

test("what is typed comes back exactly", () => {
  for (const value of [0.37, -0.5, 1.5, 0, 1, 0.1 + 0.2, 5e-324, 1e-7, 1.0000000000000002]) {
    const text = codec.write("explain", fields, { image: { 3: value }, gamma: value * 1e5 }, animals);
    assert.deepEqual(readAgain(text, "explain", animals).values, { image: { 3: value }, gamma: value * 1e5 }, text);
  }
});

test("names that are alike, empty or no letters are told apart", () => {
  const odd = { attribute: ["Wing: Red", "wing-red", "+", "-", "", "斑点", "Aa", "BB", "x", "x"], class: ["a"] };
  const image = Object.fromEntries(odd.attribute.map((_, i) => [i, i / 10]));
  assert.deepEqual(readAgain(typed(codec.write("explain", fields, { image }, odd)), "explain", odd).values.image, image);
});

test("an old link on a changed table edits what it names, or nothing", () => {
  const image = { 5: 0.2, 9: 0.7 };
  const text = codec.write("explain", fields, { image }, animals);
  const moved = { ...animals, attribute: [...animals.attribute].reverse() };
  const now = readAgain(text, "explain", moved).values.image;
  for (const i of Object.keys(image)) assert.equal(now[moved.attribute.indexOf(animals.attribute[i])], image[i]);
  const without = { ...animals, attribute: animals.attribute.filter((_, i) => i !== 9) };
  const { values, lost } = readAgain(text, "explain", without);
  assert.deepEqual(values.image, { 5: 0.2 });
  assert.deepEqual(lost, [`there is no attribute “${codec.slug(animals.attribute[9])}”`]);
});

test("a link that is cut, garbled or hostile ends in one sentence, whatever of it is used", () => {
  const head = { example: "giraffe", model: "mgmrn-awa2" };
  const whole = codec.write("explain", fields, { ...head, image: { 1: 0.5, 2: 0.25 }, classes: { 3: { 4: 1 } }, gamma: 7.7 }, animals);
  for (let length = 1; length < whole.length; length += 1) {
    const { lost, parts } = readAgain(whole.slice(0, length), "explain", animals);
    assert.ok(lost.length && /^[^.]+(\.[^.]+)*\.$/.test(codec.sentence(lost)), whole.slice(0, length));
    if (!parts.ours) assert.equal(lost.length, 1);
  }
  const draw = drawing(7);
  for (let round = 0; round < 5000; round += 1) {
    const letters = [...whole];
    for (let k = 0; k <= draw.below(6); k += 1) letters.splice(draw.below(letters.length), draw.below(3), draw.one(["%", "%f", "%00", "%E0%A4", "&", "=", ":", ",", "/", "\u0000", "🦒", "~", "__proto__", "1e999", "-"]));
    const { values, lost } = readAgain(letters.join(""), "explain", animals);
    for (const [i, value] of Object.entries(values.image || {})) assert.ok(animals.attribute[i] && value >= -0.5 && value <= 1.5);
    assert.ok(codec.sentence(lost).length < 400);
  }
  const texts = { "#v1/explain/i=spots:NaN/": "number", "#v1/explain/i=spots:99/": "number", "#v1/explain/i=spots:0x1/": "number", "#v1/explain/g=1e9/": "number",
    "#v1/explain/i=spots/": "no edit", "#v1/explain/__proto__=1&constructor=2/": "means nothing", "#v1/explain/u=%FF/": "cannot be read", "#v9/explain/u=1/": "newer page",
    "#v1/explain/v=stretched,upside-down/": "no choice “upside-down”", "#v1/explain/a=__proto__/": "no attribute", "#v1/explain/c=horse/": "no edit", "#nonsense": "cannot be read", "#%": "cannot be read", "#v1": "cannot be read" };
  for (const [hash, word] of Object.entries(texts)) {
    const { lost } = readAgain(hash, "explain", animals);
    assert.ok(lost.length === 1 || hash.includes("__proto__=1"), `${hash}: ${lost}`);
    assert.ok(codec.sentence(lost).includes(word), `${hash}: ${lost}`);
  }
  const started = performance.now();
  for (const huge of ["v1/explain/i=" + "spots:0,".repeat(131072), "%".repeat(1 << 20), "v1/explain/" + "&".repeat(1 << 20)]) {
    assert.deepEqual(codec.parse(`#${huge}`).problems, ["it is too long"]);
  }
  assert.ok(performance.now() - started < 500);
});

test("a place on the page is no link", () => {
  for (const hash of ["", "#", "#zv-search"]) assert.deepEqual([codec.parse(hash).ours, codec.parse(hash).problems], [false, []]);
});
