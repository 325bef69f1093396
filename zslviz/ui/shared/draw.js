// @ts-check
// Things to draw with: elements, numbers, bars, layers over the photo, legends and sliders.
zslviz.draw = (() => {
  "use strict";

  /** @type {Draw} */
  const draw = {
    // Finds parts of a template: (selector, tag, of the ones that are more than an element).
    finder: (root) => (/** @type {string} */ selector) => {
      const found = root.querySelector(selector);
      if (!found) throw new Error(`The template has no '${selector}'.`);
      return /** @type {any} */ (found);
    },
    element(tag, properties = {}, ...children) {
      const made = document.createElement(tag);
      for (const [name, value] of Object.entries(properties)) {
        if (name in made && name !== "style" && name !== "list") Object.assign(made, { [name]: value });
        else made.setAttribute(name, value);
      }
      made.append(...children);
      return made;
    },

    // Writes a text, or a part of a style, where it is another one than before: only what has changed is laid out anew.
    write(node, text) {
      const { firstChild: first } = node;
      if (first instanceof Text && first === node.lastChild) {
        if (first.data !== text) first.data = text; // the node stays: it is not styled anew
      } else if (node.textContent !== text) node.textContent = text;
    },
    label(node, text) {
      if (node.getAttribute("aria-label") !== text) node.setAttribute("aria-label", text);
    },
    style(node, property, value) {
      if (node.style.getPropertyValue(property) !== value) node.style.setProperty(property, value);
    },
    look(node, className) {
      if (node.className !== className) node.className = className;
    },

    // -- numbers and bars -----------------------------------------------------------------------------------------
    capital: (text) => text.slice(0, 1).toUpperCase() + text.slice(1),
    uncapped: (text) => text.slice(0, 1).toLowerCase() + text.slice(1),
    // As `twin/wording.js` rounds it, so that a list and a sentence say one number.
    number(value, signed = false, decimals = 2) {
      const text = Math.abs(Math.fround(value)).toFixed(decimals);
      const sign = !/[1-9]/.test(text) ? "" : value < 0 ? "−" : signed ? "+" : "";
      return sign + text;
    },
    // How many decimals numbers need that lie so far apart at most: a twentieth of it is told from nothing.
    decimals: (range) => (range >= 0.2 || !(range > 0) ? 2 : range >= 0.02 ? 3 : range >= 0.002 ? 4 : 5),
    // A number as people write it: 0.4, 0,4, −0.4. Not a number: null.
    read(text) {
      const plain = text.trim().replace(",", ".").replace("−", "-");
      const value = Number(plain);
      return plain !== "" && Number.isFinite(value) ? value : null;
    },
    // 1st, 2nd, 3rd, 11th ...
    ordinal: (n) => `${n}${["th", "st", "nd", "rd"][n % 100 > 10 && n % 100 < 14 ? 0 : n % 10] || "th"}`,
    // As `tasks/base/wording.py` has it: an antelope, a horse, a European goldfinch.
    article: (name) => `${/^[aeiou]/i.test(name) && !/^(eu|ewe|one|uni|use)/i.test(name) ? "an" : "a"} ${name}`,
    // Numbers of a scale, with as many places as the scale needs.
    tick(value, range) {
      if (value === 0) return "0";
      const places = Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(range || 1)) - 1));
      return (value < 0 ? "−" : "") + Math.abs(value).toFixed(Math.max(places, range < 10 ? 2 : 0));
    },
    // How far a value lies between the ends of a ranking's bars, in percent.
    share: (value, { floor, ceiling }) => Math.min(100, Math.max(0, (100 * (value - floor)) / Math.max(1e-9, ceiling - floor))),

    // -- names and lists ------------------------------------------------------------------------------------------
    named: (name, seen) =>
      draw.element("span", { className: seen ? "zv-seen" : "zv-unseen" }, draw.element("i", { className: "zv-marker" }), ` ${name}`),
    chip(click, strong, ...children) {
      const chip = draw.element("button", { type: "button", className: "zv-chip" }, ...children, " ", draw.element("b", { textContent: strong }));
      chip.addEventListener("click", click);
      return chip;
    },
    // Brings a list to a length, and gives its lines; they stay where they are, so that nothing loses the focus.
    lines(list, count, make) {
      while (list.children.length < count) list.append(make(list.children.length));
      while (list.children.length > count) list.lastElementChild?.remove();
      return /** @type {HTMLElement[]} */ ([...list.children]);
    },
    // Choices of which one is on, also those that are drawn later.
    radios(root, name, changed) {
      const all = () => /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll(`input[name="${name}"]`)]);
      root.addEventListener("change", ({ target }) => {
        if (target instanceof HTMLInputElement && target.name === name) changed(target.value);
      });
      return { all, show: (value) => all().forEach((radio) => (radio.checked = radio.value === value)) };
    },

    // -- the photo and what lies over it --------------------------------------------------------------------------
    // A layer over the photo, in a box that is the same for every photo: nothing jumps when a photo changes.
    stack(photo, layer, width, height) {
      const box = draw.element("div", { className: "zv-stack" });
      box.style.aspectRatio = `${width} / ${height}`;
      box.style.setProperty("--ratio", String(width / height));
      box.classList.toggle("zv-wide", width / height >= 4 / 3);
      box.append(draw.element("img", { src: photo, alt: "" }), draw.element("img", { src: layer, alt: "", className: "zv-layer" }));
      return box;
    },
    // Lets a place of the photo be asked about, by a click or the arrow keys: ask(x, y) with fractions of the photo's sides.
    // spot: () => the region asked about last, or null.
    spotting(stack, ask, spot) {
      stack.tabIndex = 0;
      stack.setAttribute("role", "application");
      stack.append(draw.element("div", { className: "zv-mark", hidden: true }));
      stack.addEventListener("click", (event) => {
        const place = stack.getBoundingClientRect();
        ask((event.clientX - place.left) / place.width, (event.clientY - place.top) / place.height);
      });
      stack.addEventListener("keydown", (event) => {
        const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Enter: [0, 0] };
        const move = moves[/** @type {keyof typeof moves} */ (event.key)];
        if (!move) return;
        event.preventDefault();
        const [rows, columns] = spot()?.grid || [1, 1];
        const [x0, y0, x1, y1] = spot()?.box || [0, 0, 1, 1];
        const [x, y] = [(x0 + x1) / 2 + move[0] / columns, (y0 + y1) / 2 + move[1] / rows];
        ask(Math.min(0.999, Math.max(0, x)), Math.min(0.999, Math.max(0, y)));
      });
    },
    // Draws the mark of a stack around a box of fractions; null takes it away.
    mark(stack, box) {
      const mark = draw.finder(stack)(".zv-mark");
      mark.hidden = !box;
      if (!box) return;
      const [left, top, x1, y1] = box.map((v) => `${100 * v}%`);
      Object.assign(mark.style, { left, top, right: `calc(100% - ${x1})`, bottom: `calc(100% - ${y1})` });
    },

    // -- scales ---------------------------------------------------------------------------------------------------
    // units: what the lowest, middle and highest value of a legend mean.
    legend(ramp, ticks, { gradient, ticks: values }, units) {
      ramp.style.setProperty("--ramp", gradient);
      draw.labelTicks(ticks, values, units);
    },
    labelTicks(ticks, values, units) {
      const range = Math.max(...values.map(Math.abs));
      ticks.replaceChildren(...values.map((v, i) =>
        draw.element("span", {}, draw.element("b", { textContent: draw.tick(v, range) }), ` ${units[i]}`)));
    },
    // Lets a slider span `reach` (both ways, if `negative`) in about fifty even steps, and puts it to a value.
    fitSlider(slider, reach, value, negative = false) {
      const step = 10 ** Math.floor(Math.log10(reach / 50));
      const min = negative ? Math.floor(-reach / step) * step : 0;
      Object.assign(slider, { min, max: Math.ceil(reach / step) * step, step, value });
    },
  };
  return draw;
})();
