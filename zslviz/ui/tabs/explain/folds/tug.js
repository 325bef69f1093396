// @ts-check
// The tug of war for the first place: what each change adds to a class's lead over the best other one, on one bar from now to then,
// and where the lead stands with the changes that are made.
zslviz.tabs.explain.tug = (() => {
  "use strict";
  const [z, store] = [zslviz.draw, zslviz.tabs.explain];
  const { state: s } = store;

  /** @type {ExplainStore["tug"]} */
  return function tug(box) {
    const find = z.finder(box);
    const [bar, ends] = [find(".zv-tug-bar"), find(".zv-tug-ends")];
    const [zero, now, level] = [".zv-tug-zero", ".zv-tug-now", ".zv-tug-level span"].map((q) => find(q));
    const [behind, middle, ahead] = /** @type {HTMLElement[]} */ ([...ends.children]);

    // The lead of a class over the best other one, as the ranking in sight tells it; null where it does not.
    function leadOf(/** @type {number} */ target) {
      const lines = s.ranking.classes;
      const own = lines.find(({ index }) => index === target) || (s.listed || []).find(({ index }) => index === target);
      const other = lines.find(({ index }) => index !== target);
      return own && other ? own.score - other.score : null;
    }

    return {
      // name: of a class. steps: the changes in words, and whether each is made.
      draw({ leads }, target, name, steps) {
        box.hidden = leads.length !== steps.length + 1; // of very many changes the leads between are not told
        if (box.hidden) return;
        const lead = leadOf(target);
        const all = lead === null ? leads : [...leads, lead];
        const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
        const room = 0.04 * (high - low || 1);
        const at = (/** @type {number} */ value) => (100 * (value - low + room)) / (high - low + 2 * room);
        const parts = z.lines(bar, steps.length + 2, () => z.element("i")).slice(2);
        parts.forEach((part, i) => {
          const [from, to] = [leads[i], leads[i + 1]];
          part.className = `zv-tug-part ${to >= from ? "zv-for" : "zv-against"}`;
          part.dataset.made = String(steps[i].made);
          z.style(part, "left", `${at(Math.min(from, to))}%`);
          z.style(part, "width", `${Math.max(0.5, at(Math.max(from, to)) - at(Math.min(from, to)))}%`);
        });
        z.style(zero, "left", `${at(0)}%`);
        z.style(level, "left", `${at(0)}%`);
        z.style(level, "transform", `translateX(-${at(0)}%)`); // its own share of its width: within the bar wherever it stands
        now.hidden = lead === null;
        if (lead !== null) z.style(now, "left", `${at(lead)}%`);
        const [first, last] = [leads[0], leads[leads.length - 1]];
        z.write(behind, `${name} ${store.scored(first, true)}`);
        const known = lead === null || [first, last].some((end) => store.scored(end) === store.scored(lead)); // an end tells it already
        z.write(middle, known ? "" : `lead now ${store.scored(lead, true)}`);
        z.write(ahead, `with all ${wins(last)}`);
        const added = steps.map(({ words }, i) => `${words} ${store.scored(leads[i + 1] - leads[i], true)}`).join(", ");
        const told = lead === null ? "" : ` Now ${store.scored(lead, true)}.`;
        z.label(bar, `The lead of ${name}: ${store.scored(first, true)}; ${added}; with all ${wins(last)}.${told}`);
      },
      hide: () => void (box.hidden = true),
    };
  };

  // A lead that wins is never told as nothing.
  function wins(/** @type {number} */ lead) {
    const told = store.scored(lead, true);
    return lead > 0 && !/[1-9]/.test(told) ? "just ahead" : told;
  }
})();
