// @ts-check
// A sentence as it is put on the page: its text, and, marked, what it names.
zslviz.tabs.explain.marked = (sentence, mark = (part) => zslviz.draw.element("b", { textContent: part.text })) =>
  sentence.parts.map((part) => (part.kind === "text" ? part.text : mark(part)));

// A mark in the colours of what is named: a class that was trained on, one that was not, a number.
zslviz.tabs.explain.coloured = (part) => {
  "use strict";
  const { classes } = zslviz.tabs.explain.state.x;
  const look = part.kind === "class" && part.index !== null ? (classes[part.index].seen ? "zv-seen" : "zv-unseen") : "";
  return zslviz.draw.element("b", { className: `zv-said-${part.kind} ${look}`, textContent: part.text });
};

// What the page calls a granularity.
zslviz.tabs.explain.level = (name) => ({ fine: "close-up", middle: "medium", coarse: "overall" })[name] || name;
