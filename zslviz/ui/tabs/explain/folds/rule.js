// @ts-check
// How a score comes about, in one line; and, where a description is edited, a small figure of what the edit does to all of it: it is
// scaled to length 1, so that one value that grows makes all others count for less.
zslviz.tabs.explain.ruleWords = (rule) => {
  "use strict";
  const score = "Score = photo × description, attribute by attribute, added up";
  if (rule === "binary") return `${score}; a value in the description counts as 1 from its threshold on, and as 0 below.`;
  return rule === "table" ? `${score}.` : `${score}; each description is scaled to length 1 first.`;
};

/** @type {ExplainStore["ruleFigure"]} */
zslviz.tabs.explain.ruleFigure = (element) => {
  "use strict";
  const [z, store] = [zslviz.draw, zslviz.tabs.explain];
  const { state: s } = store;
  const find = z.finder(element);
  const [words, figure, lines, outcome] = [".zv-rule", ".zv-rule-figure", ".zv-rule-lines", ".zv-rule-outcome"].map((q) => find(q));
  const SHOWN = 4; // attributes: edited ones first, then the largest of the description

  const lengthOf = (/** @type {number[]} */ values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) || 1;

  /** @param {number[]} described a class's values before any edit */
  function draw(described) {
    const who = s.who;
    words.hidden = figure.hidden = who === "image";
    if (who === "image") return;
    z.write(words, store.ruleWords(s.x.rule));
    const edits = s.classes[who] || {};
    const changed = Object.keys(edits).map(Number);
    figure.hidden = !["dot", "cosine"].includes(s.x.rule) || !changed.length || !described.length;
    if (figure.hidden) return;
    const values = described.map((value, a) => edits[a] ?? value);
    const [before, now] = [lengthOf(described), lengthOf(values)];
    const others = described.map((_, a) => a).filter((a) => !(a in edits)).sort((p, q) => described[q] - described[p] || p - q);
    const shown = [...changed, ...others].slice(0, Math.max(SHOWN, Math.min(changed.length + 2, 2 * SHOWN)));
    const most = Math.max(...shown.flatMap((a) => [described[a] / before, values[a] / now]), 1e-9);
    z.lines(lines, shown.length, line).forEach((item, i) => {
      const a = shown[i];
      const part = z.finder(item);
      const [from, to] = [described[a] / before, values[a] / now];
      item.classList.toggle("zv-rule-edited", a in edits);
      z.write(part(".zv-rule-name"), s.x.attributes[a]);
      z.style(part(".zv-bar"), "width", `${(100 * Math.max(0, to)) / most}%`);
      z.style(part(".zv-ghost"), "width", `${(100 * Math.max(0, from)) / most}%`);
      z.write(part(".zv-rule-number"), `${z.number(from)} → ${z.number(to)}`);
    });
    const { name } = s.x.classes[who];
    const times = before / now;
    z.write(outcome, Math.abs(now - before) < 0.005
      ? `${name}’s description stays as long as it was (${z.number(now)}): its other values count as before.`
      : `${name}’s description is ${now > before ? "longer" : "shorter"} now (${z.number(before)} → ${z.number(now)}): ` +
        `each of its other values counts ${z.number(times)} times as much as before.`);
  }

  function line() {
    return z.element("li", {}, z.element("span", { className: "zv-rule-name" }),
      z.element("span", { className: "zv-bars", "aria-hidden": "true" }, z.element("i", { className: "zv-ghost" }), z.element("i", { className: "zv-bar" })),
      z.element("span", { className: "zv-rule-number" }));
  }
  return draw;
};
