// The attribute editor: a row per attribute, two kinds of edit that are never confused, history, search and sorting.
zslviz.panels.editor = (element) => {
  "use strict";
  const z = zslviz;
  const find = (selector) => element.querySelector(selector);
  const [area, count, empty, modeHint, pullHint] = [".zv-rows", ".zv-count", ".zv-empty", ".zv-mode-hint", ".zv-pull-hint"].map(find);
  const [search, sort, classChoice, card] = ["#zv-search", "#zv-sort", "#zv-class", ".zv-card"].map(find);
  const [undo, redo, resetAll] = [".zv-undo", ".zv-redo", ".zv-reset-all"].map(find);
  const LOW = -0.5;
  const HIGH = 1.5;
  let rows = []; // one per attribute, in the table's order
  let groups = []; // headers, when sorted by group
  let mode = "image";
  let chosen = 0; // the class shown and edited
  let described = []; // its values before any edit
  let closed = new Set(); // groups folded away

  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) target.classList.toggle("zv-near", isIntersecting);
  }, { root: area, rootMargin: "200px" });

  const who = () => (mode === "image" ? "image" : chosen);
  const editsOf = (which) => (which === "image" ? z.state.image : z.state.classes[which]) || {};
  const seen = (a) => editsOf("image")[a] ?? z.state.x.values[a];
  const said = (a) => editsOf(chosen)[a] ?? described[a] ?? 0;
  const original = (a) => (mode === "image" ? z.state.x.values[a] : described[a] ?? 0);
  const edited = (a) => editsOf(who())[a];

  // -- rows -------------------------------------------------------------------------------------------------------
  function makeRow(a) {
    const x = z.state.x;
    const name = z.element("button", { type: "button", className: "zv-attr", textContent: x.attributes[a], title: "Show its maps" });
    const meter = (kind) => z.element("span", { className: `zv-meter zv-meter-${kind}` }, z.element("i"), z.element("b"));
    const [inPhoto, ofClass] = [meter("seen"), meter("class")];
    const slider = z.element("input", { type: "range", min: LOW, max: HIGH, step: 0.01 });
    const number = z.element("input", { type: "number", min: LOW, max: HIGH, step: 0.05 });
    const pull = z.element("span", { className: "zv-pull" });
    const reset = z.element("button", { type: "button", className: "zv-link zv-row-reset", textContent: "reset" });
    const node = z.element("div", { className: "zv-row", role: "group" }, name, inPhoto, ofClass,
      z.element("span", { className: "zv-control" }, slider, number), pull, reset);
    node.dataset.attribute = a;
    reset.setAttribute("aria-label", `Take back the edit of ${x.attributes[a]}`);
    slider.addEventListener("input", () => change(a, Number(slider.value)));
    number.addEventListener("input", () => {
      if (number.value !== "" && number.validity.badInput === false && Number.isFinite(number.valueAsNumber)) {
        change(a, Math.min(HIGH, Math.max(LOW, number.valueAsNumber)));
      }
    });
    number.addEventListener("blur", () => drawRow(a));
    name.addEventListener("click", () => z.select(a));
    reset.addEventListener("click", () => {
      z.edit(who(), a, null);
      slider.focus();
    });
    return { node, inPhoto, ofClass, slider, number, pull, reset, words: `${x.groups[a]} ${x.attributes[a]}`.toLowerCase(), drawn: "" };
  }

  const change = (a, value) => z.edit(who(), a, Math.round(value * 1000) / 1000);

  function drawMeter(meter, value) {
    meter.firstChild.style.width = `${100 * Math.min(1, Math.max(0, value))}%`;
    meter.lastChild.textContent = z.number(value);
  }

  // Redraws a row if anything it shows has changed.
  function drawRow(a) {
    const row = rows[a];
    const now = edited(a);
    const other = editsOf(mode === "image" ? chosen : "image")[a];
    const before = original(a);
    const key = [mode, chosen, now, other, before, seen(a), said(a)].join();
    const focused = document.activeElement === row.number;
    if (key === row.drawn && (focused || row.number.value === row.numberText)) return;
    row.drawn = key;
    drawMeter(row.inPhoto, mode === "image" ? z.state.x.values[a] : seen(a));
    drawMeter(row.ofClass, mode === "image" ? said(a) : described[a] ?? 0);
    const value = now ?? before;
    row.slider.value = value;
    if (!focused) row.number.value = row.numberText = value.toFixed(2);
    row.node.classList.toggle("zv-changed", now !== undefined);
    row.node.classList.toggle("zv-changed-other", other !== undefined);
    row.inPhoto.classList.toggle("zv-meter-other", mode !== "image");
    row.ofClass.classList.toggle("zv-meter-other", mode === "image");
    row.reset.disabled = now === undefined;
    const label = `${z.state.x.attributes[a]}, ${mode === "image" ? "seen in the photo" : `said of ${z.state.x.classes[chosen].name}`}`;
    row.slider.setAttribute("aria-label", label);
    row.number.setAttribute("aria-label", `${label}, number`);
    row.slider.setAttribute("aria-valuetext", `${z.number(value)}${now === undefined ? "" : `, changed from ${z.number(before)}`}`);
    row.node.setAttribute("aria-label", z.state.x.attributes[a] + (now === undefined ? "" : ", changed"));
  }
  function drawRows() {
    rows.forEach((_, a) => drawRow(a));
  }
  function drawPulls() {
    const { why } = z.state.ranking;
    rows.forEach((row, a) => {
      const text = z.number(why.pull[a], true);
      if (row.pullText === text) return;
      row.pullText = row.pull.textContent = text;
      row.pull.dataset.sign = text[0];
    });
    pullHint.textContent = `Pull: how much an attribute moves the margin of ${why.class_name} over ${why.rival_name}.`;
  }

  // -- order and search -------------------------------------------------------------------------------------------
  function order() {
    const { x, ranking } = z.state;
    const indices = rows.map((_, a) => a);
    const by = (measure) => indices.sort((p, q) => measure(q) - measure(p) || p - q);
    closed = sort.value === "group" ? closed : new Set();
    if (sort.value === "pull") by((a) => Math.abs(ranking.why.pull[a]));
    if (sort.value === "value") by(seen);
    if (sort.value === "class") by(said);
    if (sort.value === "change") by((a) => (edited(a) === undefined ? -1 : Math.abs(edited(a) - original(a))));
    groups = [];
    if (sort.value !== "group") {
      area.replaceChildren(...indices.map((a) => rows[a].node));
    } else {
      const parts = new Map();
      for (const a of indices) {
        if (!parts.has(x.groups[a])) parts.set(x.groups[a], []);
        parts.get(x.groups[a]).push(a);
      }
      area.replaceChildren();
      for (const [name, members] of parts) {
        const head = z.element("button", { type: "button", className: "zv-group" }, z.element("span", { textContent: name }), z.element("small"));
        head.addEventListener("click", () => {
          if (!closed.delete(name)) closed.add(name);
          filter();
        });
        groups.push({ name, members, head });
        area.append(head, ...members.map((a) => rows[a].node));
      }
    }
    area.scrollTop = 0;
    filter();
  }
  function filter() {
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = rows.map((row) => terms.every((t) => row.words.includes(t)));
    const folded = new Set();
    for (const { name, members, head } of groups) {
      const shown = members.filter((a) => found[a]);
      const open = terms.length > 0 || !closed.has(name);
      if (!open) members.forEach((a) => folded.add(a));
      const changed = members.filter((a) => edited(a) !== undefined).length;
      head.hidden = shown.length === 0;
      head.setAttribute("aria-expanded", String(open));
      head.lastChild.textContent = `${shown.length}${changed ? ` · ${changed} changed` : ""}`;
    }
    rows.forEach((row, a) => (row.node.hidden = !found[a] || folded.has(a)));
    const total = found.filter(Boolean).length;
    empty.hidden = total > 0;
    tellCount(total);
  }
  function tellCount(total) {
    const changed = Object.keys(editsOf(who())).length;
    count.textContent = `${total} of ${rows.length} attributes${changed ? ` · ${changed} changed` : ""}`;
  }

  // -- mode and class ---------------------------------------------------------------------------------------------
  function drawMode() {
    const name = z.state.x.classes[chosen].name;
    card.dataset.mode = mode;
    modeHint.textContent = mode === "image"
      ? "Your edit replaces what the model read off this photo. 0: absent, 1: fully there. The photo and the network stay as they are."
      : `Your edit changes how ${name} is described, for every photo you look at here. The network stays as it is.`;
    find(".zv-col-class").textContent = name;
    find(".zv-col-seen").textContent = "in the photo";
  }
  async function chooseClass(index) {
    const answer = await z.ask("class_values", { class: index });
    if (!answer) return;
    chosen = answer.class;
    described = answer.values;
    classChoice.value = String(chosen);
    drawMode();
    drawRows();
    if (["class", "change"].includes(sort.value)) order();
    else filter();
  }

  function drawHistory() {
    undo.disabled = !z.canUndo();
    redo.disabled = !z.canRedo();
    resetAll.disabled = !z.edited();
  }

  z.on("explained", () => {
    const { x } = z.state;
    if (rows.length !== x.attributes.length || area.dataset.space !== x.space) {
      area.dataset.space = x.space;
      near.disconnect();
      rows = x.attributes.map((_, a) => makeRow(a));
      rows.forEach(({ node }) => near.observe(node));
      closed.clear();
      const named = x.classes.map((c, i) => [c.name, i, c.seen]).sort((p, q) => p[0].localeCompare(q[0]));
      classChoice.replaceChildren(...named.map(([name, i, trained]) =>
        z.element("option", { value: String(i), textContent: `${trained ? "●" : "○"} ${name}` })));
    }
    described = [];
    chosen = x.ranking.classes[0].index;
    drawMode();
    drawRows();
    order();
    chooseClass(chosen);
  });
  z.on("ranking", drawPulls);
  z.on("ranking", () => {
    find(".zv-answer").textContent = `Now: ${z.state.ranking.classes.slice(0, 3)
      .map((c) => `${c.rank}. ${c.name}${z.state.ranking.edited && c.rank !== c.rank_before ? ` (was ${c.rank_before})` : ""}`).join(" · ")}`;
  });
  z.on("find", (attribute) => {
    search.value = "";
    closed.clear();
    filter();
    area.scrollTop += rows[attribute].node.getBoundingClientRect().top - area.getBoundingClientRect().top - 60;
    element.scrollIntoView({ block: "end" });
    rows[attribute].slider.focus({ preventScroll: true });
  });
  z.on("edits", () => {
    drawRows();
    if (groups.length) filter();
    else tellCount(rows.filter((row) => !row.node.hidden).length);
  });
  z.on("history", drawHistory);

  search.addEventListener("input", filter);
  sort.addEventListener("change", order);
  classChoice.addEventListener("change", () => chooseClass(Number(classChoice.value)));
  for (const radio of element.querySelectorAll('input[name="zv-mode"]')) {
    radio.addEventListener("change", () => {
      mode = radio.value;
      drawMode();
      drawRows();
      if (sort.value === "change") order();
      else filter();
    });
  }
  undo.addEventListener("click", z.undo);
  redo.addEventListener("click", z.redo);
  resetAll.addEventListener("click", z.resetEdits);
  find(".zv-csv").addEventListener("click", () => z.download("csv"));
  find(".zv-json").addEventListener("click", () => z.download("json"));
  element.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target === search) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) z.undo();
    else if (key === "y" || (key === "z" && event.shiftKey)) z.redo();
    else return;
    event.preventDefault();
  });
};
