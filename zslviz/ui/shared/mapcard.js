// @ts-check
// Maps over the photo: a large one with its name and a button that saves it, small ones to choose from, and how much is seen of them.
zslviz.mapcard = (() => {
  "use strict";
  const z = zslviz;

  /** @type {MapCard} */
  const mapcard = {
    frame: (x, url) => z.draw.element("div", { className: "zv-frame" }, z.draw.stack(x.photo, url, x.width, x.height)),
    // A figure without a map yet: its layer, its name and what its button is called change with what is shown.
    figure(x, save) {
      const { element, finder } = z.draw;
      const frame = mapcard.frame(x, "");
      const name = element("span", { className: "zv-map-name" });
      const button = element("button", { type: "button", className: "zv-icon zv-save", textContent: "PNG", title: "Download at the photo's full size (PNG)" });
      button.addEventListener("click", save);
      const find = finder(frame);
      return {
        figure: element("figure", {}, frame, element("figcaption", {}, name, button)),
        stack: find(".zv-stack", "div"),
        layer: find(".zv-layer", "img"),
        name,
        save: button,
      };
    },
    small(x, url, caption, choose) {
      const button = z.draw.element("button", { type: "button" }, mapcard.frame(x, url), caption);
      button.addEventListener("click", choose);
      return button;
    },
    // Maps that are asked for anew are taken away if they take long: what stands over them is of the new ones already.
    waiting(store, maps, names) {
      let open = 0;
      store.on("asking", (/** @type {{ what: string, open: number }} */ asked) => {
        if (!names.includes(asked.what)) return;
        open += asked.open;
        maps.setAttribute("aria-busy", String(open > 0));
      });
    },
    // Needs no server: the layers take it from the panel's style.
    opacity(panel, slider, state) {
      slider.addEventListener("input", () => {
        state.opacity = Number(slider.value);
        panel.style.setProperty("--map-opacity", slider.value);
      });
    },
  };
  return mapcard;
})();
