// @ts-check
// What a model tells besides scores and maps, of the photo and of itself: what is drawn follows from what there is, whatever the system
// and whatever it scores.
(() => {
  "use strict";
  const z = zslviz.draw;

  /** @typedef {import("../../twin/insights_told.js").Drawing} Insight */
  /** @typedef {import("../../twin/insights_told.js").Row} Row */

  // Rows of numbers with a bar each, all on one scale from low to high.
  /**
   * @param {HTMLElement} table
   * @param {string} title
   * @param {Row[]} rows
   * @param {string[]} columns
   * @param {[low: number, high: number]} ends
   * @param {boolean} signed whether numbers have signs
   * @param {boolean} plain whether their colours say nothing
   * @param {number} decimals
   * @param {Choosing} choosing
   */
  function figures(table, title, rows, columns, [low, high], signed, plain = false, decimals = 2, choosing = { name: () => "" }) {
    const share = (/** @type {number} */ value) => (100 * (value - low)) / Math.max(high - low, 1e-9);
    z.label(table, title);
    table.style.setProperty("--columns", String(rows[0]?.values.length || 1));
    const cell = (/** @type {number} */ value, /** @type {string} */ column) => {
      const [bar, zero] = [z.element("i", { className: plain ? "zv-plain" : value >= 0 ? "zv-for" : "zv-against" }), z.element("i", { className: "zv-zero" })];
      bar.style.left = `${share(Math.min(0, value))}%`;
      bar.style.width = `${Math.max(0.6, share(Math.max(0, value)) - share(Math.min(0, value)))}%`;
      zero.style.left = `${share(0)}%`;
      const number = z.element("b", { textContent: z.number(value, signed, decimals) });
      const made = z.element("span", { className: "zv-figure" }, z.element("span", { className: "zv-track", "aria-hidden": "true" }, zero, bar), number);
      made.setAttribute("role", "cell");
      if (column) made.dataset.column = column;
      return made;
    };
    const line = (/** @type {Part[]} */ ...cells) => {
      const made = z.element("div", { className: "zv-figure-row" }, ...cells);
      made.setAttribute("role", "row");
      return made;
    };
    const head = columns.length ? [line(z.element("span", { role: "cell" }), ...columns.map((textContent) => z.element("span", { role: "columnheader", textContent })))] : [];
    head.forEach((one) => one.classList.add("zv-figure-head"));
    table.replaceChildren(...head, ...rows.map(({ attribute, name, values }) => {
      const label = attribute === null ? z.element("span", { className: "zv-term", textContent: name })
        : z.element("button", { type: "button", className: "zv-term", title: "Show its maps", textContent: name });
      if (attribute !== null) label.addEventListener("click", () => choosing.choose?.(attribute));
      const made = line(z.element("span", { role: "cell" }, label), ...values.map((value, i) => cell(value, columns[i] || "")));
      made.classList.toggle("zv-figure-asked", attribute !== null && attribute === choosing.chosen?.());
      return made;
    }));
    zslviz.roving(table, "button")();
  }

  // A curve over positions, in words as well.
  function curve(/** @type {Insight} */ { title, at, curve: values, across, unit, low, high }) {
    const [left, right, top, bottom] = [34, 294, 8, 118];
    const [first, last] = [at[0], at[at.length - 1]];
    const x = (/** @type {number} */ v) => left + ((v - first) * (right - left)) / Math.max(last - first, 1e-9);
    const y = (/** @type {number} */ v) => bottom - ((v - low) * (bottom - top)) / Math.max(high - low, 1e-9);
    const number = (/** @type {number} */ value) => z.number(value, false, z.decimals(high - low));
    const highest = values.indexOf(Math.max(...values));
    const svg = (/** @type {string} */ name, /** @type {Record<string, string | number>} */ of, text = "") => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(of)) made.setAttribute(key, String(value));
      made.textContent = text;
      return made;
    };
    const picture = svg("svg", { viewBox: "0 0 300 150", role: "img" });
    picture.setAttribute("aria-label", `${title}: ${number(values[0])} at ${first}, highest ${number(values[highest])} at ${at[highest]}, ${number(values[values.length - 1])} at ${last} ${across}`);
    picture.append(
      svg("path", { d: `M${left} ${top}V${bottom}H${right}` }),
      svg("path", { class: "zv-is", d: `M${values.map((v, i) => `${x(at[i]).toFixed(1)} ${y(v).toFixed(1)}`).join("L")}` }),
      svg("text", { x: left - 4, y: top + 4, "text-anchor": "end" }, number(high)), svg("text", { x: left - 4, y: bottom + 3, "text-anchor": "end" }, number(low)),
      svg("text", { x: left, y: bottom + 14 }, String(first)), svg("text", { x: right, y: bottom + 14, "text-anchor": "end" }, String(last)),
      svg("text", { x: (left + right) / 2, y: bottom + 26, "text-anchor": "middle" }, `${unit} at so many ${across}`),
    );
    return z.element("figure", { className: "zv-curve" }, picture);
  }

  function drawn(/** @type {Insight} */ one, /** @type {Choosing} */ choosing) {
    const what = z.element("button", { className: "zv-what", "data-term": one.term });
    const subject = one.about === null ? "" : choosing.name(one.about);
    const parts = [
      z.element("div", { className: "zv-with-what" }, z.element("h3", { textContent: one.title }), ...(one.term in zslviz.terms ? [what] : [])),
      z.element("p", { className: "zv-hint", textContent: one.hint }),
    ];
    if (one.nothing) return z.element("section", {}, ...parts, z.element("p", { className: "zv-insight-nothing", textContent: one.nothing }));
    if (one.curve.length) return z.element("section", {}, ...parts, curve(one));
    const table = z.element("div", { className: "zv-figures", role: "table" });
    const decimals = z.decimals(one.spread ? one.spread[2] - one.spread[0] : one.high - one.low);
    const plain = Boolean(one.unit) || !one.signed;
    const called = choosing.called || ((/** @type {string} */ name) => name);
    const rows = one.rows.map((row) => (row.attribute === null ? { ...row, name: called(row.name) } : row));
    figures(table, `${one.title}${subject && `: ${subject}`}`, rows, one.columns.map(called), [one.low, one.high], one.signed && !one.spread, plain, decimals, choosing);
    if (one.spread) {
      const [least, middle, highest] = one.spread.map((value) => z.number(value, false, decimals));
      parts.push(z.element("p", { className: "zv-hint", textContent: `Any two attributes: ${least} to ${highest}, half of them above ${middle}.` }));
    }
    const heading = z.capital([subject, one.unit].filter(Boolean).join(", "));
    const about = heading ? [z.element("h4", { textContent: heading })] : [];
    return z.element("section", {}, ...parts, ...about, table);
  }

  /**
   * A fold with what is told of the photo or of the model. more: what the tab draws in it besides.
   * @type {Zslviz["insights"]["panel"]}
   */
  function panel(element, store, of, choosing = { name: () => "" }, more = null) {
    const find = z.finder(element);
    const [details, list, short] = [find("details", "details"), find(".zv-insight-list"), find(".zv-insights-short")];
    const fold = zslviz.fold(store, details, () => store.during(draw));
    let shown = "";

    async function draw() {
      const { x } = store.state;
      if (more && !(await more())) return;
      const answer = await store.ask("insights", choosing.chosen ? { attribute: choosing.chosen() } : {});
      if (!answer || store.state.x !== x) return;
      const told = JSON.stringify(answer[of]);
      if (told === shown) return;
      shown = told;
      const focused = document.activeElement instanceof HTMLElement && list.contains(document.activeElement) ? document.activeElement.textContent : null;
      list.replaceChildren(...answer[of].map((/** @type {Insight} */ one) => drawn(one, choosing)));
      zslviz.explainTerms(element);
      if (focused !== null) [...list.querySelectorAll("button")].find(({ textContent }) => textContent === focused)?.focus(); // it was drawn anew
    }
    store.on("explained", () => {
      const { tells } = store.state.x;
      details.hidden = !tells[of].length;
      z.write(short, tells[of].length > 1 ? `${tells[of].length} things` : "");
      shown = "";
      fold.soon();
    });
    if (choosing.chosen) store.on("maps", fold.soon);
    return fold;
  }
  zslviz.insights = { figures, panel };
  zslviz.panels.insights = (element, store) => void panel(element, store, "photo");
  zslviz.panels.learned = (element, store) => void panel(element, store, "model");
})();
