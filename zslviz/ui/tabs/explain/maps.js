// @ts-check
// The map of one attribute over the photo, with what has to be said of it; what it is made of; small multiples; parts.
zslviz.panels["explain/maps"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, { mapcard }, s] = [zslviz.draw, zslviz, store.state];
  /** @type {Record<string, string>} */
  const KINDS = { evidence: "What it counted", attention: "Where it looked" }; // the page's words for the field's
  const find = z.finder(element);
  const [title, equation, large, says, hint] = ["#zv-maps-title", ".zv-equation", ".zv-large", ".zv-map-says", ".zv-kind-hint"].map((q) => find(q));
  const [legend, ramp, ticks, scale] = [".zv-legend", ".zv-ramp", ".zv-ticks", ".zv-scale"].map((q) => find(q));
  const [shares, shareBar, shareNames] = [".zv-shares", ".zv-share-bar", ".zv-share-names"].map((q) => find(q));
  const [small, smallTitle, card, none, worth] = [".zv-thumbnails", ".zv-strongest-title", ".zv-maps", ".zv-no-maps", ".zv-worth"].map((q) => find(q));
  const [levels, levelMaps] = [find(".zv-levels"), find(".zv-level-maps")];
  const [more, read] = [find(".zv-more-maps", "details"), find(".zv-read")];
  const [choice, parts, partRows, kindChoice, save] = [find("#zv-attribute", "select"), find(".zv-parts", "details"), find(".zv-part-rows"), find(".zv-segments"), find(".zv-save")];
  const [stretched, special, grey, smooth] = ["stretched", "special", "grey", "smooth"].map((name) => find(`[data-view="${name}"]`, "input"));
  /** @type {Record<string, string>} */
  const HINTS = {
    evidence: "What the model counted, place by place: red speaks for the attribute, blue against it.",
    attention: "Where the model looked for the attribute: the brighter, the more.",
  };
  const SMALL = 112; // pixels
  const CARRIES = 0.25; // of a map: what a granularity is at least that is shown beside others
  zslviz.menu(choice);
  let stack = z.element("div"); // the photo and what lies over it
  /** @type {AttributeMaps | null} */
  let shown = null;
  let said = ""; // the answer in words
  const places = store.places(element, () => stack);

  // -- the large map ------------------------------------------------------------------------------------------------
  const named = (/** @type {{ attribute: number, absent: boolean }} */ { attribute, absent }) =>
    [...(absent ? [z.element("b", { textContent: "not" }), " "] : []), s.x.attributes[attribute]];
  const offerOf = (/** @type {string} */ kind) => s.x.offers.filter((one) => one.name === kind)[0];
  function layerOf(/** @type {AttributeMaps} */ answer) {
    const { layer } = s.view;
    return layer === "special" ? answer.special : answer.layers[layer] || answer.layers[0];
  }

  function drawMap(/** @type {AttributeMaps} */ answer) {
    shown = answer;
    const [offer, map] = [offerOf(answer.kind), layerOf(answer)];
    const isSpecial = map === answer.special;
    const signed = offer.signed || isSpecial;
    Object.assign(element.dataset, { attribute: String(answer.attribute), kind: answer.kind });
    const unsigned = offer.name === "attention" ? "Where it looked for" : `${offer.title}, for`;
    z.write(title, !offer.signed ? unsigned : answer.layers[0].places < 0 ? "What speaks against" : "What speaks for");
    card.classList.toggle("zv-cannot-be-seen", !answer.visible);
    sayAll(answer, map, offer);
    drawShares(answer);
    markSmall();
    const end = isSpecial ? answer.special_end : answer.end;
    paint(answer, map, signed, s.view.stretched || end <= 0 ? null : { low: signed ? -end : 0, high: end, signed }).then((drawn) => {
      if (shown !== answer || layerOf(answer) !== map) return;
      legend.hidden = !drawn;
      if (drawn) z.legend(ramp, ticks, drawn, isSpecial ? ["less than usual", "", "more than usual"] : signed ? ["against", "adds to the value", "for"] : offer.name === "attention" ? ["nowhere", "share of attention", "most"] : ["least", offer.title.toLowerCase(), "most"]);
    });
  }
  /**
   * @param {AttributeMaps} answer
   * @param {MapLayer} map
   * @param {boolean} signed
   * @param {import("../../twin/maps.js").ColourScale | null} scaled
   */
  function paint({ visible, grid }, map, signed, scaled) {
    if (!visible) return mapcard.paint(stack, null);
    return mapcard.paint(stack, {
      geometry: s.x.geometry, map: { values: Float32Array.from(map.values), grid }, scale: scaled, signed, smooth: s.view.smooth, contours: true,
    });
  }

  // Everything in words: the sum, what has to be known, the scale; and the map for who cannot see it.
  function sayAll(/** @type {AttributeMaps} */ answer, /** @type {MapLayer} */ map, /** @type {Offer} */ offer) {
    const { absent, value, visible } = answer;
    const sum = map === answer.special ? answer.special.says
      : map === answer.layers[0] || !offer.exact ? answer.equation || z.number(value)
      : `${map.name}: ${z.number(map.places)} of the ${z.number(answer.places || 0)} from places`;
    equation.replaceChildren(z.element("span", { className: "zv-equation-name" }, ...named(answer)), ` ${sum}`);
    const sentences = [...answer.says];
    if (!map.counted) sentences.push(`${map.name}: this model ranks without it.`);
    if (s.view.stretched && visible) sentences.push(mapcard.scaleWords({ weak: map.weak, stretched: true, reach: map.reach }));
    says.replaceChildren(...sentences.map((sentence) => z.element("p", {}, ...emphasised(sentence))));
    const name = `${absent ? "not " : ""}${s.x.attributes[answer.attribute]}`;
    z.label(stack, visible
      ? `${name}, ${map.name}: ${KINDS[offer.name] || offer.title}, ${map.where || "empty"}. Arrow keys move the spot asked about.`
      : `The photo, without a map: ${sentences[0]} Arrow keys move the spot asked about.`);
    save.setAttribute("aria-label", `Download the map of ${name}, ${map.name}, over the photo, full size, PNG`);
    hint.textContent = `${HINTS[offer.name] || offer.hint} One scale for all maps of this photo.${answer.held && ` ${answer.held}`}${s.x.offers.some((one) => one.exact) ? "" : " This model has no exact evidence."}`;
    hint.hidden = scale.hidden = !visible;
    sayLarge();
  }
  // "The model knows *that*, not *where*"
  const emphasised = (/** @type {string} */ sentence) => sentence.split(/\b(that|where)(?=[,:])/)
    .map((piece) => (piece === "that" || piece === "where" ? z.element("em", { textContent: piece }) : piece));
  // The answer in words is also what the photo of the large map is called.
  function sayLarge() {
    const photo = stack.querySelector("img");
    if (photo) photo.alt = said;
  }

  // One bar of what each granularity is of the map; a click shows it alone, another one all together again.
  function drawShares(/** @type {AttributeMaps} */ { layers, visible }) {
    const several = layers.slice(1);
    shares.hidden = !several.length || !visible;
    if (shares.hidden) return;
    const chosen = typeof s.view.layer === "number" && layers[s.view.layer] ? s.view.layer : s.view.layer === "special" ? -1 : 0;
    const button = (/** @type {number} */ layer, /** @type {Part[]} */ ...words) => {
      const made = z.element("button", { type: "button", "aria-pressed": String(chosen === layer) }, ...words);
      made.dataset.layer = String(layer);
      return made;
    };
    const focused = shareNames.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.layer : null; // it is drawn anew
    shareBar.replaceChildren(...several.map(({ share }, i) => {
      const segment = z.element("span", { "data-layer": String(i + 1), title: several[i].name });
      segment.style.flexGrow = String(share || 0);
      segment.classList.toggle("zv-chosen", chosen === i + 1);
      return segment;
    }));
    shareNames.replaceChildren(button(0, layers[0].name), ...several.map(({ name, share }, i) =>
      button(i + 1, z.element("i", { className: "zv-swatch" }), `${store.level(name)} `, z.element("b", { textContent: percent(share || 0) }))));
    settleShares();
    if (focused) /** @type {HTMLElement | null} */ (shareNames.querySelector(`[data-layer="${focused}"]`))?.focus();
  }
  const settleShares = zslviz.roving(shareNames, "button");
  const settleSmall = zslviz.roving(small, "button");
  const settleLevels = zslviz.roving(levelMaps, "button");
  const percent = (/** @type {number} */ share) => (share < 0.005 ? "nothing" : `${Math.round(100 * share)}\u00a0%`);

  // Those that carry enough to be looked at, side by side on the photo's one scale, once somebody looks for that.
  function drawLevels() {
    if (!more.open || !shown) return;
    const { layers, end, grid, visible, kind } = shown;
    const signed = offerOf(kind).signed;
    const enough = layers.map((layer, i) => ({ layer, i })).slice(1).filter(({ layer }) => (layer.share || 0) >= CARRIES);
    levels.hidden = enough.length < 2 || !visible;
    levelMaps.replaceChildren(...(levels.hidden ? [] : enough).map(({ layer, i }) => {
      const caption = z.element("span", { textContent: `${store.level(layer.name)} ${percent(layer.share || 0)}` });
      const button = mapcard.small(s.x, "", caption, () => view({ layer: i, stretched: false }));
      tiny(button, layer.values, grid, { low: signed ? -end : 0, high: end, signed });
      return button;
    }));
    settleLevels();
  }

  // -- how it is drawn ----------------------------------------------------------------------------------------------
  function view(/** @type {Partial<MapView>} */ changed) {
    s.view = { ...s.view, ...changed };
    store.emit("view");
  }
  store.on("view", () => {
    [stretched.checked, special.checked, grey.checked, smooth.checked] = [s.view.stretched, s.view.layer === "special", s.view.grey, s.view.smooth];
    element.classList.toggle("zv-grey", s.view.grey);
    if (shown) drawMap(shown);
    if (thumbnails && smoothed !== s.view.smooth) drawSmall(thumbnails);
  });
  stretched.addEventListener("change", () => view({ stretched: stretched.checked }));
  special.addEventListener("change", () => view({ layer: special.checked ? "special" : 0, stretched: false }));
  grey.addEventListener("change", () => view({ grey: grey.checked }));
  smooth.addEventListener("change", () => view({ smooth: smooth.checked }));
  shares.addEventListener("click", ({ target }) => {
    const chosen = target instanceof Element ? target.closest("[data-layer]") : null;
    if (!(chosen instanceof HTMLElement)) return;
    const layer = Number(chosen.dataset.layer);
    view({ layer: s.view.layer === layer ? 0 : layer, stretched: false });
  });

  // One choice for each kind of map that the model offers; none where there is but one.
  function fillKinds() {
    const { offers } = s.x;
    kindChoice.hidden = offers.length < 2;
    if (kinds.all().map((radio) => radio.value).join() !== offers.map(({ name }) => name).join()) {
      kindChoice.replaceChildren(...offers.map(({ name }) => z.element("label", {},
        z.element("input", { type: "radio", name: "zv-kind", value: name }), z.element("span", { textContent: KINDS[name] || z.capital(name) }))));
    }
    kinds.show(s.kind);
  }

  // -- small multiples ----------------------------------------------------------------------------------------------
  /** @type {AttributeThumbnails | null} */
  let thumbnails = null;
  let smoothed = s.view.smooth; // whether they are
  // when: they are painted.
  function drawSmall(/** @type {AttributeThumbnails} */ answer, when = atOnce) {
    thumbnails = answer;
    smoothed = s.view.smooth;
    const { signed } = offerOf(answer.kind);
    const { end, grid } = answer;
    small.replaceChildren(...answer.thumbnails.map((one) => {
      const caption = z.element("span", {}, ...named(one), ...(one.weak ? [z.element("em", { textContent: " almost nothing" })] : []));
      const button = mapcard.small(s.x, "", caption, () => store.select(one.attribute));
      button.dataset.attribute = String(one.attribute);
      tiny(button, one.values, grid, { low: signed ? -end : 0, high: end, signed }, (paint) => when(() => thumbnails === answer && paint()));
      return button;
    }));
    markSmall();
  }
  const atOnce = (/** @type {() => unknown} */ work) => void work();
  // After the large map and the answer, which are looked at first.
  const afterwards = (/** @type {() => unknown} */ work) => void zslviz.afterwards(store, work);
  /**
   * @param {HTMLElement} root
   * @param {number[]} values
   * @param {[number, number]} grid
   * @param {import("../../twin/maps.js").ColourScale} scaled
   * @param {(paint: () => unknown) => void} when
   */
  function tiny(root, values, grid, scaled, when = atOnce) {
    const over = z.finder(root)(".zv-stack");
    mapcard.canvas(over);
    if (scaled.high <= 0) return;
    when(() => mapcard.paint(over, {
      geometry: s.x.geometry, map: { values: Float32Array.from(values), grid }, scale: scaled, signed: scaled.signed, smooth: s.view.smooth, contours: false,
    }, SMALL));
  }
  function markSmall() {
    choice.value = String(s.attribute);
    for (const button of small.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.attribute) === s.attribute));
    }
    settleSmall();
  }

  function fillChoice() {
    /** @type {Map<string, HTMLOptGroupElement>} */
    const groups = new Map();
    s.x.attributes.forEach((name, i) => {
      const label = s.x.groups[i];
      const group = groups.get(label) || z.element("optgroup", { label });
      groups.set(label, group);
      group.append(z.element("option", { value: String(i), textContent: name }));
    });
    choice.replaceChildren(...groups.values());
  }

  store.on("explained", () => {
    const { x } = s;
    fillChoice();
    shown = null;
    stack = z.stack(x.photo, "", x.width, x.height);
    mapcard.canvas(stack);
    large.replaceChildren(stack);
    places.begin();
    thumbnails = null;
    small.replaceChildren();
    if (x.thumbnails) drawSmall(x.thumbnails, afterwards);
    parts.hidden = !x.has_parts;
    fillKinds();
    worth.textContent = x.maps_worth;
    worth.hidden = !x.maps_worth;
    card.hidden = !x.offers.length;
    none.hidden = !card.hidden;
    parts.open = false;
    partRows.replaceChildren();
    view({});
  });
  // The small maps are of what spoke most for the first class before any change; the heading says what has become of it.
  store.on("ranking", () => {
    const { x, ranking } = s;
    const { name } = x.classes[x.described.class];
    const lead = ranking.classes[0].index === x.described.class;
    z.write(smallTitle, ranking.edited ? `What spoke most for ${name} before your edits`
      : `What speaks most for ${name}${lead ? "" : `, which ${ranking.classes[0].name} is ahead of now`}`);
  });
  store.on("maps", (/** @type {AttributeMaps} */ answer) => {
    shown = answer;
    view({});
    drawLevels();
    sayRead();
  });
  // How well the attribute is read at all, once somebody looks for that.
  async function sayRead() {
    if (!more.open || !shown) return;
    const { attribute } = shown;
    const answer = await store.latest("how_read", { attribute }, () => {});
    if (!answer || shown?.attribute !== attribute) return;
    z.write(read, answer.text);
    read.hidden = !answer.text;
  }
  more.addEventListener("toggle", () => {
    drawLevels();
    sayRead();
  });
  store.on("said", (/** @type {Sentence} */ { text }) => {
    said = text;
    sayLarge();
  });
  store.on("thumbnails", (/** @type {AttributeThumbnails} */ answer) => drawSmall(answer));
  store.on("selecting", () => {
    markSmall();
    kinds.show(s.kind);
  });
  parts.addEventListener("toggle", async () => {
    if (!parts.open || partRows.children.length) return;
    const answer = await store.ask("parts");
    if (!answer) return;
    partRows.replaceChildren(...answer.rows.map((row) => z.element("div", { className: "zv-part-row" },
      z.element("p", { className: "zv-hint", textContent: row.name }),
      z.element("div", { className: "zv-part-maps" }, ...row.maps.map((values, i) => {
        const made = z.element("figure", {}, mapcard.frame(s.x, ""), z.element("figcaption", { textContent: `Part ${i + 1}` }));
        tiny(made, values, answer.grid, { low: 0, high: answer.end, signed: false });
        return made;
      })))));
  });
  mapcard.tuck(more, [says, shares, scale, find(".zv-region")]);
  choice.addEventListener("change", () => store.select(Number(choice.value)));
  const kinds = z.radios(element, "zv-kind", (kind) => store.select(s.attribute, kind));
  find(".zv-edit-this").addEventListener("click", () => {
    zslviz.rest();
    store.emit("find", s.attribute);
  });
  save.addEventListener("click", () => store.download("overlay", { attribute: s.attribute, kind: s.kind, opacity: s.opacity, ...s.view }));
  mapcard.waiting(store, large, ["maps"]);
  mapcard.waiting(store, small, ["thumbnails"]);
  mapcard.opacity(element, find("#zv-opacity", "input"), s);
};
