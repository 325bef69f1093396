// @ts-check
// The photo by another model of the same data: who stands where, what is read differently and what that decides, both maps of an
// attribute on one scale, and both models over all test photos.
zslviz.panels["explain/compare"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, { mapcard }, s] = [zslviz.draw, zslviz, store.state];
  const ROW = 1.875; // rem that a class is high in the slope, as in compare.css
  const find = z.finder(element);
  const [details, model, attribute, kind] = [find("details", "details"), ...[".zv-compare-model", ".zv-compare-attribute", ".zv-compare-kind"].map((q) => find(q, "select"))];
  const [short, said, body, mapSays, legend] = [".zv-compare-short", ".zv-compare-said", ".zv-compare-body", ".zv-compare-map-says", ".zv-compare-legend"].map((q) => find(q));
  const [left, right, lines, ranks, reads] = [".zv-slope-left", ".zv-slope-right", ".zv-slope-lines", ".zv-slope-table tbody", ".zv-read-table tbody"].map((q) => find(q));
  const by = z.radios(element, "zv-compare-by", () => told && drawReads(told.answer));
  const tests = store.testing(element, () => told && { other: told.facts.model });
  /** @type {{ answer: ComparisonAnswer, facts: ExplainFacts } | null} */
  let told = null;
  let turn = 0;
  /** @type {{ of: number, words: string } | null} */
  let instead = null; // whose maps are shown for those of what the sentence names, and why
  let linked = ""; // what a link asks for, until it is known whether it is there
  for (const select of [model, attribute, kind]) zslviz.menu(select);

  // Models of the same data besides the one that is shown; who has chosen one keeps it.
  function offer() {
    const others = store.models.filter(({ name, data }) => data === s.x.data && name !== s.x.model);
    const wanted = [s.compared, model.value].find((name) => others.some((one) => one.name === name)) || others[0]?.name || "";
    model.replaceChildren(...others.map(({ name, title }) => z.element("option", { value: name, textContent: title })));
    model.value = wanted;
    return wanted;
  }

  async function ask() {
    const mine = (turn += 1);
    const wanted = offer();
    told = null;
    body.hidden = true;
    if (!store.offered && wanted !== (s.compared || wanted)) return void z.write(said, LOADING); // it may be one of those that come
    if (!wanted) return void z.write(said, store.offered ? "There is no other model of the same data here." : LOADING);
    if (linked && linked !== wanted) store.notice(`There is no other model “${linked.slice(0, 40)}” to compare with here; this is ${title(wanted)}.`);
    linked = "";
    s.compared = wanted;
    z.write(said, `${title(wanted)} looks at the photo …`);
    const found = await store.comparing.compare(wanted, (sentence) => mine === turn && z.write(said, sentence));
    if (!found || mine !== turn) return;
    told = found;
    draw(found.answer);
    store.emit("compared");
  }
  const LOADING = "The models are loading …";
  const title = (/** @type {string} */ name) => store.models.find((one) => one.name === name)?.title || name;

  // -- who stands where, what is read ----------------------------------------------------------------------------------------
  // again: of the same photo and models, after an edit: the maps are those of the photo, and stay.
  function draw(/** @type {ComparisonAnswer} */ answer, again = false) {
    const { sentence, names } = answer;
    said.replaceChildren(...store.marked(sentence));
    z.write(short, names.join(" and "));
    for (const [which, name] of [["one", names[0]], ["other", names[1]]]) {
      for (const node of element.querySelectorAll(`.zv-name-${which}, .zv-slope-${which}`)) z.write(/** @type {HTMLElement} */ (node), name);
    }
    drawSlope(answer.ranks);
    drawReads(answer);
    body.hidden = false;
    if (again) return;
    const shown = [...answer.by_effect, ...answer.by_difference].find(({ visible }) => visible);
    const told = sentence.parts.find(({ kind: of }) => of === "attribute")?.index ?? null;
    const hidden = [...answer.by_effect, ...answer.by_difference].find(({ attribute: a, visible }) => a === told && !visible);
    instead = shown && hidden ? { of: shown.attribute, words: `No place of a photo can show “${s.x.attributes[hidden.attribute]}”; of what can be seen, this decides most. ` } : null;
    drawMaps(shown ? shown.attribute : s.attribute);
    tests.stale();
  }
  function drawSlope(/** @type {ComparisonAnswer["ranks"]} */ all) {
    const sides = /** @type {const} */ ([0, 1]).map((side) => all.slice().sort((a, b) => a.ranks[side] - b.ranks[side]));
    const line = (/** @type {number} */ side) => (/** @type {ComparisonAnswer["ranks"][0]} */ one) =>
      z.element("li", { className: `${one.seen ? "zv-seen" : "zv-unseen"}${one.true ? " zv-slope-true" : ""}`, title: one.name },
        z.element("span", { className: "zv-rank", textContent: String(one.ranks[side]) }), z.element("i", { className: "zv-marker" }),
        z.element("span", { className: "zv-slope-name", textContent: one.true ? `${one.name} ✓` : one.name }));
    left.replaceChildren(...sides[0].map(line(0)));
    right.replaceChildren(...sides[1].map(line(1)));
    lines.setAttribute("viewBox", `0 0 1 ${all.length}`);
    lines.style.height = `${ROW * all.length}rem`;
    lines.innerHTML = all.map((one) => { // numbers alone, no names
      const [from, to] = sides.map((side) => side.indexOf(one) + 0.5);
      const way = one.ranks[1] < one.ranks[0] ? "up" : one.ranks[1] > one.ranks[0] ? "down" : "same";
      return `<line class="zv-slope-${way}${one.true ? " zv-slope-true" : ""}" x1="0" x2="1" y1="${from}" y2="${to}"/>`;
    }).join("");
    ranks.replaceChildren(...all.map((one) => z.element("tr", {},
      z.element("th", { scope: "row", textContent: `${one.name}${one.seen ? "" : ", never trained on"}${one.true ? ", the true class" : ""}` }),
      ...one.ranks.map((rank) => z.element("td", { textContent: String(rank) })))));
  }
  function drawReads(/** @type {ComparisonAnswer} */ answer) {
    const sort = by.all().find(({ checked }) => checked)?.value === "by_difference" ? "by_difference" : "by_effect";
    const [first, rival] = [answer.winners[0], answer.rival].map((c) => s.x.classes[c]?.name || "");
    z.write(find(".zv-read-caption"), `In the photo, as each reads it (0 absent, 1 fully there). Apart: in standard units. Lead: what ${answer.names[0]}’s lead of ` +
      `${first} over ${rival}, ${store.scored(answer.lead)}, would gain if it read this one as ${answer.names[1]} does.`);
    reads.replaceChildren(...answer[sort].map((reading) => {
      const button = z.element("button", { type: "button", className: "zv-link", textContent: s.x.attributes[reading.attribute] });
      button.addEventListener("click", () => drawMaps(reading.attribute));
      return z.element("tr", {}, z.element("th", { scope: "row" }, button), ...reading.values.map((value) => z.element("td", { textContent: z.number(value) })),
        z.element("td", { textContent: z.number(reading.apart, true) }),
        z.element("td", { className: reading.effect < 0 ? "zv-takes" : "zv-adds", textContent: store.scored(reading.effect, true) }));
    }));
  }

  // -- both maps --------------------------------------------------------------------------------------------------------------
  let shown = -1;
  async function drawMaps(/** @type {number} */ a, /** @type {string | null} */ sort = kind.value || null) {
    if (!told) return;
    const [mine, { facts, answer: { names } }] = [turn, told];
    shown = a;
    attribute.value = String(a);
    const kept = sort && [...kind.options].some(({ value }) => value === sort) ? sort : null;
    const found = await store.comparing.beside(facts.model, a, kept, (sentence) => mine === turn && z.write(mapSays, sentence));
    if (!found || mine !== turn || shown !== a) return;
    const { answer } = found;
    kind.replaceChildren(...answer.kinds.map((one) => z.element("option", { value: one.name, textContent: KINDS[one.name] || one.title })));
    kind.hidden = answer.kinds.length < 2;
    kind.value = answer.kind || "";
    const pair = [s.x, facts].map((x, i) => {
      const frame = mapcard.frame(/** @type {PhotoFacts} */ ({ ...x, photo: s.x.photo }), "");
      const stack = z.finder(frame)(".zv-stack");
      const model = answer.models[i];
      const words = model ? sumOf(names[i], model) : names[i];
      stack.setAttribute("role", "img");
      z.label(stack, `${s.x.attributes[a]}, ${words}`);
      mapcard.canvas(stack);
      return { stack, x, model, figure: z.element("figure", {}, frame, z.element("figcaption", { textContent: words })) };
    });
    find(".zv-compare-pair").replaceChildren(...pair.map(({ figure }) => figure));
    z.write(mapSays, (instead?.of === a ? instead.words : "") + (!answer.visible ? `No place of a photo can show “${s.x.attributes[a]}”: the model concludes it from what else it sees, so no map is drawn of it.`
      : !answer.models.length ? "The two models have no sort of map in common."
      : answer.signed ? "One scale for both: standard units that a hundredth of the picture adds. Red speaks for it, blue against it."
      : `One scale for both: per cent of ${answer.kind === "attention" ? "its attention" : "the whole map"} that a hundredth of the picture gets.`));
    const scale = answer.end > 0 ? { low: answer.signed ? -answer.end : 0, high: answer.end, signed: answer.signed } : null;
    legend.hidden = !answer.models.length || !scale;
    for (const { stack, x, model } of pair) {
      const drawn = await mapcard.paint(stack, model && scale ? {
        geometry: x.geometry, map: { values: Float32Array.from(model.values), grid: model.grid }, scale, signed: answer.signed, smooth: true, contours: true,
      } : null);
      if (drawn) z.legend(find(".zv-compare-legend .zv-ramp"), find(".zv-compare-legend .zv-ticks"), drawn, answer.signed ? ["against", "", "for"] : answer.kind === "attention" ? ["nowhere", "", "most"] : ["least", "", "most"]);
    }
  }
  /** @type {Record<string, string>} */
  const KINDS = { evidence: "What it counted", attention: "Where it looked" };
  function sumOf(/** @type {string} */ name, /** @type {BesideAnswer["models"][0]} */ { places, rest }) {
    if (places === null || rest === null) return name;
    const [whole, counted] = [places + rest, places].map((value) => Math.round(100 * value)); // as printed, so that the sum is right
    const left = whole - counted;
    return `${name}: ${z.number(whole / 100, true)} = ${z.number(counted / 100)} from places ${left < 0 ? "−" : "+"} ${z.number(Math.abs(left) / 100)} from none`;
  }

  // -- when ---------------------------------------------------------------------------------------------------------------------
  let stale = true; // another photo or model since it was drawn
  function look() {
    if (!details.open) return;
    if (stale) {
      stale = false;
      ask();
    }
  }
  details.addEventListener("toggle", () => {
    if (!details.open) s.compared = "";
    else if (!s.compared) s.compared = model.value;
    look();
    store.emit("compared");
  });
  model.addEventListener("change", () => {
    s.compared = model.value;
    ask();
  });
  attribute.addEventListener("change", () => drawMaps(Number(attribute.value)));
  kind.addEventListener("change", () => drawMaps(shown, kind.value));
  store.on("explained", () => {
    stale = true;
    told = null;
    turn += 1;
    z.write(short, "");
    attribute.replaceChildren(...s.x.attributes.map((name, a) => z.element("option", { value: String(a), textContent: name })));
    look();
  });
  // Edits, classes that are made up, the handicap and who competes: the same both, anew, once a slider is let go of.
  const again = zslviz.behind(store, async () => {
    if (!details.open || !told || s.held) return;
    const [mine, { facts }] = [turn, told];
    const found = await store.comparing.compare(facts.model, (sentence) => mine === turn && z.write(said, sentence));
    if (!found || mine !== turn || !told) return;
    told = found;
    draw(found.answer, true);
  });
  for (const event of /** @type {const} */ (["ranking", "held"])) store.on(event, again);
  store.on("models", () => s.x && details.open && !told && ask());
  store.on("compare", (/** @type {string} */ name) => { // a link asks for it
    s.compared = linked = name;
    stale = true;
    if (name && details.open) look();
    else details.open = name !== "";
  });
};
