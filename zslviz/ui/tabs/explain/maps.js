// @ts-check
// The maps of one attribute, side by side on one scale; regions; small multiples; parts.
zslviz.panels["explain/maps"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, { mapcard }, s] = [zslviz.draw, zslviz, store.state];
  const find = z.finder(element);
  const [title, hint, grid, ramp, ticks] = ["#zv-maps-title", ".zv-kind-hint", ".zv-map-grid", ".zv-ramp", ".zv-ticks"].map((q) => find(q));
  const [words, chips, small, smallTitle] = [".zv-region-words", ".zv-chips", ".zv-thumbnails", ".zv-strongest-title"].map((q) => find(q));
  const [card, none, worth] = [find(".zv-maps"), find(".zv-no-maps"), find(".zv-worth")];
  const [choice, parts, partRows, kindChoice] = [find("#zv-attribute", "select"), find(".zv-parts", "details"), find(".zv-part-rows"), find(".zv-segments")];
  /** @type {Record<string, string>} */
  const HINTS = {
    evidence: "What the model counted, place by place: red speaks for the attribute, blue against it. All pictures share one scale.",
    attention: "Where the model looked for the attribute: the brighter, the more. All pictures share one scale.",
  };
  const INVITE = "Click a spot on a picture to see which attributes it speaks for.";
  /** @type {Region | null} */
  let spot = null; // the region asked about
  /** @type {Figure[]} */
  let figures = [];
  let drawnFor = ""; // the photo that the figures show
  let placed = ""; // which of them are behind the line
  let said = ""; // the answer in words
  const [summary, rest] = [z.element("summary"), z.element("div", { className: "zv-map-rest" })];
  const more = z.element("details", { className: "zv-map-more" }, summary, rest);

  function drawMaps(/** @type {AttributeMaps} */ answer) {
    const { x } = s;
    const name = x.attributes[answer.attribute];
    if (figures.length !== answer.maps.length || drawnFor !== x.handle) {
      drawnFor = x.handle;
      figures = answer.maps.map((map, which) => figure(map.name, which));
      placed = "";
    }
    place(answer.maps);
    sayLarge();
    answer.maps.forEach((map, i) => {
      const { layer, stack, name: caption } = figures[i];
      layer.src = map.url;
      stack.setAttribute("aria-label", `${name}, ${map.name}: ${answer.kind} map. Arrow keys move the spot asked about.`);
      caption.textContent = map.share === null ? map.name : `${map.name} · adds ${percent(map.share)}`;
    });
    element.dataset.attribute = String(answer.attribute);
    element.dataset.kind = answer.kind;
    const [offer] = x.offers.filter((one) => one.name === answer.kind);
    z.legend(ramp, ticks, answer.legend,
      offer.signed ? ["against", "adds to the value", "for"] : ["nowhere", `share of ${offer.name}`, "most"]);
    title.textContent = offer.signed ? "What speaks for" : "Where it looked for";
    hint.textContent = HINTS[offer.name] || `${offer.hint} All pictures share one scale.`;
    if (!x.offers.some((one) => one.exact)) hint.textContent += " This model has no exact evidence.";
    markSmall();
  }

  // The map of all granularities is the large one; those that add little to it stay behind a line that says how much.
  function place(/** @type {AttributeMaps["maps"]} */ maps) {
    const few = 1 / (2 * (maps.length - 1)); // half of what each would add if all added the same
    const small = maps.filter(({ share }) => share !== null && share < few);
    const layout = maps.map((map) => Number(small.includes(map))).join();
    summary.textContent = `Not drawn large: ${small.map(({ name, share }) => `${name} adds ${percent(share || 0)}`).join(", ")}`;
    if (placed === layout) return;
    placed = layout;
    const those = (/** @type {boolean} */ hidden) =>
      figures.flatMap((one, i) => (maps[i].share !== null && small.includes(maps[i]) === hidden ? [one.figure] : []));
    const [large, little] = [figures[figures.length - 1].figure, those(true)];
    rest.replaceChildren(...little);
    grid.dataset.count = String(those(false).length);
    grid.replaceChildren(large, ...those(false), ...(little.length ? [more] : []));
  }
  // The answer in words is also what the photo of the large map is called.
  function sayLarge() {
    const photo = figures[figures.length - 1]?.stack.querySelector("img");
    if (photo) photo.alt = said;
  }
  const percent = (/** @type {number} */ share) => (share < 0.005 ? "nothing" : `${Math.round(100 * share)}\u00a0%`);

  function figure(/** @type {string} */ name, /** @type {number} */ which) {
    const made = mapcard.figure(s.x, () =>
      store.download("overlay", { attribute: s.attribute, kind: s.kind, which, opacity: s.opacity }));
    z.spotting(made.stack, askRegion, () => spot);
    made.save.setAttribute("aria-label", `Download the map ${name} over the photo, full size, PNG`);
    return made;
  }

  async function askRegion(/** @type {number} */ x, /** @type {number} */ y) {
    const answer = await store.latest("region", { x, y });
    if (!answer) return;
    spot = answer;
    for (const { stack } of figures) z.mark(stack, answer.box);
    words.textContent = "This spot speaks most for";
    chips.replaceChildren(...answer.attributes.map(({ attribute, above_average: value }) =>
      z.chip(() => store.select(attribute), z.number(value, true), s.x.attributes[attribute])));
  }

  // One choice for each kind of map that the model offers; none where there is but one.
  function fillKinds() {
    const { offers } = s.x;
    kindChoice.hidden = offers.length < 2;
    if (kinds.all().map((radio) => radio.value).join() !== offers.map(({ name }) => name).join()) {
      kindChoice.replaceChildren(...offers.map(({ name }) => z.element("label", {},
        z.element("input", { type: "radio", name: "zv-kind", value: name }), z.element("span", { textContent: name[0].toUpperCase() + name.slice(1) }))));
    }
    kinds.show(s.kind);
  }

  function drawSmall(/** @type {AttributeThumbnails["thumbnails"]} */ thumbnails) {
    small.replaceChildren(...thumbnails.map(({ attribute, url }) => {
      const caption = z.element("span", { textContent: s.x.attributes[attribute] });
      const button = mapcard.small(s.x, url, caption, () => store.select(attribute));
      button.dataset.attribute = String(attribute);
      return button;
    }));
    markSmall();
  }
  function markSmall() {
    choice.value = String(s.attribute);
    for (const button of small.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.attribute) === s.attribute));
    }
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
    spot = null;
    words.textContent = INVITE;
    chips.replaceChildren();
    drawSmall(x.thumbnails?.thumbnails || []);
    parts.hidden = !x.has_parts;
    fillKinds();
    worth.textContent = x.maps_worth;
    worth.hidden = !x.maps_worth;
    card.hidden = !x.offers.length;
    none.hidden = !card.hidden;
    parts.open = false;
    partRows.replaceChildren();
  });
  // The small maps are of what spoke most for the first class before any change; the heading says what has become of it.
  store.on("ranking", () => {
    const { x, ranking } = s;
    const { name } = x.classes[x.described.class];
    const lead = ranking.classes[0].index === x.described.class;
    z.write(smallTitle, ranking.edited ? `What spoke most for ${name} before your edits`
      : `What speaks most for ${name}${lead ? "" : `, which ${ranking.classes[0].name} is ahead of now`}`);
  });
  store.on("maps", drawMaps);
  store.on("said", (/** @type {Sentence} */ { text }) => {
    said = text;
    sayLarge();
  });
  store.on("thumbnails", (/** @type {AttributeThumbnails} */ answer) => drawSmall(answer.thumbnails));
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
      z.element("div", { className: "zv-part-maps" }, ...row.maps.map((url) => mapcard.frame(s.x, url))))));
  });
  choice.addEventListener("change", () => store.select(Number(choice.value)));
  const kinds = z.radios(element, "zv-kind", (kind) => store.select(s.attribute, kind));
  find(".zv-edit-this").addEventListener("click", () => store.emit("find", s.attribute));
  mapcard.waiting(store, grid, ["maps"]);
  mapcard.waiting(store, small, ["thumbnails"]);
  mapcard.opacity(element, find("#zv-opacity", "input"), s);
};
