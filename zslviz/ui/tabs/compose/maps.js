// @ts-check
// Maps of the selected pair, what tells it apart from another one, and small maps of queries, states, objects and pairs.
zslviz.panels["compose/maps"] = (element, /** @type {ComposeStore} */ store) => {
  "use strict";
  const [z, { mapcard }, s] = [zslviz.draw, zslviz, store.state];
  const find = z.finder(element);
  const [title, hint, grid, versusMaps, sums, sum] = ["#zv-pair-title", ".zv-kind-hint", ".zv-pair-grid", ".zv-versus-maps", ".zv-sums", ".zv-sum"].map((q) => find(q));
  const [small, smallWords, smallRamp, smallTicks] = [".zv-multiples", ".zv-multiples-words", ".zv-small-legend .zv-ramp", ".zv-small-legend .zv-ticks"].map((q) => find(q));
  const legends = /** @type {HTMLElement[]} */ ([...element.querySelectorAll(".zv-legend")]);
  const choice = find("#zv-other", "select");
  const HINT = "Where the texts of the state, of the object and of both looked (shares that add up to 1), and what each place adds to the pair's logit: red for it, blue against it.";
  const WORDS = {
    queries: "Each learned query gathers what its places show and adds it to the embedding.",
    states: "Where the text of each state looked, all on one scale. A click selects the state.",
    objects: "Where the text of each object looked, all on one scale. A click selects the object.",
    pairs: "Where the texts of the best pairs looked, all on one scale. A click selects the pair.",
  };
  const CAPTIONS = { state: "State", object: "Object", pair: "Pair", evidence: "Evidence", other: "Evidence", difference: "Difference" };
  /** @type {Map<MapOfPair, Figure>} */
  const figures = new Map();

  function figure(/** @type {MapOfPair} */ kind) {
    const made = mapcard.figure(s.x, () => store.download("overlay", { pair: s.pair, other: s.other, kind, opacity: s.opacity }));
    made.figure.dataset.kind = kind;
    made.stack.setAttribute("role", "img");
    figures.set(kind, made);
    return made.figure;
  }

  function draw(/** @type {PairMaps} */ answer) {
    const pair = answer.pair.join(" ");
    const other = answer.other ? answer.other.join(" ") : "";
    const named = { state: answer.pair[0], object: answer.pair[1], pair, evidence: pair, other, difference: `${pair}, not ${other}` };
    title.textContent = `Where it sees ${pair}`;
    drawSums(answer, pair, other);
    fillChoice(answer);
    if (!answer.maps) return; // they are on the page
    for (const [kind, { figure: made, stack, name, save, layer }] of figures) {
      const url = answer.maps[kind];
      made.style.visibility = url ? "" : "hidden";
      if (url) layer.src = url;
      name.replaceChildren(z.element("b", { textContent: CAPTIONS[kind] }), ` ${kind === "difference" ? "first − second" : named[kind]}`);
      name.title = named[kind];
      stack.setAttribute("aria-label", `${CAPTIONS[kind]} map of ${named[kind]} over the photo`);
      save.setAttribute("aria-label", `Download the ${CAPTIONS[kind].toLowerCase()} map of ${named[kind]} over the photo, full size, PNG`);
    }
    for (const legend of legends) {
      const { kind = "" } = legend.dataset;
      const known = answer.legends[kind];
      legend.hidden = !known;
      if (!known) continue;
      const units = kind === "evidence" ? ["against", "adds to the logit", "for"] : ["nowhere", "share", "most"];
      const part = z.finder(legend);
      z.legend(part(".zv-ramp"), part(".zv-ticks"), known, units);
    }
  }

  function drawSums(/** @type {PairMaps} */ { terms: a, other_terms: b }, /** @type {string} */ pair, /** @type {string} */ other) {
    const n = (/** @type {number} */ value) => z.number(value);
    const plus = (/** @type {number} */ value) => `${value < 0 ? "−" : "+"} ${z.number(Math.abs(value))}`;
    sum.replaceChildren(z.element("b", { textContent: pair }), ": " +
      (s.x.has_queries ? `places ${n(a.places)} ${plus(a.rest)} from the whole photo = logit ${n(a.logit)}` : `logit ${n(a.logit)}`) +
      `; ${plus(a.heads)} from state and object apart${a.familiarity ? ` ${plus(a.familiarity)} familiarity` : ""}${a.bias ? ` ${plus(a.bias)} bias` : ""} = score ${n(a.score)}. Before the refinement: ${n(a.before)}.`);
    const rows = /** @type {[string, keyof Terms][]} */ ([
      ["Places (evidence)", "places"], ["Whole photo", "rest"], ["Logit", "logit"],
      ["State and object apart", "heads"], ["Familiarity, if unseen", "familiarity"], ["Bias, if unseen", "bias"], ["Score", "score"],
    ]).filter(([, key]) => key !== "familiarity" || s.x.has_familiarity);
    const head = z.element("tr", {}, z.element("td"), ...[pair, other || "none", "difference"].map((text) => z.element("th", { scope: "col", textContent: text, title: text })));
    sums.replaceChildren(z.element("thead", {}, head), z.element("tbody", {}, ...rows.map(([label, key]) => {
      const values = b ? [n(a[key]), n(b[key]), z.number(a[key] - b[key], true)] : [n(a[key]), "", ""];
      const row = z.element("tr", { className: key === "logit" || key === "score" ? "zv-total-row" : "" }, z.element("th", { scope: "row", textContent: label }),
        ...values.map((text) => z.element("td", { textContent: text })));
      row.dataset.term = key;
      return row;
    })));
  }

  function fillChoice(/** @type {PairMaps} */ answer) {
    const key = (/** @type {Pair} */ pair) => JSON.stringify(pair);
    const best = s.ranking.pairs.map((p) => /** @type {Pair} */ ([p.state, p.object])).filter((pair) => !store.same(pair, s.pair));
    if (s.other && !best.some((pair) => store.same(pair, s.other))) best.unshift(s.other);
    const rival = !s.other && answer.other ? `the best besides it: ${answer.other.join(" ")}` : "the best besides it";
    choice.replaceChildren(z.element("option", { value: "", textContent: rival }), ...best.map((pair) => z.element("option", { value: key(pair), textContent: pair.join(" ") })));
    choice.value = s.other ? key(s.other) : "";
  }
  choice.addEventListener("change", () => store.compare(choice.value ? JSON.parse(choice.value) : null));

  function drawSmall(/** @type {SmallMaps | null} */ answer) {
    kinds.show(s.multiples);
    smallWords.textContent = s.multiples === "queries" || s.x.has_texts ? WORDS[s.multiples] : "";
    if (!answer) return;
    small.dataset.kind = answer.kind;
    z.legend(smallRamp, smallTicks, answer.legend, ["", "", "most"]);
    small.replaceChildren(...answer.maps.map(({ name, key, url }) => {
      const caption = z.element("span", { textContent: name });
      if (answer.kind === "queries") return z.element("div", { className: "zv-query" }, mapcard.frame(s.x, url), caption);
      const made = mapcard.small(s.x, url, caption, () => store.select(
        answer.kind === "states" ? [name, s.pair[1]] : answer.kind === "objects" ? [s.pair[0], name] : /** @type {Pair} */ (key)));
      made.dataset.key = JSON.stringify(key);
      made.setAttribute("aria-label", `Select ${name}`);
      return made;
    }));
    markSmall();
  }
  function markSmall() {
    for (const made of small.querySelectorAll("button")) {
      const key = JSON.parse(made.dataset.key || "[]");
      const chosen = key.length === 2 ? store.same(key, s.pair) : s.pair[small.dataset.kind === "states" ? 0 : 1] === key[0];
      made.setAttribute("aria-pressed", String(chosen));
    }
  }

  store.on("explained", () => {
    const { x } = s;
    figures.clear();
    grid.replaceChildren(...["state", "object", "pair", "evidence"].map((kind) => figure(/** @type {MapOfPair} */ (kind))));
    versusMaps.replaceChildren(...["other", "difference"].map((kind) => figure(/** @type {MapOfPair} */ (kind))));
    hint.textContent = HINT;
    for (const radio of kinds.all()) radio.disabled = !(radio.value === "queries" ? x.has_queries : x.has_texts);
  });
  store.on("pair", draw);
  store.on("multiples", drawSmall);
  store.on("selecting", markSmall);
  const kinds = z.radios(element, "zv-multiples", (kind) => store.showMultiples(/** @type {Multiples} */ (kind)));
  mapcard.waiting(store, grid, ["pair"]);
  mapcard.opacity(element, find(".zv-opacity-range", "input"), s);
};
