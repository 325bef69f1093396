// @ts-check
// The classes that the visitor has made up, each with what was said of it: words, values that can be changed, its nearest real class.
zslviz.panels["explain/invented"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const list = z.finder(element)(".zv-invented");
  const details = z.finder(element)("details", "details");
  const MOST_LETTERS = 60;
  const NAMED = 2; // attributes of a chip

  // A name as classes have it; "" of none.
  store.called = (text) => {
    return z.capital(text.replace(/[\u0000-\u001f_]+/g, " ").replace(/\s+/g, " ").trim().slice(0, MOST_LETTERS).trim());
  };
  store.save = (name, text, type = "text/csv") => {
    const link = z.element("a", { download: name, href: URL.createObjectURL(new Blob([text], { type })) });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };

  const change = (/** @type {number} */ i, /** @type {Partial<Invented>} */ now, key = "") =>
    store.invent(s.invented.map((one, at) => (at === i ? { ...one, ...now, ...(now.values && { values: now.values.map(zslviz.codec.step) }) } : one)), key && `invent/${i}/${key}`);

  // -- one class ------------------------------------------------------------------------------------------------------------
  function card(/** @type {number} */ i) {
    const name = z.element("input", { type: "text", maxLength: MOST_LETTERS, autocomplete: "off", spellcheck: false, "aria-label": "Its name" });
    const place = z.element("span", { className: "zv-made-place" });
    const link = (/** @type {string} */ text, /** @type {() => void} */ click) => {
      const button = z.element("button", { type: "button", className: "zv-link", textContent: text });
      button.addEventListener("click", click);
      return button;
    };
    const describe = link("Edit all its values", () => store.emit("describe", s.x.own.length + i));
    const csv = link("CSV", async () => {
      const answer = await store.ask("invented_csv", { made: [whole(i)] });
      if (answer) store.save(`${s.invented[i].name.replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase()}.csv`, answer.text);
    });
    const remove = link("Remove", () => {
      store.invent(s.invented.filter((_, at) => at !== i), "", i);
      (list.children[Math.min(i, s.invented.length - 1)]?.querySelector("input") || details.querySelector("summary"))?.focus({ preventScroll: true });
    });
    name.addEventListener("change", () => rename(i, name));
    return z.element("li", {}, z.element("div", { className: "zv-made-head" }, name, place, describe, csv, remove),
      z.element("p", { className: "zv-made-words" }), z.element("p", { className: "zv-made-told" }), z.element("ul", { className: "zv-made-chips", "aria-label": "What was said of it" }));
  }
  // With what the visitor has changed in the editor.
  function whole(/** @type {number} */ i) {
    const { name, values } = s.invented[i];
    const edits = s.classes[s.x.own.length + i] || {};
    return { name, values: values.map((value, a) => edits[a] ?? value) };
  }
  function rename(/** @type {number} */ i, /** @type {HTMLInputElement} */ input) {
    const name = store.called(input.value);
    const taken = s.x.classes.some((one, c) => c !== s.x.own.length + i && one.name.toLowerCase() === name.toLowerCase());
    if (name && !taken) {
      if (name !== s.invented[i].name) return change(i, { name });
    } else store.notice(taken ? `There is a class “${name}” already.` : "A class needs a name.");
    input.value = s.invented[i].name;
    return undefined;
  }

  // -- what was said of it --------------------------------------------------------------------------------------------------
  /** @typedef {InventedChip & { put(value: number): void }} Chip */
  /** @param {number} i @returns {Chip[]} */
  function chips(i) {
    const { parts: of, chips: some } = s.invented[i];
    if (of) {
      return of.parts.map(([group, giver, share], j) => ({
        text: `${group} of ${s.x.classes[giver].name}`, said: "how much", attributes: [], value: of.base === null ? null : share,
        put: (value) => void reshare(i, j, value),
      }));
    }
    return some.map((chip, j) => ({ ...chip, put: (value) => {
      const { values, chips: now } = s.invented[i];
      const wanted = values.map((before, a) => (chip.attributes.includes(a) ? value : before));
      change(i, { values: wanted, chips: now.map((one, at) => (at === j ? { ...one, value } : one)) }, String(j));
    } }));
  }
  async function reshare(/** @type {number} */ i, /** @type {number} */ j, /** @type {number} */ share) {
    const of = s.invented[i].parts;
    if (!of) return;
    const parts = of.parts.map((one, at) => /** @type {InventedPart} */ (at === j ? [one[0], one[1], share] : one));
    const made = await store.latest("by_parts", { base: of.base, parts });
    if (made && s.invented[i]?.parts) change(i, { values: made.values, told: made.told, parts: { base: of.base, parts } }, String(j));
  }
  function chipText(/** @type {Chip} */ { text, said, attributes }) {
    if (!attributes.length) return said === "how much" ? text : said;
    const names = attributes.slice(0, NAMED).map((a) => s.x.attributes[a]).join(", ");
    return names + (attributes.length > NAMED ? ` and ${attributes.length - NAMED} more` : "");
  }
  function drawChip(/** @type {HTMLElement} */ ul, /** @type {number} */ i, /** @type {number} */ j) {
    const label = chipText(chips(i)[j]);
    const item = z.element("li", {}, z.element("span", { textContent: label }));
    if (chips(i)[j].value === null) return void ul.append(item);
    const slider = z.element("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": label });
    const number = z.element("input", { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false, "aria-label": `${label}, number` });
    const put = (/** @type {number} */ value) => chips(i)[j].put(Math.round(value * 1000) / 1000);
    zslviz.sliding(slider, put);
    number.addEventListener("change", () => {
      const value = Number(number.value.trim().replace(",", "."));
      const fine = number.value.trim() !== "" && value >= 0 && value <= 1;
      if (fine) put(value);
      else store.notice(`“${number.value.trim()}” is no value: write one from 0 to 1, such as 0.4.`);
      drawValue(item, chips(i)[j]);
    });
    item.append(slider, number);
    ul.append(item);
  }
  function drawValue(/** @type {HTMLElement} */ item, /** @type {Chip} */ { value }) {
    const [slider, number] = item.querySelectorAll("input");
    if (!slider || value === null) return;
    slider.value = slider.dataset.shown = String(value);
    slider.setAttribute("aria-valuetext", z.number(value));
    if (document.activeElement !== number || number.value.trim() === "") number.value = z.number(value);
    else if (Number(number.value.replace(",", ".")) !== value) number.value = z.number(value);
  }
  function drawWords(/** @type {HTMLElement} */ node, /** @type {SaidWord[]} */ words) {
    node.hidden = !words.length;
    node.replaceChildren(...words.map(({ text, status, what }) => {
      if (status === "understood") return z.element("b", { textContent: text, title: what });
      if (status !== "unknown") return text;
      const known = what && z.element("small", { textContent: ` (${what})` });
      return z.element("span", {}, z.element("s", { textContent: text, title: "not understood" }), z.element("span", { className: "zv-sr", textContent: " (not understood)" }), known);
    }));
  }

  // -- all of them ------------------------------------------------------------------------------------------------------------
  const fold = zslviz.fold(store, details, () => {
    z.lines(list, s.invented.length, card).forEach((item, i) => draw(item, i));
  });
  function draw(/** @type {HTMLElement} */ item, /** @type {number} */ i) {
    const find = z.finder(item);
    const [one, name, ul] = [s.invented[i], find("input", "input"), find(".zv-made-chips")];
    const all = chips(i);
    const key = JSON.stringify([s.x.model, one.words, all.map(chipText), all.map(({ value }) => value === null)]);
    if (document.activeElement !== name || !name.value) name.value = one.name;
    if (item.dataset.drawn !== key) {
      item.dataset.drawn = key;
      drawWords(find(".zv-made-words"), one.words || []);
      ul.replaceChildren();
      all.forEach((_, j) => drawChip(ul, i, j));
    }
    all.forEach((chip, j) => drawValue(/** @type {HTMLElement} */ (ul.children[j]), chip));
    for (const button of item.querySelectorAll("button")) z.label(button, `${button.textContent}: ${one.name}`);
    drawPlace(find(".zv-made-place"), i);
    tellOf(find(".zv-made-told"), i);
  }
  function drawPlace(/** @type {HTMLElement} */ node, /** @type {number} */ i) {
    const line = s.ranking.classes.find(({ index }) => index === s.x.own.length + i);
    z.write(node, line ? `${z.ordinal(line.rank)} of ${s.ranking.competing}` : `not among the first ${s.ranking.classes.length} of ${s.ranking.competing}`);
  }
  async function tellOf(/** @type {HTMLElement} */ node, /** @type {number} */ i) {
    const one = s.invented[i];
    const like = await store.ask("most_like", { values: whole(i).values }, () => {});
    if (!like || s.invented[i] !== one) return;
    const nearest = `Nearest real class: ${s.x.own[like.index].name}, ${z.number(like.distance)} standard deviations away.`;
    z.write(node, [one.words ? "" : one.told, nearest].filter(Boolean).join(" "));
  }
  store.on("explained", fold.soon);
  store.on("invented", () => {
    fold.soon();
    fold.now();
  });
  store.on("ranking", fold.soon);
};
