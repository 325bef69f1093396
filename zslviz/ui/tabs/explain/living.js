// @ts-check
// From when an explanation's bundle is there, the browser answers edits by itself, with the arithmetic of `twin/`; until then, and
// where the bundle cannot be had, the server does.
(() => {
  "use strict";
  const store = zslviz.tabs.explain;
  /** @typedef {typeof import("../../twin/answers.js")} Answers */
  /** @typedef {typeof import("../../twin/explanation.js")} Explanations */
  /** @typedef {typeof import("../../twin/sentence.js")} Sentences */
  /** @typedef {typeof import("../../twin/whatifs.js")} WhatIfs */
  /** @typedef {typeof import("../../twin/tipping.js")} Tipping */
  async function read(/** @type {ExplainFacts} */ x) {
    const { module } = zslviz.bundles;
    const [answers, explanations, words] = await Promise.all([/** @type {Promise<Answers>} */ (module("answers.js")),
      /** @type {Promise<Explanations>} */ (module("explanation.js")), saying()]);
    const { readModelBundle: readModel, readExplanationBundle: readPhoto } = explanations;
    const living = await zslviz.bundles.read(store, x, { readModel, readPhoto });
    return living && { ...answersOf(answers, living), ...words(living) };
  }

  // What is said of a state besides its ranking: the answers `said`, `what_ifs` and `tipping` of an explanation.
  async function saying() {
    const { module } = zslviz.bundles;
    const [{ sentence }, { COUNT, whatIfs }, { tippingPoints }] = await Promise.all([/** @type {Promise<Sentences>} */ (module("sentence.js")),
      /** @type {Promise<WhatIfs>} */ (module("whatifs.js")), /** @type {Promise<Tipping>} */ (module("tipping.js"))]);
    return (/** @type {import("../../twin/explanation.js").Explanation} */ living) => /** @type {ExplainStore["here"]} */ ({
      said: ({ true_class: truth, ...request }) => sentence(living, request, truth),
      what_ifs: ({ besides = 0, ...request }) => ({ what_ifs: whatIfs(living, request, COUNT + besides) }),
      tipping: ({ attribute, ...request }) => tippingPoints(living, attribute, request),
    });
  }

  /**
   * @param {Answers} answers
   * @param {import("../../twin/explanation.js").Explanation} living
   * @returns {ExplainStore["here"]}
   */
  function answersOf({ rankingAnswer, classValues }, living) {
    return {
      rank: ({ why, rival, true_class: truth, ...request }) => rankingAnswer(living, request, why, truth, rival),
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
