// @ts-check
// What becomes of edits when another photo is explained: they hold for every photo of their data, and wait while others are shown.
zslviz.tabs.explain.keeping = (() => {
  "use strict";
  /** @typedef {Edited & { attributes: string[], classNames: string[] }} Kept */
  /** @type {Map<string, Kept>} */
  const kept = new Map(); // by data

  /**
   * By the numbers of another model of the same data, by name; `lost` are the names that it does not have.
   * @param {Edits} edits
   * @param {string[]} from
   * @param {string[]} to
   * @param {Set<string>} lost
   */
  function renumbered(edits, from, to, lost) {
    /** @type {Edits} */
    const found = {};
    for (const [number, value] of Object.entries(edits)) {
      const name = from[Number(number)];
      const now = to[Number(number)] === name ? Number(number) : to.indexOf(name);
      if (now < 0) lost.add(name);
      else found[now] = value;
    }
    return found;
  }

  const names = (/** @type {ExplainFacts} */ x, /** @type {Invented[]} */ invented) => [...(x.own || x.classes), ...invented].map(({ name }) => name);
  const many = (/** @type {number} */ count) => (count === 1 ? "1 edit" : `${count} edits`);
  const counted = (/** @type {Pick<Kept, "image" | "classes">} */ { image, classes }) =>
    [image, ...Object.values(classes)].reduce((sum, some) => sum + Object.keys(some).length, 0);

  /** @type {KeptEdits} */
  const edits = {
    keep({ x, image, classes, invented }) {
      if (x) kept.set(x.space, { image, classes, invented, attributes: x.attributes, classNames: names(x, invented) });
    },
    of(x, s) {
      const shown = s.x?.space === x.space ? s.x : null; // of the same data
      const before = shown ? { image: s.image, classes: s.classes, invented: s.invented, attributes: shown.attributes, classNames: names(shown, s.invented) } : kept.get(x.space);
      /** @type {Set<string>} */
      const lost = new Set();
      const { attributes } = x;
      const invented = (before?.invented || []).filter(({ name, values }) => {
        const fits = values.length === attributes.length && attributes.every((one, a) => one === before?.attributes[a]);
        if (!fits || (x.own || x.classes).some((one) => one.name === name)) lost.add(name);
        return !lost.has(name);
      });
      const classNames = names(x, invented);
      /** @type {Record<string, Edits>} */
      const classes = {};
      for (const [index, some] of Object.entries(before?.classes || {})) {
        const [now] = Object.keys(renumbered({ [index]: 0 }, before?.classNames || [], classNames, lost));
        const values = renumbered(some, before?.attributes || [], attributes, lost);
        if (now !== undefined && Object.keys(values).length) classes[now] = values;
      }
      const image = before ? renumbered(before.image, before.attributes, attributes, lost) : {};
      const count = counted({ image, classes });
      const same = shown?.attributes.join("\n") === attributes.join("\n") && names(shown, s.invented).join("\n") === classNames.join("\n");
      const samePhoto = shown?.example === x.example && shown.title === x.title;
      const aside = s.x && !shown ? counted(s) : 0;
      const news = [
        aside ? `${many(aside)} put aside until a photo of that data is shown again.` : "",
        count && !shown ? `Back again: ${many(count)} made before.` : "",
        count && shown ? `${many(count)} kept${samePhoto ? "" : count === 1 ? ": it holds for this photo too" : ": they hold for this photo too"}.` : "",
        s.x && !shown ? `Another model answers now: ${x.model_title}.` : "",
        lost.size ? `Left out, for this model does not have it: ${[...lost].join(", ")}.` : "",
      ];
      return { image, classes, invented: invented.length === before?.invented.length ? before.invented : invented, count, same, news: news.filter(Boolean).join(" ") };
    },
  };
  return edits;
})();
