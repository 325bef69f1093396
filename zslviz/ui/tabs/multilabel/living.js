// @ts-check
// What the browser answers by itself: ranking, what counts as found, γ, maps, what a place speaks for. A label that was
// typed comes as its map.
zslviz.living(zslviz.tabs.multilabel, {
  modules: ["labels.js", "labels_answers.js", "painted.js"],
  answers(
    /** @type {import("../../twin/labels.js").LabelExplanation} */ x,
    /** @type {typeof import("../../twin/labels_answers.js")} */ { questions: { rank, region, insights, map, thumbnails, attention } },
    /** @type {typeof import("../../twin/painted.js")} */ { labelMap, labelThumbnails, labelAttention },
  ) {
    const { url } = zslviz.mapcard;
    return /** @type {LabelStore["here"]} */ ({
      rank: (payload) => rank(x, payload),
      region: (payload) => region(x, payload),
      insights: (payload) => insights(x, payload),
      map: (payload) => labelMap(x, map(x, payload), url),
      thumbnails: (payload) => labelThumbnails(x, thumbnails(x, payload), url),
      attention: (payload) => labelAttention(x, attention(x, payload), url),
    });
  },
  async again() {
    const { rank, select, state } = zslviz.tabs.multilabel;
    await rank();
    if (!state.several) await select(state.label, state.stretch); // drawn by whoever draws the next one
  },
  typed: {
    has: (x, { added }) => x.withAdded(added) !== null,
    read: (x, { added, region_scores: maps, part_scores: parts }) => x.withMaps(added, maps, parts),
  },
});
