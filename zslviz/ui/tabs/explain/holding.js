// @ts-check
// A slider of a list of rows while it is held: two classes stay compared, and it shows where the answer tips. A touch that turns out to
// scroll gives the value back.
zslviz.panels["explain/holding"] = (rows, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
  const AFTER_MS = 80; // the ranking is painted first
  /** @type {{ attribute: number, key: string, node: HTMLElement } | null} */
  let tips = null; // what is marked, and of which state besides this attribute

  function sliderOf(/** @type {Event} */ { target }) {
    return target instanceof HTMLInputElement && target.type === "range" ? target : null;
  }
  // Who is edited in a slider's row, and which attribute.
  function editedBy(/** @type {HTMLElement} */ slider) {
    const { who, attribute } = /** @type {HTMLElement} */ (slider.closest(".zv-row")).dataset;
    return { who: who === "image" ? /** @type {const} */ ("image") : Number(who), attribute: Number(attribute) };
  }

  rows.addEventListener("pointerdown", (event) => {
    const slider = sliderOf(event);
    if (!slider || event.button !== 0) return;
    const { who, attribute } = editedBy(slider);
    store.hold(who, attribute, true);
  });
  for (const [name, end] of /** @type {const} */ ([["pointerup", "release"], ["pointercancel", "giveBack"]])) {
    window.addEventListener(name, () => s.held?.pointer && store[end]());
  }
  rows.addEventListener("keydown", (event) => {
    const slider = sliderOf(event);
    if (!slider || !KEYS.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    const { who, attribute } = editedBy(slider);
    if (s.held?.attribute !== attribute || s.held.who !== who) store.hold(who, attribute, false);
  });
  rows.addEventListener("keyup", (event) => s.held && !s.held.pointer && KEYS.includes(event.key) && store.release());
  rows.addEventListener("focusout", () => {
    if (s.held && !s.held.pointer) store.release();
    if (!s.held) clear();
  });

  // -- the tipping points -------------------------------------------------------------------------------------------
  function others(/** @type {number} */ attribute, { image, classes } = s) {
    const { [attribute]: _, ...rest } = image;
    return JSON.stringify([s.x.handle, rest, classes, s.gamma, s.unseenOnly]);
  }
  function clear() {
    tips?.node.remove();
    tips = null;
  }

  store.on("held", () => {
    const { held } = s;
    if (!held || held.who !== "image" || tips?.attribute === held.attribute) return;
    clear();
    const key = others(held.attribute, { ...s, ...held.before });
    setTimeout(async () => {
      const edits = { image_edits: held.before.image, class_edits: held.before.classes };
      if (key !== others(held.attribute)) return;
      const answer = await store.latest("tipping", { attribute: held.attribute, ...edits }, () => {});
      if (!answer || tips || key !== others(held.attribute)) return;
      const control = rows.querySelector(`.zv-row[data-attribute="${held.attribute}"] .zv-control`);
      if (!control?.contains(document.activeElement)) return; // another list of rows may have it
      const node = draw(answer, /** @type {HTMLInputElement} */ (control?.querySelector("input[type=range]")));
      control?.append(node);
      tips = { attribute: held.attribute, key, node };
    }, AFTER_MS);
  });
  // It is true as long as nothing else changes.
  store.on("ranking", () => tips && tips.key !== others(tips.attribute) && clear());
  store.on("explained", clear);

  function draw(/** @type {ExplainAnswers["tipping"]} */ { below, above }, /** @type {HTMLInputElement} */ slider) {
    const [low, high] = [Number(slider.min), Number(slider.max)];
    const mark = (/** @type {Tip} */ { value }) => {
      const made = z.element("i");
      made.style.setProperty("--at", String((value - low) / (high - low)));
      return made;
    };
    const said = (/** @type {string} */ side, /** @type {Tip} */ tip) => `${side} ${tip.bound.replace("-", "−")} ${s.x.classes[tip.rival].name} wins`;
    const words = [below ? said("below", below) : "", above ? said("above", above) : ""].filter(Boolean).join(" · ");
    const marks = z.element("span", { className: "zv-tip-marks", "aria-hidden": "true" }, ...[below, above].flatMap((tip) => (tip ? [mark(tip)] : [])));
    return z.element("span", { className: "zv-tips" }, marks,
      z.element("span", { className: "zv-tip-words", textContent: words || "no value of it alone changes the first place" }));
  }
};
