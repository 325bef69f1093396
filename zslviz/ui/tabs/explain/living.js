// @ts-check
// What the browser answers by itself: edits, γ, classes, what is said of a state, and what a change would do.
zslviz.living(zslviz.tabs.explain, {
  modules: ["explanation.js", "answers.js", "sentence.js", "whatifs.js", "tipping.js"],
  answers(
    /** @type {import("../../twin/explanation.js").Explanation} */ x,
    /** @type {typeof import("../../twin/answers.js")} */ { rankingAnswer, classValues },
    /** @type {typeof import("../../twin/sentence.js")} */ { sentence },
    /** @type {typeof import("../../twin/whatifs.js")} */ { COUNT, whatIfs },
    /** @type {typeof import("../../twin/tipping.js")} */ { tippingPoints },
  ) {
    return {
      rank: ({ why, rival, true_class: truth, count, ...request }) => rankingAnswer(x, request, why, truth, rival, count),
      class_values: ({ class: index }) => ({ class: index, values: classValues(x, index) }),
      said: ({ true_class: truth, ...request }) => sentence(x, request, truth),
      what_ifs: ({ besides = 0, ...request }) => ({ what_ifs: whatIfs(x, request, COUNT + besides) }),
      tipping: ({ attribute, ...request }) => tippingPoints(x, attribute, request),
    };
  },
  again: () => zslviz.tabs.explain.rank(),
});
