// @ts-check
// What a link holds of the tab *Explain & edit*, and how it is put back.
(() => {
  "use strict";
  const store = zslviz.tabs.explain;
  const s = store.state;
  /** @type {WeakMap<ExplainFacts, NamesOf>} */
  const named = new WeakMap();
  const count = (/** @type {Pick<ExplainState, "image" | "classes">} */ { image, classes }) =>
    [image, ...Object.values(classes)].reduce((sum, some) => sum + Object.keys(some).length, 0);
  const same = (/** @type {object} */ a, /** @type {object} */ b) => JSON.stringify(a) === JSON.stringify(b);

  const PARTS = Array.from({ length: 9 }, (_, i) => `part-${i + 1}`); // of a map, shown alone
  /** @param {MapView} view */
  const viewed = ({ layer, stretched, smooth, grey }) => [
    ...(layer === "special" ? ["special"] : layer ? [PARTS[layer - 1]] : []), ...(stretched ? ["stretched"] : []), ...(grey ? [] : ["color"]), ...(smooth ? [] : ["cells"]),
  ];
  /** @param {string[]} told @returns {MapView} */
  const view = (told) => ({
    layer: told.includes("special") ? "special" : 1 + PARTS.findIndex((part) => told.includes(part)),
    stretched: told.includes("stretched"), grey: !told.includes("color"), smooth: !told.includes("cells"),
  });

  zslviz.link.join("explain", {
    fields: {
      a: ["attribute", "name", "attribute"],
      k: ["kind", "text"],
      v: ["view", "choices", "special", ...PARTS, "stretched", "color", "cells"],
      i: ["image", "edits", "attribute"],
      c: ["classes", "rows", "class", "attribute"],
      g: ["gamma", "number"],
      u: ["unseenOnly", "flag"],
      w: ["why", "name", "class"],
    },
    ofModel: ["gamma", "kind"],
    python: "explainLines",
    names(x) {
      const names = named.get(x) || { attribute: x.attributes, class: x.classes.map((/** @type {{ name: string }} */ { name }) => name) };
      named.set(x, names);
      return names;
    },
    check: (/** @type {ExplainFacts} */ x) =>
      JSON.stringify([x.gamma, x.attributes, x.classes.map(({ name, seen }) => [name, seen])]),
    linked() {
      const { x } = s;
      return {
        attribute: s.attribute === x.strongest[0] ? null : s.attribute,
        kind: s.kind === x.offers[0]?.name ? null : s.kind,
        view: viewed(s.view),
        image: s.image,
        classes: s.classes,
        gamma: s.gamma === x.gamma ? null : s.gamma,
        unseenOnly: s.unseenOnly,
        why: s.why,
      };
    },
    restore({ attribute, kind, view: told = [], image = {}, classes = {}, gamma, unseenOnly = false, why = null }) {
      const { x } = s;
      const [before, edits] = [{ image: s.image, classes: s.classes }, { image, classes }];
      if (!same(before, edits)) {
        const lost = count(before);
        if (lost) store.history.remember();
        s.news = lost ? `The link’s edits took the place of ${lost === 1 ? "1 edit" : `${lost} edits`}; Undo brings ${lost === 1 ? "it" : "them"} back.` : "";
      }
      Object.assign(s, edits, { gamma: gamma ?? x.gamma, unseenOnly, why, cause: null });
      return () => {
        const [first] = x.offers;
        const shown = x.offers.some(({ name }) => name === kind) ? kind : first?.name || s.kind;
        const wanted = attribute ?? x.strongest[0];
        if (wanted !== s.attribute || shown !== s.kind) store.select(wanted, shown);
        s.view = view(told);
        store.emit("view");
        store.rank();
      };
    },
  });
})();
