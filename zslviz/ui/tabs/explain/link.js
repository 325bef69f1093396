// @ts-check
// What a link holds of the tab *Explain & edit*, and how it is put back.
(() => {
  "use strict";
  const store = zslviz.tabs.explain;
  const s = store.state;
  /** @type {WeakMap<object, NamesOf>} by the list of its classes */
  const named = new WeakMap();
  const count = (/** @type {Edited} */ { image, classes, invented }) =>
    [image, ...Object.values(classes)].reduce((sum, some) => sum + Object.keys(some).length, invented.length);
  /** @type {LinkFields} */
  const MADE = { n: ["invented", "made", "attribute"] };
  const plain = (/** @type {{ name: string }[]} */ classes) => classes.map(({ name }) => name);
  // Classes that a link makes up, but for those that the model has.
  function madeIn(/** @type {ExplainFacts} */ x, /** @type {LinkParts} */ parts) {
    const { values: { invented = [] } } = zslviz.codec.read(parts, MADE, { attribute: x.attributes }, MADE);
    return fresh(x, invented);
  }
  function fresh(/** @type {ExplainFacts} */ x, /** @type {Invented[]} */ invented) {
    const taken = new Set(plain(x.own).map((name) => name.toLowerCase()));
    return invented.filter(({ name }) => !taken.has(name.toLowerCase()) && taken.add(name.toLowerCase()));
  }
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
      ...MADE,
      c: ["classes", "rows", "class", "attribute"],
      g: ["gamma", "number"],
      u: ["unseenOnly", "flag"],
      w: ["why", "name", "class"],
      o: ["compared", "text"],
    },
    ofModel: ["gamma", "kind"],
    python: "explainLines",
    names(x, parts) {
      if (parts?.parts.has("n")) return { attribute: x.attributes, class: plain([...x.own, ...madeIn(x, parts)]) };
      const known = parts ? x.own : x.classes;
      const names = named.get(known) || { attribute: x.attributes, class: plain(known) };
      named.set(known, names);
      return names;
    },
    check: (/** @type {ExplainFacts} */ x) =>
      JSON.stringify([x.gamma, x.attributes, x.own.map(({ name, seen }) => [name, seen])]),
    linked() {
      const { x } = s;
      return {
        attribute: s.attribute === x.strongest[0] ? null : s.attribute,
        kind: s.kind === x.offers[0]?.name ? null : s.kind,
        view: viewed(s.view),
        image: s.image,
        classes: s.classes,
        invented: s.invented,
        gamma: s.gamma === x.gamma ? null : s.gamma,
        unseenOnly: s.unseenOnly,
        why: s.why,
        compared: s.compared || null,
      };
    },
    restore({ attribute, kind, view: told = [], image = {}, classes = {}, invented: linked = [], gamma, unseenOnly = false, why = null, compared = "" }) {
      const { x } = s;
      const kept = /** @type {Invented[]} */ (linked).map((one) => s.invented.find((own) => same([own.name, own.values], [one.name, one.values])) || one);
      const [before, edits] = [{ image: s.image, classes: s.classes, invented: s.invented }, { image, classes, invented: fresh(x, kept) }];
      if (!same(before, edits)) {
        const lost = count(before);
        if (lost) store.history.remember();
        s.news = lost ? `The link’s edits took the place of ${lost === 1 ? "1 edit" : `${lost} edits`}; Undo brings ${lost === 1 ? "it" : "them"} back.` : "";
      }
      store.joined(edits.invented);
      Object.assign(s, edits, { gamma: gamma ?? x.gamma, unseenOnly, why, cause: null });
      return () => {
        const [first] = x.offers;
        const shown = x.offers.some(({ name }) => name === kind) ? kind : first?.name || s.kind;
        const wanted = attribute ?? x.strongest[0];
        if (wanted !== s.attribute || shown !== s.kind) store.select(wanted, shown);
        s.view = view(told);
        store.emit("view");
        store.rank();
        if (compared === s.compared) return;
        if (compared) zslviz.rest();
        store.emit("compare", compared);
      };
    },
  });
})();
