// @ts-check
// The test photos of a model: their vectors are fetched when something is first asked of them; from then on nothing is asked.
zslviz.tabs.explain.testPhotos = (() => {
  "use strict";
  const store = zslviz.tabs.explain;
  const { state: s } = store;
  const PORTION_MS = 8; // of work between two frames
  /** @type {Map<string, Promise<WholeSet | null>>} */
  const sets = new Map(); // by model

  function opened() {
    const { x } = s;
    const known = sets.get(x.model);
    if (known) return known;
    const fetched = fetchSet(x);
    sets.set(x.model, fetched);
    fetched.catch(() => null).then((whole) => whole || sets.delete(x.model)); // it is asked for again
    return fetched;
  }
  async function fetchSet(/** @type {ExplainStore["state"]["x"]} */ x) {
    const told = await store.ask("tested", { model: x.model }, () => {});
    if (!told?.address) return null;
    const answer = await fetch(new URL(told.address, document.baseURI)).catch(() => null);
    const content = answer?.ok ? await answer.arrayBuffer().catch(() => null) : null;
    if (!content || s.x !== x || !store.here.whole_set) return null;
    const whole = store.here.whole_set(content);
    for (let done = false; !done;) {
      const end = performance.now() + PORTION_MS;
      while (!done && performance.now() < end) done = whole.prepare(1);
      if (!done) await new Promise((resolve) => setTimeout(resolve));
    }
    return whole;
  }

  const FETCHING = "The test photos are being fetched …";
  const NONE = "This model came without its test photos.";

  /** @type {ExplainStore["testPhotos"]} */
  return {
    async retest(says) {
      const { x } = s;
      if (!sets.has(x.model)) says(FETCHING);
      const whole = store.here.whole_set ? await opened().catch(() => null) : null;
      if (s.x !== x) return null;
      const [asked, edits] = [s.ranking.classes[0].index, { class_edits: s.classes, invented: s.invented }];
      const found = whole && store.here.retest ? store.here.retest({ whole, ...edits, image_edits: s.image, gamma: s.gamma, unseen_only: s.unseenOnly, asked })
        : store.here.whole_set ? null : await store.ask("retest", { asked }, says);
      if (s.x !== x) return null;
      if (!found && store.here.whole_set) says(NONE);
      return found && { found, whole, edits };
    },
  };
})();
