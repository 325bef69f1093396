// @ts-check
// Asks what it would take: a worker of the page, else the page itself, else the server.
zslviz.tabs.explain.taking = (() => {
  "use strict";
  const { tabs: { explain: store } } = zslviz;
  const s = store.state;
  const SLOW_MS = 10_000; // without an answer before a worker is given up
  /** @type {Map<number, (answer: TakeAnswer | null) => void>} */
  const waiting = new Map();
  /** @type {Promise<Worker | null> | null} */
  let hired = null; // of null: there can be none
  let [number, given] = [0, ""]; // given: the handle whose bundle the worker has

  // A worker that is there, with all its modules: from then on it needs no network.
  const hire = () => (hired ||= new Promise((/** @type {(worker: Worker | null) => void} */ resolve) => {
    try {
      const worker = zslviz.bundles.worker("take_worker");
      worker.addEventListener("message", ({ data }) => {
        if (data.ready) return resolve(worker);
        if (data.error) given = "";
        waiting.get(data.number)?.(data.answer || null);
        return waiting.delete(data.number);
      });
      worker.addEventListener("error", () => {
        resolve(null);
        hired = Promise.resolve(null);
        dismiss();
      });
    } catch {
      resolve(null);
    }
  }));

  // Whoever waits is answered by others.
  function dismiss() {
    given = "";
    for (const answered of waiting.values()) answered(null);
    waiting.clear();
  }
  // One that has died without a word, or takes too long: the next question finds another one.
  function giveUp(/** @type {Worker} */ worker) {
    worker.terminate();
    hired = null;
    dismiss();
  }

  /** @type {ExplainStore["taking"]} */
  const taking = async (question) => {
    const { x } = s;
    const parts = store.here.take ? zslviz.bundles.parts(x) : null;
    const invented = s.invented.map(({ name, values }) => ({ name, values }));
    const request = { image_edits: s.image, class_edits: s.classes, gamma: s.gamma, unseen_only: s.unseenOnly, invented };
    const worker = parts && (await hire());
    if (worker && s.x === x) {
      number += 1;
      const mine = number;
      const answer = await new Promise((/** @type {(answer: TakeAnswer | null) => void} */ resolve) => {
        const late = setTimeout(() => waiting.has(mine) && giveUp(worker), SLOW_MS);
        waiting.set(mine, (answer) => {
          clearTimeout(late);
          resolve(answer);
        });
        worker.postMessage({ number: mine, handle: x.handle, parts: given === x.handle ? null : parts, question, request });
        given = x.handle;
      });
      if (answer && s.x === x) return answer;
    }
    return s.x === x ? store.ask("take", question, () => {}) : null;
  };
  taking.begin = async () => void (await hire());
  return taking;
})();
