// @ts-check
// What is kept as it is while edits are searched for: attributes, whole parts, and attributes that keep within two numbers.
zslviz.tabs.explain.limits = (() => {
  "use strict";
  const [z, { state: s }] = [zslviz.draw, zslviz.tabs.explain];

  /** @type {ExplainStore["limits"]} */
  return function limits(panel, changed) {
    const find = z.finder(panel);
    const [groups, attributes] = [find(".zv-keep-group", "select"), find(".zv-keep-attribute", "select")];
    const [low, high] = [find(".zv-keep-low", "input"), find(".zv-keep-high", "input")];
    const form = find(".zv-would-limits form", "form");
    const [words, list] = [find(".zv-would-limits .zv-number-words"), find(".zv-would-kept")];
    /** @type {{ attributes: Set<number>, groups: Set<string>, ranges: Map<number, [number, number]> }} */
    const kept = { attributes: new Set(), groups: new Set(), ranges: new Map() };

    function draw() {
      const items = [
        ...[...kept.groups].map((group) => ({ text: group, drop: () => kept.groups.delete(group) })),
        ...[...kept.attributes].map((a) => ({ text: s.x.attributes[a], drop: () => kept.attributes.delete(a) })),
        ...[...kept.ranges].map(([a, [from, to]]) => ({
          text: `${s.x.attributes[a]} ${z.number(from)} to ${z.number(to)}`,
          drop: () => kept.ranges.delete(a),
        })),
      ];
      list.replaceChildren(...items.map(({ text, drop }, i) => {
        const off = z.element("button", { type: "button", textContent: "×" });
        off.setAttribute("aria-label", `Keep ${text} no longer`);
        off.addEventListener("click", () => {
          drop();
          after();
          const next = list.querySelectorAll("button")[Math.min(i, list.children.length - 1)];
          (next || groups).focus({ preventScroll: true });
        });
        return z.element("li", {}, z.element("span", { textContent: `kept: ${text}` }), off);
      }));
      list.hidden = !items.length;
    }
    function after() {
      draw();
      changed();
    }
    function object(/** @type {string} */ sentence) {
      words.textContent = sentence;
      words.hidden = !sentence;
    }

    groups.addEventListener("change", () => {
      if (groups.value === "") return;
      kept.groups.add(groups.value);
      groups.value = "";
      after();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [from, to] = [z.read(low.value), z.read(high.value)];
      if (from === null || to === null) {
        return object(`“${(from === null ? low : high).value.trim()}” is no number: write one such as 0.4.`);
      }
      if (from > to) return object("This ends before it begins: write the smaller number first.");
      object("");
      kept.ranges.set(Number(attributes.value), [from, to]);
      after();
    });

    return {
      keep(what) {
        if (typeof what === "string") kept.groups.add(what);
        else kept.attributes.add(what);
        after();
      },
      // For a question: attributes by number, and ends by attribute.
      asked: () => ({
        locked: s.x.attributes.map((_, a) => a).filter((a) => kept.attributes.has(a) || kept.groups.has(s.x.groups[a])),
        ranges: Object.fromEntries(kept.ranges),
      }),
      // For another photo, of whose attributes nothing is kept.
      begin() {
        for (const one of [kept.attributes, kept.groups, kept.ranges]) one.clear();
        const options = (/** @type {HTMLSelectElement} */ of, /** @type {[string, string][]} */ all) =>
          of.replaceChildren(...all.map(([value, textContent]) => z.element("option", { value, textContent })));
        const named = [...new Set(s.x.groups)];
        options(groups, [["", "choose one"], ...named.map((group) => /** @type {[string, string]} */ ([group, group]))]);
        options(attributes, s.x.attributes.map((name, a) => [String(a), name]));
        object("");
        draw();
      },
    };
  };
})();
