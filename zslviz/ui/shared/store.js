// @ts-check
// A store a tab: the visitor's state, and questions to the server. It lives here, in one browser tab; every question brings the state
// along, so the server need not remember visitors.
(() => {
  "use strict";
  const MERGE_MS = 900; // changes of one value within this time are one step of a history
  const MOST_STEPS = 500;
  const MOST_TRIES = 6; // of several servers, which of them answers is chance
  const UNANSWERED = "The server did not answer; try again in a moment, or load the page again.";

  // A file that the server has made, from whichever of several servers has it; null if none answers with it.
  async function fetched(/** @type {string} */ path) {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const answer = await fetch(new URL(`gradio_api/file=${path}`, document.baseURI)).catch(() => null);
      if (answer?.ok) return answer.blob();
    }
    return null;
  }

  /** @type {Zslviz} */
  const z = (window.zslviz = /** @type {any} */ (/** @type {Pick<Zslviz, "panels" | "tabs" | "mount" | "store" | "history">} */ ({
    panels: {},
    tabs: {},

    // Draws a panel of a tab, once gradio has put its template on the page.
    mount(tab, name, element, gradio) {
      const store = z.tabs[tab];
      if (gradio.server) store.servers.push(gradio.server);
      (z.panels[`${tab}/${name}`] || z.panels[name])(element, gradio, store);
      if (name === "photo") return;
      element.inert = !store.state.x; // nothing to ask about before the first explanation is there
      store.on("explained", () => (element.inert = false));
    },

    // A tab's store. state: what the visitor has chosen; x joins it, the explanation as the server sent it. question: (state) => what
    // every question to the server brings along, besides the explanation's handle.
    store(name, given, question) {
      /** @type {Record<string, ((detail: any) => void)[]>} */
      const listeners = {};
      const state = Object.assign(given, { x: /** @type {any} */ (null) });
      let open = 0; // questions without an answer yet
      /** @type {Promise<boolean> | null} */
      let renewing = null;
      /** @type {Store<any, any>} */
      const store = {
        servers: [],
        examples: [],
        state,
        on(event, listener) {
          (listeners[event] ||= []).push(listener);
        },
        emit(event, detail) {
          for (const listener of listeners[event] || []) listener(detail);
        },
        // Asks the server under a name; undefined where no answer comes.
        async call(what, payload) {
          const server = store.servers.find((one) => typeof one[what] === "function");
          if (!server) return undefined;
          try {
            return await server[what](payload);
          } catch (error) {
            return undefined;
          }
        },
        // The server's answer, or null: where it has none (`fail` is told the sentence), or another photo has arrived meanwhile.
        // Where the server does not know the photo (it was started anew, or is another one of several), another one may: it is asked
        // again, then the photo is explained again under the same handle. The visitor's choices are here and stay.
        async ask(what, extra = {}, fail = store.notice) {
          const { x } = state;
          if (!x || !store.servers.some((one) => typeof one[what] === "function")) return null;
          const put = () => store.call(what, { handle: x.handle, ...question(state), ...extra });
          let answer;
          open += 1;
          try {
            answer = await put();
            for (let tries = 0; answer?.expired && tries < MOST_TRIES; tries += 1) {
              if (state.x !== x) return null;
              if (tries % 2) {
                renewing ||= store.renew(x).finally(() => (renewing = null));
                if (!(await renewing)) break;
              }
              answer = await put();
            }
          } finally {
            open -= 1;
          }
          if (!answer || answer.error || answer.detail) {
            fail((answer && answer.error) || UNANSWERED);
            return null;
          }
          return state.x === x ? answer : null;
        },
        // The photo's panel has x explained again; whether it could.
        renew: async () => false,
        // Work that runs once at a time: called while it runs, it runs once more afterwards, however often it was called.
        coalesced(work) {
          let running = false;
          let again = false;
          return async () => {
            again = true;
            if (running) return;
            running = true;
            open += 1;
            while (again) {
              again = false;
              await work();
            }
            open -= 1;
            running = false;
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
        notice: (sentence) => z.draw.toast(sentence),
      };
      return (/** @type {any} */ (z.tabs)[name] = store);
    },

    // Steps that can be taken back and done again. read: what is remembered of the present state; write: puts it back.
    history(read, write) {
      /** @type {ReturnType<typeof read>[]} */
      const past = [];
      /** @type {ReturnType<typeof read>[]} */
      const future = [];
      let last = { key: "", at: 0 };
      function step(/** @type {typeof past} */ from, /** @type {typeof past} */ to) {
        const remembered = from.pop();
        if (remembered === undefined) return;
        to.push(read());
        last.key = "";
        write(remembered);
      }
      return {
        // Before a change. key: of the value that is about to change, so that moving a slider is one step; "" for a step of its own.
        remember(key = "") {
          const now = performance.now();
          const same = key !== "" && key === last.key && now - last.at <= MERGE_MS;
          last = { key, at: now };
          if (same) return;
          past.push(read());
          if (past.length > MOST_STEPS) past.shift();
          future.length = 0;
        },
        undo: () => step(past, future),
        redo: () => step(future, past),
        canUndo: () => past.length > 0,
        canRedo: () => future.length > 0,
        clear() {
          past.length = future.length = 0;
          last.key = "";
        },
      };
    },
  })));
})();
