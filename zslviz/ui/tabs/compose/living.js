// @ts-check
// What the browser answers by itself: matrix, ranking, worlds, believability, handicap, what a pair's score is made of, and its maps. A word
// that was typed comes as a bundle of its own.
zslviz.living(zslviz.tabs.compose, {
  modules: ["pairs.js", "pairs_answers.js", "painted.js"],
  answers(
    /** @type {import("../../twin/pairs.js").CompositionExplanation} */ x,
    /** @type {typeof import("../../twin/pairs_answers.js")} */ { questions: { rank, pair, multiples, insights } },
    /** @type {typeof import("../../twin/painted.js")} */ { pairMaps, pairMultiples },
  ) {
    const { url } = zslviz.mapcard;
    const told = (/** @type {any} */ answer) => pairMaps(x, answer, url);
    return /** @type {any} */ ({
      rank(/** @type {any} */ payload) {
        const answer = /** @type {any} */ (rank(x, payload));
        if (!answer.pair) return answer;
        const { pictures, ...pair } = answer.pair; // they are painted when they are asked for, once the ranking is
        return { ...answer, pair };
      },
      pair(/** @type {any} */ payload) {
        const answer = told(pair(x, payload));
        return answer.maps ? answer : undefined; // a map that this bundle leaves out: the server is asked
      },
      insights: (/** @type {any} */ payload) => insights(x, payload),
      multiples: (/** @type {any} */ payload) => pairMultiples(x, multiples(x, payload), url),
    });
  },
  again: () => zslviz.tabs.compose.refresh(),
  typed: {
    has: (x, { added: { states, objects } }) => x.withAdded(states, objects) !== null,
    read: (x, { bundle }, { readExplanationBundle }) =>
      Object.assign(readExplanationBundle(Uint8Array.from(atob(bundle), (one) => one.charCodeAt(0))), { alone: x.alone ?? x }),
  },
});
