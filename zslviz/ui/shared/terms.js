// @ts-check
// The "?" beside a word of the page: what it means (`zslviz/ui/terms.py`), below the word, or above it where there is no room. The "?"
// of a card are one stop of the Tab key.
zslviz.explainTerms = (() => {
  "use strict";
  const GAP = 6;
  const ABOUT = ".zv-gamma, .zv-bar-choice, .zv-add, .zv-with-what, .zv-head, summary, label, p";
  /** @type {HTMLElement | null} */
  let asked = null; // whose meaning is shown
  /** @type {WeakMap<HTMLElement, () => void>} */
  const settled = new WeakMap(); // of panels, whose "?" may be drawn anew

  const box = () => document.getElementById("zv-meaning") || made();
  function made() {
    const { element } = zslviz.draw;
    const close = element("button", { type: "button", className: "zv-meaning-close", textContent: "×" });
    close.setAttribute("aria-label", "Close");
    close.addEventListener("click", () => meaning.hidePopover());
    const meaning = element("div", { id: "zv-meaning", tabIndex: -1 }, element("b", { id: "zv-meaning-word" }), element("span", { className: "zv-meaning-field" }),
      close, element("p"));
    meaning.setAttribute("role", "dialog");
    meaning.setAttribute("aria-labelledby", "zv-meaning-word");
    meaning.setAttribute("popover", "auto");
    meaning.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "open") return;
      asked?.setAttribute("aria-expanded", "false");
      if (meaning.contains(document.activeElement) || document.activeElement === document.body) asked?.focus();
      asked = null;
    });
    document.body.append(meaning);
    return meaning;
  }

  function show(/** @type {HTMLElement} */ mark) {
    const meaning = box();
    const find = zslviz.draw.finder(meaning);
    const { word, field, says } = zslviz.terms[mark.dataset.term || ""];
    find("b").textContent = word;
    find(".zv-meaning-field").textContent = field ? ` (${field})` : "";
    find("p").textContent = says;
    asked = mark;
    mark.setAttribute("aria-expanded", "true");
    meaning.showPopover();
    const about = mark.closest(ABOUT) || mark; // with the control that it is the word of
    const [at, line, own] = [mark, about, meaning].map((one) => one.getBoundingClientRect());
    const under = line.bottom + GAP + own.height <= innerHeight || line.top < own.height + GAP;
    const top = under ? line.bottom + GAP : line.top - GAP - own.height;
    const left = Math.min(document.documentElement.clientWidth - own.width - 8, Math.max(8, at.left - 24));
    Object.assign(meaning.style, { top: `${top + scrollY}px`, left: `${left + scrollX}px` });
    meaning.focus({ preventScroll: true });
  }

  document.addEventListener("pointerdown", ({ target }) => {
    // a press on the "?" whose meaning is open closes it, by the popover itself; the click that follows must not open it again
    const mark = target instanceof Element ? target.closest(".zv-what") : null;
    if (mark instanceof HTMLElement) mark.dataset.wasOpen = String(mark === asked);
  }, true);
  document.addEventListener("click", (event) => {
    const mark = event.target instanceof Element ? event.target.closest(".zv-what") : null;
    if (!(mark instanceof HTMLElement)) return;
    event.preventDefault(); // within a label or a summary it is not what they are for
    const was = event.detail > 0 && mark.dataset.wasOpen === "true";
    if (!was && mark !== asked) show(mark);
    else if (mark === asked) box().hidePopover();
  });

  return (panel) => {
    const marks = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll(".zv-what[data-term]")]);
    for (const mark of marks) {
      const { word } = zslviz.terms[mark.dataset.term || ""];
      Object.assign(mark, { type: "button", textContent: "?" });
      mark.setAttribute("aria-label", `What is “${word}”?`);
      mark.setAttribute("aria-haspopup", "dialog");
      mark.setAttribute("aria-expanded", "false");
    }
    if (!marks.length) return;
    const settle = settled.get(panel) || zslviz.roving(panel, ".zv-what");
    settled.set(panel, settle);
    settle();
  };
})();
