// @ts-check
// What a model of attributes tells besides scores and maps: as every model does (`shared/folds/insights.js`), with the attribute that is
// asked about, and what each of its answers would say alone.
(() => {
  "use strict";
  const [z, store] = [zslviz.draw, zslviz.tabs.explain];
  const { state: s } = store;
  // A granularity as the page calls it, any other name as it is.
  function called(/** @type {string} */ name) {
    const level = store.level(name.toLowerCase());
    return level === name.toLowerCase() ? name : z.capital(level);
  }
  /** @type {Choosing} */
  const choosing = { name: (index) => s.x.attributes[index], choose: (index) => store.select(index), chosen: () => s.attribute, called };

  // Whether a model's answers have the same first class; of those that it ranks without, what they have instead.
  function whoAgrees(/** @type {{ name: string, share: number, first: string }[]} */ answers, /** @type {string} */ first, /** @type {boolean} */ agree) {
    const [counted, silent] = [answers.filter(({ share }) => share), answers.filter(({ share }) => !share)];
    const by = counted.length === 1 ? `The model ranks by ${counted[0].name} alone.`
      : agree ? `They agree: ${first} is first by each of ${silent.length ? "those that count" : "them"}.` : `They do not agree that it is ${first}.`;
    return [by, ...silent.map((one) => `${z.capital(one.name)} would have ${one.first === first ? "the same one" : one.first} first.`)].join(" ");
  }

  // What each of the model's answers would say alone.
  function drawApart(/** @type {HTMLElement} */ box, /** @type {ExplainAnswers["apart"]} */ { answers, agree, pair, terms, leads }) {
    const find = z.finder(box);
    const [first, rival] = pair.map((index) => s.x.classes[index]?.name || "");
    box.hidden = !answers.length;
    if (box.hidden) return;
    const names = answers.map(({ name }) => z.capital(store.level(name)));
    z.write(find(".zv-apart-says"), whoAgrees(answers.map(({ name, share, classes }) => ({ name: store.level(name), share, first: s.x.classes[classes[0].index].name })), first, agree));
    find(".zv-apart-answers").replaceChildren(...answers.map(({ share, classes }, i) => z.element("div", {},
      z.element("h4", { textContent: names[i] }),
      z.element("p", { className: "zv-hint", textContent: share ? `${Math.round(100 * share)}\u00a0% of the ranking` : "the model ranks without it" }),
      z.element("ol", {}, ...classes.map(({ name, seen, score }) =>
        z.element("li", {}, z.named(name, seen), " ", z.element("b", { textContent: z.number(score, false, z.decimals(classes[0].score - classes[classes.length - 1].score)) })))))));
    const all = terms.flatMap(({ values }) => values);
    const said = leads.map((lead, i) => `${z.number(lead, true, z.decimals(2 * Math.max(...leads.map(Math.abs))))} by ${store.level(answers[i].name)}`).join(", ");
    z.write(find(".zv-apart-why"), first === rival ? "" : `${first} over ${rival}: ${said}. Where they differ most`);
    zslviz.insights.figures(find(".zv-figures"), `What tells ${first} from ${rival}, by each answer`, terms.map(({ attribute, values }) => ({ attribute, name: s.x.attributes[attribute], values })),
      names, [Math.min(0, ...all), Math.max(0, ...all)], true, false, z.decimals(Math.max(0, ...all) - Math.min(0, ...all)), choosing);
  }

  zslviz.panels["explain/insights"] = (element) => {
    const box = z.finder(element)(".zv-apart");
    const { panel } = zslviz.insights;
    const fold = panel(element, store, "photo", choosing, async () => {
      const { x } = s;
      const answer = await store.latest("apart");
      if (answer && s.x === x) drawApart(box, answer);
      return s.x === x;
    });
    store.on("ranking", fold.soon);
    store.on("unfold", (/** @type {string} */ name) => name === "insights" && fold.open());
  };
  zslviz.panels["explain/learned"] = (element) => {
    const fold = zslviz.insights.panel(element, store, "model", choosing);
    store.on("unfold", (/** @type {string} */ name) => name === "learned" && fold.open());
  };
})();
