// @ts-check
// Ranked classes with the state before the edits, calibration, and why one class and not another.
zslviz.panels["explain/ranking"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [list, axis, words, title, waterfall] =
    [".zv-classes", ".zv-axis", ".zv-why-words", ".zv-why-title", ".zv-waterfall"].map((q) => find(q));
  const SLIDE_MS = 180;
  const [gamma, unseenOnly] = ["#zv-gamma", "#zv-unseen-only"].map((q) => find(q, "input"));
  const [gammaValue, gammaReset] = [find(".zv-gamma-value"), find(".zv-gamma-reset", "button")];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {number[]} */
  let places = []; // the classes as they stand in the list
  let pitch = 0; // of its lines, in pixels
  /** @type {ReturnType<typeof step>[]} */
  const drawn = []; // lines of the waterfall
  /** @type {WeakMap<HTMLElement, Map<string, HTMLElement>>} */
  const parts = new WeakMap();

  function line(/** @type {number} */ position) {
    const name = z.element("span", { className: "zv-name" });
    const moved = z.element("span", { className: "zv-moved" });
    const score = z.element("span", { className: "zv-score" });
    const bars = z.element("span", { className: "zv-bars" }, z.element("i", { className: "zv-ghost" }), z.element("i", { className: "zv-bar" }));
    const button = z.element("button", { type: "button" },
      z.element("span", { className: "zv-rank" }), z.element("i", { className: "zv-marker" }), name, moved, score, bars);
    button.addEventListener("click", () => {
      const { classes } = s.ranking;
      const chosen = classes[position].index;
      s.why = chosen === classes[0].index ? null : chosen;
      store.rank();
    });
    return z.element("li", {}, button);
  }

  // Parts of a line by their selectors, found once.
  function partOf(/** @type {HTMLElement} */ item) {
    const found = parts.get(item) || new Map();
    parts.set(item, found);
    return (/** @type {string} */ selector) => {
      if (!found.has(selector)) found.set(selector, z.finder(item)(selector));
      return /** @type {HTMLElement} */ (found.get(selector));
    };
  }

  // Lines slide from where their class stood: a class that is new comes from below.
  function slide(/** @type {HTMLElement[]} */ lines, /** @type {number[]} */ now) {
    const before = places;
    places = now;
    if (still.matches || !pitch || !before.length) return;
    lines.forEach((item, i) => {
      const from = before.indexOf(now[i]);
      const steps = (from < 0 ? before.length : from) - i;
      if (steps) item.animate([{ transform: `translateY(${steps * pitch}px)` }, { transform: "none" }], { duration: SLIDE_MS, easing: "ease-out" });
    });
  }
  new ResizeObserver(([{ contentRect }]) => (pitch = contentRect.height / Math.max(1, list.children.length))).observe(list);

  function drawClasses(/** @type {ClassRanking} */ r) {
    const lines = z.lines(list, r.classes.length, line);
    slide(lines, r.classes.map((c) => c.index));
    r.classes.forEach((c, i) => {
      const item = lines[i];
      const part = partOf(item);
      const look = `${c.seen ? "zv-seen" : "zv-unseen"}${c.index === r.why.class ? " zv-asked" : ""}`;
      if (item.className !== look) item.className = look;
      z.write(part(".zv-rank"), String(c.rank));
      z.write(part(".zv-name"), c.name + (c.true ? " ✓ true" : ""));
      const steps = c.rank_before - c.rank;
      z.write(part(".zv-moved"), !r.edited || steps === 0 ? "" : `${steps > 0 ? "▲" : "▼"}\u2009${Math.abs(steps)}`);
      z.write(part(".zv-score"), z.number(c.score));
      z.style(part(".zv-bar"), "width", `${z.share(c.score, r)}%`);
      const ghost = part(".zv-ghost");
      ghost.hidden = !r.edited;
      z.style(ghost, "width", `${z.share(c.before, r)}%`);
      z.label(part("button"),
        `${c.rank}. ${c.name}, ${c.seen ? "trained on" : "never trained on"}${c.true ? ", the true class" : ""}, score ${z.number(c.score)}` +
        `${r.edited ? `, was rank ${c.rank_before} with ${z.number(c.before)}` : ""}. Show why.`);
    });
    z.write(axis, `Bars start at the middle one of ${r.competing} classes.` +
      (r.edited ? " Outlines: before your edits. ▲▼: places moved." : ""));
  }

  function drawWhy(/** @type {Why} */ why) {
    const { x } = s;
    const leads = why.margin >= 0;
    const [ahead, behind] = leads ? [why.class_name, why.rival_name] : [why.rival_name, why.class_name];
    z.write(title, s.held ? `${why.class_name} against ${why.rival_name}, while you hold the slider`
      : leads ? `Why ${why.class_name} and not ${why.rival_name}?` : `Why not ${why.class_name}?`);
    z.write(words, why.class === why.rival ? "No other class competes." : `${ahead}’s lead over ${behind}: ${z.number(Math.abs(why.margin))}.`);
    /** @type {{ label: string, value: number, attribute?: number }[]} */
    const rows = [
      ...why.terms.map((t) => ({ label: x.attributes[t.attribute], value: t.term, attribute: t.attribute })),
      { label: `${why.other_count} others together`, value: why.others },
      { label: "handicap for trained classes", value: why.calibration },
    ];
    let at = 0;
    const steps = rows.map((row) => ({ ...row, from: at, to: (at += row.value), total: false }));
    steps.push({ label: "lead", value: why.margin, from: 0, to: why.margin, total: true });
    const low = Math.min(0, ...steps.map(({ from, to }) => Math.min(from, to)));
    const high = Math.max(1e-9, ...steps.map(({ from, to }) => Math.max(from, to)));
    const percent = (/** @type {number} */ v) => (100 * (v - low)) / (high - low);
    while (drawn.length > steps.length) drawn.pop()?.row.remove();
    steps.forEach(({ label, value, attribute, from, to, total }, i) => {
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
      z.write(one.number, z.number(value, true));
      one.bar.className = total ? "zv-total" : value >= 0 ? "zv-for" : "zv-against";
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
    label.setAttribute("role", "cell");
    const number = z.element("span", { className: "zv-number", role: "cell" });
    const row = z.element("div", { className: kind === "total" ? "zv-step zv-step-total" : "zv-step" }, label,
      z.element("span", { className: "zv-track", "aria-hidden": "true" }, zero, bar), number);
    row.setAttribute("role", "row");
    const made = { kind, row, label, bar, zero, number, attribute: -1 };
    if (kind === "attribute") label.addEventListener("click", () => store.select(made.attribute));
    return made;
  }

  // The slider spans what can change the answer: from no handicap to well above the checkpoint's own and the top's lead.
  function fitGamma() {
    const { x } = s;
    const r = x.ranking;
    const reach = Math.max(2.5 * Math.abs(x.gamma), 1.5 * (r.ceiling - r.floor), Math.abs(s.gamma), 0.1);
    z.fitSlider(gamma, reach, s.gamma, Math.min(x.gamma, s.gamma) < 0);
    drawGamma();
  }
  function drawGamma() {
    gammaValue.textContent = z.number(s.gamma);
    gammaReset.disabled = !s.x || s.gamma === s.x.gamma;
  }

  zslviz.panels["explain/answer"](find(".zv-answer"), store);
  store.on("explained", () => {
    places = [];
    unseenOnly.checked = s.unseenOnly;
    fitGamma();
  });
  store.on("ranking", () => {
    drawClasses(s.ranking);
    drawWhy(s.ranking.why);
  });
  gamma.addEventListener("input", () => {
    s.gamma = Number(gamma.value);
    drawGamma();
    store.rank();
  });
  function setGamma(/** @type {number} */ value) {
    s.gamma = value;
    gamma.value = String(value);
    drawGamma();
    store.rank();
  }
  gammaReset.addEventListener("click", () => setGamma(s.x.gamma));
  gamma.addEventListener("pointerdown", () => {
    const before = s.gamma;
    const end = (/** @type {Event} */ { type }) => {
      for (const name of ["pointerup", "pointercancel"]) window.removeEventListener(name, end);
      if (type === "pointercancel" && s.gamma !== before) setGamma(before); // it was a touch that scrolls
    };
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, end);
  });
  unseenOnly.addEventListener("change", () => {
    s.unseenOnly = unseenOnly.checked;
    store.rank();
  });
};
