// @ts-check
// Asks about two models on one photo. The second one explains it on the server, once; what follows is answered from both bundles by the
// page's own arithmetic, and by the server where a bundle cannot be had.
zslviz.tabs.explain.comparing = (() => {
  "use strict";
  const { tabs: { explain: store } } = zslviz;
  const s = store.state;
  const MOST_KEPT = 6;
  const UNANSWERED = "The other model has not answered; try again in a moment.";
  /** @typedef {{ facts: ExplainFacts, explanation: import("../../../twin/explanation.js").Explanation | null }} Second */
  /** @type {Map<string, Promise<Second>>} */
  const seconds = new Map(); // by the photo's handle and the model, the newest
  /** @type {Map<string, any>} */
  const models = new Map(); // parts of models that have been read, by digest

  const bytes = async (/** @type {string} */ path) => {
    const answer = await fetch(new URL(path, document.baseURI)).catch(() => null);
    return answer?.ok ? answer.arrayBuffer().catch(() => null) : null;
  };
  // The other model's explanation from its bundle; null if it cannot be had: then the server is asked.
  async function read(/** @type {ExplainFacts} */ { handle, bundle: digest }) {
    if (!digest) return null;
    const [reader, model, photo] = await Promise.all(
      [zslviz.bundles.module("explanation.js"), models.has(digest) ? null : bytes(`model/${digest}`), bytes(`bundle/${handle}`)]);
    if (model) models.set(digest, reader.readModelBundle(model));
    return photo && models.has(digest) ? reader.readExplanationBundle(photo, models.get(digest)) : null;
  }
  /** @returns {Promise<Second>} */
  async function explained(/** @type {ExplainFacts} */ x, /** @type {string} */ model) {
    const { example, upload, file } = /** @type {PhotoSource} */ (x.source || { example: x.example || "" });
    const facts = await store.call("explain", { ...(example ? { example } : { upload, file }), model, keep: true }, () => s.x === x);
    if (!facts || facts.error) throw new Error(facts?.error || UNANSWERED);
    return { facts, explanation: await read(facts).catch(() => null) };
  }
  function second(/** @type {string} */ model) {
    const { x } = s;
    const key = `${x.handle}/${model}`;
    const known = seconds.get(key) || explained(x, model);
    seconds.delete(key);
    seconds.set(key, known);
    known.catch(() => seconds.delete(key)); // another try may have it
    if (seconds.size > MOST_KEPT) seconds.delete([...seconds.keys()][0]);
    return known;
  }

  /**
   * @template T
   * @param {string} model
   * @param {(pair: object) => Promise<T | null>} ask pair: what tells of the other explanation
   * @param {(sentence: string) => void} fail
   */
  async function asked(model, ask, fail) {
    const { x } = s;
    try {
      const { facts, explanation } = await store.during(() => second(model));
      if (s.x !== x) return null;
      const here = explanation && store.here.compare;
      const answer = await ask(here ? { second: explanation, titles: [x.model_title, facts.model_title] } : { other: facts.handle });
      return answer && { answer, facts };
    } catch (error) {
      if (s.x === x) fail(error instanceof Error ? error.message : UNANSWERED);
      return null;
    }
  }

  return {
    compare: (model, fail) => asked(model, (pair) => store.ask("compare", { true_class: s.x.true_class, ...pair }, fail), fail),
    beside: (model, attribute, kind, fail) => asked(model, (pair) => store.ask("beside", { attribute, kind, ...pair }, fail), fail),
  };
})();
