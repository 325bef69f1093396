// @ts-check
// Light or dark: as the system has it, or as the visitor has chosen, whenever she comes back (drawn.py looks before all is painted).
zslviz.colours = (() => {
  "use strict";
  const [KEPT, ASKED] = ["zslviz-theme", "__theme"]; // in the browser's storage; in the address, where it wins
  /** @type {Record<string, string>} */
  const TOLD = { system: "as the system has them", light: "light", dark: "dark" };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const asked = () => new URLSearchParams(location.search).get(ASKED) || "";
  let chosen = asked() || kept();

  function kept() {
    try {
      return localStorage.getItem(KEPT) || "";
    } catch {
      return ""; // it keeps nothing
    }
  }
  function keep(/** @type {string} */ choice) {
    try {
      if (choice === "system") localStorage.removeItem(KEPT);
      else localStorage.setItem(KEPT, choice);
    } catch {} // it holds for this visit
  }
  const now = () => (chosen === "light" || chosen === "dark" ? chosen : "system");
  function apply() {
    const dark = now() === "system" ? system.matches : now() === "dark";
    if (document.body.classList.contains("dark") !== dark) document.body.classList.toggle("dark", dark);
  }
  // Gradio has a theme of its own when it comes; what the address asks for it knows.
  new MutationObserver(() => now() !== "system" && !asked() && apply()).observe(document.body, { attributeFilter: ["class"] });
  system.addEventListener("change", () => asked() || apply());

  return {
    // A button that goes on to the next choice.
    tool() {
      const button = zslviz.draw.element("button", { type: "button", className: "zv-button zv-theme" }, zslviz.draw.element("i", { ariaHidden: "true" }));
      const say = () => {
        button.dataset.theme = now();
        button.title = `Colours: ${TOLD[now()]}`;
        zslviz.draw.label(button, button.title);
      };
      button.addEventListener("click", () => {
        const choices = Object.keys(TOLD);
        chosen = choices[(choices.indexOf(now()) + 1) % choices.length];
        keep(chosen);
        const address = new URL(location.href);
        address.searchParams.delete(ASKED);
        history.replaceState(history.state, "", address);
        apply();
        say();
      });
      say();
      return button;
    },
  };
})();
