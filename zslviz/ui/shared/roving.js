// @ts-check
// One stop of the Tab key for a whole list: the arrow keys move in it, Home and End go to its ends. In a list of several columns up
// and down go to the row above and below.
zslviz.roving = (() => {
  "use strict";
  const KEYS = ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End"];
  /** @type {Set<() => void>} */
  const unsettled = new Set(); // lists whose stop is looked for anew: once they are laid out, but before a key needs it
  function settleAll() {
    const those = [...unsettled];
    unsettled.clear();
    for (const settle of those) settle();
  }
  function soon(/** @type {() => void} */ settle) {
    if (!unsettled.size) zslviz.afterPaint(settleAll);
    unsettled.add(settle);
  }
  document.addEventListener("keydown", settleAll, true);

  /** @type {Zslviz["roving"]} */
  return (list, selector) => {
    const every = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll(selector)]);
    const shown = () => every().filter((one) => one.offsetParent !== null);
    /** @type {{ one: HTMLElement, at: number } | null} */
    let focused = null; // what in the list has, or had, the focus

    function stopAt(/** @type {HTMLElement | undefined} */ stop) {
      for (const one of every()) one.tabIndex = one === stop ? 0 : -1;
    }
    // The nearest one of the next row in a direction; the one itself if there is none.
    function across(/** @type {HTMLElement[]} */ items, /** @type {number} */ at, /** @type {1 | -1} */ way) {
      const boxes = items.map((one) => one.getBoundingClientRect());
      const { top, bottom, left } = boxes[at];
      const beyond = items.map((_, i) => i).filter((i) => (way > 0 ? boxes[i].top >= bottom - 1 : boxes[i].bottom <= top + 1));
      const far = (/** @type {number} */ i) => 1000 * Math.abs(boxes[i].top - top) + Math.abs(boxes[i].left - left);
      return beyond.reduce((best, i) => (best === at || far(i) < far(best) ? i : best), at);
    }
    list.addEventListener("keydown", (event) => {
      // a slider within the list has keys of its own: nothing is laid out for them
      if (!KEYS.includes(event.key) || !every().includes(/** @type {HTMLElement} */ (document.activeElement))) return;
      const items = shown();
      const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      if (at < 0) return;
      const moves = {
        ArrowRight: () => at + 1, ArrowLeft: () => at - 1, ArrowDown: () => across(items, at, 1), ArrowUp: () => across(items, at, -1),
        Home: () => 0, End: () => items.length - 1,
      };
      const to = moves[/** @type {keyof typeof moves} */ (event.key)]?.();
      if (to === undefined) return;
      event.preventDefault();
      const next = items[Math.min(items.length - 1, Math.max(0, to))];
      stopAt(next);
      next.focus();
    });
    document.addEventListener("focusin", ({ target }) => {
      const at = target instanceof Node && list.contains(target) ? shown().indexOf(/** @type {HTMLElement} */ (target)) : -1;
      focused = at < 0 ? null : { one: /** @type {HTMLElement} */ (target), at };
      if (focused) stopAt(focused.one);
    });

    // After the list has changed: the stop is what has the focus, else what is chosen, else the first. The focus is not lost where what
    // had it is no longer there: the one that took its place has it.
    function settle() {
      const items = shown();
      stopAt(items.find((one) => one === document.activeElement) || items.find((one) => one.matches('[aria-pressed="true"], [aria-current="true"]')) ||
        items[0] || every()[0]);
    }
    return () => {
      if (focused && !focused.one.isConnected && document.activeElement === document.body) {
        const items = shown();
        const next = items[Math.min(focused.at, items.length - 1)];
        focused = null;
        next?.focus();
      }
      soon(settle);
    };
  };
})();
