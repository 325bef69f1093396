// @ts-check
// From when an explanation's bundle is there, the browser answers edits by itself, with the arithmetic of `twin/`; until then, and
// where the bundle cannot be had, the server does.
(() => {
  "use strict";
  const store = zslviz.tabs.explain;
  /** @typedef {typeof import("../../twin/answers.js")} Answers */
  /** @typedef {typeof import("../../twin/explanation.js")} Explanations */
  async function read(/** @type {ExplainFacts} */ x) {
    const { module } = zslviz.bundles;
    const [answers, explanations] = await Promise.all([/** @type {Promise<Answers>} */ (module("answers.js")),
      /** @type {Promise<Explanations>} */ (module("explanation.js"))]);
    const { readModelBundle: readModel, readExplanationBundle: readPhoto } = explanations;
    const living = await zslviz.bundles.read(store, x, { readModel, readPhoto });
    return living && answersOf(answers, living);
  }

  /**
   * @param {Answers} answers
   * @param {import("../../twin/explanation.js").Explanation} living
   * @returns {ExplainStore["here"]}
   */
  function answersOf({ rankingAnswer, classValues }, living) {
    return {
      rank: ({ why, true_class: truth, ...request }) => rankingAnswer(living, request, why, truth),
      class_values: ({ class: index }) => ({ class: index, values: classValues(living, index) }),
    };
  }

  store.on("explained", () => {
    const { x } = store.state;
    store.here = {};
    store.during(async () => {
      const here = await read(x).catch(() => null); // a bundle of another layout: the server reads it
      if (!here || store.state.x !== x) return;
      store.here = here;
      await store.rank();
    });
  });
})();
