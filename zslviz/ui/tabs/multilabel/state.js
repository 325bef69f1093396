// @ts-check
// The tab *Multi-label*: the visitor's state, and what the panels do with it.
(() => {
  "use strict";
  const MOST_OVERLAID = 4;
  const FOUND = 100; // the strength from which a label counts as found, as the model has it
  /** @type {LabelState} */
  const nothing = {
    added: [],
    gamma: 0,
    by: "strength",
    strength: 100,
    first: 5,
    unseenOnly: false,
    label: "",
    several: false,
    overlaid: [],
    area: "half",
    filter: "",
    part: null,
    stretch: null,
    grey: true,
    kin: {},
    opacity: 0.7,
    ranking: /** @type {any} */ (null),
  };
  const base = zslviz.store("multilabel", nothing, (s) => {
    const bar = s.by === "first" ? { first: s.first } : { strength: s.strength };
    return { added: s.added, gamma: s.gamma, unseen_only: s.unseenOnly, ...bar };
  });
  const { state } = base;
  let drawn = ""; // the labels of the small multiples

  /** @type {LabelStore} */
  const store = Object.assign(base, /** @type {Methods<LabelStore>} */ ({
    opens: {
      facts: "labels_answers.js",
      pictures: (/** @type {LabelFacts} */ { map: { name: label } }, /** @type {LabelStore["here"]} */ { map }) => ({ map: map?.({ label }) }),
    },
    groups: [
      [(e) => e.kind !== "composition", "zv-seen", "Photos", "a photo"],
      [(e) => e.kind === "composition", "zv-seen", "Put together: it is known what is where", "put together of cut-outs"],
    ],
    truth: (x) => (x.there.length ? `In it: ${x.there.join(", ")}` : ""),
    explained(x) {
      const another = !state.x || state.x.model !== x.model;
      state.x = x;
      if (another) Object.assign(state, { added: [], kin: {}, gamma: x.gamma, strength: FOUND });
      state.part = null; // as the map that comes with the photo
      Object.assign(state, { label: x.map.name, ranking: x.ranking, overlaid: [], stretch: null });
      drawn = "";
      store.emit("explained");
      store.emit("ranking");
      store.emit("selecting");
      store.emit("map", x.map);
      if (state.several) store.setSeveral(true);
      const asSent = state.gamma === x.gamma && state.strength === FOUND && state.by === "strength";
      if (!asSent || state.unseenOnly || state.added.length) store.rank();
    },
    rank: base.coalesced(async () => {
      const answer = await store.ask("rank");
      if (answer) show(answer);
    }),

    // -- labels ----------------------------------------------------------------------------------------------------
    // stretch: on the label's own scale; null if it is weak. The part stays as it is.
    async select(label, stretch = null) {
      Object.assign(state, { label, stretch });
      store.emit("selecting");
      const answer = await store.ask("map", { label, stretch, part: state.part });
      if (answer && answer.name === state.label && stretch === state.stretch && answer.part === state.part) store.emit("map", answer);
    },
    showPart(part) {
      state.part = part;
      store.select(state.label, state.stretch);
    },
    choose(label) {
      if (!state.several) return void store.select(label);
      const there = state.overlaid.includes(label);
      if (!there && state.overlaid.length === MOST_OVERLAID) {
        return store.notice(`At most ${MOST_OVERLAID} labels can be laid over each other; take one away first.`);
      }
      state.overlaid = there ? state.overlaid.filter((name) => name !== label) : [...state.overlaid, label];
      store.emit("selecting");
      store.outline();
    },
    setSeveral(several) {
      state.several = several;
      if (several && !state.overlaid.length) state.overlaid = state.ranking.small.slice(0, 2);
      store.emit("selecting");
      if (several) store.outline();
    },
    outline: base.coalesced(async () => {
      const answer = await store.ask("outlines", { labels: state.overlaid, area: state.area });
      if (answer) store.emit("outlines", answer);
    }),
    // fail: told the sentence if the label cannot be added. Returns whether it was.
    async add(name, fail) {
      const answer = await store.ask("add", { name }, fail);
      if (!answer) return false;
      Object.assign(state, { added: answer.added, label: answer.map.name, stretch: null, part: null });
      state.kin = { ...state.kin, [answer.map.name]: answer.kin };
      store.emit("labels");
      store.emit("selecting");
      store.emit("map", answer.map);
      if (state.several) store.choose(answer.map.name);
      show(answer.ranking);
      store.emit("typed");
      return true;
    },
    remove(name) {
      state.added = state.added.filter((one) => one !== name);
      state.overlaid = state.overlaid.filter((one) => one !== name);
      store.emit("labels");
      const { map: opened } = state.x; // shown again, where it is another one
      if (state.label === name) store.select((opened.name !== name ? opened : state.ranking.labels.filter((l) => l.name !== name)[0]).name);
      else store.emit("selecting");
      if (state.several) store.outline();
      store.rank();
    },
    // Pictures that take their time keep no ranking waiting.
    showSmall: base.coalesced(async () => {
      const { ranking: { small: labels } } = state;
      if (labels.join("\n") === drawn) return;
      const answer = await store.ask("thumbnails", { labels });
      if (!answer) return;
      drawn = labels.join("\n");
      store.emit("thumbnails", answer.thumbnails);
    }),
    strength: (score, seen) => strengthOf(score - (seen ? state.gamma : 0), seen),
    strengthOf,
    isSeen: (name) => store.state.x.labels.some((l) => l.name === name && l.seen),
  }));

  // How strong a calibrated score is: one number in lists, sentences and legends.
  function strengthOf(/** @type {number} */ calibrated, /** @type {boolean} */ seen) {
    const { zero, seen: bar, unseen } = store.state.x.strength;
    return (FOUND * (calibrated - zero)) / ((seen ? bar : unseen) - zero);
  }
  function show(/** @type {LabelRanking} */ ranking) {
    state.ranking = ranking;
    store.emit("ranking");
  }
})();
