// @ts-check
// Asks what it would take: a worker of the page, else the page itself, else the server.
zslviz.tabs.explain.taking = (() => {
  "use strict";
  const { tabs: { explain: store } } = zslviz;
  const s = store.state;
  /** @type {Map<number, (answer: TakeAnswer | null) => void>} */
  const waiting = new Map();
  /** @type {Worker | null | undefined} */
  let worker; // null: there can be none
  let number = 0;

  function hired() {
    if (worker !== undefined) return worker;
    try {
      worker = zslviz.bundles.worker("take_worker");
      worker.addEventListener("message", ({ data }) => {
        waiting.get(data.number)?.(data.answer || null);
        waiting.delete(data.number);
      });
      worker.addEventListener("error", () => {
        worker = null;
        for (const answered of waiting.values()) answered(null);
        waiting.clear();
      });
    } catch {
      worker = null;
    }
    return worker;
  }

  /** @type {ExplainStore["taking"]} */
  return async (question) => {
    const { x } = s;
    const own = store.here.take && x.bundle ? hired() : null;
    const request = { image_edits: s.image, class_edits: s.classes, gamma: s.gamma, unseen_only: s.unseenOnly };
    if (own) {
      const [model, photo] = zslviz.bundles.parts(x);
      number += 1;
      const mine = number;
      const answer = await new Promise((/** @type {(answer: TakeAnswer | null) => void} */ resolve) => {
        waiting.set(mine, resolve);
        own.postMessage({ number: mine, model, photo, question, request });
      });
      if (s.x !== x) return null;
      if (answer) return answer;
    }
    return store.ask("take", question, () => {});
  };
})();
