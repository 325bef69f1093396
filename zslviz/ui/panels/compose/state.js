// The tab *Compose*: the visitor's state, and what the panels do with it.
(() => {
  "use strict";
  const z = zslviz;
  const store = z.store("pairs", () => {
    const s = store.state;
    return { states: s.added.states, objects: s.added.objects, open_world: s.openWorld, threshold: s.threshold, bias: s.bias, before: s.before };
  });
  const state = Object.assign(store.state, {
    added: { states: [], objects: [] }, // words typed by the visitor
    openWorld: false,
    threshold: 0,
    bias: 0,
    before: false, // the matrix with the embedding before its refinement
    space: null, // heads of the matrix, and what is known of each pair whatever the photo
    ranking: null,
    pair: ["", ""], // whose maps are shown: state, object
    other: null, // the one to compare with; null: the best one besides it
    multiples: "queries",
    opacity: 0.85,
  });
  const SPACE = ["states", "objects", "seen", "listed", "feasibility"];
  const same = (a, b) => a !== null && b !== null && a[0] === b[0] && a[1] === b[1];

  Object.assign(store, {
    same,
    opensItself: true, // the first example is asked for when the tab is opened
    groups: [
      [(e) => e.seen === false, "zv-unseen", "○ Pairs never trained on", "a pair never trained on"],
      [(e) => e.seen === true, "zv-seen", "● Pairs trained on", "a pair trained on"],
      [(e) => e.seen === null, "zv-seen", "◇ None of the pairs", "none of the pairs"],
    ],
    truth: (x) => (x.true ? `It is: ${x.true.join(" ")}` : x.example ? "None of the pairs" : ""),

    explained(x) {
      if (!state.x || state.x.model !== x.model) {
        Object.assign(state, { added: { states: [], objects: [] }, bias: x.bias, threshold: x.threshold });
      }
      Object.assign(state, { x, pair: x.pair.pair, other: null, ranking: x.ranking });
      takeSpace(x);
      if (!(state.multiples === "queries" ? x.has_queries : x.has_texts)) state.multiples = x.has_queries ? "queries" : "states";
      store.emit("explained");
      store.emit("ranking");
      store.emit("selecting");
      store.emit("pair", x.pair);
      store.showMultiples(state.multiples);
      const { added } = state;
      const asSent = state.bias === x.bias && !state.openWorld && !state.before && !added.states.length && !added.objects.length;
      if (!asSent) store.refresh();
    },

    // -- the ranking and the pair, after a change of anything -------------------------------------------------------
    change(values) {
      Object.assign(state, values);
      store.emit("settings");
      store.refresh();
    },
    refresh: store.coalesced(async () => {
      const stale = state.space.states.filter((one) => one.added).length !== state.added.states.length ||
        state.space.objects.filter((one) => one.added).length !== state.added.objects.length;
      const answer = await store.ask("rank", { with_space: stale });
      if (!answer) return;
      if (answer.states) takeSpace(answer);
      state.ranking = answer;
      store.emit("ranking");
      const known = ([s, o]) => state.space.states.some((one) => one.name === s) && state.space.objects.some((one) => one.name === o);
      if (state.other && !known(state.other)) state.other = null;
      if (!known(state.pair)) state.pair = best(answer);
      if (stale || state.multiples === "pairs") store.showMultiples(state.multiples);
      store.emit("selecting");
      await showPair();
    }),

    // -- pairs -------------------------------------------------------------------------------------------------------
    select(pair) {
      state.pair = pair;
      if (same(state.other, pair)) state.other = null;
      store.emit("selecting");
      return askPair();
    },
    compare(pair) {
      if (pair && same(pair, state.pair)) return store.notice("Choose another pair to compare with; this one is shown already.");
      state.other = pair;
      store.emit("selecting");
      return askPair();
    },
    async showMultiples(kind) {
      state.multiples = kind;
      store.emit("multiples", null);
      if (!state.x.has_queries && !state.x.has_texts) return;
      const answer = await store.ask("multiples", { kind });
      if (answer && answer.kind === state.multiples) store.emit("multiples", answer);
    },

    // -- words -------------------------------------------------------------------------------------------------------
    // fail: told the sentence if it cannot be added. Returns whether it was.
    async add(kind, name, fail) {
      const answer = await store.ask("add", { kind, name, other: state.other }, fail);
      if (!answer) return false;
      state.added = { states: answer.states_added, objects: answer.objects_added };
      takeSpace(answer);
      Object.assign(state, { ranking: answer.ranking, pair: answer.pair.pair });
      store.emit("ranking");
      store.emit("selecting");
      store.emit("pair", answer.pair);
      if (state.multiples !== "queries") store.showMultiples(state.multiples);
      return true;
    },
    remove(kind, name) {
      state.added = { ...state.added, [kind]: state.added[kind].filter((one) => one !== name) };
      store.refresh();
    },
  });

  const askPair = store.coalesced(() => showPair());
  async function showPair() {
    const answer = await store.ask("pair", { pair: state.pair, other: state.other });
    if (answer && same(answer.pair, state.pair)) store.emit("pair", answer);
  }
  function takeSpace(answer) {
    state.space = Object.fromEntries(SPACE.map((key) => [key, answer[key]]));
    store.emit("space");
  }
  const best = (ranking) => [ranking.pairs[0].state, ranking.pairs[0].object];
  store.best = () => best(state.ranking);
  store.ordinal = (n) => `${n}${["th", "st", "nd", "rd"][n % 100 > 10 && n % 100 < 14 ? 0 : n % 10] || "th"}`;
})();
