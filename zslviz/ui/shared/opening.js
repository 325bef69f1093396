// @ts-check
// How the page begins: panels in sight are drawn at once, from bundles. The rest of the page comes when the first answer is painted, or
// as soon as it is needed: folds, the other tabs, then gradio, out of sight; when it has a place for every panel of the open tab, what
// has been drawn moves there as it is, with every edit and the focus.
(() => {
  "use strict";
  const z = zslviz;
  const AGAIN_MS = 500;
  const BLANK_MS = 3000; // as long as the first example may take before the page is shown without it
  const IDLE_MS = 300; // that the rest waits at most for a moment in which nothing else is done
  const HIDDEN = "position: absolute; top: 0; left: 0; right: 0; visibility: hidden"; // it is laid out, so that it knows its sizes
  const shell = /** @type {HTMLElement} */ (document.getElementById("zv-shell"));
  /** @type {Map<string, HTMLElement>} */
  const places = new Map(); // in gradio, by TAB/NAME
  /** @type {Map<string, HTMLElement>} */
  const boards = new Map(); // with their panels drawn, by tab
  /** @type {WeakSet<HTMLElement>} */
  const drawn = new WeakSet(); // panels
  /** @type {Begun["rest"]} */
  let later = null;
  /** @type {Promise<void> | null} */
  let coming = null;
  let open = "";
  let held = false; // by a pointer
  let gone = !shell; // whether all is in gradio
  /** @type {HTMLElement | null} */
  let gradio = null;

  const itemOf = (/** @type {string} */ tab) => z.draw.finder(shell)(`.tabitem[data-tab="${tab}"]`);
  const panelsIn = (/** @type {ParentNode} */ board) => /** @type {HTMLElement[]} */ ([...board.querySelectorAll(".zv-live")]);
  // What is under a tab, as the document has it.
  function boardOf(/** @type {string} */ tab) {
    const template = /** @type {HTMLTemplateElement | null} */ (itemOf(tab).querySelector(":scope > template")); // not one of a panel
    return boards.get(tab) || z.draw.finder(/** @type {any} */ (template ? template.content : itemOf(tab)))(".zv-board");
  }
  const placed = (/** @type {string} */ tab) => panelsIn(boardOf(tab)).every(({ dataset }) => places.has(`${tab}/${dataset.panel}`));

  // Draws the panels of a tab, whose board is on the page, whose scripts are there; not those that are drawn.
  function draw(/** @type {string} */ tab, /** @type {HTMLElement} */ board) {
    if (boards.has(tab)) return;
    boards.set(tab, board);
    for (const element of panelsIn(board)) drawOne(tab, element);
  }
  function drawOne(/** @type {string} */ tab, /** @type {HTMLElement} */ element) {
    if (tab in z.tabs && !drawn.has(element) && z.mount(/** @type {keyof Tabs} */ (tab), String(element.dataset.panel), element)) drawn.add(element);
  }

  function show(/** @type {string} */ tab) {
    open = tab;
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (shell.querySelectorAll(".tabitem"))) item.hidden = item.dataset.tab !== tab;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (shell.querySelectorAll("[role=tab]"))) {
      button.setAttribute("aria-selected", String(button.dataset.tabId === tab));
      button.classList.toggle("selected", button.dataset.tabId === tab);
    }
    if (!(tab in z.tabs)) z.rest();
    const template = itemOf(tab).querySelector(":scope > template");
    if (template instanceof HTMLTemplateElement) template.replaceWith(template.content);
    draw(tab, boardOf(tab));
    move();
  }

  // -- the rest -------------------------------------------------------------------------------------------------------
  z.rest = () => (coming ||= later ? all(later) : Promise.resolve());
  async function all(/** @type {NonNullable<Begun["rest"]>} */ rest) {
    const there = gradioThere(); // it takes the longest
    await z.fetchRest(rest);
    await Promise.all(Object.values(z.tabs).map((/** @type {Store<any, any>} */ { grown }) => grown));
    const open = (/** @type {HTMLElement} */ element) => Boolean(element.querySelector(":scope > details[open]"));
    for (const [tab, board] of boards) {
      const waiting = panelsIn(board).filter((element) => !drawn.has(element));
      for (const element of waiting.sort((a, b) => Number(open(b)) - Number(open(a)))) {
        drawOne(tab, element);
        await new Promise((resolve) => setTimeout(resolve)); // what a visitor does comes first
      }
    }
    there.then(join);
  }
  // Whoever opens a fold waits for it.
  document.addEventListener("toggle", () => void z.rest(), { capture: true, once: true });
  function inTime() {
    z.showing(true);
    const idle = window.requestIdleCallback || ((/** @type {() => void} */ work) => setTimeout(work));
    z.afterPaint(() => idle(() => void z.rest(), { timeout: IDLE_MS }));
  }

  z.begun = {};
  z.begin = ({ tabs, modules, inside = null, rest = null }) => {
    Object.assign(z, { begun: tabs, modules, inside });
    later = rest;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (shell.querySelectorAll("[role=tab]"))) {
      button.addEventListener("click", () => show(String(button.dataset.tabId)));
    }
    const [first] = Object.keys(tabs);
    z.showing(!tabs[first].examples.length);
    z.tabs[/** @type {keyof Tabs} */ (first)].on("explained", inTime);
    setTimeout(inTime, BLANK_MS);
    const { tab } = z.link.opening();
    if (tab in tabs && tab !== first) z.rest().then(() => show(first)); // a link of another tab opens it as soon as that is there
    else show(first);
  };

  // -- gradio -------------------------------------------------------------------------------------------------------
  // Its document, once the server has it: its scripts and styles join this one, its element waits out of sight.
  async function gradioThere() {
    for (;;) {
      const answer = await fetch(new URL("?gradio", document.baseURI), { cache: "no-store" }).catch(() => null);
      const text = answer?.ok ? await answer.text().catch(() => "") : "";
      if (text) return new DOMParser().parseFromString(text, "text/html");
      if (!answer) await z.connection.lost();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
  function join(/** @type {Document} */ there) {
    gradio = document.importNode(/** @type {HTMLElement} */ (there.querySelector("gradio-app")), true);
    gradio.dataset.style = gradio.getAttribute("style") || "";
    gradio.setAttribute("style", HIDDEN);
    document.body.append(gradio); // behind the page, whose own parts are found first
    for (const node of there.head.querySelectorAll("script, link, style")) {
      const copy = document.createElement(node.tagName);
      for (const { name, value } of node.attributes) copy.setAttribute(name, value);
      copy.textContent = node.textContent;
      document.head.append(copy); // a script that was parsed elsewhere would not run
    }
  }

  // The page's own styles stay the last ones, whatever gradio adds: between equals the last one counts.
  const own = (/** @type {Node} */ node) => node instanceof HTMLStyleElement && node.className === "zv-style";
  new MutationObserver((changes) => {
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
    if (added.some((node) => !own(node) && (node instanceof HTMLLinkElement || node instanceof HTMLStyleElement))) {
      document.head.append(...document.head.querySelectorAll(".zv-style"));
    }
  }).observe(document.head, { childList: true });

  z.take = (tab, name, place, server) => {
    z.tabs[tab].servers.push(server);
    places.set(`${tab}/${name}`, place);
    if (!placed(tab)) return;
    z.tabs[tab].serve();
    if (gone) settle(tab);
    else queueMicrotask(move);
  };

  // Moves what is drawn to its place, when gradio has one for every panel of the open tab and no pointer holds anything.
  function move() {
    if (gone || held || !gradio) return;
    if (!placed(open)) return select(open);
    const scroll = scrollY;
    gradio.setAttribute("style", gradio.dataset.style || "");
    for (const tab of Object.keys(z.begun)) if (placed(tab)) settle(tab);
    for (const part of [".zv-headline", ".zv-header-tools"]) {
      const there = gradio.querySelector(part);
      const here = shell.querySelector(part);
      if (there && here) there.replaceWith(here); // with what has been put into it
    }
    gone = true;
    shell.remove();
    if (scrollY !== scroll) scrollTo(scrollX, scroll);
  }

  // Gradio draws a tab when it is first selected.
  function select(/** @type {string} */ tab) {
    const button = gradio?.querySelector(`[role=tab][data-tab-id="${tab}"]`);
    if (button instanceof HTMLElement && button.ariaSelected !== "true") button.click();
  }

  // The board takes the place of gradio's, as it is: with what listens to it, the focus and what is scrolled.
  function settle(/** @type {string} */ tab) {
    const board = boardOf(tab);
    const there = /** @type {HTMLElement} */ (places.get(`${tab}/photo`)?.closest(".zv-board"));
    if (!there || there === board) return;
    const focused = board.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = [...board.querySelectorAll("*")].filter((one) => one.scrollTop).map((one) => /** @type {const} */ ([one, one.scrollTop]));
    const parent = /** @type {any} */ (there.parentElement);
    if ("moveBefore" in parent && board.isConnected) parent.moveBefore(board, there);
    else parent.insertBefore(document.adoptNode(board), there); // of a template, it is another document's
    there.remove();
    for (const [one, top] of scrolled) one.scrollTop = top;
    if (focused instanceof HTMLElement && document.activeElement !== focused) focused.focus({ preventScroll: true });
    draw(tab, board);
  }

  addEventListener("pointerdown", () => (held = true), true);
  for (const name of ["pointerup", "pointercancel", "blur"]) {
    addEventListener(name, () => {
      held = false;
      if (!gone) setTimeout(move); // whoever listens for it comes first
    }, true);
  }
})();
