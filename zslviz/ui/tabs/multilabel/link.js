// @ts-check
// What a link holds of the tab *Multi-label*, and how it is put back.
(() => {
  "use strict";
  const store = zslviz.tabs.multilabel;
  const s = store.state;

  zslviz.link.join("multilabel", {
    fields: {
      l: ["label", "text"],
      w: ["added", "texts"],
      e: ["strength", "number"],
      n: ["first", "number"],
      g: ["gamma", "number"],
      u: ["unseenOnly", "flag"],
      o: ["overlaid", "texts"],
      q: ["filter", "text"],
      k: ["part", "text"],
      v: ["view", "choices", "stretched", "unstretched", "color", "counted"],
    },
    ofModel: ["gamma"],
    python: "labelLines",
    names: () => ({}),
    check: (/** @type {LabelFacts} */ x) =>
      JSON.stringify([x.gamma, x.strength.seen, x.strength.unseen, x.labels.map(({ own: name, seen }) => ({ name, seen }))]),
    linked() {
      const { x } = s;
      const own = (/** @type {string} */ name) => x.labels.find((one) => one.name === name)?.own ?? name; // what it reads like may change
      return {
        label: s.label === x.map.name ? null : own(s.label),
        added: s.added,
        strength: s.by === "first" || s.strength === 100 ? null : s.strength,
        first: s.by === "first" ? s.first : null,
        gamma: s.gamma === x.gamma ? null : s.gamma,
        unseenOnly: s.unseenOnly,
        overlaid: s.several ? s.overlaid.map(own) : null,
        filter: s.filter,
        part: s.part,
        view: [...(s.stretch === null ? [] : [s.stretch ? "stretched" : "unstretched"]), ...(s.grey ? [] : ["color"]), ...(s.area === "half" ? [] : [s.area])],
      };
    },
    restore({ label, added: typed = [], strength = 100, first, gamma, unseenOnly = false, overlaid = null, filter = "", part = "", view = [] }) {
      const { x } = s;
      const added = zslviz.link.words(typed);
      const kept = added.join("\n") === s.added.join("\n");
      /** @type {Partial<LabelState>} */
      const bar = first === undefined ? { by: "strength" } : { by: "first", first: Math.max(1, Math.round(first)) };
      Object.assign(s, bar, { gamma: gamma ?? x.gamma, strength, unseenOnly, filter, several: false, overlaid: [] });
      Object.assign(s, { grey: !view.includes("color"), area: view.includes("counted") ? "counted" : "half" });
      const stretch = view.includes("stretched") || (view.includes("unstretched") ? false : null);
      if (!kept) Object.assign(s, { added: [], kin: {} });
      return () => void store.during(async () => {
        if (!kept) for (const word of added) await store.add(word, store.notice);
        if (s.x !== x) return;
        const there = (/** @type {string} */ name) => (s.added.includes(name) ? name : zslviz.link.named(x.labels, name)?.name);
        if (label && !there(label)) store.notice(`The label “${label}” of this link is not one of this model.`);
        const wanted = (label && there(label)) || x.map.name;
        const shown = x.parts.some((one) => one.name === part) ? part : null;
        const same = wanted === s.label && stretch === s.stretch && shown === s.part;
        s.part = shown;
        if (!same) await store.select(wanted, stretch);
        store.emit("view");
        if (overlaid && !zslviz.inside) { // drawn by the server
          s.overlaid = overlaid.flatMap((/** @type {string} */ name) => there(name) ?? []);
          store.setSeveral(true);
        }
        await store.rank();
      });
    },
  });
})();
