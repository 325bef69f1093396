// @ts-check
// The page by keyboard: links that skip to a part of the open tab, F6 from part to part, and tabs that answer the arrow keys.
zslviz.skips = (() => {
  "use strict";
  // The parts of the open tab that have a heading, in their order.
  const parts = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".zv-board .zv-card")].filter((card) =>
    card instanceof HTMLElement && card.offsetParent && card.querySelector("h2")));
  const headingOf = (/** @type {HTMLElement} */ part) => zslviz.draw.finder(part)("h2");

  // textContent: a tab that was just opened is not shown yet, and what is not shown has no innerText.
  const nameOf = (/** @type {HTMLElement} */ part) => (headingOf(part).textContent || "").replace(/\s+/g, " ").trim().replace(/:$/, "");

  function go(/** @type {HTMLElement} */ part) {
    const heading = headingOf(part);
    heading.tabIndex = -1;
    heading.focus();
  }

  // -- links to skip to them ------------------------------------------------------------------------------------------
  /** @type {WeakMap<HTMLElement, () => void>} */
  const settling = new WeakMap(); // by the nav: the first paint has one of its own
  function fill() {
    const nav = document.querySelector(".zv-skips");
    if (!(nav instanceof HTMLElement) || nav.contains(document.activeElement)) return;
    const settle = settling.get(nav) || zslviz.roving(nav, "a");
    settling.set(nav, settle);
    nav.replaceChildren(...parts().map((part) => {
      const link = zslviz.draw.element("a", { href: "#", textContent: `Skip to ${nameOf(part)}` });
      link.addEventListener("click", (event) => {
        event.preventDefault();
        go(part);
      });
      return link;
    }));
    settle();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab") fill(); // they are of the tab that is open now
    else if (event.key === "F6") {
      const all = parts();
      const at = all.findIndex((part) => part.contains(document.activeElement));
      const next = all[at + (event.shiftKey ? -1 : 1)];
      if (!next) return; // beyond the first and the last part are the browser's own
      event.preventDefault();
      go(next);
    }
  });

  // -- tabs --------------------------------------------------------------------------------------------------------------
  const tabs = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[role="tablist"] [role="tab"]')].filter((tab) =>
    tab instanceof HTMLElement && tab.offsetParent && getComputedStyle(tab).visibility !== "hidden"));
  const stop = () => tabs().forEach((tab) => (tab.tabIndex = tab.ariaSelected === "true" ? 0 : -1));
  document.addEventListener("keydown", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest('[role="tablist"]')) return; // nothing is laid out for other keys
    const all = tabs();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 };
    const to = at < 0 ? undefined : moves[/** @type {keyof typeof moves} */ (event.key)];
    if (to === undefined) return;
    event.preventDefault();
    const next = all[(to + all.length) % all.length];
    next.click();
    next.focus();
  });
  document.addEventListener("focusin", ({ target }) => {
    if (target instanceof Element && target.closest(".zv-skips, [role=tablist]")) stop();
  });
  // a tab that is opened is seen, where they scroll
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element) target.closest("[role=tab]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  // Once what has been drawn is painted: where parts lie is not asked for while others are still drawn.
  let due = false;
  return () => {
    if (due) return;
    due = true;
    zslviz.afterPaint(() => {
      due = false;
      fill();
    });
  };
})();
