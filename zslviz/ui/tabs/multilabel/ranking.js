// @ts-check
// The best labels, those never trained on first, with what is known of them; all labels; what counts as found; labels of one's own.
zslviz.panels["multilabel/ranking"] = (element, /** @type {LabelStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [strength, gamma, unseenOnly, filter] = ["#zv-strength", "#zv-label-gamma", ".zv-unseen-only", "#zv-label-filter"].map((q) => find(q, "input"));
  const [strengthReset, gammaReset] = [".zv-strength-reset", ".zv-gamma-reset"].map((q) => find(q, "button"));
  const [strengthValue, gammaValue, axis] = [".zv-strength-value", ".zv-gamma-value", ".zv-axis"].map((q) => find(q));
  const FIRST = { default: 5, most: 30 };
  const LEADING = 3; // among which what is known to be in the photo is told first
  const STRENGTH = { default: 100, most: 300 };
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
    return { box, settle: zslviz.roving(box, ".zv-label-row"), rows: /** @type {Map<string, Row>} */ (new Map()), unsettled: true };
  }
  /** @typedef {ReturnType<typeof row>} Row */
  /** @typedef {ReturnType<typeof list>} List */

  // -- the lists ----------------------------------------------------------------------------------------------------
  // What is read out is what is written, with some words that are not seen.
  function row(/** @type {RankedLabel} */ { name, added }) {
    const span = (/** @type {string} */ className, text = "") => z.element("span", { className, textContent: text });
    const bar = z.element("i", { className: "zv-bar" });
    const bars = z.element("span", { className: "zv-bars" }, bar);
    const [rank, score, means, said] = [span("zv-rank"), span("zv-score"), span("zv-sr"), span("zv-sr", " of the 100 that count. Show its map.")];
    const main = z.element("button", { type: "button", className: "zv-label-row" }, rank, z.element("i", { className: "zv-marker" }),
      span("zv-name", name), means, score, said, bars);
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
    return { item, main, rank, score, bar, bars, means };
  }
  // Only what has changed is written, and only what has another place is moved.
  // of: their group in its order, where each has its place.
  function fill(/** @type {List} */ of, /** @type {RankedLabel[]} */ labels, group = labels) {
    const { x } = s;
    const standing = new Map(group.map(({ name }, i) => [name, String(i + 1)]));
    const { box, rows } = of;
    const kept = new Set(labels.map((l) => l.name));
    for (const [name, { item }] of rows) if (!kept.has(name)) (item.remove(), rows.delete(name), of.unsettled = true);
    let place = box.firstElementChild;
    for (const l of labels) {
      const drawn = rows.get(l.name) || row(l);
      const { item } = drawn;
      const there = x.there.includes(l.name);
      const doubted = Boolean(s.kin[l.name]?.doubt);
      rows.set(l.name, drawn);
      const look = `${l.seen ? "zv-seen" : "zv-unseen"}${l.added ? " zv-added" : ""}${l.found ? " zv-found" : ""}${there ? " zv-there" : ""}`;
      z.look(item, look);
      z.write(drawn.rank, doubted ? "?" : standing.get(l.name) || "");
      z.write(drawn.means, `${there ? ", in the photo" : ""}, ${l.added ? "added by you, " : ""}${l.seen ? "trained on" : "never trained on"}, ` +
        `${doubted ? "its rank means nothing" : l.found ? "found" : "not found"}, `);
      const value = store.strengthOf(l.calibrated, l.seen);
      z.write(drawn.score, shown(value));
      z.style(drawn.bar, "width", `${share(value)}%`);
      z.style(drawn.bars, "background-position-x", s.ranking.threshold === null ? "-10px" : `${share(s.strength)}%`); // what counts as found
      if (item === place) place = place.nextElementSibling;
      else {
        box.insertBefore(item, place); // in the order of the ranking
        of.unsettled = true;
      }
    }
    markIn(of);
  }
  // Whole numbers, and none below the middle label: what is less than nothing says no more.
  const shown = (/** @type {number} */ value) => String(Math.max(0, Math.round(value)));
  const share = (/** @type {number} */ value) => Math.min(100, Math.max(0, (100 * value) / ceiling));
  let ceiling = 100; // the strength that fills a bar
  function drawLists() {
    const r = s.ranking;
    ceiling = Math.max(100, ...r.labels.map((l) => store.strengthOf(l.calibrated, l.seen)));
    for (const { seen, short, box, verdict } of groups) {
      const labels = r.labels.filter((l) => l.seen === seen);
      const leading = seen ? r.leading.seen : r.leading.unseen;
      // words of the visitor's own are among the leading ones as well, wherever they stand
      fill(short, labels.filter((l) => leading.includes(l.name) || l.added), labels);
      box.hidden = !labels.length;
      const parts = told(labels);
      if (verdict.textContent !== parts.map((one) => (typeof one === "string" ? one : one.textContent)).join("")) verdict.replaceChildren(...parts);
    }
    zslviz.tell.announce("ranking", groups.filter(({ box }) => !box.hidden).map(({ seen, verdict }) => `${seen ? "Trained on" : "Never trained on"}: ${verdict.textContent}`).join(" "));
    z.write(z.finder(all)("summary"), `All ${r.labels.length} labels`);
    z.write(axis, "Strength: 0 is the middle one of the labels trained on, 100 counts as found" + (r.threshold === null || s.strength === 100 ? "." : `; now ${shown(s.strength)} does.`) +
      (s.x.there.length ? " ✓ is known to be in the photo." : ""));
    everyLabel.soon();
  }
  const everyLabel = zslviz.fold(store, all, () => {
    for (const { seen, full } of groups) {
      const labels = s.ranking.labels.filter((l) => l.seen === seen);
      fill(full, labels);
      z.write(find(`.zv-two-lists h3.zv-${seen ? "seen" : "unseen"}`),
        seen && s.unseenOnly ? "Trained on: left out" : `${seen ? "Trained on" : "Never trained on"} (${labels.length})`);
    }
    sift();
  });
  // How good the best of a group are: by what is known to be in the photo, and by what counts as found.
  function told(/** @type {RankedLabel[]} */ labels) {
    const known = labels.map((l, i) => ({ l, place: i + 1 })).filter(({ l }) => s.x.there.includes(l.name));
    const places = (/** @type {typeof known} */ some) => some.map(({ l, place }) => `${l.name} ${z.ordinal(place)}`).join(", ");
    const [right, below] = [known.filter(({ place }) => place <= LEADING), known.filter(({ place }) => place > LEADING)];
    const more = below.length > 1 ? ` and ${below.length - 1} more` : "";
    const bold = (/** @type {string} */ textContent) => z.element("b", { textContent });
    const first = !s.x.there.length ? []
      : !known.length ? [`None of the ${labels.length} is known to be in the photo. `]
      : right.length ? [bold(`Right: ${places(right)}`), ` of ${labels.length}${below.length ? `, then ${places(below.slice(0, 1))}${more}` : ""}. `]
      : [bold("Right only further down:"), ` ${places(below.slice(0, 1))} of ${labels.length}${more}. `];
    return [...first, found(labels)];
  }
  // How many count as found, and how many of them are right where that is known.
  function found(/** @type {RankedLabel[]} */ labels) {
    const some = labels.filter((l) => l.found);
    const right = some.filter((l) => s.x.there.includes(l.name)).length;
    const [best] = labels;
    if (!some.length && (!best || s.ranking.threshold === null)) return "Found: none.";
    if (!some.length) return `Found: none; ${best.name} is nearest, ${shown(store.strengthOf(best.calibrated, best.seen))} of ${shown(s.strength)}.`;
    const known = !s.x.there.length ? "" : some.length === 1 ? `, ${right ? "" : "not "}known to be there`
      : `, ${right < some.length ? right || "none" : some.length === 2 ? "both" : "all"} known to be there`;
    return `Found: ${some.length}${known}.`;
  }
  function sift() {
    const wanted = filter.value.trim().toLowerCase();
    for (const { full } of groups) {
      for (const [name, { item }] of full.rows) {
        const out = !name.toLowerCase().includes(wanted);
        if (item.hidden === out) continue;
        item.hidden = out;
        full.unsettled = true;
      }
      settled(full);
    }
  }
  function mark() {
    for (const { short, full } of groups) for (const one of [short, full]) markIn(one);
  }
  // Which labels are shown.
  function markIn(/** @type {List} */ of) {
    for (const [name, { main }] of of.rows) {
      const pressed = String(s.several ? s.overlaid.includes(name) : name === s.label);
      if (main.getAttribute("aria-pressed") === pressed) continue;
      main.setAttribute("aria-pressed", pressed);
      of.unsettled = true;
    }
    settled(of);
  }
  function settled(/** @type {List} */ of) {
    if (of.unsettled) of.settle();
    of.unsettled = false;
  }

  // -- what counts as found -----------------------------------------------------------------------------------------
  function fit() {
    const { x } = s;
    const scores = x.ranking.labels.map((l) => l.calibrated); // as the photo came: a range that moves would move the value
    const [low, high] = [Math.min(...scores), Math.max(...scores)];
    if (s.by === "first") Object.assign(strength, { min: 1, max: Math.min(FIRST.most, x.labels.length), step: 1, value: s.first });
    else Object.assign(strength, { min: Math.min(0, s.strength), max: Math.max(STRENGTH.most, s.strength), step: 1, value: s.strength });
    z.fitSlider(gamma, Math.max(2.5 * Math.abs(x.gamma), (high - low) / 2, 0.1), s.gamma, x.gamma < 0);
    drawValues();
  }
  function drawValues() {
    const { x } = s;
    z.write(strengthValue, s.by === "first" ? String(s.first) : shown(s.strength));
    z.write(gammaValue, z.number(s.gamma));
    strengthReset.disabled = s.by === "first" ? s.first === FIRST.default : s.strength === STRENGTH.default;
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
      const rivals = s.ranking.labels.filter(({ seen }) => !seen);
      if (!line || !kin) return "";
      const near = `Nearest labels: ${kin.nearest.map(({ name, likeness }) => `${name} (${z.number(likeness)})`).join(", ")}.`;
      return kin.doubt ? `${kin.doubt} ${near}` : `“${line.name}” is ${z.ordinal(rivals.indexOf(line) + 1)} of the ${rivals.length} never trained on, ${line.found ? "found" : "not found"}. ${near}`;
    },
  });

  store.on("explained", () => {
    for (const { short, full } of groups) {
      for (const { rows, box } of [short, full]) {
        rows.clear();
        box.replaceChildren();
      }
    }
    z.write(find(".zv-remark"), s.x.remark);
    unseenOnly.checked = s.unseenOnly;
    filter.value = s.filter;
    all.open ||= s.filter !== "";
    fit();
    words.hint();
  });
  store.on("ranking", drawLists);
  store.on("selecting", mark);
  zslviz.sliding(strength, (value) => change({ [s.by]: value }));
  strengthReset.addEventListener("click", () => change(s.by === "first" ? { first: FIRST.default } : { strength: STRENGTH.default }, true));
  zslviz.sliding(gamma, (value) => change({ gamma: value }));
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
