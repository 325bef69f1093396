// @ts-check
// What the page says by itself: a sentence over the page that stays until it is closed or something else is done, and what screen
// readers are told of an edit, once all is quiet.
zslviz.tell = (() => {
  "use strict";
  const QUIET_MS = 700; // without anything newer, before it is read out
  /** @type {Map<string, string>} */
  const waiting = new Map(); // what is still to be read out, by whose it is: only the newest of each
  let reading = 0;

  function made() {
    const { element } = zslviz.draw;
    const said = element("p");
    const close = element("button", { type: "button", className: "zv-toast-close", textContent: "×" });
    close.setAttribute("aria-label", "Close this message");
    close.addEventListener("click", hide);
    const toast = element("div", { id: "zv-toast", role: "alert", hidden: true }, said, close);
    document.body.append(toast);
    return toast;
  }
  const shown = () => document.getElementById("zv-toast") || made();
  function hide() {
    const toast = shown();
    toast.hidden = true;
    document.body.style.removeProperty("--zv-told");
    document.removeEventListener("pointerdown", elsewhere, true);
    document.removeEventListener("keydown", elsewhere, true);
  }
  // Whatever is done next answers it: it is not in the way then.
  function elsewhere(/** @type {Event} */ event) {
    const inside = event.target instanceof Node && shown().contains(event.target);
    const moving = event instanceof KeyboardEvent && ["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key);
    if (!inside && !moving) hide();
  }

  return {
    toast(sentence) {
      const toast = shown();
      zslviz.draw.finder(toast)("p").textContent = sentence;
      toast.hidden = false;
      document.body.style.setProperty("--zv-told", `${toast.offsetHeight}px`); // the page's end can be scrolled above it
      document.addEventListener("pointerdown", elsewhere, true);
      document.addEventListener("keydown", elsewhere, true);
    },
    announce(whose, sentence) {
      let region = document.getElementById("zv-announced");
      if (!region) {
        region = zslviz.draw.element("p", { id: "zv-announced", className: "zv-sr", role: "status" });
        document.body.append(region);
      }
      const told = region;
      waiting.set(whose, sentence);
      clearTimeout(reading);
      reading = window.setTimeout(() => {
        zslviz.draw.write(told, [...waiting.values()].filter(Boolean).join(" "));
        waiting.clear();
      }, QUIET_MS);
    },
  };
})();
