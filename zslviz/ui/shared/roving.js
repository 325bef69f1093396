// @ts-check
// One stop of the Tab key for a whole list: the arrow keys move in it, Home and End go to its ends.
zslviz.roving = (list, selector) => {
  "use strict";
  const all = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll(selector)].filter((one) => one instanceof HTMLElement && one.offsetParent !== null));
  function stopAt(/** @type {HTMLElement | undefined} */ stop) {
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(selector))) one.tabIndex = one === stop ? 0 : -1;
  }
  list.addEventListener("keydown", (event) => {
    const items = all();
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (at < 0) return;
    const moves = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 };
    const to = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (to === undefined) return;
    event.preventDefault();
    const next = items[Math.min(items.length - 1, Math.max(0, to))];
    stopAt(next);
    next.focus();
  });
  // After the list has changed: the stop is what has the focus, else what is chosen, else the first.
  return () => {
    const items = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(selector))];
    stopAt(items.find((one) => one === document.activeElement) || items.find((one) => one.getAttribute("aria-pressed") === "true") || items[0]);
  };
};
