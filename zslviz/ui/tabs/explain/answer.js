// @ts-check
// The answer in words, and three edits of one tap that would move it most. Both are worked out once the ranking has been painted.
zslviz.panels["explain/answer"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [words, announce, offers, unlike, doubt] =
    [".zv-said", ".zv-announce", ".zv-what-ifs", ".zv-unlike", ".zv-doubt"].map((q) => find(q));
  const QUIET_MS = 120; // without a change before the words follow ...
  const LATEST_MS = 400; // ... but they stay behind no longer than this, however long a slider moves
  const ANNOUNCE_MS = 500;
  const COUNT = 3;
  /** @type {Map<number, { value: number, before: number | null, had: number | null }>} */
  const tried = new Map(); // edits made here: by attribute. had: an edit that was there
  /** @type {{ what: WhatIf, on: boolean }[]} */
  let shown = [];
  let [waiting, announcing, since] = [0, 0, 0];

  function soon() {
    const now = performance.now();
    if (!waiting) since = now;
    else clearTimeout(waiting);
    element.classList.add("zv-behind");
    waiting = window.setTimeout(whenIdle, Math.min(QUIET_MS, Math.max(0, since + LATEST_MS - now)));
    clearTimeout(announcing);
  }
  function whenIdle() {
    waiting = 0;
    if ("requestIdleCallback" in window) requestIdleCallback(say, { timeout: 200 });
    else say();
  }
  const unsaid = () => {};

  async function say() {
    const pressed = [...tried].filter(([a, { value }]) => s.image[a] === value).map(([a]) => a);
    for (const a of tried.keys()) if (!pressed.includes(a)) tried.delete(a);
    const [said, whatIfs] = await Promise.all([
      store.latest("said", { true_class: s.x.true_class }, unsaid),
      store.latest("what_ifs", { besides: pressed.length, true_class: s.x.true_class }, unsaid),
    ]);
    if (waiting || !said || !whatIfs) return; // what is coming is newer
    const named = said.parts.flatMap(({ kind, index }) => (kind === "attribute" ? [Number(index)] : []));
    const read = await store.latest("hardly_read", { attributes: named }, unsaid);
    if (waiting) return;
    element.classList.remove("zv-behind");
    drawWords(said);
    drawDoubt(read);
    drawOffers(pressed, whatIfs.what_ifs.filter(({ attribute }) => !tried.has(attribute)));
    store.emit("said", said);
    clearTimeout(announcing);
    announcing = window.setTimeout(() => z.write(announce, [s.x.unlike, said.text, read?.text].filter(Boolean).join(" ")), ANNOUNCE_MS - QUIET_MS);
  }

  // Classes and attributes are marked; an attribute leads to its maps.
  function drawWords(/** @type {Sentence} */ sentence) {
    if (words.textContent === sentence.text) return;
    words.replaceChildren(...store.marked(sentence, (part) => {
      if (part.kind !== "attribute") return store.coloured(part);
      const button = z.element("button", { type: "button", className: "zv-said-attribute", textContent: part.text, title: "Show its maps" });
      button.addEventListener("click", () => store.select(Number(part.index)));
      return button;
    }));
    hold(words);
  }

  // That an attribute which decides is hardly read at all, and in the editor which ones are.
  function drawDoubt(/** @type {ExplainAnswers["hardly_read"] | null} */ read) {
    z.write(doubt, read?.text || "");
    doubt.hidden = !read?.text && !doubt.style.minHeight;
    if (!doubt.hidden) hold(doubt);
    if (!read || s.hardly?.model === s.x.model) return;
    s.hardly = { model: s.x.model, attributes: new Set(read.attributes) };
    store.emit("hardly");
  }

  // What has been tried keeps its place, the others follow the state.
  function drawOffers(/** @type {number[]} */ pressed, /** @type {WhatIf[]} */ fresh) {
    const places = Array.from({ length: COUNT }, (_, i) => shown[i]).map((one) =>
      one && pressed.includes(one.what.attribute) ? { what: one.what, on: true } : null);
    shown = places.map((one) => one || nextOf(fresh)).filter((one) => one !== null);
    z.lines(offers, shown.length, offer).forEach((item, i) => {
      const { what, on } = shown[i];
      const button = z.finder(item)("button", "button");
      button.setAttribute("aria-pressed", String(on));
      const [name, then] = [s.x.attributes[what.attribute], s.x.classes[what.winner].name];
      fill(z.finder(button)(".zv-if"), `${what.move} ${name}`, what.amounts && ` (${what.amounts})`);
      if (on) fill(z.finder(button)(".zv-then"), "", "on · ", "tap to undo");
      else if (what.changes) fill(z.finder(button)(".zv-then"), then, " would be", " first");
      else fill(z.finder(button)(".zv-then"), "lead", " would be", ` ${store.scored(what.lead)}`);
    });
    hold(offers);
  }
  // Words, of which the long ones are heard but not seen where there is no room for them.
  function fill(/** @type {HTMLElement} */ node, /** @type {string} */ before, long = "", after = "") {
    if (node.textContent === before + long + after) return;
    node.replaceChildren(before, ...(long ? [z.element("span", { className: "zv-long", textContent: long })] : []), after);
  }
  // Room that was once needed is kept: what an edit says changes the height of nothing below.
  function hold(/** @type {HTMLElement} */ node) {
    const height = `${Math.max(node.offsetHeight, parseFloat(node.style.minHeight) || 0)}px`;
    z.style(node, "min-height", height);
  }
  const nextOf = (/** @type {WhatIf[]} */ fresh) => {
    const what = fresh.shift();
    return what ? { what, on: false } : null;
  };

  function offer(/** @type {number} */ position) {
    const button = z.element("button", { type: "button" }, z.element("span", { className: "zv-if" }), z.element("span", { className: "zv-then" }));
    button.addEventListener("click", () => {
      const { what: { attribute, value: wanted } } = shown[position];
      const before = tried.get(attribute);
      if (before && s.image[attribute] === before.value) {
        tried.delete(attribute);
        return store.edit("image", attribute, before.had);
      }
      const value = Math.round(wanted * 1000) / 1000;
      tried.set(attribute, { value, before: store.value("image", attribute), had: s.image[attribute] ?? null });
      return store.edit("image", attribute, value);
    });
    return z.element("li", {}, button);
  }

  store.on("explained", () => {
    // of the photo, whatever is edited
    z.write(unlike, s.x.unlike);
    unlike.hidden = !s.x.unlike;
    if (![...tried].every(([a, { value }]) => s.image[a] === value)) tried.clear();
    words.style.minHeight = offers.style.minHeight = doubt.style.minHeight = "";
  });
  store.on("ranking", soon);
};
