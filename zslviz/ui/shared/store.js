// @ts-check
// A store a tab: the visitor's state, and questions about what is shown. It lives here, in one browser tab. What the browser can
// answer by itself it answers; every question to the server brings the state along, so the server need not remember visitors.
(() => {
  "use strict";
  const MOST_TRIES = 6; // of several servers, which of them answers is chance
  const AT_ONCE_MS = 5000; // a question that fails sooner has not been worked on: it may be asked again
  const ALONE = "This file cannot answer that by itself; it takes the page and its server (zslviz serve).";
  const UNANSWERED = "The server did not answer; try again in a moment, or load the page again.";

  // A file that the server has made, from whichever of several servers has it; null if none answers with it.
  async function fetched(/** @type {string} */ path) {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const answer = await fetch(new URL(`gradio_api/file=${path}`, document.baseURI)).catch(() => null);
      if (answer?.ok) return answer.blob();
    }
    return null;
  }

  async function answered(/** @type {Server[string]} */ ask, /** @type {object} */ payload) {
    try {
      return await ask(payload);
    } catch (error) {
      return undefined;
    }
  }

  // What the browser answers by itself: the same answer as the server's, or null with the same sentence; undefined where it cannot.
  /**
   * @param {(payload: any) => any} answer
   * @param {object} payload
   * @param {(sentence: string) => void} fail
   */
  function locally(answer, payload, fail) {
    z.connection.look();
    try {
      return answer(payload);
    } catch (error) {
      fail(error instanceof Error ? error.message : UNANSWERED);
      return null;
    }
  }

  const SHOWN_MS = 1000; // that a tab that is opened may take to be drawn, once it is explained
  // A tab that is opened is shown when all has its place: what is being drawn would move before the eyes.
  /**
   * @param {Store<any, any>} store
   * @param {HTMLElement} board
   */
  function show(store, board, until = performance.now() + SHOWN_MS) {
    if (!board.classList.contains("zv-waiting")) return;
    if (board.querySelector(":scope > .zv-panel:not(:has([data-mounted]))")) return; // its panels come one by one
    const ready = () => store.idle() || performance.now() > until;
    window.zslviz.afterPaint(() => (ready() ? board.classList.remove("zv-waiting") : show(store, board, until)));
  }

  /** @type {Zslviz} */
  const z = (window.zslviz = /** @type {any} */ (/** @type {Pick<Zslviz, "panels" | "tabs" | "mount" | "store">} */ ({
    panels: {},
    tabs: {},

    // Draws a panel of a tab, once its template is on the page; false if its script is still to come. What came before it, it is told.
    mount(tab, name, element) {
      const store = z.tabs[tab];
      const panel = z.panels[`${tab}/${name}`] || z.panels[name];
      if (!panel) return false;
      for (const kept of /** @type {NodeListOf<HTMLTemplateElement>} */ (element.querySelectorAll("template.zv-later"))) kept.replaceWith(kept.content);
      const board = () => /** @type {HTMLElement} */ (element.closest(".zv-board") || element); // a panel of it may be hidden
      store.shown = () => board().offsetParent !== null;
      store.late(() => panel(element, store));
      z.explainTerms(element);
      z.skips();
      if (name === "photo") z.link.mounted(tab, element);
      else {
        element.inert = !store.state.x; // nothing to ask about before the first explanation is there
        store.on("explained", () => (element.inert = false));
      }
      element.dataset.mounted = "";
      if (store.state.x) show(store, board());
      else store.on("explained", () => show(store, board()));
      return true;
    },

    // A tab's store. state: what the visitor has chosen; x joins it, the explanation as the server sent it. question: (state) => what
    // every question to the server brings along, besides the explanation's handle.
    store(name, given, question) {
      /** @type {Record<string, ((detail: any) => void)[]>} */
      const listeners = {};
      /** @type {Map<string, any>} */
      const told = new Map(); // what listeners were told last, by event, the latest event last
      /** @type {[event: string, listener: (detail: any) => void][] | null} */
      let joining = null;
      const state = Object.assign(given, { x: /** @type {any} */ (null) });
      let open = 0; // questions without an answer yet
      /** @type {Record<string, number>} */
      const turns = {}; // how often each question has been asked where only the latest counts
      /** @type {Promise<boolean> | null} */
      let renewing = null;
      /** @type {(there: true) => void} */
      let arrived;
      /** @type {Store<any, any>} */
      const store = {
        name,
        servers: [],
        served: new Promise((resolve) => (arrived = resolve)),
        serve: () => arrived(true),
        here: {},
        shown: () => false,
        examples: [],
        models: [],
        offered: false,
        state,
        on(event, listener) {
          (listeners[event] ||= []).push(listener);
          joining?.push([event, listener]);
        },
        emit(event, detail) {
          told.delete(event);
          if (event !== "asking") told.set(event, detail); // a question that is under way is over by then
          for (const listener of listeners[event] || []) listener(detail);
        },
        // Listeners that come late are told what has been told before.
        late(work) {
          /** @type {NonNullable<typeof joining>} */
          const coming = (joining = []);
          try {
            work();
          } finally {
            joining = null;
          }
          for (const [event, detail] of [...told]) for (const [name, listener] of coming) if (name === event) listener(detail);
        },
        more() {},
        // Asks the server under a name, as soon as it can be reached; undefined where no answer comes, or none is wanted any more.
        async call(what, payload, wanted = () => true) {
          await store.served;
          const server = store.servers.find((one) => typeof one[what] === "function");
          if (!server) return undefined;
          for (let again = true; wanted();) {
            const asked = performance.now();
            const answer = await answered(server[what], payload);
            if (answer !== undefined) return answer;
            const quick = performance.now() - asked < AT_ONCE_MS;
            if (await z.connection.lost()) continue; // it is there again
            if (!again || !quick) break;
            again = false;
          }
          return undefined;
        },
        // The answer, or null: where there is none (`fail` is told the sentence), or another photo has arrived meanwhile.
        // Where the server does not know the photo (it was started anew, or is another one of several), another one may: it is asked
        // again, then the photo is explained again under the same handle. The visitor's choices are here and stay.
        async ask(what, extra = {}, fail = store.notice) {
          const { x } = state;
          const [local, payload] = [store.here[what], { ...question(state), ...extra }];
          const told = x && local ? locally(local, payload, fail) : undefined;
          if (told !== undefined) return told;
          if (x && z.inside) fail(ALONE);
          if (!x || z.inside || (store.servers.length && !store.servers.some((one) => typeof one[what] === "function"))) return null;
          const put = () => store.call(what, { handle: x.handle, ...payload }, () => state.x === x);
          let answer;
          open += 1;
          store.emit("asking", { what, open: 1 });
          try {
            answer = await put();
            for (let tries = 0; answer?.expired && tries < MOST_TRIES; tries += 1) {
              if (state.x !== x) return null;
              if (tries % 2) {
                if (!(await store.renewed(x))) break;
              }
              answer = await put();
            }
          } finally {
            open -= 1;
            store.emit("asking", { what, open: -1 });
          }
          if (state.x !== x) return null;
          if (!answer || answer.error || answer.detail) {
            fail((answer && answer.error) || UNANSWERED);
            return null;
          }
          return answer;
        },
        // Work that `idle` waits for.
        async during(work) {
          open += 1;
          try {
            return await work();
          } finally {
            open -= 1;
          }
        },
        // The same, and null if a later question of this name has been asked meanwhile: an answer that comes late changes nothing.
        async latest(what, extra = {}, fail = store.notice) {
          const turn = (turns[what] = (turns[what] || 0) + 1);
          const newest = () => turns[what] === turn;
          const answer = await store.ask(what, extra, (sentence) => newest() && fail(sentence));
          return newest() ? answer : null;
        },
        // Has x explained again, by the photo's panel (`renew`), once for all who need it; whether it could.
        renewed: (x) => (renewing ||= store.renew(x).finally(() => (renewing = null))),
        renew: async () => false,
        open: async () => {},
        // Work that runs once at a time: called while it runs, it runs once more afterwards, however often it was called. Each call
        // ends when nothing is left to do.
        coalesced(work) {
          let running = false;
          let again = false;
          let all = Promise.resolve();
          return () => {
            again = true;
            if (running) return all;
            running = true;
            return (all = store.during(async () => {
              while (again) {
                again = false;
                await work();
              }
            }).finally(() => (running = false)));
          };
        },
        idle: () => open === 0 && state.x !== null,
        async download(what, extra = {}) {
          const answer = await store.ask("download", { what, ...extra });
          if (!answer) return;
          const file = answer.path ? await fetched(answer.path) : new Blob([answer.text], { type: answer.type });
          if (!file) return store.notice("The file could not be fetched; try again.");
          const link = document.createElement("a");
          link.download = answer.name;
          link.href = URL.createObjectURL(file);
          document.body.append(link);
          link.click();
          link.remove();
          setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
        },
        notice: (sentence) => z.tell.toast(sentence),
      };
      return (/** @type {any} */ (z.tabs)[name] = store);
    },
  })));
})();
