// @ts-check
// One label's map over the photo with its counted regions, or several labels hatched over each other; places; small multiples.
zslviz.panels["multilabel/maps"] = (element, /** @type {LabelStore} */ store) => {
  "use strict";
  const [z, { mapcard, tell }, s] = [zslviz.draw, zslviz, store.state];
  const find = z.finder(element);
  const [title, hint, large, sum, save] = ["#zv-label-title", ".zv-kind-hint", ".zv-large", ".zv-sum", ".zv-save"].map((q) => find(q));
  const [legend, ramp, ticks, ofOne] = [".zv-legend", ".zv-ramp", ".zv-ticks", ".zv-map-choices"].map((q) => find(q));
  const [choice, areaChoice] = ["#zv-label", ".zv-area-choice"].map((q) => find(q, "select"));
  const [hatches, area, words, looked, chips] = [".zv-hatches", ".zv-area", ".zv-region-words", ".zv-looked", ".zv-chips"].map((q) => find(q));
  const [lookedAt, stretched] = [".zv-looked input", ".zv-stretch input"].map((q) => find(q, "input"));
  const smalls = [false, true].map((seen) => ({ seen, box: find(`.zv-thumbnails[data-seen="${seen}"]`), title: find(`h3.${seen ? "zv-seen" : "zv-unseen"}`) }));
  const [scaleWords, more] = [find(".zv-scale-words"), find(".zv-more-maps", "details")];
  const [parts, partChips] = [find(".zv-parts", "details"), find(".zv-part-chips")];
  const LINES = "lines at a quarter, a half and three quarters of the scale.";
  const HINTS = {
    one: `The brighter a place, the more it speaks for the label; ${LINES} The outlined places are counted.`,
    whole: `The brighter a place, the more of what the whole photo says for the label comes from it; ${LINES} All places are counted, so none is outlined.`,
    several: "Choose up to four labels: here below, in the lists, or above. Each has its own colour and its own direction of lines.",
  };
  const WHOLE = "whole"; // the part that every place has a share in
  const PART_SCALE = "From the middle place to the strongest: one scale for all groups, so that they can be compared; the whole photo has its own.";
  const INVITE = "Click a spot on the picture to see which labels it speaks for.";
  let stack = z.element("div"); // the photo and what lies over it
  /** @type {LabelMap | null} */
  let shown = null; // the map that is large
  let saidOf = NaN; // the handicap that its sentence is of
  /** @type {LabelAnswers["region"] | null} */
  let spot = null; // the region asked about

  // -- one label --------------------------------------------------------------------------------------------------
  const layer = () => z.finder(stack)(".zv-layer", "img");
  function drawMap(/** @type {LabelMap} */ answer) {
    shown = answer;
    if (s.several || lookedAt.checked) return;
    layer().src = answer.url;
    mapcard.contours(stack, answer.contours);
    stack.setAttribute("aria-label", `${answer.name}${answer.part ? `, ${titleOf(answer.part)} alone` : ""}: map over the photo${answer.where ? `, ${answer.where}` : ", the same everywhere"}. Arrow keys move the spot asked about.`);
    legend.hidden = !answer.legend;
    z.write(hint, HINTS[answer.part === WHOLE ? "whole" : "one"]);
    sayStrengths(answer);
    stretched.checked = answer.stretched;
    stretched.disabled = Boolean(answer.part);
    drawBoxes(answer.part === WHOLE ? [] : answer.boxes);
    scaleWords.textContent = answer.part ? PART_SCALE : mapcard.scaleWords(answer);
  }
  // What the handicap changes: the label's strength, and those of the colours' ends.
  function sayStrengths(/** @type {LabelMap} */ answer) {
    saidOf = s.gamma;
    drawParts(answer);
    if (answer.part) return void sayPart(answer, answer.part);
    if (answer.legend) drawLegend(answer, answer.legend);
    const beside = answer.counted - answer.boxes.length;
    const strength = store.strength(answer.score, answer.seen);
    sum.replaceChildren(z.element("b", { textContent: answer.name }), `: ${whole(strength)} = the mean of its ` +
      (beside ? `${answer.counted} strongest places (${answer.boxes.length} outlined, ${beside} beside the photo)` : `${answer.counted} strongest places, outlined`) +
      (strength >= 100 ? "; from 100 on it counts as found." : "; 100 counts as found."));
  }

  // -- part by part -----------------------------------------------------------------------------------------------
  // Parts have offsets that all labels share, so what is told of one is its lead, in points of strength.
  const points = (/** @type {number} */ lead, /** @type {boolean} */ seen) => Math.round(store.strengthOf(s.x.strength.zero + lead, seen)) || 0;
  const signed = (/** @type {number} */ value) => (value < 0 ? `−${-value}` : `+${value}`);
  const titleOf = (/** @type {string} */ part) => s.x.parts.find((one) => one.name === part)?.title || part;
  const leadOf = (/** @type {LabelMap} */ { leads, seen }, /** @type {string} */ part) => points(leads[s.x.parts.findIndex((one) => one.name === part)], seen);
  function drawParts(/** @type {LabelMap} */ answer) {
    const chips = [{ name: null, title: "All together" }, ...s.x.parts];
    const made = () => {
      const chip = z.chip(() => store.showPart(chip.dataset.part || null), "", z.element("span"));
      return chip;
    };
    z.lines(partChips, s.x.parts.length && chips.length, made).forEach((chip, i) => {
      const { name, title: told } = chips[i];
      chip.dataset.part = name || "";
      chip.setAttribute("aria-pressed", String(answer.part === name));
      z.finder(chip)("span").textContent = told;
      z.finder(chip)("b").textContent = name ? signed(leadOf(answer, name)) : "";
    });
    settleParts();
  }
  function sayPart(/** @type {LabelMap} */ answer, /** @type {string} */ part) {
    const { seen, legend: own } = answer;
    const what = part === WHOLE ? "What the whole photo says, by the place that it comes from." : "Outlined are the places that count.";
    sum.replaceChildren(z.element("b", { textContent: answer.name }), `, ${titleOf(part)} alone: ${signed(leadOf(answer, part))} against the average label. ${what}`);
    if (own) {
      const [low, middle, high] = own.ticks;
      z.legend(ramp, ticks, { gradient: own.gradient, ticks: [0, points(middle - low, seen), points(high - low, seen)] }, ["its middle place", "", "most"]);
    }
  }

  const whole = (/** @type {number} */ value) => String(Math.max(0, Math.round(value))); // as the lists have it
  // The colours' ends are strengths of this label, as its number is.
  function drawLegend(/** @type {LabelMap} */ { seen, stretched: own }, /** @type {Legend} */ { gradient, ticks: [low, middle, high] }) {
    const value = (/** @type {number} */ score) => Math.max(0, Math.round(store.strength(score, seen)));
    const under = `${store.strength(low, seen) < 0 ? "or less: " : ""}${own ? "half its places are below" : "nine in ten of all are below"}`;
    z.legend(ramp, ticks, { gradient, ticks: [value(low), value(middle), value(high)] }, [under, "", own ? "its most" : "most"]);
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
      : "Hatched: the places whose mean is a label's score.";
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
    words.textContent = answer.labels.length
      ? `This place (row ${answer.row + 1}, column ${answer.column + 1}) speaks most for ${answer.labels.slice(0, 3).map((l) => l.name).join(", ")}.`
      : "Nothing stands out here: for no label does this place say more than nine in ten places do.";
    tell.announce("map", words.textContent);
    looked.hidden = !s.x.has_attention || s.several;
    chips.replaceChildren(...answer.labels.map(({ name, seen, score, height }) => {
      const marker = z.element("span", { className: seen ? "zv-seen" : "zv-unseen" }, z.element("i", { className: "zv-marker" }));
      const chip = z.chip(() => store.choose(name), whole(store.strengthOf(score, seen)), marker, ` ${name}`);
      chip.style.setProperty("--height", `${Math.round(100 * Math.min(1, height))}%`);
      return chip;
    }));
    if (looking()) look();
  }
  const looking = () => !looked.hidden && lookedAt.checked;
  async function look() {
    if (!spot) return;
    const answer = await store.latest("attention", { row: spot.row, column: spot.column });
    if (!answer || !looking()) return;
    drawBoxes([]);
    mapcard.contours(stack, null);
    layer().src = answer.url;
    legend.hidden = false;
    z.legend(ramp, ticks, answer.legend, ["nowhere", "share", "most"]);
    sum.textContent = "Where the marked place looked to know what it shows (attention): shares that add up to 1.";
  }
  function stopLooking() {
    lookedAt.checked = false;
  }

  // -- small multiples ----------------------------------------------------------------------------------------------
  function drawSmall(/** @type {LabelThumbnail[]} */ thumbnails) {
    for (const { seen, box, title: head } of smalls) {
      const those = thumbnails.filter(({ names }) => store.isSeen(names[0]) === seen);
      for (const one of [box, head]) one.hidden = !those.length;
      box.replaceChildren(...those.map((one) => {
        const { names, url, stretched: own } = one;
        const caption = z.element("span", {}, names.join(", "), ...(own ? [z.element("em", { textContent: ` stretched ${mapcard.times(one)}` })] : []));
        const button = mapcard.small(s.x, url, caption, () => store.choose(names[0]));
        if (names.length > 1) button.title = `The maps of ${names.join(", ")} are one picture`;
        button.dataset.label = names.join("\n");
        return button;
      }));
    }
    markSmall();
  }
  const settleParts = zslviz.roving(partChips, "button");
  const settle = smalls.map(({ box }) => zslviz.roving(box, "button"));
  function markSmall() {
    choice.value = s.label;
    for (const button of element.querySelectorAll(".zv-thumbnails button")) {
      const { label = "" } = /** @type {HTMLElement} */ (button).dataset;
      button.setAttribute("aria-pressed", String(label.split("\n").some((name) => (s.several ? s.overlaid.includes(name) : name === s.label))));
    }
    for (const one of settle) one();
  }
  function fillChoice() {
    const group = (/** @type {string} */ label, /** @type {string[]} */ some) =>
      some.length ? [z.element("optgroup", { label }, ...some.map((name) => z.element("option", { value: name, textContent: name })))] : [];
    const [unseen, seen] = [false, true].map((seen) => s.x.labels.filter((l) => l.seen === seen).map((l) => l.name).sort((a, b) => a.localeCompare(b)));
    choice.replaceChildren(...group("Added", s.added), ...group("Never trained on", unseen), ...group("Trained on", seen));
    choice.value = s.label;
  }

  // -- what is shown ------------------------------------------------------------------------------------------------
  function arrange() {
    const which = s.several ? "several" : "one";
    element.dataset.shown = which;
    element.dataset.label = s.label;
    choices.show(which);
    title.textContent = s.several ? "Where several were found" : "Where it was found:";
    if (s.several) z.write(hint, HINTS.several);
    for (const one of [legend, ofOne]) one.hidden = s.several;
    scaleWords.style.visibility = s.several ? "hidden" : ""; // nothing below it moves
    for (const one of [hatches, area]) one.hidden = !s.several;
    looked.hidden = !spot || !s.x.has_attention || s.several;
    parts.hidden = !s.x.parts.length || s.several;
    stack.classList.toggle("zv-several", s.several);
    if (s.several) {
      drawBoxes([]);
      mapcard.contours(stack, null);
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
    parts.hidden = !x.parts.length;
  });
  store.on("labels", fillChoice);
  store.on("thumbnails", drawSmall);
  const small = zslviz.fold(store, more, store.showSmall); // they are drawn for who looks at them
  store.on("explained", small.soon);
  store.on("selecting", () => {
    if (!s.several) stopLooking();
    arrange();
    if (!s.several && shown && shown.name === s.label && shown.part === s.part && [null, shown.stretched].includes(s.stretch)) drawMap(shown);
  });
  store.on("map", (/** @type {LabelMap} */ answer) => {
    drawMap(answer);
    tell.announce("map", sum.textContent || "");
  });
  store.on("outlines", drawOutlines);
  const sayAgain = zslviz.behind(store, () => {
    if (!s.several && shown && shown.name === s.label && !looking() && saidOf !== s.gamma) sayStrengths(shown);
  });
  store.on("ranking", () => {
    if (saidOf !== s.gamma) sayAgain();
    small.soon();
  });
  choice.addEventListener("change", () => store.choose(choice.value));
  store.on("view", () => (areaChoice.value = s.area));
  const choices = z.radios(element, "zv-labels-shown", (value) => {
    store.setSeveral(value === "several");
    if (!s.several) store.select(s.label);
  });
  areaChoice.addEventListener("change", () => {
    s.area = areaChoice.value;
    store.emit("view");
    store.outline();
  });
  lookedAt.addEventListener("change", () => (looking() ? look() : shown && drawMap(shown)));
  save.addEventListener("click", () => (s.several
    ? store.download("hatched", { labels: s.overlaid, area: s.area })
    : store.download("overlay", { label: s.label, opacity: s.opacity, stretch: s.stretch, part: s.part })));
  stretched.addEventListener("change", () => store.select(s.label, stretched.checked));
  mapcard.tuck(more, [find(".zv-scale"), scaleWords, hint, find(".zv-region")]);
  mapcard.waiting(store, large, ["map"]);
  mapcard.grey(element, find(".zv-grey-choice", "input"), store);
  mapcard.opacity(element, find(".zv-opacity-range", "input"), s);
};
