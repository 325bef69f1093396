// @ts-check
// What the browser answers by itself: ranking, what counts as found, γ, what a place speaks for, the gate. A label that was typed
// comes as its map.
zslviz.living(zslviz.tabs.multilabel, {
  modules: ["labels.js", "labels_answers.js"],
  answers(
    /** @type {import("../../twin/labels.js").LabelExplanation} */ x,
    /** @type {typeof import("../../twin/labels_answers.js")} */ { questions: { rank, region, gate } },
  ) {
    return /** @type {LabelStore["here"]} */ ({
      rank: (payload) => rank(x, payload),
      region: (payload) => region(x, payload),
      gate: (payload) => gate(x, payload),
    });
  },
  again: () => zslviz.tabs.multilabel.rank(),
  typed: {
    has: (x, { added }) => x.withAdded(added) !== null,
    read: (x, { added, region_scores: maps }) => x.withMaps(added, maps),
  },
});
