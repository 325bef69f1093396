// @ts-check
// Deletion and insertion as lines of five frames, of the map and of what it is compared with; and the untrained twin's map.
zslviz.tabs.explain.films = (element) => {
  "use strict";
  const [z, store] = [zslviz.draw, zslviz.tabs.explain];
  const s = store.state;
  const find = z.finder(element);
  const [says, lines, twinSays, figure] = [".zv-film-says", ".zv-films", ".zv-untrained-says", ".zv-untrained"].map((q) => find(q));
  const [frame, caption, twin] = [z.finder(figure)(".zv-frame"), z.finder(figure)("figcaption"), find(".zv-untrained-show", "button")];
  /** @type {Record<string, string>} */
  const ORDERS = { map: "The map’s first", "Grad-CAM": "Grad-CAM’s first", centre: "From the middle", random: "By chance" };
  /** @type {Map<string, ExplainAnswers["film"]>} */
  const known = new Map();
  let [turn, twinTurn] = [0, 0]; // of the films and of the twin, which leave each other alone

  const percent = (/** @type {number} */ share) => `${Math.round(100 * share)} %`;
  // One line after the other: each runs the network five times.
  async function show(/** @type {string} */ way) {
    const [mine, { attribute, x }] = [(turn += 1), s];
    const name = x.attributes[attribute];
    lines.replaceChildren();
    z.write(says, "The network is running …");
    for (const order of Object.keys(ORDERS)) {
      const key = JSON.stringify([x.handle, attribute, way, order, s.image, s.classes, s.gamma, s.unseenOnly]);
      const answer = known.get(key) || (await store.ask("film", { attribute, order, way }, (sentence) => mine === turn && z.write(says, sentence)));
      if (mine !== turn || !answer) return;
      known.set(key, answer);
      lines.append(line(ORDERS[order], answer, way, name));
    }
    z.write(says, `Blurred, place after place, in four orders; ${way === "deletion" ? "a map that tells the truth makes" : "brought back, it makes"} ${name} ${way === "deletion" ? "fall" : "rise"} early. Another first class than at the whole photo is underlined.`);
  }
  /**
   * @param {string} title
   * @param {ExplainAnswers["film"]} answer
   * @param {string} way
   * @param {string} name
   */
  function line(title, { frames }, way, name) {
    const whole = frames[way === "deletion" ? 0 : frames.length - 1].first;
    const items = frames.map(({ share, url, value, first, name: winner }) => z.element("li", {},
      z.element("img", { src: url, alt: `${percent(share)} of the photo ${way === "deletion" ? "blurred" : "sharp"}` }),
      z.element("b", { textContent: winner, className: first === whole ? "" : "zv-other" }),
      z.element("span", { textContent: `${name} ${z.number(value)}` }),
      z.element("span", { textContent: percent(share) })));
    return z.element("section", {}, z.element("h4", { textContent: title }), z.element("ol", { className: "zv-film" }, ...items));
  }

  // The same photo by the same network, its weights shuffled: what stays of the map has nothing to do with what was learned.
  async function untrained() {
    const [mine, { attribute, x }] = [(twinTurn += 1), s];
    z.write(twinSays, "The network is running …");
    const answer = await store.ask("untrained", { attribute }, (sentence) => mine === twinTurn && z.write(twinSays, sentence));
    if (mine !== twinTurn || !answer) return;
    const { maps, name } = answer;
    const offer = x.offers.find((one) => one.name === maps.kind);
    const made = zslviz.mapcard.frame(x, "");
    const stack = z.finder(made)(".zv-stack", "div");
    frame.replaceChildren(...made.children);
    zslviz.mapcard.canvas(stack);
    figure.hidden = false;
    z.write(twinSays, "");
    z.write(caption, `${x.attributes[attribute]} by the same network with its weights shuffled, which has ${name} first; the map is on a scale of its own. A map that stayed as it is would tell of the photo, and not of what the model has learned.`);
    await zslviz.mapcard.paint(stack, maps.visible ? {
      geometry: x.geometry, map: { values: Float32Array.from(maps.layers[0].values), grid: maps.grid }, scale: null, signed: !!offer?.signed, smooth: true, contours: true,
    } : null);
  }

  for (const button of element.querySelectorAll("[data-way]")) {
    button.addEventListener("click", () => store.during(() => show(/** @type {HTMLElement} */ (button).dataset.way || "")));
  }
  twin.addEventListener("click", () => store.during(untrained));
  return {
    forget() {
      [turn, twinTurn] = [turn + 1, twinTurn + 1];
      known.clear();
      lines.replaceChildren();
      figure.hidden = true;
      for (const node of [says, twinSays]) z.write(node, "");
    },
  };
};
