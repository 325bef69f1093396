// The best pairs with their ranks before the refinement; bias and feasibility; words typed by the visitor.
zslviz.panels["compose/ranking"] = (element, gradio, store) => {
  "use strict";
  const z = zslviz;
  const s = store.state;
  const find = (selector) => element.querySelector(selector);
  const [list, turned] = [".zv-pair-list", ".zv-turned"].map(find);
  const [bias, biasValue, biasReset] = ["#zv-bias", ".zv-bias-value", ".zv-bias-reset"].map(find);
  const [threshold, thresholdValue, thresholdReset] = ["#zv-feasibility", ".zv-feasibility-value", ".zv-feasibility-reset"].map(find);
  const [form, input, kind, button, said, chips] = [".zv-add", "#zv-word", ".zv-word-kind", ".zv-add button", "#zv-word-said", ".zv-words"].map(find);
  const HINTS = { state: "A state, such as turquoise, gets a row.", object: "An object, such as scarves, gets a column." };
  const KINDS = { state: "states", object: "objects" };

  // -- the list -----------------------------------------------------------------------------------------------------
  function line(position) {
    const made = z.element("button", { type: "button" }, z.element("span", { className: "zv-rank" }), z.element("i", { className: "zv-marker" }),
      z.element("span", { className: "zv-name" }), z.element("span", { className: "zv-score" }),
      z.element("span", { className: "zv-bars" }, z.element("i", { className: "zv-bar" })), z.element("span", { className: "zv-moved" }));
    made.addEventListener("click", (event) => {
      const { state, object } = s.ranking.pairs[position];
      if (event.shiftKey) store.compare([state, object]);
      else store.select([state, object]);
    });
    return z.element("li", {}, made);
  }
  function draw() {
    const r = s.ranking;
    const span = Math.max(1e-9, r.ceiling - r.floor);
    while (list.children.length < r.pairs.length) list.append(line(list.children.length));
    while (list.children.length > r.pairs.length) list.lastChild.remove();
    const when = r.before ? "after" : "before";
    r.pairs.forEach((p, i) => {
      const item = list.children[i];
      const part = (selector) => item.querySelector(selector);
      const is = store.same(s.x.true, [p.state, p.object]);
      item.className = p.seen ? "zv-seen" : "zv-unseen";
      part(".zv-rank").textContent = p.rank;
      part(".zv-name").textContent = p.name + (is ? " ◆" : "");
      part(".zv-moved").textContent = `${when}: ${store.ordinal(p.other_rank)}`;
      part(".zv-score").textContent = z.number(p.biased);
      part(".zv-bar").style.width = `${Math.min(100, Math.max(0, (100 * (p.biased - r.floor)) / span))}%`;
      part("button").setAttribute("aria-label", `${p.rank}. ${p.name}, ${p.seen ? "trained on" : "never trained on"}${is ? ", what the photo shows" : ""}, ` +
        `score ${z.number(p.biased)}, ${when} the refinement ${store.ordinal(p.other_rank)}. Show its maps.`);
    });
    mark();
    drawValues();
    drawWords();
    const degrees = (Math.acos(Math.min(1, Math.max(-1, 1 - s.x.moved))) * 180) / Math.PI;
    turned.textContent = s.x.has_queries
      ? `The queries turned the photo's embedding by ${degrees.toFixed(0)}° (1 − cosine = ${s.x.moved.toFixed(3)}); “${when}” is a pair's rank ${r.before ? "with" : "without"} that.`
      : "This model has no queries: the embedding is not refined.";
  }
  function mark() {
    (s.ranking.pairs || []).forEach((p, i) => list.children[i]?.classList.toggle("zv-asked", store.same(s.pair, [p.state, p.object])));
  }

  // -- bias and feasibility -------------------------------------------------------------------------------------------
  function fit() {
    const r = s.ranking;
    z.fitSlider(bias, Math.max(2.5 * Math.abs(s.x.bias), (r.ceiling - r.floor) / 2, 0.1), s.bias, true);
    const lowest = Math.min(...s.space.feasibility.flat());
    Object.assign(threshold, { min: Math.floor(100 * Math.min(lowest, s.threshold)) / 100, max: 1, step: 0.01, value: s.threshold });
    drawValues();
  }
  function drawValues() {
    biasValue.textContent = z.number(s.bias, true);
    biasReset.disabled = s.bias === s.x.bias;
    thresholdValue.textContent = z.number(s.threshold);
    threshold.disabled = !s.openWorld;
    threshold.title = s.openWorld ? "" : "In the closed world the listed pairs compete, whatever their feasibility.";
    thresholdReset.disabled = !s.openWorld || s.threshold === s.x.threshold;
  }
  bias.addEventListener("input", () => store.change({ bias: Number(bias.value) }));
  threshold.addEventListener("input", () => store.change({ threshold: Number(threshold.value) }));
  biasReset.addEventListener("click", () => {
    store.change({ bias: s.x.bias });
    fit();
  });
  thresholdReset.addEventListener("click", () => {
    store.change({ threshold: s.x.threshold });
    fit();
  });

  // -- words ------------------------------------------------------------------------------------------------------------
  function say(text, look = "") {
    said.textContent = text;
    said.dataset.kind = look;
  }
  function drawWords() {
    const all = Object.values(KINDS).flatMap((key) => s.added[key].map((name) => [key, name]));
    if (all.join("\n") === chips.dataset.words) return;
    chips.dataset.words = all.join("\n");
    chips.replaceChildren(...all.map(([key, name]) => {
      const chip = z.element("button", { type: "button", className: "zv-chip" }, `${name} `, z.element("b", { textContent: "×" }));
      chip.setAttribute("aria-label", `Remove the ${key.slice(0, -1)} ${name}`);
      chip.addEventListener("click", () => {
        store.remove(key, name);
        input.focus();
      });
      return chip;
    }));
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (!name || button.disabled) return input.focus();
    button.disabled = true;
    const added = await store.add(kind.value, name, (sentence) => say(sentence, "error"));
    button.disabled = false;
    input.focus();
    if (!added) return input.select();
    input.value = "";
    const [state, object] = s.pair;
    const rank = s.ranking.ranks[s.space.states.findIndex((one) => one.name === state)][s.space.objects.findIndex((one) => one.name === object)];
    say(rank ? `“${state} ${object}” is ${store.ordinal(rank)} of ${s.ranking.competing}.` : `“${state} ${object}” does not compete: too little feasible. Lower the threshold to let it in.`);
  });
  input.addEventListener("input", () => say(HINTS[kind.value]));
  kind.addEventListener("change", () => {
    input.placeholder = kind.value === "state" ? "turquoise" : "scarves";
    say(HINTS[kind.value]);
  });

  store.on("explained", () => {
    fit();
    say(HINTS[kind.value]);
  });
  store.on("ranking", draw);
  store.on("settings", drawValues);
  store.on("selecting", mark);
  find(".zv-pairs-csv").addEventListener("click", () => store.download("csv"));
  find(".zv-pairs-json").addEventListener("click", () => store.download("json"));
};
