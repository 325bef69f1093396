// @ts-check
// The best pairs with their ranks at first sight; the handicap, and how believable pairs have to be; words typed by the visitor.
zslviz.panels["compose/ranking"] = (element, /** @type {ComposeStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [list, turned, chips, biasValue, thresholdValue] = [".zv-pair-list", ".zv-turned", ".zv-words", ".zv-bias-value", ".zv-feasibility-value"].map((q) => find(q));
  const [bias, threshold] = ["#zv-bias", "#zv-feasibility"].map((q) => find(q, "input"));
  const [biasReset, thresholdReset, own] = [".zv-bias-reset", ".zv-feasibility-reset", ".zv-feasibility-own"].map((q) => find(q, "button"));
  const [ruledOut, remark] = [".zv-ruled-out", ".zv-remark"].map((q) => find(q));
  const kind = find(".zv-word-kind", "select");
  const HINTS = { state: "A state, such as turquoise, gets a row.", object: "An object, such as scarves, gets a column." };

  const settle = zslviz.roving(list, "button");

  // -- the list -----------------------------------------------------------------------------------------------------
  function line(/** @type {number} */ position) {
    const made = z.element("button", { type: "button" }, z.element("span", { className: "zv-rank" }), z.element("i", { className: "zv-marker" }),
      z.element("span", { className: "zv-name" }), z.element("span", { className: "zv-sr" }), z.element("span", { className: "zv-score" }),
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
    const lines = z.lines(list, r.pairs.length, line);
    const { refining } = s.x;
    const when = r.before ? "then" : "was";
    r.pairs.forEach((p, i) => {
      const item = lines[i];
      const part = z.finder(item);
      const is = store.same(s.x.true, [p.state, p.object]);
      item.classList.toggle("zv-seen", p.seen);
      item.classList.toggle("zv-unseen", !p.seen);
      z.write(part(".zv-rank"), String(p.rank));
      z.write(part(".zv-name"), p.name + (is ? " ✓" : ""));
      z.write(part(".zv-sr"), `, ${p.seen ? "trained on" : "never trained on"}${is ? ", what the photo shows" : ""}, score `);
      z.write(part(".zv-moved"), refining ? `${when} ${store.ordinal(p.other_rank)}` : "");
      z.write(part(".zv-score"), z.number(p.biased));
      z.style(part(".zv-bar"), "width", `${z.share(p.biased, r)}%`);
    });
    mark();
    drawValues();
    drawWords();
    const degrees = (Math.acos(Math.min(1, Math.max(-1, 1 - s.x.moved))) * 180) / Math.PI;
    z.write(turned, !refining ? "This model answers once."
      : `${refining.turned.replace("{}", `${degrees.toFixed(0)}°`)} “${when}”: a pair’s rank ${z.uncapped(r.before ? refining.after : refining.before)}.`);
    z.write(remark, s.x.remark);
  }
  let marked = ""; // where the list's stop was looked for last: how many lines there are, and which one is asked about
  function mark() {
    const asked = (s.ranking.pairs || []).findIndex((p) => store.same(s.pair, [p.state, p.object]));
    [...list.querySelectorAll("button")].forEach((button, i) => {
      button.parentElement?.classList.toggle("zv-asked", i === asked);
      if (button.getAttribute("aria-current") !== String(i === asked)) button.setAttribute("aria-current", String(i === asked));
    });
    const now = `${list.children.length}/${asked}`;
    if (now !== marked) settle();
    marked = now;
  }

  // -- bias and feasibility -------------------------------------------------------------------------------------------
  function fit() {
    const r = s.ranking;
    z.fitSlider(bias, Math.max(2.5 * Math.abs(s.x.bias), (r.ceiling - r.floor) / 2, 0.1), s.bias, true);
    const lowest = Math.min(...s.space.feasibility.flat());
    Object.assign(threshold, { min: Math.floor(100 * Math.min(lowest, s.threshold)) / 100, max: 1, step: 0.01, value: s.threshold });
    drawValues();
  }
  // How many pairs a threshold rules out; those trained on never are.
  const out = (/** @type {number} */ least) => s.space.feasibility.reduce((sum, row, i) => sum + row.filter((value, j) => !s.space.seen[i][j] && value < Math.fround(least)).length, 0);
  function drawValues() {
    z.write(biasValue, z.number(s.bias, true));
    biasReset.disabled = s.bias === s.x.bias;
    z.write(thresholdValue, z.number(s.threshold));
    threshold.disabled = !s.openWorld;
    thresholdReset.disabled = !s.openWorld || s.threshold === s.x.biting;
    own.hidden = !s.openWorld || s.threshold === s.x.threshold;
    z.write(own, `The model’s own: ${z.number(s.x.threshold)}, which rules out ${out(s.x.threshold)}`);
    z.write(ruledOut, s.openWorld ? `Rules out ${out(s.threshold)} of ${s.space.seen.flat().length} pairs.` : "Rules out nothing in the closed world, where the listed pairs compete.");
  }
  zslviz.sliding(bias, (value) => store.change({ bias: value }));
  zslviz.sliding(threshold, (value) => store.change({ threshold: value }));
  biasReset.addEventListener("click", () => {
    store.change({ bias: s.x.bias });
    fit();
  });
  thresholdReset.addEventListener("click", () => {
    store.change({ threshold: s.x.biting });
    fit();
  });
  own.addEventListener("click", () => {
    store.change({ threshold: s.x.threshold });
    fit();
  });

  // -- words ------------------------------------------------------------------------------------------------------------
  function drawWords() {
    const all = /** @type {const} */ (["states", "objects"]).flatMap((key) => s.added[key].map((name) => ({ key, name })));
    const drawn = all.map(({ key, name }) => `${key},${name}`).join("\n");
    if (drawn === chips.dataset.words) return;
    chips.dataset.words = drawn;
    chips.replaceChildren(...all.map(({ key, name }) => {
      const chip = z.chip(() => {
        store.remove(key, name);
        words.input.focus();
      }, "×", name);
      chip.setAttribute("aria-label", `Remove the ${key.slice(0, -1)} ${name}`);
      return chip;
    }));
  }
  const chosenKind = () => /** @type {"state" | "object"} */ (kind.value);
  const words = zslviz.addWords(find(".zv-add"), find("#zv-word-said"), {
    hint: () => HINTS[chosenKind()],
    add: (name, fail) => store.add(chosenKind(), name, fail),
    told() {
      const [row, column] = store.at(s.pair);
      const [rank, name] = [s.ranking.ranks[row][column], s.pair.join(" ")];
      const kin = s.kin[`${chosenKind()},${s.pair[chosenKind() === "state" ? 0 : 1]}`];
      const near = kin ? ` Nearest ${chosenKind()}s: ${kin.nearest.map((one) => `${one.name} (${z.number(one.likeness)})`).join(", ")}.` : "";
      if (kin?.doubt) return kin.doubt + near;
      return (rank ? `“${name}” is ${store.ordinal(rank)} of ${s.ranking.competing}.` : `“${name}” does not compete: too little believable. Lower the threshold to let it in.`) + near;
    },
  });
  kind.addEventListener("change", () => {
    words.input.placeholder = kind.value === "state" ? "turquoise" : "scarves";
    words.hint();
  });

  store.on("explained", () => {
    fit();
    words.hint();
  });
  store.on("ranking", draw);
  store.on("settings", drawValues);
  store.on("selecting", mark);
  find(".zv-pairs-csv").addEventListener("click", () => store.download("csv"));
  find(".zv-pairs-json").addEventListener("click", () => store.download("json"));
};
