// @ts-check
// How the page begins: panels are drawn at once, from bundles. Gradio comes later, out of sight; when it has a place for every panel of
// the open tab, what has been drawn moves there as it is, with every edit and the focus.
(() => {
  "use strict";
  const z = zslviz;
  const AGAIN_MS = 500;
  const BLANK_MS = 3000; // as long as the first example may take before the page is shown without it
  const HIDDEN = "position: absolute; top: 0; left: 0; right: 0; visibility: hidden"; // it is laid out, so that it knows its sizes
  const shell = /** @type {HTMLElement} */ (document.getElementById("zv-shell"));
  /** @type {Map<string, HTMLElement>} */
  const places = new Map(); // in gradio, by TAB/NAME
  /** @type {Map<string, HTMLElement>} */
  const drawn = new Map(); // panels, by TAB/NAME
  let open = "";
  let held = false; // by a pointer
  let gone = !shell; // whether all is in gradio
  /** @type {HTMLElement | null} */
  let gradio = null;

  const itemOf = (/** @type {string} */ tab) => z.draw.finder(shell)(`.tabitem[data-tab="${tab}"]`);
  const panelsIn = (/** @type {ParentNode} */ item) => /** @type {HTMLElement[]} */ ([...item.querySelectorAll(".zv-live")]);
  // Every panel of a tab, whether it is drawn or not.
  function allOf(/** @type {string} */ tab) {
    const template = itemOf(tab).querySelector("template");
    const names = panelsIn(template ? template.content : itemOf(tab)).map(({ dataset }) => `${tab}/${dataset.panel}`);
    return names.length ? names : namesOf(tab);
  }
  const namesOf = (/** @type {string} */ tab) => [...drawn.keys()].filter((key) => key.startsWith(`${tab}/`));

  // Draws the panels of a tab, if they are not there yet.
  function draw(/** @type {string} */ tab) {
    const item = itemOf(tab);
    const template = item.querySelector(":scope > template");
    if (template instanceof HTMLTemplateElement) template.replaceWith(template.content);
    if (namesOf(tab).length) return;
    for (const element of panelsIn(item)) {
      drawn.set(`${tab}/${element.dataset.panel}`, element);
    }
    for (const key of namesOf(tab)) {
      z.mount(/** @type {keyof Tabs} */ (tab), key.slice(tab.length + 1), /** @type {HTMLElement} */ (drawn.get(key)));
    }
  }

  function show(/** @type {string} */ tab) {
    open = tab;
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (shell.querySelectorAll(".tabitem"))) item.hidden = item.dataset.tab !== tab;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (shell.querySelectorAll("[role=tab]"))) {
      button.setAttribute("aria-selected", String(button.dataset.tabId === tab));
      button.classList.toggle("selected", button.dataset.tabId === tab);
    }
    draw(tab);
    move();
  }

  z.begun = {};
  z.begin = ({ tabs, modules }) => {
    Object.assign(z, { begun: tabs, modules });
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (shell.querySelectorAll("[role=tab]"))) {
      button.addEventListener("click", () => show(String(button.dataset.tabId)));
    }
    const [first] = Object.keys(tabs);
    shell.classList.toggle("zv-blank", tabs[first].examples.length > 0);
    z.tabs[/** @type {keyof Tabs} */ (first)].on("explained", unveil);
    setTimeout(unveil, BLANK_MS);
    show(first);
    bring();
  };

  const unveil = () => shell.classList.remove("zv-blank");

  // -- gradio -------------------------------------------------------------------------------------------------------
  // Its document, once the server has it: its scripts and styles join this one, its element waits out of sight.
  async function bring() {
    for (;;) {
      const answer = await fetch(new URL("?gradio", document.baseURI), { cache: "no-store" }).catch(() => null);
      const text = answer?.ok ? await answer.text().catch(() => "") : "";
      if (text) return join(new DOMParser().parseFromString(text, "text/html"));
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
  const style = document.getElementById("zv-style");
  new MutationObserver((changes) => {
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
    if (style && added.some((node) => node !== style && (node instanceof HTMLLinkElement || node instanceof HTMLStyleElement))) {
      document.head.append(style);
    }
  }).observe(document.head, { childList: true });

  z.take = (tab, name, place, server) => {
    z.tabs[tab].servers.push(server);
    places.set(`${tab}/${name}`, place);
    if (allOf(tab).every((key) => places.has(key))) z.tabs[tab].serve();
    if (gone) move();
    else queueMicrotask(move);
  };

  // Moves what is drawn to its places, when gradio has one for every panel of the open tab and no pointer holds anything.
  function move() {
    if (gone) {
      for (const [key, place] of places) settle(key, place);
      return;
    }
    if (!gradio || held || !namesOf(open).every((key) => places.has(key))) {
      if (gradio) select(open);
      return;
    }
    const scroll = scrollY;
    gradio.setAttribute("style", gradio.dataset.style || "");
    for (const [key, place] of places) settle(key, place);
    gone = true;
    shell.remove();
    if (scrollY !== scroll) scrollTo(scrollX, scroll);
    document.dispatchEvent(new Event("zv-moved"));
  }

  // Gradio draws a tab when it is first selected.
  function select(/** @type {string} */ tab) {
    const button = gradio?.querySelector(`[role=tab][data-tab-id="${tab}"]`);
    if (button instanceof HTMLElement && button.ariaSelected !== "true") button.click();
  }

  function settle(/** @type {string} */ key, /** @type {HTMLElement} */ place) {
    const element = drawn.get(key) || made(key);
    if (element.parentElement === place) return;
    const focused = element.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = [...element.querySelectorAll("*")].filter((one) => one.scrollTop).map((one) => /** @type {const} */ ([one, one.scrollTop]));
    place.replaceChildren();
    if ("moveBefore" in place && element.isConnected) /** @type {any} */ (place).moveBefore(element, null);
    else place.append(element);
    for (const [one, top] of scrolled) one.scrollTop = top;
    if (focused instanceof HTMLElement && document.activeElement !== focused) focused.focus({ preventScroll: true });
    if (drawn.get(key) === element) return;
    drawn.set(key, element);
    const [tab, name] = key.split("/");
    z.mount(/** @type {keyof Tabs} */ (tab), name, element);
  }

  // A panel of a tab that was not open before gradio came.
  function made(/** @type {string} */ key) {
    const [tab, name] = key.split("/");
    const template = itemOf(tab).querySelector("template");
    const from = /** @type {ParentNode} */ (template ? template.content : itemOf(tab));
    const element = from.querySelector(`.zv-live[data-panel="${name}"]`);
    return /** @type {HTMLElement} */ (document.importNode(/** @type {Node} */ (element), true));
  }

  addEventListener("pointerdown", () => (held = true), true);
  for (const name of ["pointerup", "pointercancel", "blur"]) {
    addEventListener(name, () => {
      held = false;
      if (!gone) setTimeout(move); // whoever listens for it comes first
    }, true);
  }
})();
