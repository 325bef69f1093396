// @ts-check
// The matrix: every pair's score as heat, what it is known by as marks; the score is told of the one selected or pointed at.
zslviz.panels["compose/matrix"] = (element, /** @type {ComposeStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [box, words, chosen, ticks, truthKey] = [".zv-matrix-box", ".zv-world-words", ".zv-selected", ".zv-ticks", ".zv-key-truth"].map((q) => find(q));
  const table = find(".zv-table", "table");
  /** @typedef {[row: number, column: number]} Place */
  const compareNext = find(".zv-compare-next", "input");
  const picked = [...find(".zv-pick").querySelectorAll("select")]; // a state, an object: for fingers, which a cell is too small for
  const HOT = 70; // from this share of the scale on, marks have the light colour
  const LARGE = 2500; // of more cells than this, each is described only when it is pointed at
  const [HEAD, TOP, CELL, CELL_HEIGHT, MOST] = [72, 114, 25, 25, 640].map((pixels) => pixels / 16); // rem, as in the style sheet, with spacing
  /** @type {HTMLTableCellElement[][]} */
  let cells = []; // [state][object]
  const heat = store.heat(table, find(".zv-matrix-heat", "canvas"));
  /** @type {Map<string, PairLook>} */
  const looks = new Map();
  /** @type {Pair | null} */
  let revealed = null;
  /** @type {Place} */
  let at = [0, 0]; // the cell that the keyboard is on
  let scaled = ""; // the ends of the heat's scale, as written

  function build() {
    const { states, objects } = s.space;
    const head = (/** @type {Head} */ one, /** @type {"row" | "col"} */ scope) => {
      const made = z.element("th", { scope, className: one.added ? "zv-added-head" : "" }, z.element("span", { textContent: one.name }));
      made.title = one.added ? `${one.name}, added by you` : one.name;
      return made;
    };
    cells = states.map((_, i) => objects.map((_, j) => {
      const cell = z.element("td", { tabIndex: -1 });
      cell.setAttribute("role", "gridcell");
      cell.dataset.at = `${i} ${j}`;
      return cell;
    }));
    const top = z.element("tr", {}, z.element("td", { className: "zv-corner" }), ...objects.map((one) => head(one, "col")));
    table.replaceChildren(z.element("thead", {}, top), z.element("tbody", {}, ...states.map((one, i) => z.element("tr", {}, head(one, "row"), ...cells[i]))));
    [states, objects].forEach((some, i) => picked[i].replaceChildren(...some.map(({ name }) => z.element("option", { value: name, textContent: name }))));
    heat.anew();
    at = [0, 0];
    table.style.minWidth = `${HEAD + CELL * objects.length}rem`;
    // rows of the visitor's own scroll inside the box, so that nothing below moves
    box.style.maxHeight = `${Math.min(MOST, TOP + CELL_HEIGHT * states.filter((one) => !one.added).length)}rem`;
  }

  function draw() {
    const r = s.ranking;
    const { states, objects } = s.space;
    const truth = s.x.true;
    const { seen } = s.space;
    const now = r.scores.map((row, i) => row.map((score, j) => look(Boolean(seen[i][j]), r.ranks[i][j] ? Math.round(z.share(score, r)) : null)));
    heat.paint(now);
    const [winner] = r.pairs;
    named("zv-best", winner ? [winner.state, winner.object] : null);
    named("zv-true", truth);
    const [row, column] = truth ? store.at(truth) : [-1, -1];
    const under = now[row]?.[column];
    named("zv-hot", under && under !== "idle" && under.hot ? truth : null); // what is written there
    describeAll();
    truthKey.style.visibility = truth ? "" : "hidden";
    if (scaled !== `${r.floor} ${r.ceiling}`) z.labelTicks(ticks, [r.floor, (r.floor + r.ceiling) / 2, r.ceiling], ["middle", "", "highest"]);
    scaled = `${r.floor} ${r.ceiling}`;
    worlds.show(r.open_world ? "open" : "closed");
    embeddings.show(r.before ? "before" : "after");
    const all = states.length * objects.length;
    z.write(words, r.open_world
      ? `Open world: ${r.competing} of ${all} pairs compete. ${all - r.competing} are ruled out: their words are less like words seen together than ${z.number(r.threshold)}.`
      : `Closed world: the ${r.competing} listed pairs of ${all} compete; ${r.competing_unseen} of them were never trained on.`);
    zslviz.tell.announce("ranking", `${winner ? `${winner.name} is first. ` : ""}${words.textContent}`);
  }

  // share: of the scale, in per cent; null if the pair does not compete.
  function look(/** @type {boolean} */ seen, /** @type {number | null} */ share) {
    if (share === null) return /** @type {const} */ ("idle");
    const key = `${seen} ${share}`;
    const known = looks.get(key) || { seen, share, hot: share >= HOT };
    looks.set(key, known);
    return known;
  }
  // Gives the cell of a pair, and no other one, a class.
  function named(/** @type {string} */ name, /** @type {Pair | null} */ pair) {
    const [i, j] = pair ? store.at(pair) : [-1, -1];
    const cell = cells[i]?.[j];
    for (const old of table.querySelectorAll(`.${name}`)) if (old !== cell) old.classList.remove(name);
    cell?.classList.add(name);
  }

  // What the cells are read out as comes after all that is seen; of one that is pointed at meanwhile, at once.
  const describeAll = zslviz.behind(store, () => new Promise((/** @type {(done: void) => void} */ resolve) => setTimeout(() => {
    if (cells.length * (cells[0]?.length || 0) <= LARGE) cells.forEach((row, i) => row.forEach((_, j) => describe([i, j])));
    resolve();
  })));

  // What a cell is read out as, and shown while it is pointed at.
  function wordsOf(/** @type {Place} */ [i, j]) {
    const { seen, listed, feasibility } = s.space;
    const r = s.ranking;
    const rank = r.ranks[i][j];
    const pair = pairAt([i, j]);
    const place = rank ? `${store.ordinal(rank)} of ${r.competing}`
      : r.open_world ? `does not compete: how believable it is, ${z.number(feasibility[i][j])}, is below ${z.number(r.threshold)}`
      : "does not compete: not among the listed pairs";
    return `${pair.join(" ")}: ${z.number(r.scores[i][j])}, ${place}, ${seen[i][j] ? "trained on" : "never trained on"}` +
      `${listed[i][j] ? "" : ", not listed"}${store.same(s.x.true, pair) ? ", what the photo shows" : ""}`;
  }
  function describe(/** @type {Place} */ place) {
    const cell = cells[place[0]][place[1]];
    z.label(cell, wordsOf(place));
    return cell;
  }
  // The place in the matrix that an event is about, null beside the cells.
  function placeOf(/** @type {Event} */ { target }) {
    const cell = target instanceof Element ? target.closest("[data-at]") : null;
    return cell instanceof HTMLElement ? /** @type {Place} */ (cell.dataset.at?.split(" ").map(Number)) : null;
  }
  table.addEventListener("focusin", (event) => {
    const place = placeOf(event);
    if (place) describe(place);
  });
  table.addEventListener("mouseover", (event) => {
    const place = placeOf(event);
    if (place) describe(place).title = wordsOf(place);
  });
  table.addEventListener("mouseout", ({ target }) => {
    if (target instanceof Element) target.removeAttribute("title");
  });

  function mark() {
    const { feasibility, seen } = s.space;
    for (const old of table.querySelectorAll(".zv-chosen, .zv-other")) old.classList.remove("zv-chosen", "zv-other");
    for (const old of table.querySelectorAll('[aria-selected="true"], [tabindex="0"]')) {
      old.removeAttribute("aria-selected");
      old.setAttribute("tabindex", "-1");
    }
    const [i, j] = store.at(s.pair);
    if (i < 0 || j < 0) return;
    picked.forEach((menu, word) => (menu.value = s.pair[word]));
    at = [i, j];
    const cell = cells[i][j];
    cell.classList.add("zv-chosen");
    cell.setAttribute("aria-selected", "true");
    cell.tabIndex = 0;
    const r = s.ranking;
    const rank = r.ranks[i][j];
    const other = s.x.refining?.[r.before ? "after" : "before"];
    const said = `: ${z.number(r.scores[i][j])}, ` + (rank
        ? `${store.ordinal(rank)} of ${r.competing}${other ? `, ${z.uncapped(other)} ${store.ordinal(r.other_ranks[i][j])}` : ""}`
        : "does not compete") +
      `; ${seen[i][j] ? "trained on" : `never trained on, believable to ${z.number(feasibility[i][j])}`}.`;
    const name = s.pair.join(" ");
    if (chosen.textContent !== ` ${name}${said}`) chosen.replaceChildren(z.element("i", { className: "zv-key-chosen" }), " ", z.element("b", { textContent: name }), said);
  }
  function markOther(/** @type {Pair | null} */ other) {
    named("zv-other", other);
  }

  // Scrolls the box, never the page, until the selected cell is in it.
  function reveal() {
    const cell = table.querySelector(".zv-chosen");
    if (!cell) return;
    const [place, frame, { right, bottom, high }] = [cell.getBoundingClientRect(), box.getBoundingClientRect(), heads()];
    if (place.left < right || place.right > frame.left + box.clientWidth) box.scrollLeft += (place.left + place.right - right - frame.right) / 2;
    const low = frame.top + box.clientHeight;
    if (place.top < bottom) box.scrollTop += place.top - bottom - high;
    else if (place.bottom > low) box.scrollTop += place.bottom - low + high;
  }
  // Where the heads, which stay in sight, end, and how high a row is: in pixels, whatever the size of the text.
  function heads() {
    const [{ right, bottom }, { height }] = [table.rows[0].cells[0], table.rows[1]].map((one) => one.getBoundingClientRect());
    return { right, bottom, high: height };
  }

  const revealSoon = zslviz.behind(store, reveal);

  const pairAt = (/** @type {Place} */ [i, j]) => /** @type {Pair} */ ([s.space.states[i].name, s.space.objects[j].name]);
  function choose(/** @type {Place} */ place, /** @type {boolean} */ comparing) {
    if (comparing || compareNext.checked) store.compare(pairAt(place));
    else store.select(pairAt(place));
    compareNext.checked = false;
  }
  table.addEventListener("click", (event) => {
    const place = placeOf(event);
    if (place) choose(place, event.shiftKey);
  });
  for (const menu of picked) menu.addEventListener("change", () => choose(/** @type {Place} */ (picked.map(({ selectedIndex }) => selectedIndex)), false));
  table.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault()); // no text is marked by a Shift-click
  table.addEventListener("keydown", (event) => {
    const [rows, columns] = [cells.length, cells[0].length];
    const { bottom, high } = heads();
    const page = Math.max(1, Math.floor((box.getBoundingClientRect().top + box.clientHeight - bottom) / high) - 1); // rows in sight, but for one
    const moves = {
      ArrowLeft: [at[0], at[1] - 1], ArrowRight: [at[0], at[1] + 1], ArrowUp: [at[0] - 1, at[1]], ArrowDown: [at[0] + 1, at[1]],
      PageUp: [at[0] - page, at[1]], PageDown: [at[0] + page, at[1]], Home: [at[0], 0], End: [at[0], columns - 1],
    };
    const to = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (event.key === "Enter" || event.key === " ") choose(at, event.shiftKey);
    else if (!to) return;
    event.preventDefault();
    if (!to) return;
    cells[at[0]][at[1]].tabIndex = -1;
    at = [Math.min(rows - 1, Math.max(0, to[0])), Math.min(columns - 1, Math.max(0, to[1]))];
    const cell = cells[at[0]][at[1]];
    cell.tabIndex = 0;
    cell.focus();
  });

  const answers = find(".zv-two-answers");
  store.on("explained", () => {
    const { refining } = s.x;
    answers.hidden = !refining;
    if (refining) [refining.before, refining.after].forEach((name, i) => z.write(answers.querySelectorAll("span")[i], name));
  });
  store.on("space", build);
  store.on("ranking", draw);
  store.on("selecting", mark);
  store.on("pair", (/** @type {PairMaps} */ answer) => {
    mark();
    markOther(answer.other);
    if (!store.same(answer.pair, revealed)) revealSoon();
    revealed = answer.pair;
  });
  const worlds = z.radios(element, "zv-world", (value) => store.change({ openWorld: value === "open" }));
  const embeddings = z.radios(element, "zv-refined", (value) => store.change({ before: value === "before" }));
};
