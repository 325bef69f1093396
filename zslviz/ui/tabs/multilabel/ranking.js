// @ts-check
// The best labels, those never trained on first, with what is known of them; all labels; what counts as found; labels of one's own.
zslviz.panels["multilabel/ranking"] = (element, /** @type {LabelStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [threshold, gamma, unseenOnly, filter] = ["#zv-threshold", "#zv-label-gamma", ".zv-unseen-only", "#zv-label-filter"].map((q) => find(q, "input"));
  const [thresholdReset, gammaReset] = [".zv-threshold-reset", ".zv-gamma-reset"].map((q) => find(q, "button"));
  const [thresholdValue, gammaValue, axis] = [".zv-threshold-value", ".zv-gamma-value", ".zv-axis"].map((q) => find(q));
  const FIRST = { default: 5, most: 30 };
  const all = find(".zv-all-labels", "details");
  const groups = [false, true].map((seen) => ({
    seen,
    box: find(`.zv-leading [data-seen="${seen}"]`),
    verdict: find(`.zv-leading [data-seen="${seen}"] .zv-verdict`),
    short: list(`.zv-leading [data-seen="${seen}"] ol`),
    full: list(`.zv-full-list[data-seen="${seen}"]`),
  }));
  function list(/** @type {string} */ selector) {
    const box = find(selector);
    return { box, settle: zslviz.roving(box, ".zv-label-row"), rows: /** @type {Map<string, Row>} */ (new Map()) };
  }
  /** @typedef {ReturnType<typeof row>} Row */
  /** @typedef {ReturnType<typeof list>} List */

  // -- the lists ----------------------------------------------------------------------------------------------------
  // What is read out is what is written, with some words that are not seen.
  function row(/** @type {RankedLabel} */ { name, added }) {
    const span = (/** @type {string} */ className, text = "") => z.element("span", { className, textContent: text });
    const [rank, score, bar, means, said] = [span("zv-rank"), span("zv-score"), z.element("i", { className: "zv-bar" }), span("zv-sr"), span("zv-sr", " above the middle label. Show its map.")];
    const main = z.element("button", { type: "button", className: "zv-label-row" }, rank, z.element("i", { className: "zv-marker" }),
      span("zv-name", name), means, score, said, z.element("span", { className: "zv-bars" }, bar));
    main.addEventListener("click", () => store.choose(name));
    const item = z.element("li", {}, main);
    if (added) {
      const remove = z.element("button", { type: "button", className: "zv-icon zv-remove", textContent: "×" });
      remove.setAttribute("aria-label", `Remove the label ${name}`);
      remove.addEventListener("click", () => {
        store.remove(name);
        words.input.focus();
      });
      item.append(remove);
    }
    return { item, main, rank, score, bar, means };
  }
  function fill(/** @type {List} */ { box, rows, settle }, /** @type {RankedLabel[]} */ labels) {
    const { ranking: r, x } = s;
    const kept = new Set(labels.map((l) => l.name));
    for (const [name, { item }] of rows) if (!kept.has(name)) (item.remove(), rows.delete(name));
    for (const l of labels) {
      const drawn = rows.get(l.name) || row(l);
      const { item } = drawn;
      const there = x.there.includes(l.name);
      const doubted = Boolean(s.kin[l.name]?.doubt);
      rows.set(l.name, drawn);
      item.className = `${l.seen ? "zv-seen" : "zv-unseen"}${l.added ? " zv-added" : ""}${l.found ? " zv-found" : ""}${there ? " zv-there" : ""}`;
      drawn.rank.textContent = doubted ? "?" : String(l.rank);
      drawn.means.textContent = `${there ? ", in the photo" : ""}, ${l.added ? "added by you, " : ""}${l.seen ? "trained on" : "never trained on"}, ` +
        `${doubted ? "its rank means nothing" : l.found ? "found" : "not found"}, `;
      drawn.score.textContent = z.number(l.calibrated - r.floor, true);
      drawn.bar.style.width = `${z.share(l.calibrated, r)}%`;
      box.append(item); // in the order of the ranking
    }
    settle();
  }
  function drawLists() {
    const r = s.ranking;
    for (const { seen, short, full, box, verdict } of groups) {
      const labels = r.labels.filter((l) => l.seen === seen);
      const leading = seen ? r.leading.seen : r.leading.unseen;
      // words of the visitor's own are among the leading ones as well, wherever they stand
      fill(short, labels.filter((l) => leading.includes(l.name) || l.added));
      fill(full, labels);
      box.hidden = !labels.length;
      verdict.replaceChildren(...told(labels));
    }
    zslviz.tell.announce("ranking", groups.filter(({ box }) => !box.hidden).map(({ seen, verdict }) => `${seen ? "Trained on" : "Never trained on"}: ${verdict.textContent}`).join(" "));
    element.style.setProperty("--bar", r.threshold === null ? "-10px" : `${z.share(r.threshold, r)}%`);
    const count = (/** @type {boolean} */ seen) => r.labels.filter((l) => l.seen === seen).length;
    find(".zv-two-lists h3.zv-unseen").textContent = `Never trained on (${count(false)})`;
    find(".zv-two-lists h3.zv-seen").textContent = s.unseenOnly ? "Trained on: left out" : `Trained on (${count(true)})`;
    z.finder(all)("summary").textContent = `All ${r.labels.length} labels`;
    axis.textContent = "Numbers and bars: how far above the middle one of all labels." + (r.threshold === null ? "" : " The mark: from there a label counts as found.") +
      (s.x.there.length ? " ✓ is known to be in the photo." : "");
    sift();
    mark();
  }
  // How good the best of a group are: by what is known to be in the photo, and by what counts as found.
  function told(/** @type {RankedLabel[]} */ labels) {
    const known = labels.map((l, i) => ({ l, place: i + 1 })).filter(({ l }) => s.x.there.includes(l.name));
    const truth = known.map(({ l, place }) => `${l.name} ${z.ordinal(place)}`).join(", ");
    const found = labels.filter((l) => l.found).length;
    const [best] = labels;
    const missed = best && s.ranking.threshold !== null ? ` ${best.name} comes nearest, ${z.number(s.ranking.threshold - best.calibrated)} below.` : "";
    const first = !s.x.there.length ? []
      : known.length ? [z.element("b", { textContent: `In the photo: ${truth}` }), ` of ${labels.length}. `]
      : [`None of the ${labels.length} is known to be in the photo. `];
    return [...first, found ? `${found} ${found === 1 ? "counts" : "count"} as found.` : `None counts as found;${missed || " all are below."}`];
  }
  function sift() {
    const wanted = filter.value.trim().toLowerCase();
    for (const { full } of groups) {
      for (const [name, { item }] of full.rows) item.hidden = !name.toLowerCase().includes(wanted);
      full.settle();
    }
  }
  function mark() {
    for (const { short, full } of groups) {
      for (const { rows, settle } of [short, full]) {
        for (const [name, { main }] of rows) main.setAttribute("aria-pressed", String(s.several ? s.overlaid.includes(name) : name === s.label));
        settle();
      }
    }
  }

  // -- what counts as found -----------------------------------------------------------------------------------------
  function fit() {
    const { x } = s;
    const scores = x.ranking.labels.map((l) => l.calibrated); // as the photo came: a range that moves would move the value
    const [low, high] = [Math.min(...scores), Math.max(...scores)];
    const step = 10 ** Math.floor(Math.log10(Math.max(1e-6, high - low) / 50));
    if (s.by === "first") Object.assign(threshold, { min: 1, max: Math.min(FIRST.most, x.labels.length), step: 1, value: s.first });
    else Object.assign(threshold, { min: Math.floor(Math.min(low, s.threshold) / step) * step, max: Math.ceil(Math.max(high, s.threshold) / step) * step, step, value: s.threshold });
    z.fitSlider(gamma, Math.max(2.5 * Math.abs(x.gamma), (high - low) / 2, 0.1), s.gamma, x.gamma < 0);
    drawValues();
  }
  function drawValues() {
    const { x } = s;
    thresholdValue.textContent = s.by === "first" ? String(s.first) : z.number(s.threshold);
    gammaValue.textContent = z.number(s.gamma);
    thresholdReset.disabled = s.by === "first" ? s.first === FIRST.default : s.threshold === x.threshold;
    gammaReset.disabled = s.gamma === x.gamma;
    by.show(s.by);
  }
  function change(/** @type {Partial<LabelState>} */ values, fitting = false) {
    Object.assign(s, values);
    if (fitting) fit();
    drawValues();
    store.rank();
  }

  // -- a label of the visitor's own -----------------------------------------------------------------------------------
  const words = zslviz.addWords(find(".zv-add"), find("#zv-add-said"), {
    hint: () => "It gets the vector of its words and joins as never trained on.",
    add: store.add,
    told() {
      const line = s.ranking.labels.find((l) => l.name === s.label);
      const kin = s.kin[s.label];
      if (!line || !kin) return "";
      const near = `Nearest labels: ${kin.nearest.map(({ name, likeness }) => `${name} (${z.number(likeness)})`).join(", ")}.`;
      return kin.doubt ? `${kin.doubt} ${near}` : `“${line.name}” is number ${line.rank} of ${s.ranking.labels.length}, ${line.found ? "found" : "not found"}. ${near}`;
    },
  });

  store.on("explained", () => {
    for (const { short, full } of groups) {
      for (const { rows, box } of [short, full]) {
        rows.clear();
        box.replaceChildren();
      }
    }
    unseenOnly.checked = s.unseenOnly;
    filter.value = s.filter;
    all.open ||= s.filter !== "";
    fit();
    words.hint();
  });
  store.on("ranking", drawLists);
  store.on("selecting", mark);
  threshold.addEventListener("input", () => change({ [s.by]: Number(threshold.value) }));
  thresholdReset.addEventListener("click", () => change(s.by === "first" ? { first: FIRST.default } : { threshold: s.x.threshold }, true));
  gamma.addEventListener("input", () => change({ gamma: Number(gamma.value) }));
  gammaReset.addEventListener("click", () => change({ gamma: s.x.gamma }, true));
  const by = z.radios(element, "zv-found-by", (value) => change({ by: /** @type {LabelState["by"]} */ (value) }, true));
  unseenOnly.addEventListener("change", () => change({ unseenOnly: unseenOnly.checked }));
  filter.addEventListener("input", () => {
    s.filter = filter.value;
    sift();
    store.emit("sifted");
  });
  find(".zv-labels-csv").addEventListener("click", () => store.download("csv", { image: s.x.title }));
  find(".zv-labels-json").addEventListener("click", () => store.download("json"));
};
