// @ts-check
// The model's card: figures with their intervals, the worst classes, what its maps are worth, data and licence.
zslviz.panels["explain/card"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [short, says, told] = [find(".zv-model-short"), find(".zv-model-says"), find(".zv-model-told")];
  /** @type {Map<string, ExplainAnswers["model_card"]>} */
  const known = new Map(); // by model
  const fold = zslviz.fold(store, find("details", "details"), () => store.during(draw));

  const share = (/** @type {number} */ value) => (100 * value).toFixed(1);
  async function draw() {
    const { model } = s.x;
    if (!known.has(model)) z.write(says, "The server has the model’s card …");
    const answer = known.get(model) || (await store.latest("model_card", { model }, (sentence) => z.write(says, sentence)));
    if (!answer || s.x.model !== model) return;
    known.set(model, answer);
    z.write(says, "");
    told.replaceChildren(...parts(answer));
  }
  /** @returns {Element[]} */
  function parts(/** @type {ExplainAnswers["model_card"]} */ card) {
    const cell = (/** @type {string} */ text) => z.element("td", { textContent: text });
    const rows = card.figures.map(({ name, says: what, value, interval }) => z.element("tr", {},
      z.element("th", { scope: "row", textContent: name }), cell(share(value)), cell(interval ? `${share(interval[0])} to ${share(interval[1])}` : ""), cell(what)));
    const worst = card.worst.map(({ name, seen, right, photos }) => z.element("tr", {},
      z.element("th", { scope: "row" }, z.named(name, seen)), cell(`${right} of ${photos}`)));
    const table = (/** @type {string} */ caption, /** @type {HTMLElement[]} */ lines) =>
      z.element("table", {}, z.element("caption", { textContent: caption }), z.element("tbody", {}, ...lines));
    const paragraph = (/** @type {string} */ title, /** @type {string} */ text) => (text ? [z.element("h3", { textContent: title }), z.element("p", { textContent: text })] : []);
    return [
      ...(card.about ? [z.element("p", { textContent: card.about })] : []),
      ...(rows.length ? [table("Right of 100 test photos, classes weighing the same; with 95 % intervals", rows)] : []),
      ...(card.gamma === null ? [] : paragraph("Handicap for trained classes", `${z.number(card.gamma)}, chosen on held-out training classes. The curve of all handicaps is under “The whole test set”.`)),
      ...(worst.length ? [z.element("h3", { textContent: "Worst classes" }), table("Test photos found when all classes compete", worst)] : []),
      ...(card.reliable.length ? [z.element("h3", { textContent: "How often it is right" }), reliable(card.reliable)] : []),
      ...paragraph("What its maps are worth", card.maps),
      ...(card.read ? [...paragraph("How well attributes are read", card.read.says), everyRead(card.read)] : []),
      ...paragraph("Data and licence", [z.capital(card.data) + ".", card.terms, card.citation].filter(Boolean).join(" ")),
      ...paragraph("How it was made", card.made),
    ];
  }
  // Counts of test photos, by how far the first class is ahead of the second.
  function reliable(/** @type {ExplainAnswers["model_card"]["reliable"]} */ bins) {
    const head = ["Lead", "Never trained on", "Trained on"].map((text) => z.element("th", { scope: "col", textContent: text }));
    const counts = (/** @type {[number, number]} */ [photos, right]) => z.element("td", { textContent: photos ? `${right} of ${photos}` : "–" });
    const rows = bins.map(({ low, high, seen, unseen }, i) => z.element("tr", {},
      z.element("th", { scope: "row", textContent: i < bins.length - 1 ? `${z.number(low)} to ${z.number(high)}` : `${z.number(low)} and more` }), counts(unseen), counts(seen)));
    const caption = z.element("caption", { textContent: "Test photos whose answer is right, by the lead of the first class over the second; as many photos in each line" });
    return z.element("table", {}, caption, z.element("thead", {}, z.element("tr", {}, ...head)), z.element("tbody", {}, ...rows));
  }
  // Every attribute, the worst read first; drawn when it is asked for.
  function everyRead(/** @type {NonNullable<ExplainAnswers["model_card"]["read"]>} */ { attributes }) {
    const all = z.element("details", { className: "zv-model-read" }, z.element("summary", { textContent: "Every attribute, the worst read first" }));
    const cell = (/** @type {ReadOn} */ { auc, with: some, photos }) => z.element("td", { textContent: `${auc === null ? "–" : Math.floor(100 * auc + 0.5)} (${some} of ${photos})` });
    const row = (/** @type {(typeof attributes)[0]} */ { name, areas }) => z.element("tr", {}, z.element("th", { scope: "row", textContent: name }), ...areas.map(cell));
    const head = ["Attribute", "Never trained on", "Trained on"].map((text) => z.element("th", { scope: "col", textContent: text }));
    all.addEventListener("toggle", () => {
      if (!all.open || all.children.length > 1) return;
      const caption = z.element("caption", { textContent: "Of 100 pairs, in brackets how many test photos have it; – where all or none have it" });
      all.append(z.element("table", {}, caption, z.element("thead", {}, z.element("tr", {}, ...head)), z.element("tbody", {}, ...attributes.map(row))));
    });
    return all;
  }
  store.on("explained", () => {
    z.write(short, s.x.model_title);
    fold.soon();
  });
};
