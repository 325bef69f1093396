// @ts-check
// What the browser answers by itself: edits, γ, classes, what is said of a state, and what a change would do.
zslviz.living(zslviz.tabs.explain, {
  modules: ["explanation.js", "answers.js", "sentence.js", "whatifs.js", "tipping.js", "map_answers.js", "attribute_auc.js"],
  answers(
    /** @type {import("../../twin/explanation.js").Explanation} */ x,
    /** @type {typeof import("../../twin/answers.js")} */ { rankingAnswer, classValues },
    /** @type {typeof import("../../twin/sentence.js")} */ { sentence },
    /** @type {typeof import("../../twin/whatifs.js")} */ { COUNT, whatIfs },
    /** @type {typeof import("../../twin/tipping.js")} */ { tippingPoints },
    /** @type {typeof import("../../twin/map_answers.js")} */ { mapsAnswer, thumbnailsAnswer, regionAnswer, partsAnswer },
    /** @type {typeof import("../../twin/attribute_auc.js")} */ { readAnswer, hardlyAnswer },
  ) {
    // with the classes that the visitor has made up
    const of = (/** @type {{ invented?: readonly { name: string, values: number[] }[] }} */ { invented }) => x.joined(invented);
    return {
      rank: ({ why, rival, true_class: truth, count, ...request }) => rankingAnswer(of(request), request, why, truth, rival, count),
      class_values: ({ class: index, ...request }) => ({ class: index, values: classValues(of(request), index) }),
      said: ({ true_class: truth, ...request }) => sentence(of(request), request, truth),
      what_ifs: ({ besides = 0, true_class: truth, ...request }) => ({ what_ifs: whatIfs(of(request), request, COUNT + besides, truth) }),
      tipping: ({ attribute, ...request }) => tippingPoints(of(request), attribute, request),
      maps: ({ attribute, kind }) => mapsAnswer(x, attribute, kind),
      thumbnails: ({ kind, strongest = zslviz.tabs.explain.state.x.strongest }) => thumbnailsAnswer(x, strongest, kind),
      region: ({ x: across, y: down, kind }) => regionAnswer(x, across, down, kind),
      parts: () => partsAnswer(x),
      hardly_read: ({ attributes }) => hardlyAnswer(x, attributes),
      how_read: ({ attribute }) => readAnswer(x, attribute),
    };
  },
  async again() {
    await Promise.all([zslviz.tabs.explain.rank(), zslviz.tabs.explain.taking?.begin()]);
  },
});
