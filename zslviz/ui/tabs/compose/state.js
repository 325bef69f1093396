// @ts-check
// The tab *Compose*: the visitor's state, and what the panels do with it.
(() => {
  "use strict";
  /** @type {ComposeState} */
  const nothing = {
    added: { states: [], objects: [] },
    openWorld: false,
    threshold: 0,
    bias: 0,
    before: false,
    space: /** @type {any} */ (null),
    ranking: /** @type {any} */ (null),
    pair: ["", ""],
    chosen: false,
    other: null,
    stretch: null,
    grey: true,
    kin: {},
    multiples: "queries",
    opacity: 0.85,
  };
  const base = zslviz.store("compose", nothing, (s) => (
    { states: s.added.states, objects: s.added.objects, open_world: s.openWorld, threshold: s.threshold, bias: s.bias, before: s.before }));
  const { state } = base;
  /** @type {[Pair, Pair | null] | null} */
  let drawn = null; // pair and other whose pictures are on the page
  /** @type {PairMaps | null} */
  let told = null; // what was told last of a pair
  /** @type {ComposeStore["same"]} */
  const same = (a, b) => a !== null && b !== null && a[0] === b[0] && a[1] === b[1];

  /** @type {ComposeStore} */
  const store = Object.assign(base, /** @type {Methods<ComposeStore>} */ ({
    same,
    at: (/** @type {Pair} */ [row, column]) => /** @type {[number, number]} */ ([
      state.space.states.findIndex(({ name }) => name === row),
      state.space.objects.findIndex(({ name }) => name === column),
    ]),
    ordinal: zslviz.draw.ordinal,
    opens: {
      facts: "pairs_answers.js",
      pictures: (/** @type {ComposeFacts} */ { pair }, /** @type {ComposeStore["here"]} */ { pair: drawnPair }) => ({ pair: drawnPair?.({ pair: pair.pair }) || pair }),
    },
    groups: [
      [(e) => e.seen === false, "zv-unseen", "○ Pairs never trained on", "a pair never trained on"],
      [(e) => e.seen === true, "zv-seen", "● Pairs trained on", "a pair trained on"],
      [(e) => e.seen === null, "zv-seen", "◇ None of the pairs", "none of the pairs"],
    ],
    truth: (x) => (x.true ? `It is: ${x.true.join(" ")}` : x.example ? "None of the pairs" : ""),
    explained(x) {
      if (!state.x || state.x.model !== x.model) {
        Object.assign(state, { added: { states: [], objects: [] }, kin: {}, bias: x.bias, threshold: x.biting });
      }
      if (!x.refining) state.before = false;
      Object.assign(state, { x, pair: x.pair.pair, chosen: false, other: null, stretch: null, ranking: x.ranking });
      takeSpace(x.space);
      if (!(state.multiples === "queries" ? x.has_queries : x.has_texts)) state.multiples = x.has_queries ? "queries" : "states";
      store.emit("explained");
      store.emit("ranking");
      store.emit("selecting");
      takePair(x.pair);
      store.emit("places");
      const { added } = state;
      const asSent = state.bias === x.bias && !state.openWorld && !state.before && !added.states.length && !added.objects.length;
      if (!asSent) store.refresh();
    },

    // -- the ranking and the pair, after a change of anything -------------------------------------------------------
    // Another world has another winner, which is then explained.
    change(values) {
      Object.assign(state, values);
      if (values.openWorld !== undefined) state.chosen = false;
      store.emit("settings");
      store.refresh();
    },
    refresh: base.coalesced(async () => {
      const stale = state.space.states.filter((one) => one.added).length !== state.added.states.length ||
        state.space.objects.filter((one) => one.added).length !== state.added.objects.length;
      const { pair, other, chosen, stretch } = state;
      const answer = await store.ask("rank", { with_space: stale, pair: chosen ? pair : null, other, drawn, stretch });
      if (!answer) return;
      if (answer.space) takeSpace(answer.space);
      state.ranking = answer.ranking;
      if (other && state.other === other && !same(answer.pair.other, other)) state.other = null; // a word of it has been taken away
      if (state.pair === pair) state.pair = answer.pair.pair;
      store.emit("ranking");
      store.emit("selecting");
      const lacking = !answer.pair.maps && !isDrawn(answer.pair); // its pictures take their time, and keep no ranking waiting
      if (lacking && store.here.pair) showLater();
      else if (state.pair === answer.pair.pair) takePair(answer.pair);
      if (lacking && !store.here.pair) askPair();
      if (stale || state.multiples === "pairs") store.emit("places");
    }),

    // -- pairs -------------------------------------------------------------------------------------------------------
    select(pair) {
      Object.assign(state, { pair, chosen: true, stretch: null });
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
    explainWinner() {
      const [winner] = state.ranking.pairs;
      Object.assign(state, { pair: [winner.state, winner.object], chosen: false, stretch: null });
      if (same(state.other, state.pair)) state.other = null;
      store.emit("selecting");
      return askPair();
    },
    // Maps on a scale of their own, or on the photo's.
    stretching(stretch) {
      state.stretch = stretch;
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
      takeSpace(answer.space);
      Object.assign(state, { ranking: answer.ranking, pair: answer.pair.pair, chosen: true, stretch: null });
      state.kin = { ...state.kin, [`${kind},${(kind === "state" ? answer.states_added : answer.objects_added).at(-1)}`]: answer.kin };
      store.emit("ranking");
      store.emit("selecting");
      takePair(answer.pair);
      if (state.multiples !== "queries") store.emit("places");
      store.emit("typed");
      return true;
    },
    remove(kind, name) {
      state.added = { ...state.added, [kind]: state.added[kind].filter((one) => one !== name) };
      if (state.pair[kind === "states" ? 0 : 1] === name) state.chosen = false;
      store.refresh();
    },
  }));

  const askPair = base.coalesced(() => showPair());
  const showLater = zslviz.behind(base, () => askPair());
  async function showPair() {
    const before = told;
    const answer = await store.ask("pair", { pair: state.pair, other: state.other, stretch: state.stretch });
    if (!answer || !same(answer.pair, state.pair)) return;
    const late = told && told !== before && isDrawn(answer, [told.pair, told.other]); // its numbers are newer
    takePair(late && told ? { ...answer, terms: told.terms, other_terms: told.other_terms } : answer);
  }
  const isDrawn = (/** @type {PairMaps} */ { pair, other }, pictures = drawn) =>
    pictures !== null && same(pair, pictures[0]) && (same(other, pictures[1]) || (!other && !pictures[1]));
  function takePair(/** @type {PairMaps} */ answer) {
    told = answer;
    if (answer.maps) drawn = [answer.pair, answer.other];
    store.emit("pair", answer);
  }
  function takeSpace(/** @type {PairSpace} */ space) {
    state.space = space;
    store.emit("space");
  }
})();
