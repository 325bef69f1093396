// @ts-check
// The edits, always in sight: one after the other, each with a way to take it back, and what the last one has done.
zslviz.panels["explain/edits"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [dock, effect, list] = [".zv-dock", ".zv-effect", ".zv-edits"].map((q) => find(q));
  const [allOff, undo, show] = [".zv-all-off", ".zv-undo-last", ".zv-show-edits"].map((q) => find(q, "button"));
  const FIRST = 3;
  const lines = store.lines(find(".zv-mini"), zslviz.roving(find(".zv-mini"), "button")); // seen on narrow screens alone
  const NONE = "No edits. Move a slider, or tap a what-if.";
  /** @typedef {{ who: "image" | number, attribute: number, value: number }} Edit */
  /** @type {Edit[]} */
  let edits = [];

  const short = (/** @type {number} */ value) => z.number(value).replace(/\.?0+$/, "");
  const thing = (/** @type {"image" | number} */ who, /** @type {number} */ attribute) =>
    (who === "image" ? "" : `${s.x.classes[who].name}: `) + s.x.attributes[attribute];
  const move = (/** @type {number | null} */ from, /** @type {number | null} */ to) =>
    `${from === null ? "" : `${short(from)} `}→ ${to === null ? "as before" : short(to)}`;

  function all() {
    const those = (/** @type {"image" | number} */ who, /** @type {Edits} */ some) =>
      Object.entries(some).map(([attribute, value]) => ({ who, attribute: Number(attribute), value }));
    return [...those("image", s.image), ...Object.entries(s.classes).flatMap(([index, some]) => those(Number(index), some))];
  }

  function chip(/** @type {number} */ position) {
    const [name, change] = [z.element("span"), z.element("b")];
    const remove = z.element("button", { type: "button", textContent: "×" });
    remove.addEventListener("click", () => {
      const { who, attribute } = edits[position];
      store.edit(who, attribute, null);
      const next = list.querySelectorAll("button")[Math.min(position, edits.length - 1)];
      (next || effect).focus({ preventScroll: true }); // the one that took its place
    });
    return z.element("li", {}, name, change, remove);
  }

  function draw() {
    edits = all();
    z.lines(list, edits.length, chip).forEach((item, i) => {
      const { who, attribute, value } = edits[i];
      const [name, change, remove] = /** @type {HTMLElement[]} */ ([...item.children]);
      const look = who === "image" ? "" : "zv-of-class";
      z.look(item, look);
      z.write(name, thing(who, attribute));
      z.write(change, move(store.original(who, attribute), value));
      z.label(remove, `Take back ${thing(who, attribute)} ${move(store.original(who, attribute), value)}`);
    });
    for (const button of [allOff, undo, show]) button.hidden = !edits.length;
    z.write(show, edits.length === 1 ? "1 edit" : `${edits.length} edits`);
    if (!edits.length && !s.cause && !s.news) z.write(effect, NONE);
  }

  const { leadOver } = store;

  // While a slider is held, of the two classes that are compared; then, what has become of the first one.
  function pinned(/** @type {Held} */ { lead }) {
    const { class_name: name, rival_name: rival, margin } = s.ranking.why;
    return `${name} over ${rival} ${store.scored(lead)} → ${store.scored(margin)}`;
  }
  function outcomeOf(/** @type {Cause} */ cause) {
    const [first, next] = s.ranking.classes;
    if (first.name !== cause.first) return `${cause.first} → ${first.name}`;
    const over = leadOver(cause.who);
    if (over !== null && cause.over !== null) return `${first.name} over ${s.x.classes[Number(cause.who)].name} ${store.scored(cause.over)} → ${store.scored(over)}`;
    if (!next || cause.lead === null) return `${first.name} stays first`;
    return `the lead of ${first.name} ${store.scored(cause.lead)} → ${store.scored(first.score - next.score)}`;
  }

  // One line of cause and effect.
  function tell() {
    const { cause, held, news } = s;
    const what = cause && (cause.key ? `${thing(cause.who, cause.attribute)} ${move(cause.from, store.value(cause.who, cause.attribute))}` : "All off");
    const outcome = cause && (held?.moved && cause.who === "image" ? pinned(held) : outcomeOf(cause));
    z.write(effect, cause ? `${what}: ${outcome}` : news || (edits.length ? "Your edits:" : NONE));
    effect.title = effect.textContent || "";
    dock.classList.toggle("zv-nothing", !cause && !news && !edits.length);
    lines.draw(s.ranking.classes.slice(0, FIRST), s.ranking);
  }

  document.documentElement.classList.add("zv-docked"); // what is scrolled to stays above the bar
  effect.tabIndex = -1;
  store.on("explained", () => {
    lines.forget();
    draw();
  });
  store.on("edits", draw);
  store.on("ranking", tell);
  // To a finger the lines are one target, for each alone would be too low (edits.css): it leads to all classes.
  find(".zv-mini").addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("button")) return;
    zslviz.rest();
    store.emit("unfold", "classes");
  });
  undo.addEventListener("click", store.history.undo);
  store.on("history", () => (undo.disabled = !store.history.canUndo()));
  show.addEventListener("click", () => show.setAttribute("aria-expanded", String(dock.classList.toggle("zv-open"))));
  allOff.addEventListener("click", () => {
    store.resetEdits();
    effect.focus({ preventScroll: true });
  });
};
