// @ts-check
// What a link holds of the tab *Compose*, and how it is put back.
(() => {
  "use strict";
  const store = zslviz.tabs.compose;
  const s = store.state;

  const SMALL = /** @type {Multiples[]} */ (["queries", "states", "objects", "pairs"]);
  const usual = (/** @type {ComposeFacts} */ x) => (x.has_queries ? "queries" : "states");

  zslviz.link.join("compose", {
    fields: {
      y: ["pair", "texts"],
      z: ["other", "texts"],
      open: ["openWorld", "flag"],
      f: ["threshold", "number"],
      b: ["bias", "number"],
      before: ["before", "flag"],
      ws: ["states", "texts"],
      wo: ["objects", "texts"],
      v: ["view", "choices", "stretched", "unstretched", "color", ...SMALL],
    },
    ofModel: ["bias", "threshold"],
    python: "pairLines",
    names: () => ({}),
    check: (/** @type {ComposeFacts} */ { bias, threshold, space }) =>
      JSON.stringify([bias, threshold, space.states.map(({ own }) => own), space.objects.map(({ own }) => own)]),
    linked() {
      const { x } = s;
      const own = (/** @type {Pair} */ pair) => { // what it reads like may change
        const [row, column] = store.at(pair);
        return [s.space.states[row]?.own ?? pair[0], s.space.objects[column]?.own ?? pair[1]];
      };
      return {
        pair: s.chosen ? own(s.pair) : null,
        other: s.other && own(s.other),
        openWorld: s.openWorld,
        threshold: s.threshold === x.biting ? null : s.threshold,
        bias: s.bias === x.bias ? null : s.bias,
        before: s.before,
        states: s.added.states,
        objects: s.added.objects,
        view: [...(s.stretch === null ? [] : [s.stretch ? "stretched" : "unstretched"]), ...(s.grey ? [] : ["color"]), ...(s.multiples === usual(x) ? [] : [s.multiples])],
      };
    },
    restore({ pair = null, other = null, openWorld = false, threshold, bias, before = false, states: rows = [], objects: columns = [], view = [] }) {
      const { x } = s;
      const typed = zslviz.link.words([...rows, ...columns]);
      const [states, objects] = typed.length ? [rows, columns] : [[], []];
      const kept = JSON.stringify(s.added) === JSON.stringify({ states, objects });
      Object.assign(s, { openWorld, before, threshold: threshold ?? x.biting, bias: bias ?? x.bias });
      const stretch = view.includes("stretched") || (view.includes("unstretched") ? false : null);
      s.grey = !view.includes("color");
      if (!kept) Object.assign(s, { added: { states: [], objects: [] }, kin: {} });
      return () => void store.during(async () => {
        await store.refresh();
        if (!kept) {
          for (const word of states) await store.add("state", word, store.notice);
          for (const word of objects) await store.add("object", word, store.notice);
        }
        if (s.x !== x) return;
        const there = (/** @type {string[] | null} */ names) => {
          if (names === null || names.length !== 2) return null;
          const [state, object] = [zslviz.link.named(s.space.states, names[0]), zslviz.link.named(s.space.objects, names[1])];
          return state && object ? /** @type {Pair} */ ([state.name, object.name]) : null;
        };
        const [first, second] = [pair, other].map(there);
        const gone = [pair, other].filter((one) => one && !there(one));
        if (gone.length) store.notice(`This link’s “${gone.map((one) => one.join(" ")).join("” and “")}” is no pair of this model.`);
        s.other = second;
        if (first) await store.select(first);
        else await store.explainWinner();
        if (stretch !== null) await store.stretching(stretch);
        store.emit("view");
        const small = SMALL.find((one) => view.includes(one)) || usual(x);
        if (small !== s.multiples && (small === "queries" ? x.has_queries : x.has_texts)) await store.showMultiples(small);
      });
    },
  });
})();
