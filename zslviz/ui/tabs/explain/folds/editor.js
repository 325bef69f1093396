// @ts-check
// The attribute editor: a row per attribute, two kinds of edit that are never confused, search and sorting.
zslviz.panels["explain/editor"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [card, area, count, empty, modeHint, pullHint] = [".zv-card", ".zv-rows", ".zv-count", ".zv-empty", ".zv-mode-hint", ".zv-pull-hint"].map((q) => find(q));
  const details = find("details", "details");
  const [search, sort, classChoice] = [find("#zv-search", "input"), find("#zv-sort", "select"), find("#zv-class", "select")];
  zslviz.menu(classChoice);
  const SETTLE_MS = 250; // without a change, before rows take their new places
  const MARGIN = 200; // pixels above and below the window
  /** @typedef {ReturnType<typeof makeRow>} Row */
  /** @type {Row[]} */
  let rows = []; // one per attribute, in the table's order
  /** @type {{ name: string, members: number[], head: HTMLButtonElement, count: HTMLElement }[]} */
  let groups = []; // headers, when sorted by group
  let mode = "image";
  let settling = 0;
  let chosen = 0; // the class shown and edited
  /** @type {number[]} */
  let described = []; // its values before any edit
  /** @type {Set<string>} */
  let closed = new Set(); // groups folded away
  /** @type {Set<number>} */
  let marked = new Set(); // rows that have an edit, as drawn
  /** @type {ExplainFacts | null} */
  let built = null; // the photo that the rows are of: none until they are looked at
  let pointed = false; // whether a pointer held a slider last
  const drawRule = store.ruleFigure(element);
  const fold = zslviz.fold(store, details, () => {
    if (built !== s.x) build();
    drawPulls();
    reorder(pointed);
  });

  // Rows far outside the window are not laid out, and their pulls, which every edit changes, are written when they come near.
  // (An observer of intersections would look at every row in every frame; this looks when something moves.)
  let looking = false;
  function lookNear() {
    if (looking || !details.open) return;
    looking = true;
    requestAnimationFrame(() => {
      looking = false;
      if (!area.offsetHeight) return; // the tab is not open
      const top = -area.getBoundingClientRect().top; // of the window, in the list
      const found = rows.map(({ node }) => node.offsetTop + node.offsetHeight > top - MARGIN && node.offsetTop < top + innerHeight + MARGIN);
      rows.forEach((row, a) => {
        if (row.near === found[a]) return;
        row.near = found[a];
        row.node.classList.toggle("zv-near", row.near);
        if (row.near) row.drawPull();
      });
    });
  }
  window.addEventListener("scroll", lookNear, { passive: true });
  new ResizeObserver(lookNear).observe(area);

  /** @typedef {(attribute: number) => number} Value */
  const who = () => (mode === "image" ? "image" : chosen);
  const editsOf = (/** @type {"image" | number} */ which) => (which === "image" ? s.image : s.classes[which]) || {};
  /** @type {Value} */
  const seen = (a) => editsOf("image")[a] ?? s.x.values[a];
  /** @type {Value} */
  const said = (a) => editsOf(chosen)[a] ?? described[a] ?? 0;
  /** @type {Value} */
  const original = (a) => (mode === "image" ? s.x.values[a] : described[a] ?? 0);
  const edited = (/** @type {number} */ a) => /** @type {number | undefined} */ (editsOf(who())[a]);

  // -- rows -------------------------------------------------------------------------------------------------------
  function makeRow(/** @type {number} */ a) {
    const { x } = s;
    const row = store.row(a, who);
    const meter = (/** @type {string} */ kind) => {
      const [bar, value] = [z.element("i"), z.element("b")];
      return { node: z.element("span", { className: `zv-meter zv-meter-${kind}` }, bar, value), bar, value };
    };
    const [inPhoto, ofClass] = [meter("seen"), meter("class")];
    row.name.after(inPhoto.node, ofClass.node);
    const hardly = z.element("small", { className: "zv-hardly", textContent: "hardly read", hidden: true });
    hardly.title = "On test photos it scores hardly higher with the attribute than without";
    row.name.append(" ", hardly);
    return { ...row, inPhoto, ofClass, hardly, words: `${x.groups[a]} ${x.attributes[a]}`.toLowerCase(), near: false, drawn: "" };
  }
  function drawMeter(/** @type {Row["inPhoto"]} */ meter, /** @type {number} */ value) {
    meter.bar.style.width = `${100 * Math.min(1, Math.max(0, value))}%`;
    z.write(meter.value, z.number(value));
  }

  // Redraws a row if anything it shows has changed.
  function drawRow(/** @type {number} */ a) {
    const row = rows[a];
    row.draw(mode === "image" ? "seen in the photo" : `said of ${s.x.classes[chosen].name}`);
    const other = editsOf(mode === "image" ? chosen : "image")[a];
    const key = [mode, chosen, other, seen(a), said(a)].join();
    if (key === row.drawn) return;
    row.drawn = key;
    drawMeter(row.inPhoto, mode === "image" ? s.x.values[a] : seen(a));
    drawMeter(row.ofClass, mode === "image" ? said(a) : described[a] ?? 0);
    row.node.classList.toggle("zv-changed-other", other !== undefined);
    row.inPhoto.node.classList.toggle("zv-meter-other", mode !== "image");
    row.ofClass.node.classList.toggle("zv-meter-other", mode === "image");
  }
  function drawRows() {
    if (built !== s.x) return;
    rows.forEach((_, a) => drawRow(a));
    marked = withEdits();
  }
  const withEdits = () => new Set([...Object.keys(editsOf("image")), ...Object.keys(editsOf(chosen))].map(Number));
  function drawHardly() {
    const known = s.hardly?.model === s.x.model ? s.hardly.attributes : new Set();
    rows.forEach(({ hardly, a }) => (hardly.hidden = !known.has(a)));
  }
  function drawPulls() {
    const { why } = s.ranking;
    for (const row of rows) if (row.near) row.drawPull();
    z.write(pullHint, `To the lead: what an attribute adds to the lead of ${why.class_name} over ${why.rival_name}.`);
  }

  // -- order and search -------------------------------------------------------------------------------------------
  function order() {
    if (built !== s.x) return;
    put(sorted());
    filter();
  }
  function sorted() {
    const { ranking } = s;
    const indices = rows.map((_, a) => a);
    const by = (/** @type {Value} */ measure) => indices.sort((p, q) => measure(q) - measure(p) || p - q);
    closed = sort.value === "group" ? closed : new Set();
    if (sort.value === "pull") by((a) => Math.abs(ranking.why.pull[a]));
    if (sort.value === "value") by(seen);
    if (sort.value === "class") by(said);
    if (sort.value === "change") {
      by((a) => {
        const now = edited(a);
        return now === undefined ? -1 : Math.abs(now - original(a));
      });
    }
    return indices;
  }
  function put(/** @type {number[]} */ indices) {
    const { x } = s;
    groups = [];
    if (sort.value !== "group") {
      area.replaceChildren(...indices.map((a) => rows[a].node));
    } else {
      /** @type {Map<string, number[]>} */
      const parts = new Map();
      for (const a of indices) parts.set(x.groups[a], [...(parts.get(x.groups[a]) || []), a]);
      area.replaceChildren();
      for (const [name, members] of parts) {
        const count = z.element("small");
        const head = z.element("button", { type: "button", className: "zv-group" }, z.element("span", { textContent: name }), count);
        head.addEventListener("click", () => {
          if (!closed.delete(name)) closed.add(name);
          filter();
        });
        groups.push({ name, members, head, count });
        area.append(head, ...members.map((a) => rows[a].node));
      }
    }
  }
  // By what edits change: rows take their new places once all is quiet, never while a slider is held or the keys are in the list. The
  // row that has the focus stays where it is on the screen.
  function reorder(byPointer = false) {
    clearTimeout(settling);
    if (sort.value !== "pull" && sort.value !== "change") return;
    settling = window.setTimeout(() => {
      const focused = document.activeElement;
      const inside = focused instanceof HTMLElement && area.contains(focused) ? focused : null;
      if (s.held || (inside && !byPointer)) return;
      const now = sorted();
      if (now.every((a, i) => area.children[i] === rows[a].node)) return;
      const place = () => (inside ? /** @type {HTMLElement} */ (inside.closest(".zv-row")).offsetTop : 0);
      const before = place();
      put(now);
      scrollBy({ top: place() - before, behavior: "instant" });
      inside?.focus({ preventScroll: true });
      lookNear();
    }, SETTLE_MS);
  }
  function filter() {
    if (built !== s.x) return;
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = rows.map((row) => terms.every((t) => row.words.includes(t)));
    const folded = new Set();
    for (const { name, members, head, count: shownCount } of groups) {
      const shown = members.filter((a) => found[a]);
      const open = terms.length > 0 || !closed.has(name);
      if (!open) members.forEach((a) => folded.add(a));
      const changed = members.filter((a) => edited(a) !== undefined).length;
      head.hidden = shown.length === 0;
      head.setAttribute("aria-expanded", String(open));
      shownCount.textContent = `${shown.length}${changed ? ` · ${changed} changed` : ""}`;
    }
    rows.forEach((row, a) => (row.node.hidden = !found[a] || folded.has(a)));
    const total = found.filter(Boolean).length;
    empty.hidden = total > 0;
    lookNear();
    tellCount(total);
  }
  function tellCount(/** @type {number} */ total) {
    const changed = Object.keys(editsOf(who())).length;
    z.write(count, `${total} of ${rows.length} attributes${changed ? ` · ${changed} changed` : ""}`);
  }

  // -- mode and class ---------------------------------------------------------------------------------------------
  function drawMode() {
    s.who = who();
    const { name } = s.x.classes[chosen];
    card.dataset.mode = mode;
    modeHint.textContent = mode === "image"
      ? "Your edit replaces what the model read off this photo. 0: absent, 1: fully there. The photo and the network stay as they are."
      : `Your edit changes how ${name} is described, for every photo you look at here. The network stays as it is.`;
    drawRule(described);
    find(".zv-col-class").textContent = `in ${name}’s description`;
  }
  async function chooseClass(/** @type {number} */ index) {
    const answer = await store.latest("class_values", { class: index }, (sentence) => {
      classChoice.value = String(chosen);
      store.notice(sentence);
    });
    if (answer) describe(answer);
  }
  function describe(/** @type {ExplainAnswers["class_values"]} */ answer) {
    store.knows(answer);
    chosen = answer.class;
    described = answer.values;
    classChoice.value = String(chosen);
    drawMode();
    drawRows();
    if (["class", "change"].includes(sort.value)) order();
    else filter();
  }
  function listClasses() {
    classChoice.replaceChildren(...store.classOptions());
  }
  function build() {
    const { x } = s;
    built = x;
    if (rows.length !== x.attributes.length || area.dataset.space !== x.space) {
      area.dataset.space = x.space;
      rows = x.attributes.map((_, a) => makeRow(a));
      closed.clear();
    }
    listClasses();
    classChoice.value = String(chosen);
    drawMode();
    drawRows();
    drawHardly();
    order();
  }

  store.on("explained", () => {
    const { x } = s;
    [chosen, described, s.who] = [x.described.class, x.described.values, mode === "image" ? "image" : x.described.class];
    store.knows(x.described);
    z.write(find("h2"), `All ${x.attributes.length} attributes`);
  });
  store.on("invented", () => {
    if (chosen >= s.x.classes.length) [chosen, described, s.who] = [0, [], mode === "image" ? "image" : 0];
    if (built !== s.x) return;
    listClasses();
    if (chosen >= s.x.own.length || !described.length) chooseClass(chosen);
    classChoice.value = String(chosen);
  });
  store.on("describe", async (/** @type {number} */ index) => {
    mode = "class";
    modes.show(mode);
    fold.open();
    await chooseClass(index);
  });
  store.on("held", () => (pointed = s.held ? s.held.pointer : pointed));
  store.on("ranking", fold.soon);
  store.on("hardly", drawHardly);
  area.addEventListener("focusout", () => built === s.x && reorder());
  zslviz.panels["explain/holding"](area, store);
  zslviz.panels["explain/history"](element, store);
  store.on("unfold", (/** @type {string} */ name) => name === "editor" && fold.open());
  store.on("find", (/** @type {number} */ attribute) => {
    fold.open();
    search.value = "";
    closed.clear();
    filter();
    rows[attribute].node.scrollIntoView({ block: "center" });
    rows[attribute].slider.focus({ preventScroll: true });
  });
  store.on("edits", () => {
    if (built !== s.x) return;
    const now = withEdits();
    for (const a of new Set([...marked, ...now])) drawRow(a); // no other row has changed
    marked = now;
    drawRule(described);
    if (groups.length) filter();
    else tellCount(rows.filter((row) => !row.node.hidden).length);
  });

  search.addEventListener("input", filter);
  sort.addEventListener("change", order);
  classChoice.addEventListener("change", () => chooseClass(Number(classChoice.value)));
  const modes = z.radios(element, "zv-mode", (value) => {
    mode = value;
    if (built !== s.x) return void (s.who = s.x ? who() : "image");
    drawMode();
    drawRows();
    if (sort.value === "change") order();
    else filter();
  });
  find(".zv-csv").addEventListener("click", () => store.download("csv"));
  find(".zv-json").addEventListener("click", () => store.download("json"));
};
