// Ranked classes with the state before the edits, calibration, and why one class and not another.
zslviz.panels["explain/ranking"] = (element) => {
  "use strict";
  const z = zslviz;
  const find = (selector) => element.querySelector(selector);
  const [list, axis, words, title, waterfall] = [".zv-classes", ".zv-axis", ".zv-why-words", ".zv-why-title", ".zv-waterfall"].map(find);
  const [gamma, gammaValue, gammaReset, unseenOnly] = ["#zv-gamma", ".zv-gamma-value", ".zv-gamma-reset", "#zv-unseen-only"].map(find);
  const announce = find(".zv-announce");
  let told = "";

  function line(position) {
    const name = z.element("span", { className: "zv-name" });
    const moved = z.element("span", { className: "zv-moved" });
    const score = z.element("span", { className: "zv-score" });
    const bars = z.element("span", { className: "zv-bars" }, z.element("i", { className: "zv-ghost" }), z.element("i", { className: "zv-bar" }));
    const button = z.element("button", { type: "button" },
      z.element("span", { className: "zv-rank" }), z.element("i", { className: "zv-marker" }), name, moved, score, bars);
    button.addEventListener("click", () => {
      const { ranking } = z.state;
      const chosen = ranking.classes[position].index;
      z.state.why = chosen === ranking.classes[0].index ? null : chosen;
      z.rank();
    });
    return z.element("li", {}, button);
  }

  function drawClasses(r) {
    while (list.children.length < r.classes.length) list.append(line(list.children.length));
    while (list.children.length > r.classes.length) list.lastChild.remove();
    const span = Math.max(1e-9, r.ceiling - r.floor);
    const share = (score) => `${Math.min(100, Math.max(0, (100 * (score - r.floor)) / span))}%`;
    r.classes.forEach((c, i) => {
      const item = list.children[i];
      const part = (selector) => item.querySelector(selector);
      item.className = c.seen ? "zv-seen" : "zv-unseen";
      item.classList.toggle("zv-asked", c.index === r.why.class);
      part(".zv-rank").textContent = c.rank;
      part(".zv-name").textContent = c.name + (c.true ? " ✓ true" : "");
      const steps = c.rank_before - c.rank;
      part(".zv-moved").textContent = !r.edited || steps === 0 ? "" : `${steps > 0 ? "▲" : "▼"}\u2009${Math.abs(steps)}`;
      part(".zv-score").textContent = z.number(c.score);
      part(".zv-bar").style.width = share(c.score);
      const ghost = part(".zv-ghost");
      ghost.hidden = !r.edited;
      ghost.style.width = share(c.before);
      part("button").setAttribute("aria-label",
        `${c.rank}. ${c.name}, ${c.seen ? "trained on" : "never trained on"}${c.true ? ", the true class" : ""}, score ${z.number(c.score)}` +
        `${r.edited ? `, was rank ${c.rank_before} with ${z.number(c.before)}` : ""}. Show why.`);
    });
    axis.textContent = `Bars start at the middle one of ${r.competing} classes.` +
      (r.edited ? " Outlines: before your edits. ▲▼: places moved." : "");
  }

  function drawWhy(why) {
    const x = z.state.x;
    const leads = why.margin >= 0;
    title.textContent = `Why ${why.class_name} and not ${why.rival_name}?`;
    if (!leads) title.textContent = `Why not ${why.class_name}?`;
    const signed = why.terms.filter((t) => (t.term > 0) === leads).slice(0, 2).map((t) => `“${x.attributes[t.attribute]}”`);
    words.textContent = `${leads ? why.class_name : why.rival_name} leads by ${z.number(Math.abs(why.margin))}` +
      (signed.length ? `, mostly through ${signed.join(" and ")}.` : ".");
    const rows = why.terms.map((t) => ({ label: x.attributes[t.attribute], value: t.term, attribute: t.attribute }));
    rows.push({ label: `all ${why.other_count} others`, value: why.others });
    rows.push({ label: "calibration γ", value: why.calibration });
    let at = 0;
    const steps = rows.map((row) => ({ ...row, from: at, to: (at += row.value) }));
    steps.push({ label: "margin", value: why.margin, from: 0, to: why.margin, total: true });
    const low = Math.min(0, ...steps.map((s) => Math.min(s.from, s.to)));
    const high = Math.max(1e-9, ...steps.map((s) => Math.max(s.from, s.to)));
    const percent = (v) => (100 * (v - low)) / (high - low);
    waterfall.replaceChildren(...steps.map((s) => {
      const bar = z.element("i", { className: s.total ? "zv-total" : s.value >= 0 ? "zv-for" : "zv-against" });
      bar.style.left = `${percent(Math.min(s.from, s.to))}%`;
      bar.style.width = `${Math.max(0.6, Math.abs(percent(s.to) - percent(s.from)))}%`;
      const zero = z.element("i", { className: "zv-zero" });
      zero.style.left = `${percent(0)}%`;
      const label = z.element(s.attribute === undefined ? "span" : "button", { className: "zv-term", textContent: s.label });
      label.setAttribute("role", "cell");
      if (s.attribute !== undefined) {
        label.type = "button";
        label.title = "Show its maps";
        label.addEventListener("click", () => z.select(s.attribute));
      }
      const number = z.element("span", { className: "zv-number", role: "cell", textContent: z.number(s.value, true) });
      const row = z.element("div", { className: s.total ? "zv-step zv-step-total" : "zv-step" }, label,
        z.element("span", { className: "zv-track", "aria-hidden": "true" }, zero, bar), number);
      row.setAttribute("role", "row");
      return row;
    }));
  }

  function tell(r) {
    const text = r.classes.slice(0, 3).map((c) => c.name).join(", ");
    if (text !== told) announce.textContent = `First: ${text}.`;
    told = text;
  }

  // The slider spans what can change the answer: from no handicap to well above the checkpoint's own and the top's lead.
  function fitGamma(x) {
    const r = x.ranking;
    const reach = Math.max(2.5 * Math.abs(x.gamma), 1.5 * (r.ceiling - r.floor), 0.1);
    z.fitSlider(gamma, reach, x.gamma, x.gamma < 0);
    drawGamma();
  }
  function drawGamma() {
    gammaValue.textContent = z.number(z.state.gamma);
    gammaReset.disabled = !z.state.x || z.state.gamma === z.state.x.gamma;
  }

  z.on("explained", () => {
    unseenOnly.checked = z.state.unseenOnly;
    fitGamma(z.state.x);
  });
  z.on("ranking", () => {
    const r = z.state.ranking;
    drawClasses(r);
    drawWhy(r.why);
    tell(r);
  });
  gamma.addEventListener("input", () => {
    z.state.gamma = Number(gamma.value);
    drawGamma();
    z.rank();
  });
  gammaReset.addEventListener("click", () => {
    z.state.gamma = z.state.x.gamma;
    gamma.value = z.state.gamma;
    drawGamma();
    z.rank();
  });
  unseenOnly.addEventListener("change", () => {
    z.state.unseenOnly = unseenOnly.checked;
    z.rank();
  });
};
