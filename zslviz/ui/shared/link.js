// @ts-check
// The state of the open tab in the page's address: written as it changes, and put back by a link, a reload, Back and Forward.
// A photo, a model or a tab that is chosen is a step of the browser's history; edits change the step that they belong to.
zslviz.link = (() => {
  "use strict";
  const { codec } = zslviz;
  const WRITE_MS = 250;
  const LATE = "zslviz-late";
  const ALONE = "photo"; // what the one photo of a report is called (ui/report.py)
  /** @typedef {{ address: string, state: object }} Left */
  /** @typedef {{ step: string, tabs: Record<string, string>, own: Record<string, PhotoSource> }} Remembered the step; the other tabs; one's own photos */
  /** @type {Record<string, LinkedTab>} */
  const joined = {};
  /** @type {Record<string, LinkParts>} */
  const pending = {}; // what is still to be put back, by tab
  let home = ""; // what the page opened with by itself: its address needs no link
  let following = ""; // the address that is being put back
  /** @type {string[]} */
  const toSay = [];
  let placed = ""; // tab, photo and model of the present step
  let timer = 0;
  let step = ""; // of the browser's history, the present one
  /** @type {Map<string, Left>} */
  const late = new Map(); // steps that were left before they were written

  const remembered = () => /** @type {Remembered} */ (history.state?.zslviz || { step: "", tabs: {}, own: {} });
  const storeOf = (/** @type {string} */ tab) => /** @type {LinkedStore} */ (/** @type {any} */ (zslviz.tabs)[tab]);
  const shown = () => Object.keys(joined).find((tab) => storeOf(tab).shown()) || "";
  const sourceOf = (/** @type {PhotoFacts} */ x) => x.source || { example: x.example || "" };
  const placeOf = (/** @type {string} */ tab) => {
    const { x } = storeOf(tab).state;
    return x ? JSON.stringify([tab, sourceOf(x).example || x.handle, x.model]) : "";
  };

  // -- from the address -----------------------------------------------------------------------------------------------------
  function arrive() {
    const asked = codec.parse(location.hash || document.documentElement.dataset.zvLink || "");
    if (asked.ours) pending[asked.tab] = asked;
    else if (asked.problems.length) toSay.push(`This link opens the page as it is: ${asked.problems[0]}.`);
    for (const [tab, text] of Object.entries(remembered().tabs)) pending[tab] ||= codec.parse(text);
    return asked;
  }
  const valueOf = (/** @type {LinkParts | undefined} */ parts, /** @type {string} */ key) => parts?.parts.get(key)?.[0] || "";
  const slugOf = (/** @type {string} */ file) => codec.slug(file.replace(/\.\w+$/, ""));
  const nameOf = (/** @type {LinkedStore} */ store, /** @type {string} */ file) =>
    store.examples.find((one) => one.file === file)?.link || slugOf(file);

  // Before the panels draw a photo that has arrived: its state as it is asked for. Returns what to do once they have.
  function putBack(/** @type {string} */ tab) {
    const [store, spec, parts] = [storeOf(tab), joined[tab], pending[tab]];
    const { x } = store.state;
    const { values, lost } = codec.read(parts, spec.fields, spec.names(x, parts));
    const { example, upload } = sourceOf(x);
    const problems = [...parts.problems, ...lost];
    if (values.example && values.example !== (example && nameOf(store, example))) problems.push(`there is no photo “${values.example.slice(0, 40)}”`);
    if (values.own && !upload) problems.push("it was made with a photo of somebody’s own, which no link holds");
    if (values.model && values.model !== x.model) {
      problems.push(`there is no model “${values.model.slice(0, 40)}”`);
      for (const field of spec.ofModel) delete values[field];
    } else if (values.check && values.check !== codec.digest(spec.check(x))) problems.push("its model has been changed since, so its ranking may be another one");
    const settle = spec.restore(values);
    return () => {
      settle();
      const sentence = codec.sentence(problems);
      if (sentence) toSay.push(sentence);
      placed = placeOf(tab); // no step of its own
    };
  }
  function say() {
    if (toSay.length) zslviz.tell.toast(toSay.splice(0).join(" "));
  }

  // Another address, by hand or by Back and Forward.
  function follow() {
    arriveAt(remembered().step);
    if (following === (location.hash || "#") || location.hash === addressOf(shown())) return;
    clearTimeout(timer);
    timer = 0;
    const asked = codec.parse(location.hash || home);
    if (asked.tab in zslviz.begun && !joined[asked.tab]) return void zslviz.rest().then(follow);
    if (!asked.ours || !joined[asked.tab]) {
      if (asked.problems.length || asked.ours) zslviz.tell.toast(`This link changes nothing: ${asked.problems[0] || "it is of no tab of this page"}.`);
      return;
    }
    following = location.hash || "#";
    look(asked);
    open(asked.tab);
    const store = storeOf(asked.tab);
    pending[asked.tab] = asked;
    if (!store.state.x) return; // it is put back when its first photo is there
    const own = remembered().own[asked.tab];
    const [example, model] = [valueOf(asked, "p"), valueOf(asked, "m") || store.state.x.model];
    const now = sourceOf(store.state.x);
    const same = example ? now.example && nameOf(store, now.example) === example : !own || own.upload === now.upload;
    const there = store.examples.find((one) => one.link === example);
    if ((same || !(there || own)) && model === store.state.x.model) store.explained(store.state.x);
    else store.open({ ...(there ? { example: there.file } : same || !own ? now : own), model }).then(() => given(asked.tab, asked));
  }
  // Another step of the history is there. What changed in the one before and was not written yet is kept for when one comes back.
  function arriveAt(/** @type {string} */ next) {
    if (next === step) return;
    leave();
    step = next;
    takeUp();
  }
  function keep() {
    if (!step || !writable()) return;
    late.delete(step); // so that it is the last
    late.set(step, written(shown(), step));
  }
  const leave = () => timer && keep();
  function takeUp() {
    const kept = late.get(step);
    if (!kept) return;
    late.delete(step);
    history.replaceState(kept.state, "", kept.address); // at once: what follows is read from it
  }
  // A browser that goes on to another page, or loads this one again, has decided where to before it lets itself be told: what was
  // written since then is lost like what was not.
  function put() {
    keep();
    try {
      if (late.size) sessionStorage.setItem(LATE, JSON.stringify([...late]));
    } catch {} // it keeps nothing: what was done in the last moment is lost
  }
  function fetchPut() {
    try {
      for (const [one, left] of JSON.parse(sessionStorage.getItem(LATE) || "[]")) late.set(one, left);
      sessionStorage.removeItem(LATE);
      // Where the page was written to its address while it waited to be loaded again, the browser has forgotten the step.
      const [come] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
      if (!step && come?.type === "reload") step = [...late.keys()].pop() || "";
    } catch {}
    takeUp();
  }
  // What could not be put back (its photo has not come) is not waited for any more.
  function given(/** @type {string} */ tab, /** @type {LinkParts} */ asked) {
    if (pending[tab] !== asked) return;
    delete pending[tab];
    following = "";
  }

  // A tab by its name: its button, or its line in the menu of those for which the page is too narrow.
  function open(/** @type {string} */ tab) {
    if (shown() === tab) return;
    const all = [...document.querySelectorAll(".tab-container.visually-hidden button")].map((one) => one.textContent?.trim());
    const title = all[Object.keys(zslviz.tabs).indexOf(tab)];
    const line = [...document.querySelectorAll(".overflow-dropdown button")].find((one) => one.textContent?.trim() === title);
    const button = document.querySelector(`[role=tab][data-tab-id="${tab}"]`) || line;
    if (button instanceof HTMLElement) button.click();
  }

  // -- to the address -------------------------------------------------------------------------------------------------------
  function headOf(/** @type {string} */ tab) {
    const store = storeOf(tab);
    const { x } = store.state;
    const { example } = sourceOf(x);
    return { ...(example ? { example: nameOf(store, example) } : { own: true }), model: x.model, check: codec.digest(joined[tab].check(x)) };
  }
  /** @param {string} tab @param {object} [view] @param {object} [head] */
  function textOf(tab, view = look.view, head = headOf(tab)) {
    const spec = joined[tab];
    return codec.write(tab, spec.fields, { ...head, ...spec.linked(), ...view }, spec.names(storeOf(tab).state.x));
  }
  function addressOf(/** @type {string} */ tab) {
    if (!tab || !storeOf(tab).state.x) return "";
    const text = textOf(tab);
    return text === home ? "" : `#${text}`;
  }
  function writable(tab = shown()) {
    return tab !== "" && storeOf(tab).state.x && !pending[tab] && location.protocol !== "about:"; // a frame without an address of its own
  }
  // A step of the history as it is to be.
  function written(/** @type {string} */ tab, /** @type {string} */ name) {
    const others = Object.keys(joined).filter((one) => one !== tab && storeOf(one).state.x);
    const own = Object.fromEntries([tab, ...others].flatMap((one) => {
      const { upload, file } = sourceOf(storeOf(one).state.x);
      return upload ? [[one, { upload, file }]] : [];
    }));
    /** @type {Remembered} */
    const zslviz = { step: name, tabs: Object.fromEntries(others.map((one) => [one, textOf(one)])), own };
    const here = location.pathname + location.search; // a hash alone would be taken from the base, without what is asked for after "?"
    return { state: { ...history.state, zslviz }, address: here + addressOf(tab) };
  }
  function write() {
    clearTimeout(timer);
    timer = 0;
    const tab = shown();
    if (!writable(tab)) return;
    const place = placeOf(tab);
    const another = placed !== "" && placed !== place;
    late.delete(step);
    if (another || !step) step = `${Date.now()}-${Math.random()}`;
    const { state, address } = written(tab, step);
    if (another) history.pushState(state, "", address);
    else history.replaceState(state, "", address);
    placed = place;
  }
  const soon = () => void (timer ||= window.setTimeout(write, WRITE_MS));

  // -- what the page shows of itself --------------------------------------------------------------------------------------------
  const PARTS = zslviz.hiding.parts();
  const style = document.head.appendChild(document.createElement("style"));
  function look(/** @type {LinkParts} */ { view: { hide = [], present = false, embed = "" }, problems }) {
    for (const name of hide) if (!Object.hasOwn(PARTS, name)) problems.push(`“${name.slice(0, 20)}” cannot be left out`);
    if (embed && !/^[a-z]{1,20}$/.test(embed)) problems.push(`“${embed.slice(0, 20)}” cannot stand alone`);
    look.view = { hide: hide.filter((name) => Object.hasOwn(PARTS, name)), present, embed: /^[a-z]{1,20}$/.test(embed) ? embed : "" };
    const alone = look.view.embed ? `:root .zv-board > :not(.zv-at-${look.view.embed}) { display: none !important; }` : "";
    style.textContent = look.view.hide.map((name) => `:root:root:root :is(${PARTS[name].selector}) { display: none !important; }`).join("\n") + alone;
    const { dataset } = document.documentElement;
    dataset.zvPresent = present ? "on" : "";
    dataset.zvEmbed = look.view.embed;
  }
  look.view = /** @type {Required<LinkView>} */ ({ hide: [], present: false, embed: "" });
  // A page around this one is told how high the panel is that stands alone.
  function tell(/** @type {Element} */ board) {
    if (!look.view.embed || window.parent === window) return;
    const height = Math.ceil(board.getBoundingClientRect().bottom + window.scrollY);
    if (height) window.parent.postMessage({ zslviz: "height", height }, "*");
  }

  step = remembered().step;
  fetchPut();
  const first = arrive();
  look(first);
  window.addEventListener("pagehide", put);
  window.addEventListener("popstate", follow);
  window.addEventListener("hashchange", follow);

  /** @type {Link} */
  const link = {
    opening: () => ({ tab: first.tab, example: valueOf(first, "p"), model: valueOf(first, "m") }),
    first(tab) {
      const [parts, own] = [pending[tab], remembered().own[tab]];
      if (own && (!parts || valueOf(parts, "own"))) return { ...own, model: valueOf(parts, "m") };
      return parts ? { link: valueOf(parts, "p"), model: valueOf(parts, "m") } : {};
    },
    chosen: (tab) => void delete pending[tab],
    // Words that a link holds, as far as they can be added: a file has no server that knows their vectors.
    words(linked) {
      if (!zslviz.inside || !linked.length) return linked;
      zslviz.tell.toast(`This file was made without the words that were typed: ${linked.join(", ")}.`);
      return [];
    },
    named(all, name) {
      const fold = (/** @type {string} */ one) => one.normalize("NFC").trim().toLowerCase();
      return all.find((one) => one.own === name) || all.find((one) => one.name === name) || all.find((one) => [one.own, one.name].map(fold).includes(fold(name)));
    },
    join(tab, spec) {
      const store = storeOf(tab);
      joined[tab] = spec;
      Object.assign(store, { linked: spec.linked, restore: spec.restore, python: spec.python });
      /** @type {(() => void) | null} */
      let settle = null;
      store.on("explained", () => {
        settle = pending[tab] ? putBack(tab) : null;
        delete pending[tab];
      });
      const { explained, emit } = store;
      store.explained = (x) => {
        if (timer) write(); // what was there before
        explained(x);
        following = "";
        if (!first.ours && !placed) home ||= textOf(tab);
        settle?.();
        settle = null;
        say();
        soon();
      };
      store.emit = (event, detail) => {
        emit(event, detail);
        if (event !== "asking") soon();
      };
    },
    // Once a panel is on the page.
    parts: PARTS,
    mounted(tab, element) {
      zslviz.share.place();
      if (first.ours && !joined[first.tab]) {
        toSay.push("This link is of a tab that this page does not have.");
        first.ours = false;
      }
      const board = element.closest(".zv-board");
      if (!board) return;
      new ResizeObserver(() => {
        if (!storeOf(tab).shown()) return;
        zslviz.share.settle();
        soon();
        tell(board);
      }).observe(board);
      if (first.tab && first.tab !== tab && joined[first.tab] && !placed) open(first.tab);
    },
    // The address of what the open tab shows, whole; own: whether its photo is one's own, which is not in it.
    address(view = look.view) {
      const tab = shown();
      const text = textOf(tab, view);
      return { url: `${location.origin}${location.pathname}#${text}`, own: !sourceOf(storeOf(tab).state.x).example, long: text.length > codec.MOST };
    },
    alone: () => textOf(shown(), {}, { example: ALONE, model: storeOf(shown()).state.x.model }),
    tab: shown,
  };
  return link;
})();
