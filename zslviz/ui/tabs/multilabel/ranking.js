// @ts-check
// All labels, seen and unseen apart; what counts as found; labels added by name.
zslviz.panels["multilabel/ranking"] = (element, /** @type {LabelStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [threshold, gamma, unseenOnly, filter] = ["#zv-threshold", "#zv-label-gamma", ".zv-unseen-only", "#zv-label-filter"].map((q) => find(q, "input"));
  const [thresholdReset, gammaReset] = [".zv-threshold-reset", ".zv-gamma-reset"].map((q) => find(q, "button"));
  const [thresholdValue, gammaValue, found, axis] = [".zv-threshold-value", ".zv-gamma-value", ".zv-found-words", ".zv-axis"].map((q) => find(q));
  const lists = [...element.querySelectorAll(".zv-label-list")];
  const FIRST = { default: 5, most: 30 };
  /** @type {Map<string, ReturnType<typeof row>>} */
  const rows = new Map(); // by label

  // -- the lists ----------------------------------------------------------------------------------------------------
  function row(/** @type {string} */ name, /** @type {boolean} */ added) {
    const [rank, score, bar] = [z.element("span", { className: "zv-rank" }), z.element("span", { className: "zv-score" }), z.element("i", { className: "zv-bar" })];
    const main = z.element("button", { type: "button", className: "zv-label-row" },
      rank, z.element("i", { className: "zv-marker" }), z.element("span", { className: "zv-name", textContent: name }),
      score, z.element("span", { className: "zv-bars" }, bar));
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
    return { item, main, rank, score, bar };
  }
  function drawLists() {
    const r = s.ranking;
    const there = new Set(s.x.there);
    const kept = new Set(r.labels.map((l) => l.name));
    for (const [name, { item }] of rows) if (!kept.has(name)) (item.remove(), rows.delete(name));
    for (const l of r.labels) {
      const drawn = rows.get(l.name) || row(l.name, l.added);
      const { item } = drawn;
      rows.set(l.name, drawn);
      item.className = `${l.seen ? "zv-seen" : "zv-unseen"}${l.added ? " zv-added" : ""}${l.found ? " zv-found" : ""}`;
      drawn.rank.textContent = String(l.rank);
      drawn.score.textContent = z.number(l.calibrated);
      drawn.bar.style.width = `${z.share(l.calibrated, r)}%`;
      item.classList.toggle("zv-there", there.has(l.name));
      drawn.main.setAttribute("aria-label", `${l.rank}. ${l.name}, ${l.added ? "added by you, " : ""}${l.seen ? "trained on" : "never trained on"}, ` +
        `${l.found ? "found" : "not found"}${there.has(l.name) ? ", it is in the picture" : ""}, score ${z.number(l.calibrated)}. Show its map.`);
      lists[l.seen ? 1 : 0].append(item); // in the order of the ranking
    }
    element.style.setProperty("--bar", r.threshold === null ? "-10px" : `${z.share(r.threshold, r)}%`);
    const [unseen, seen] = [r.found_unseen, r.found - r.found_unseen];
    const all = (/** @type {boolean} */ seen) => r.labels.filter((l) => l.seen === seen).length;
    find("h3.zv-unseen").textContent = `Never trained on (${all(false)})`;
    find("h3.zv-seen").textContent = s.unseenOnly ? "Trained on: left out" : `Trained on (${all(true)})`;
    found.replaceChildren(z.element("b", { textContent: `✓ ${r.found} found` }), `: ${unseen} never trained on, ${seen} trained on.`);
    axis.textContent = `Bars start at ${z.number(r.floor)}${r.threshold === null ? "" : "; the line marks the threshold"}.` + (there.size ? " ◆ is in the picture." : "");
    sift();
    mark();
  }
  function sift() {
    const wanted = filter.value.trim().toLowerCase();
    for (const [name, { item }] of rows) item.hidden = !name.toLowerCase().includes(wanted);
  }
  function mark() {
    for (const [name, { main }] of rows) {
      const chosen = s.several ? s.overlaid.includes(name) : name === s.label;
      main.setAttribute("aria-pressed", String(chosen));
    }
  }

  // -- what counts as found -----------------------------------------------------------------------------------------
  function fit() {
    const [scores, { x }] = [s.ranking.labels.map((l) => l.calibrated), s];
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
    hint: () => "It gets its word vector and joins as never trained on.",
    add: store.add,
    told() {
      const shown = rows.get(s.label);
      if (shown?.item.parentElement) shown.item.parentElement.scrollTop = shown.item.offsetTop - 80;
      const line = s.ranking.labels.find((l) => l.name === s.label);
      return line ? `“${line.name}” is number ${line.rank} of ${s.ranking.labels.length}, ${line.found ? "found" : "not found"}.` : "";
    },
  });

  store.on("explained", () => {
    rows.clear();
    for (const list of lists) list.replaceChildren();
    unseenOnly.checked = s.unseenOnly;
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
  filter.addEventListener("input", sift);
  find(".zv-labels-csv").addEventListener("click", () => store.download("csv", { image: s.x.title }));
  find(".zv-labels-json").addEventListener("click", () => store.download("json"));
};
