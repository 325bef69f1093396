// @ts-check
// Classes as lines of a list: place, name, bar, score, and the state before the edits.
zslviz.tabs.explain.lines = (() => {
  "use strict";
  const [z, store] = [zslviz.draw, zslviz.tabs.explain];
  const { state: s } = store;
  const SLIDE_MS = 180;
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  /** @type {ExplainStore["lines"]} */
  function drawing(list, settle = () => {}) {
    /** @type {RankedClass[]} */
    let shown = [];
    let pitch = 0; // of the lines, in pixels
    /** @type {WeakMap<HTMLElement, Map<string, HTMLElement>>} */
    const parts = new WeakMap();

    function line(/** @type {number} */ position) {
      const bars = z.element("span", { className: "zv-bars" }, z.element("i", { className: "zv-ghost" }), z.element("i", { className: "zv-bar" }));
      const button = z.element("button", { type: "button" },
        ...["zv-rank", "zv-marker", "zv-name", "zv-moved", "zv-score", "zv-sr"].map((className) => z.element(className === "zv-marker" ? "i" : "span", { className })), bars);
      button.addEventListener("click", () => {
        const { index } = shown[position];
        s.why = index === s.ranking.classes[0].index ? null : index;
        store.rank();
      });
      return z.element("li", {}, button);
    }
    // Parts of a line by their selectors, found once.
    function partOf(/** @type {HTMLElement} */ item) {
      const found = parts.get(item) || new Map();
      parts.set(item, found);
      return (/** @type {string} */ selector) => {
        if (!found.has(selector)) found.set(selector, z.finder(item)(selector));
        return /** @type {HTMLElement} */ (found.get(selector));
      };
    }
    // Lines slide from where their class stood: a class that is new comes from below.
    function slide(/** @type {HTMLElement[]} */ lines, /** @type {RankedClass[]} */ before) {
      if (still.matches || !pitch || !before.length) return;
      lines.forEach((item, i) => {
        const from = before.findIndex(({ index }) => index === shown[i].index);
        const steps = (from < 0 ? before.length : from) - i;
        if (steps) item.animate([{ transform: `translateY(${steps * pitch}px)` }, { transform: "none" }], { duration: SLIDE_MS, easing: "ease-out" });
      });
    }
    store.on("away", () => shown.forEach((c, i) => list.children[i] && drawAway(/** @type {HTMLElement} */ (list.children[i]), c)));
    new ResizeObserver(([{ contentRect }]) => (pitch = contentRect.height / Math.max(1, list.children.length))).observe(list);

    return {
      draw(/** @type {RankedClass[]} */ classes, /** @type {ClassRanking} */ r) {
        const before = shown;
        shown = classes;
        const many = list.children.length;
        const lines = z.lines(list, classes.length, line);
        if (many !== classes.length) settle();
        slide(lines, before);
        classes.forEach((c, i) => drawLine(lines[i], c, r));
      },
      forget: () => (shown = []), // another photo: nothing slides
    };

    // How many edits away a class is.
    function drawAway(/** @type {HTMLElement} */ item, /** @type {RankedClass} */ { index }) {
      const [name, away] = [partOf(item)(".zv-name"), s.away.get(index) || ""];
      if ((name.dataset.away || "") === away) return;
      if (away) name.dataset.away = away;
      else delete name.dataset.away;
    }

    function drawLine(/** @type {HTMLElement} */ item, /** @type {RankedClass} */ c, /** @type {ClassRanking} */ r) {
      const part = partOf(item);
      const look = `${c.seen ? "zv-seen" : "zv-unseen"}${c.index === r.why.class ? " zv-asked" : ""}`;
      z.look(item, look);
      z.write(part(".zv-rank"), String(c.rank));
      const made = s.invented[c.index - s.x.own.length];
      z.write(part(".zv-name"), `${c.name}${c.true ? " ✓ true" : ""}${made ? ` · yours${made.fewShot ? " ◇" : ""}` : ""}`);
      const steps = c.rank_before - c.rank;
      z.write(part(".zv-moved"), !r.edited || steps === 0 ? "" : `${steps > 0 ? "▲" : "▼"}\u2009${Math.abs(steps)}`);
      z.write(part(".zv-score"), store.scored(c.score));
      z.style(part(".zv-bar"), "width", `${z.share(c.score, r)}%`);
      const ghost = part(".zv-ghost");
      ghost.hidden = !r.edited;
      z.style(ghost, "width", `${z.share(c.before, r)}%`);
      drawAway(item, c);
      const through = c.rank === 1 && r.alone !== null; // the handicap decides
      part(".zv-name").toggleAttribute("data-through", through);
      z.write(part(".zv-sr"), `, ${c.seen ? "trained on" : made?.fewShot ? "few-shot, made from photos" : "never trained on"}` +
        `${through ? ", wins through the handicap" : ""}` +
        `${r.edited ? `, was rank ${c.rank_before} with ${store.scored(c.before)}` : ""}. Show why.`);
    }
  }
  return drawing;
})();
