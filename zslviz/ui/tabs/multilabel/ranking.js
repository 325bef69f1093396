// All labels, seen and unseen apart; what counts as found; labels added by name.
zslviz.panels["multilabel/ranking"] = (element, gradio, store) => {
  "use strict";
  const z = zslviz;
  const s = store.state;
  const find = (selector) => element.querySelector(selector);
  const [form, input, button, said] = [".zv-add", "#zv-add-name", ".zv-add button", "#zv-add-said"].map(find);
  const [threshold, thresholdValue, thresholdReset] = ["#zv-threshold", ".zv-threshold-value", ".zv-threshold-reset"].map(find);
  const [gamma, gammaValue, gammaReset] = ["#zv-label-gamma", ".zv-gamma-value", ".zv-gamma-reset"].map(find);
  const [unseenOnly, filter, found, axis] = [".zv-unseen-only", "#zv-label-filter", ".zv-found-words", ".zv-axis"].map(find);
  const lists = [...element.querySelectorAll(".zv-label-list")];
  const HINT = "It gets its word vector and joins as never trained on.";
  const FIRST = { default: 5, most: 30 };
  const rows = new Map(); // by label

  // -- the lists ----------------------------------------------------------------------------------------------------
  function row(name, added) {
    const main = z.element("button", { type: "button", className: "zv-label-row" },
      z.element("span", { className: "zv-rank" }), z.element("i", { className: "zv-marker" }), z.element("span", { className: "zv-name", textContent: name }),
      z.element("span", { className: "zv-score" }), z.element("span", { className: "zv-bars" }, z.element("i", { className: "zv-bar" })));
    main.addEventListener("click", () => store.choose(name));
    const item = z.element("li", {}, main);
    if (added) {
      const remove = z.element("button", { type: "button", className: "zv-icon zv-remove", textContent: "×" });
      remove.setAttribute("aria-label", `Remove the label ${name}`);
      remove.addEventListener("click", () => {
        store.remove(name);
        input.focus();
      });
      item.append(remove);
    }
    item.parts = Object.fromEntries(["rank", "score", "bar"].map((part) => [part, item.querySelector(`.zv-${part}`)]));
    return item;
  }
  function drawLists() {
    const r = s.ranking;
    const span = Math.max(1e-9, r.ceiling - r.floor);
    const share = (score) => Math.min(100, Math.max(0, (100 * (score - r.floor)) / span));
    const there = new Set(s.x.there);
    const kept = new Set(r.labels.map((l) => l.name));
    for (const [name, item] of rows) if (!kept.has(name)) (item.remove(), rows.delete(name));
    for (const l of r.labels) {
      if (!rows.has(l.name)) rows.set(l.name, row(l.name, l.added));
      const item = rows.get(l.name);
      item.className = `${l.seen ? "zv-seen" : "zv-unseen"}${l.added ? " zv-added" : ""}${l.found ? " zv-found" : ""}`;
      item.parts.rank.textContent = l.rank;
      item.parts.score.textContent = z.number(l.calibrated);
      item.parts.bar.style.width = `${share(l.calibrated)}%`;
      item.classList.toggle("zv-there", there.has(l.name));
      item.firstChild.setAttribute("aria-label", `${l.rank}. ${l.name}, ${l.added ? "added by you, " : ""}${l.seen ? "trained on" : "never trained on"}, ` +
        `${l.found ? "found" : "not found"}${there.has(l.name) ? ", it is in the picture" : ""}, score ${z.number(l.calibrated)}. Show its map.`);
      lists[l.seen ? 1 : 0].append(item); // in the order of the ranking
    }
    element.style.setProperty("--bar", r.threshold === null ? "-10px" : `${share(r.threshold)}%`);
    const [unseen, seen] = [r.found_unseen, r.found - r.found_unseen];
    const all = (seen) => r.labels.filter((l) => l.seen === seen).length;
    element.querySelector("h3.zv-unseen").textContent = `Never trained on (${all(false)})`;
    element.querySelector("h3.zv-seen").textContent = s.unseenOnly ? "Trained on: left out" : `Trained on (${all(true)})`;
    found.replaceChildren(z.element("b", { textContent: `✓ ${r.found} found` }), `: ${unseen} never trained on, ${seen} trained on.`);
    axis.textContent = `Bars start at ${z.number(r.floor)}${r.threshold === null ? "" : "; the line marks the threshold"}.` + (there.size ? " ◆ is in the picture." : "");
    sift();
    mark();
  }
  function sift() {
    const wanted = filter.value.trim().toLowerCase();
    for (const [name, item] of rows) item.hidden = !name.toLowerCase().includes(wanted);
  }
  function mark() {
    for (const [name, item] of rows) {
      const chosen = s.several ? s.overlaid.includes(name) : name === s.label;
      item.firstChild.setAttribute("aria-pressed", String(chosen));
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
    thresholdValue.textContent = s.by === "first" ? s.first : z.number(s.threshold);
    gammaValue.textContent = z.number(s.gamma);
    thresholdReset.disabled = s.by === "first" ? s.first === FIRST.default : s.threshold === x.threshold;
    gammaReset.disabled = s.gamma === x.gamma;
    element.querySelector(`input[value="${s.by}"]`).checked = true;
  }
  function change(values, fitting = false) {
    Object.assign(s, values);
    if (fitting) fit();
    drawValues();
    store.rank();
  }

  // -- a label of the visitor's own -----------------------------------------------------------------------------------
  function say(text, kind = "") {
    said.textContent = text;
    said.dataset.kind = kind;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (!name || button.disabled) return input.focus();
    button.disabled = true;
    const added = await store.add(name, (sentence) => say(sentence, "error"));
    button.disabled = false;
    input.focus();
    if (!added) return input.select();
    input.value = "";
    const line = s.ranking.labels.find((l) => l.name === s.label);
    say(line ? `“${line.name}” is number ${line.rank} of ${s.ranking.labels.length}, ${line.found ? "found" : "not found"}.` : "");
    const item = rows.get(s.label);
    if (item) item.parentElement.scrollTop = item.offsetTop - 80;
  });
  input.addEventListener("input", () => say(HINT));

  store.on("explained", () => {
    rows.clear();
    for (const list of lists) list.replaceChildren();
    unseenOnly.checked = s.unseenOnly;
    fit();
    say(HINT);
  });
  store.on("ranking", drawLists);
  store.on("selecting", mark);
  threshold.addEventListener("input", () => change({ [s.by]: Number(threshold.value) }));
  thresholdReset.addEventListener("click", () => change(s.by === "first" ? { first: FIRST.default } : { threshold: s.x.threshold }, true));
  gamma.addEventListener("input", () => change({ gamma: Number(gamma.value) }));
  gammaReset.addEventListener("click", () => change({ gamma: s.x.gamma }, true));
  for (const radio of element.querySelectorAll('input[name="zv-found-by"]')) {
    radio.addEventListener("change", () => change({ by: radio.value }, true));
  }
  unseenOnly.addEventListener("change", () => change({ unseenOnly: unseenOnly.checked }));
  filter.addEventListener("input", sift);
  find(".zv-labels-csv").addEventListener("click", () => store.download("csv", { image: s.x.title }));
  find(".zv-labels-json").addEventListener("click", () => store.download("json"));
};
