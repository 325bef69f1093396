// @ts-check
// Every class that competes, the handicap of those that were trained on, and whether these compete at all.
zslviz.panels["explain/classes"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [details, title, axis] = [find("details", "details"), find("summary h2"), find(".zv-axis")];
  const [gamma, unseenOnly] = ["#zv-gamma", "#zv-unseen-only"].map((q) => find(q, "input"));
  const [gammaValue, gammaReset] = [find(".zv-gamma-value"), find(".zv-gamma-reset", "button")];
  const lines = store.lines(find(".zv-every-class"), zslviz.roving(find(".zv-every-class"), "button"));
  const fold = zslviz.fold(store, details, async () => {
    const pair = s.held?.pair || { why: s.why };
    const r = await store.latest("rank", { ...pair, true_class: s.x.true_class, count: s.x.classes.length }, () => {});
    if (!r) return;
    s.listed = r.classes;
    store.emit("listed");
    lines.draw(r.classes, r);
    z.write(axis, `Bars start at the middle one of ${r.competing} classes.` +
      (r.edited ? " Outlines: before your edits. ▲▼: places moved." : "") + " A tap on a class says why it is not the first.");
  });

  // The slider spans what can change the answer: from no handicap to well above the checkpoint's own and the top's lead.
  function fitGamma() {
    const { x } = s;
    const r = x.ranking;
    const reach = Math.max(2.5 * Math.abs(x.gamma), 1.5 * (r.ceiling - r.floor), Math.abs(s.gamma), 0.1);
    z.fitSlider(gamma, reach, s.gamma, Math.min(x.gamma, s.gamma) < 0);
    drawGamma();
  }
  function drawGamma() {
    gamma.dataset.shown = String(s.gamma);
    gammaValue.textContent = store.scored(s.gamma);
    gammaReset.disabled = !s.x || s.gamma === s.x.gamma;
    gamma.disabled = s.unseenOnly;
  }
  function setGamma(/** @type {number} */ value) {
    s.gamma = value;
    gamma.value = String(value);
    drawGamma();
    store.rank();
  }

  const count = () => z.write(title, `All ${s.x.classes.length} classes`);
  store.on("invented", count);
  store.on("explained", () => {
    lines.forget();
    s.listed = [];
    count();
    unseenOnly.checked = s.unseenOnly;
    fitGamma();
  });
  store.on("ranking", fold.soon);
  store.on("unfold", (/** @type {string} */ name) => name === "classes" && fold.open());
  gammaReset.addEventListener("click", () => setGamma(s.x.gamma));
  zslviz.sliding(gamma, setGamma);
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
    drawGamma();
    store.rank();
  });
};
