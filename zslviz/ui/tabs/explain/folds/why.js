// @ts-check
// The full account of a lead: what each attribute adds to it, and how the parts add up.
zslviz.panels["explain/why"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [words, title, waterfall, rule] = [".zv-why-words", ".zv-why-title", ".zv-waterfall", ".zv-why-rule"].map((q) => find(q));
  /** @type {ReturnType<typeof step>[]} */
  const drawn = []; // lines of the waterfall
  /** @type {ReturnType<typeof step>[]} */
  const drawnSources = [];
  const [sources, sourced] = [find(".zv-sources"), find(".zv-source-steps")];
  const fold = zslviz.fold(store, find("details", "details"), () => drawAccount(s.ranking.why));

  const drawTitle = zslviz.behind(store, () => {
    const { why } = s.ranking;
    z.write(title, s.held ? `${why.class_name} against ${why.rival_name}, while you hold the slider`
      : why.margin >= 0 ? `Why ${why.class_name} and not ${why.rival_name}?` : `Why not ${why.class_name}?`);
  });
  // Whether the lead would be the other one's without the handicap.
  const decides = (/** @type {Why} */ { margin, calibration }) => calibration !== 0 && margin >= 0 !== margin - calibration >= 0;
  // That the handicap decides: between these two, or who is first of all.
  function byHandicap(/** @type {Why} */ why) {
    const { alone, classes: [first] } = s.ranking;
    const rest = why.margin - why.calibration;
    if (decides(why)) {
      return ` The handicap decides: by attributes alone ${rest >= 0 ? why.class_name : why.rival_name} would lead by ${store.scored(Math.abs(rest))}.`;
    }
    return alone === null ? "" : ` ${first.name} is first only through the handicap: by attributes alone ${s.x.classes[alone].name} would be.`;
  }
  function drawAccount(/** @type {Why} */ why) {
    const { x } = s;
    const [ahead, behind] = why.margin >= 0 ? [why.class_name, why.rival_name] : [why.rival_name, why.class_name];
    z.write(words, why.class === why.rival ? "No other class competes."
      : `${ahead}’s lead over ${behind}: ${store.scored(Math.abs(why.margin))}. What speaks for ${why.class_name} goes to the right.${byHandicap(why)}`);
    z.write(rule, store.ruleWords(x.rule));
    const named = (/** @type {number} */ a) => (why.absent.includes(a) ? "not " : "") + x.attributes[a];
    /** @type {Term[]} */
    const rows = [
      ...why.terms.map((t) => ({ label: named(t.attribute), value: t.term, attribute: t.attribute })),
      { label: `${why.other_count} smaller ones together`, value: why.others },
    ];
    // it stands first where the lead is another's without it
    const handicap = { label: "handicap for trained classes", value: why.calibration, handicap: true };
    if (decides(why)) rows.unshift(handicap);
    else rows.push(handicap);
    account(waterfall, drawn, rows, why.margin);
    drawSources(why, handicap);
  }
  // Where it comes from: places, what comes from none, the visitor's edits, and the handicap.
  function drawSources(/** @type {Why} */ { sources: from, margin, calibration }, /** @type {Term} */ handicap) {
    sources.hidden = !from;
    if (!from) return;
    account(sourced, drawnSources, [
      { label: "places in the photo", value: from.places },
      { label: from.called || "no place: what every photo gets", value: from.rest },
      ...(from.edits ? [{ label: "your edits of the photo", value: from.edits }] : []),
      ...(calibration ? [handicap] : []),
    ], margin);
  }
  // A waterfall of terms that add up to a margin.
  /** @typedef {{ label: string, value: number, attribute?: number, handicap?: boolean }} Term */
  /**
   * @param {HTMLElement} waterfall
   * @param {ReturnType<typeof step>[]} drawn its lines
   * @param {Term[]} rows
   * @param {number} margin
   */
  function account(waterfall, drawn, rows, margin) {
    let at = 0;
    const steps = rows.map((row) => ({ ...row, from: at, to: (at += row.value), total: false }));
    steps.push({ label: "lead", value: margin, from: 0, to: margin, total: true });
    const low = Math.min(0, ...steps.map(({ from, to }) => Math.min(from, to)));
    const high = Math.max(1e-9, ...steps.map(({ from, to }) => Math.max(from, to)));
    const percent = (/** @type {number} */ v) => (100 * (v - low)) / (high - low);
    while (drawn.length > steps.length) drawn.pop()?.row.remove();
    steps.forEach(({ label, value, attribute, handicap: ofHandicap, from, to, total }, i) => {
      const kind = total ? "total" : attribute === undefined ? "term" : "attribute";
      if (drawn[i]?.kind !== kind) {
        const made = step(kind);
        if (drawn[i]) drawn[i].row.replaceWith(made.row);
        else waterfall.append(made.row);
        drawn[i] = made;
      }
      const one = drawn[i];
      one.attribute = attribute ?? -1;
      z.write(one.label, label);
      z.write(one.number, store.scored(value, true));
      one.row.classList.toggle("zv-step-handicap", Boolean(ofHandicap));
      one.bar.className = total ? "zv-total" : ofHandicap ? "zv-handicap" : value >= 0 ? "zv-for" : "zv-against";
      z.style(one.bar, "left", `${percent(Math.min(from, to))}%`);
      z.style(one.bar, "width", `${Math.max(0.6, Math.abs(percent(to) - percent(from)))}%`);
      z.style(one.zero, "left", `${percent(0)}%`);
    });
  }

  // A line of the waterfall, to be filled. kind: of an attribute, whose maps it can show; of another term; of all together.
  function step(/** @type {"attribute" | "term" | "total"} */ kind) {
    const [bar, zero] = [z.element("i"), z.element("i", { className: "zv-zero" })];
    const label = kind === "attribute"
      ? z.element("button", { type: "button", className: "zv-term", title: "Show its maps" })
      : z.element("span", { className: "zv-term" });
    const number = z.element("span", { className: "zv-number", role: "cell" });
    const row = z.element("div", { className: kind === "total" ? "zv-step zv-step-total" : "zv-step" }, z.element("span", { role: "cell" }, label),
      z.element("span", { className: "zv-track", "aria-hidden": "true" }, zero, bar), number);
    row.setAttribute("role", "row");
    const made = { kind, row, label, bar, zero, number, attribute: -1 };
    if (kind === "attribute") label.addEventListener("click", () => store.select(made.attribute));
    return made;
  }

  store.on("ranking", () => {
    drawTitle();
    fold.soon();
  });
  store.on("held", () => s.ranking && drawTitle());
  store.on("unfold", (/** @type {string} */ name) => name === "why" && fold.open());
};
