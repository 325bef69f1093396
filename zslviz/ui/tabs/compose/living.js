// @ts-check
// What the browser answers by itself: matrix, ranking, worlds, believability, handicap, and what a pair's score is made of. A word that
// was typed comes as a bundle of its own.
zslviz.living(zslviz.tabs.compose, {
  modules: ["pairs.js", "pairs_answers.js"],
  answers(
    /** @type {import("../../twin/pairs.js").CompositionExplanation} */ x,
    /** @type {typeof import("../../twin/pairs_answers.js")} */ { questions: { rank } },
  ) {
    return /** @type {any} */ ({
      rank(/** @type {any} */ payload) {
        const { pair, ...rest } = /** @type {any} */ (rank(x, payload));
        return pair ? { ...rest, pair: { ...pair, pictures: undefined } } : rest; // pictures the server draws
      },
    });
  },
  again: () => zslviz.tabs.compose.refresh(),
  typed: {
    has: (x, { added: { states, objects } }) => x.withAdded(states, objects) !== null,
    read: (x, { bundle }, { readExplanationBundle }) =>
      Object.assign(readExplanationBundle(Uint8Array.from(atob(bundle), (one) => one.charCodeAt(0))), { alone: x.alone ?? x }),
  },
});
