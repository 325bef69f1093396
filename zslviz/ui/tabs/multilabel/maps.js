// @ts-check
// One label's map over the photo with its counted regions, or several labels hatched over each other; places; small multiples.
zslviz.panels["multilabel/maps"] = (element, /** @type {LabelStore} */ store) => {
  "use strict";
  const [z, { mapcard }, s] = [zslviz.draw, zslviz, store.state];
  const find = z.finder(element);
  const [title, hint, large, sum, save] = ["#zv-label-title", ".zv-kind-hint", ".zv-large", ".zv-sum", ".zv-save"].map((q) => find(q));
  const [legend, ramp, ticks, opacity] = [".zv-legend", ".zv-ramp", ".zv-ticks", ".zv-opacity"].map((q) => find(q));
  const [choice, areaChoice] = ["#zv-label", ".zv-area-choice"].map((q) => find(q, "select"));
  const [hatches, area, words, looked, chips, small] = [".zv-hatches", ".zv-area", ".zv-region-words", ".zv-looked", ".zv-chips", ".zv-thumbnails"].map((q) => find(q));
  const lookedAt = find(".zv-looked input", "input");
  const [gate, gateBars, gateWords] = [find(".zv-gate", "details"), find(".zv-gate-bars"), find(".zv-gate-words")];
  const HINTS = {
    one: "The brighter a place, the more it speaks for the label. What is below the highest tenth of all labels and places stays transparent. Labels share one scale, but for one that would not show on it.",
    several: "Choose up to four labels: here below, in the lists, or above. Each has its own colour and its own direction of lines.",
  };
  const INVITE = "Click a spot on the picture to see which labels it speaks for.";
  let stack = z.element("div"); // the photo and what lies over it
  /** @type {LabelMap | null} */
  let shown = null; // the map that is large
  /** @type {LabelAnswers["region"] | null} */
  let spot = null; // the region asked about

  // -- one label --------------------------------------------------------------------------------------------------
  const layer = () => z.finder(stack)(".zv-layer", "img");
  function drawMap(/** @type {LabelMap} */ answer) {
    shown = answer;
    if (s.several || lookedAt.checked) return;
    layer().src = answer.url;
    stack.setAttribute("aria-label", `${answer.name}: map over the photo. Arrow keys move the spot asked about.`);
    z.legend(ramp, ticks, answer.legend, answer.own_scale ? ["half its places are below", "", "its most"] : ["nine in ten are below", "", "most"]);
    drawBoxes(answer.boxes);
    const beside = answer.counted - answer.boxes.length;
    sum.replaceChildren(z.element("b", { textContent: answer.name }), `: score ${z.number(answer.score)} = mean of the ` +
      (beside ? `${answer.counted} highest regions (${answer.boxes.length} outlined, ${beside} beside the photo)` : `${answer.counted} outlined regions`) +
      (answer.seen && s.gamma ? `; less γ ${z.number(s.gamma)} = ${z.number(answer.score - s.gamma)}` : "") + "." +
      (answer.own_scale ? " Too low for the labels’ common scale: drawn on its own." : ""));
  }
  function drawBoxes(/** @type {Box[]} */ boxes) {
    for (const old of stack.querySelectorAll(".zv-counted")) old.remove();
    for (const [x0, y0, x1, y1] of boxes) {
      const box = z.element("div", { className: "zv-counted" });
      Object.assign(box.style, { left: `${100 * x0}%`, top: `${100 * y0}%`, width: `${100 * (x1 - x0)}%`, height: `${100 * (y1 - y0)}%` });
      stack.append(box);
    }
  }

  // -- several labels ---------------------------------------------------------------------------------------------
  function drawOutlines(/** @type {Outlines} */ answer) {
    if (!s.several) return;
    stack.querySelector("svg")?.remove();
    stack.insertAdjacentHTML("beforeend", picture(answer)); // numbers and colours of the server alone, no names
    stack.setAttribute("aria-label", `${answer.labels.map((l) => l.name).join(", ") || "No label"}, hatched over the photo. Arrow keys move the spot asked about.`);
    hatches.replaceChildren(...answer.labels.map((label, i) => {
      const swatch = z.element("span", { className: "zv-swatch" });
      swatch.innerHTML = `<svg viewBox="0 0 34 18" aria-hidden="true"><rect x="1" y="1" width="32" height="16" fill="url(#zv-hatch-${i})" stroke="${label.colour}" stroke-width="2"/></svg>`;
      const name = z.named(`${label.name} `, label.seen);
      const take = z.element("button", { type: "button", className: "zv-icon", textContent: "×" });
      take.setAttribute("aria-label", `Take ${label.name} away from the picture`);
      take.addEventListener("click", () => store.choose(label.name));
      return z.element("li", {}, swatch, name, take);
    }));
    sum.textContent = !answer.labels.length ? "No label is chosen."
      : answer.area === "half" ? "Hatched: where a label reaches at least half-way from the median to the highest value of its own map."
      : "Hatched: the regions whose mean is a label's score.";
  }
  function picture(/** @type {Outlines} */ { width, height, labels }) {
    const patterns = labels.map(({ colour, angle }, i) => `<pattern id="zv-hatch-${i}" width="20" height="20" patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})">` +
      `<rect width="20" height="6.5" fill="rgb(0 0 0 / .5)"/><rect y="1.25" width="20" height="4" fill="${colour}"/></pattern>`);
    const paths = labels.map(({ colour, path }, i) => path && `<path d="${path}" fill="url(#zv-hatch-${i})" fill-rule="evenodd"/>` +
      `<path class="zv-edge" d="${path}"/><path class="zv-line" d="${path}" stroke="${colour}"/>`);
    return `<svg class="zv-hatching" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true"><defs>${patterns.join("")}</defs>${paths.join("")}</svg>`;
  }

  // -- places -----------------------------------------------------------------------------------------------------
  async function askRegion(/** @type {number} */ x, /** @type {number} */ y) {
    const answer = await store.latest("region", { x, y });
    if (!answer) return;
    spot = answer;
    z.mark(stack, answer.box);
    words.textContent = "This spot speaks most for";
    looked.hidden = !s.x.has_attention || s.several;
    chips.replaceChildren(...answer.labels.map(({ name, seen, score }) => {
      const marker = z.element("span", { className: seen ? "zv-seen" : "zv-unseen" }, z.element("i", { className: "zv-marker" }));
      return z.chip(() => store.choose(name), z.number(score), marker, ` ${name}`);
    }));
    if (looking()) look();
  }
  const looking = () => !looked.hidden && lookedAt.checked;
  async function look() {
    if (!spot) return;
    const answer = await store.latest("attention", { row: spot.row, column: spot.column });
    if (!answer || !looking()) return;
    drawBoxes([]);
    layer().src = answer.url;
    z.legend(ramp, ticks, answer.legend, ["nowhere", "share of attention", "most"]);
    sum.textContent = "Where the marked region looked to know what it shows: shares that add up to 1.";
  }
  function stopLooking() {
    lookedAt.checked = false;
  }

  // -- small multiples ----------------------------------------------------------------------------------------------
  function drawSmall(/** @type {LabelThumbnail[]} */ thumbnails) {
    small.replaceChildren(...thumbnails.map(({ name, url }) => {
      const button = mapcard.small(s.x, url, z.named(name, store.isSeen(name)), () => store.choose(name));
      button.dataset.label = name;
      return button;
    }));
    markSmall();
  }
  function markSmall() {
    choice.value = s.label;
    for (const button of small.querySelectorAll("button")) {
      const { label = "" } = button.dataset;
      button.setAttribute("aria-pressed", String(s.several ? s.overlaid.includes(label) : label === s.label));
    }
  }
  function fillChoice() {
    const group = (/** @type {string} */ label, /** @type {string[]} */ some) =>
      some.length ? [z.element("optgroup", { label }, ...some.map((name) => z.element("option", { value: name, textContent: name })))] : [];
    const [unseen, seen] = [false, true].map((seen) => s.x.labels.filter((l) => l.seen === seen).map((l) => l.name).sort());
    choice.replaceChildren(...group("Added", s.added), ...group("Never trained on", unseen), ...group("Trained on", seen));
    choice.value = s.label;
  }

  // -- what is shown ------------------------------------------------------------------------------------------------
  function arrange() {
    const which = s.several ? "several" : "one";
    element.dataset.shown = which;
    element.dataset.label = s.label;
    choices.show(which);
    title.textContent = s.several ? "Where it sees several" : "Where it sees";
    hint.textContent = HINTS[which];
    for (const one of [legend, opacity]) one.hidden = s.several;
    for (const one of [hatches, area]) one.hidden = !s.several;
    looked.hidden = !spot || !s.x.has_attention || s.several;
    stack.classList.toggle("zv-several", s.several);
    if (s.several) {
      drawBoxes([]);
      stopLooking();
    } else stack.querySelector("svg")?.remove();
    save.setAttribute("aria-label", s.several ? "Download the hatched photo, full size, PNG" : `Download the map of ${s.label} over the photo, full size, PNG`);
    save.title = "Download at the photo's full size (PNG)";
    markSmall();
  }

  store.on("explained", () => {
    const { x } = s;
    spot = null;
    stopLooking();
    stack = z.stack(x.photo, x.map.url, x.width, x.height);
    z.spotting(stack, askRegion, () => spot);
    large.replaceChildren(stack);
    words.textContent = INVITE;
    chips.replaceChildren();
    fillChoice();
    gate.hidden = !x.has_gate;
    gate.open = false;
    gateBars.replaceChildren();
  });
  store.on("labels", fillChoice);
  store.on("thumbnails", drawSmall);
  store.on("selecting", () => {
    if (!s.several) stopLooking();
    arrange();
    if (!s.several && shown && shown.name === s.label) drawMap(shown);
  });
  store.on("map", drawMap);
  store.on("outlines", drawOutlines);
  store.on("ranking", () => {
    if (!s.several && shown && shown.name === s.label && !looking()) drawMap(shown); // gamma is in its sentence
  });
  gate.addEventListener("toggle", async () => {
    if (!gate.open || gateBars.children.length) return;
    const answer = await store.ask("gate");
    if (!answer) return;
    const most = Math.max(...answer.counts);
    gateBars.replaceChildren(...answer.counts.map((count) => {
      const bar = z.element("i", { title: String(count) });
      bar.style.height = `${Math.max(count ? 2 : 0, (100 * count) / most)}%`;
      return bar;
    }));
    gateWords.textContent = `From shut (0, left) to open (1, right), ${answer.channels} channels: ${answer.shut} below 0.1, ${answer.open} above 0.9, mean ${z.number(answer.mean)}.`;
  });
  choice.addEventListener("change", () => store.choose(choice.value));
  const choices = z.radios(element, "zv-labels-shown", (value) => {
    store.setSeveral(value === "several");
    if (!s.several) store.select(s.label);
  });
  areaChoice.addEventListener("change", () => {
    s.area = areaChoice.value;
    store.outline();
  });
  lookedAt.addEventListener("change", () => (looking() ? look() : shown && drawMap(shown)));
  save.addEventListener("click", () => (s.several
    ? store.download("hatched", { labels: s.overlaid, area: s.area })
    : store.download("overlay", { label: s.label, opacity: s.opacity })));
  mapcard.waiting(store, large, ["map"]);
  mapcard.opacity(element, find(".zv-opacity-range", "input"), s);
};
