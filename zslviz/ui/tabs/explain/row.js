// @ts-check
// A row in which an attribute is edited: its name, a slider with marks at 0 and 1, the number, what it adds to the lead, a way back.
// The lists that have rows say who is edited: the photo, or a class.
zslviz.tabs.explain.row = (() => {
  "use strict";
  const [z, store] = [zslviz.draw, zslviz.tabs.explain];
  const { state: s } = store;
  const LOW = -0.5;
  const HIGH = 1.5;
  const STEP = 0.05; // of the arrow keys in a number
  const share = (/** @type {number} */ value) => String((value - LOW) / (HIGH - LOW));

  function doubt(/** @type {string} */ text) {
    const value = z.read(text);
    if (value === null) return text.trim() ? `“${text.trim()}” is no number: write one such as 0.4.` : "";
    return value < LOW || value > HIGH ? `${z.number(value)} is not on the scale, which goes from ${z.number(LOW)} to ${HIGH}. 1 is fully there.` : "";
  }

  /** @type {ExplainStore["row"]} */
  function made(a, who) {
    const { x } = s;
    const not = z.element("span", { className: "zv-not" });
    const named = z.element("span", { textContent: z.capital(x.attributes[a]) });
    const name = z.element("button", { type: "button", className: "zv-attr", title: "Show its maps", tabIndex: -1 }, not, named);
    const slider = z.element("input", { type: "range", className: "zv-slide", min: LOW, max: HIGH, step: 0.01 });
    const number = z.element("input", { type: "text", className: "zv-value", inputMode: "decimal", autocomplete: "off", spellcheck: false, tabIndex: -1 });
    const pull = z.element("span", { className: "zv-pull" });
    const reset = z.element("button", { type: "button", className: "zv-link zv-row-reset", textContent: "reset" });
    reset.setAttribute("aria-label", `Reset ${x.attributes[a]}`);
    const words = z.element("span", { className: "zv-number-words", role: "alert", hidden: true });
    const control = z.element("span", { className: "zv-control" }, slider, number, words);
    const node = z.element("div", { className: "zv-row", role: "group" }, name, control, pull, reset);
    node.dataset.attribute = String(a);
    node.dataset.who = "image";
    let [drawn, numberText, pullText] = ["", "", ""]; // what it shows, so that only what has changed is drawn

    const edited = () => /** @type {number | undefined} */ ((who() === "image" ? s.image : s.classes[who()] || {})[a]);
    const change = (/** @type {number} */ value) => store.edit(who(), a, Math.round(value * 1000) / 1000);
    function object(/** @type {string} */ sentence) {
      words.textContent = sentence;
      words.hidden = !sentence;
      number.toggleAttribute("aria-invalid", Boolean(sentence));
    }

    // Whether anything was drawn. described: of whom, in words.
    function draw(/** @type {string} */ described) {
      const [now, before] = [edited(), store.original(who(), a) ?? 0];
      const focused = document.activeElement === number;
      const key = [who(), now, before, described].join();
      if (key === drawn && (focused || number.value === numberText)) return false;
      drawn = key;
      node.dataset.who = String(who());
      const value = now ?? before;
      slider.value = slider.dataset.shown = String(value);
      if (!focused) number.value = numberText = z.number(value);
      z.style(slider, "--at", share(value));
      z.style(slider, "--was", share(before));
      node.classList.toggle("zv-changed", now !== undefined);
      reset.disabled = now === undefined;
      const label = `${x.attributes[a]}, ${described}`;
      slider.setAttribute("aria-label", label);
      slider.setAttribute("aria-description", "Enter shows its map, a digit writes a number");
      number.setAttribute("aria-label", `${label}, number`);
      slider.setAttribute("aria-valuetext", `${z.number(value)}${now === undefined ? "" : `, changed from ${z.number(before)}`}`);
      node.setAttribute("aria-label", x.attributes[a] + (now === undefined ? "" : ", changed"));
      return true;
    }
    function drawPull() {
      const { why } = s.ranking;
      const [absent, number] = [why.absent.includes(a) ? "Not " : "", store.scored(why.pull[a], true)];
      if (pullText === absent + number) return;
      pullText = absent + number;
      z.write(not, absent);
      z.write(named, absent ? x.attributes[a] : z.capital(x.attributes[a]));
      z.write(pull, number);
      pull.dataset.sign = number[0];
    }

    // Where the answer tips on one side of the value, marked on the slider.
    function tip(/** @type {"below" | "above"} */ side, /** @type {Tip | null} */ found) {
      z.style(slider, `--${side}`, found ? share(found.value) : "-1");
    }

    zslviz.sliding(slider, change, () => store.select(a));
    number.addEventListener("input", () => {
      const value = z.read(number.value);
      const sentence = value === null ? "" : doubt(number.value); // what is no number may become one
      object(sentence);
      if (value !== null && !sentence) change(value);
    });
    number.addEventListener("keydown", (event) => {
      const step = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
      const value = z.read(number.value);
      if (event.key === "Enter") object(doubt(number.value));
      if (step === undefined || value === null) return;
      event.preventDefault();
      const next = Math.min(HIGH, Math.max(LOW, value + step));
      number.value = numberText = z.number(next);
      object("");
      change(next);
    });
    number.addEventListener("blur", () => {
      object("");
      number.value = numberText = z.number(store.value(who(), a) ?? 0);
    });
    name.addEventListener("click", () => store.select(a));
    // One stop of the Tab key a row: from the slider Enter does what its name does, and what is typed goes into its number.
    slider.addEventListener("keydown", ({ key, ctrlKey, altKey, metaKey }) => {
      if (key === "Enter") store.select(a);
      if (!/^[\d.,−-]$/.test(key) || ctrlKey || altKey || metaKey) return;
      number.focus({ preventScroll: true });
      number.select();
    });
    reset.addEventListener("click", () => {
      store.edit(who(), a, null);
      slider.focus({ preventScroll: true });
    });
    return { a, node, name, control, slider, edited, draw, drawPull, tip };
  }
  return made;
})();
