// @ts-check
// Maps over the photo: a large one with its name and a button that saves it, small ones to choose from, and how much is seen of them.
zslviz.mapcard = (() => {
  "use strict";
  const z = zslviz;
  const WIDE = 480; // pixels of a large map
  const little = window.matchMedia("(max-width: 43.6875em), (max-height: 35em) and (max-width: 74.9375em)"); // as in screen.css
  /** @typedef {[typeof import("../twin/heatmaps.js"), typeof import("../twin/contours.js")]} Brushes */
  /** @type {Promise<Brushes> | null} */
  let brushes = null;
  /** @type {WeakMap<HTMLElement, number>} */
  const turns = new WeakMap(); // how often each stack has been painted

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
    canvas(stack) {
      z.draw.finder(stack)(".zv-layer").replaceWith(z.draw.element("canvas", { className: "zv-layer", width: 1, height: 1 }));
    },
    // Draws a map over a stack's photo, and its contours. What is painted later stays, whatever is ready first.
    async paint(stack, painted, wide = WIDE) {
      const turn = (turns.get(stack) || 0) + 1;
      turns.set(stack, turn);
      const { module } = z.bundles;
      const [heatmaps, { contours }] = await (brushes ||= /** @type {Promise<Brushes>} */ (Promise.all([module("heatmaps.js"), module("contours.js")])
        .catch((error) => {
          brushes = null; // another try may have them
          throw error;
        })));
      if (turns.get(stack) !== turn) return null;
      const canvas = z.draw.finder(stack)(".zv-layer", "canvas");
      const map = painted && (painted.smooth ? heatmaps.drawn(painted.map) : painted.map);
      const scale = painted && map && (painted.scale || heatmaps.ownScale(map, painted.signed));
      mapcard.contours(stack, painted?.contours && map && scale ? contours(painted.geometry, map, scale) : null);
      canvas.hidden = !painted || !map || !scale;
      if (!painted || !map || !scale) return null;
      const { width, height, pixels } = heatmaps.layer(painted.geometry, map, scale, wide);
      Object.assign(canvas, { width, height });
      canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
      return heatmaps.legend(scale);
    },
    // The address of a picture of a map's pixels.
    url({ width, height, pixels }) {
      const canvas = z.draw.element("canvas", { width, height });
      canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
      return canvas.toDataURL();
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
    // Lines at a quarter, a half and three quarters of a map's scale: they show where its colour is the photo's own. null: none.
    contours(stack, drawn) {
      stack.querySelector(".zv-contours")?.remove();
      if (!drawn || !drawn.lines.length) return;
      const paths = drawn.lines.map(({ path, share, against }) =>
        `<path class="zv-contour-edge" d="${path}"/><path class="zv-contour${against ? " zv-contour-against" : ""}" data-share="${share}" d="${path}"/>`);
      z.draw.finder(stack)(".zv-layer").insertAdjacentHTML("afterend", // numbers of the server alone, no names
        `<svg class="zv-contours" viewBox="0 0 ${drawn.width} ${drawn.height}" preserveAspectRatio="none" aria-hidden="true">${paths.join("")}</svg>`);
    },
    // Whether the photo under the maps is grey, so that red on red is seen.
    grey(panel, box, { state, on, emit }) {
      function draw() {
        box.checked = state.grey;
        panel.classList.toggle("zv-grey", state.grey);
      }
      box.addEventListener("change", () => {
        state.grey = box.checked;
        emit("view");
      });
      on("view", draw);
      draw();
    },
    // How often a weak map is stretched; "" of one that would not show at all on the photo's one scale.
    times: ({ reach }) => (reach > 0 ? `${Number((1 / reach).toFixed(1))}×` : ""),
    // What is said of a map's scale.
    scaleWords(scaling) {
      const { weak, stretched, reach } = scaling;
      if (stretched && reach <= 0) return "Stretched: on the photo’s one scale it would not show at all.";
      if (stretched && weak) return `Stretched ${mapcard.times(scaling)}: on the photo’s one scale its strongest place comes to ${Math.round(100 * reach)} % only.`;
      if (stretched) return "Stretched to its own scale, as you asked: no longer to be compared with other maps.";
      if (weak) return "Weak: hardly seen on the photo’s one scale.";
      return "On the photo’s one scale.";
    },
    // Where there is little room, what is said of a map and how it is drawn is in the fold below it; else before it, or at its home.
    tuck(fold, told, home) {
      const lay = () => (little.matches ? z.draw.finder(fold)("summary").after(...told) : home ? home.append(...told) : fold.before(...told));
      little.addEventListener("change", lay);
      lay();
    },
    // Needs no server: the layers take it from the panel's style.
    opacity(panel, slider, state) {
      zslviz.sliding(slider, (value) => {
        state.opacity = value;
        panel.style.setProperty("--map-opacity", String(value));
      });
    },
  };
  return mapcard;
})();
