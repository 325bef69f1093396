// @ts-check
// Classes in a menu: in all of them by name, as people look for them. What a class is to the model stands behind its name, so that a
// letter that is typed still leads to it.
zslviz.tabs.explain.classOptions = (() => {
  "use strict";
  const [z, store] = [zslviz.draw, zslviz.tabs.explain];
  const collator = new Intl.Collator();

  /** @type {ExplainStore["classOptions"]} */
  return (classes = store.state.x.classes) => {
    const { own } = store.state.x;
    return classes.map(({ name, seen }, i) => ({ name, seen, i })).sort((p, q) => collator.compare(p.name, q.name) || p.i - q.i)
      .map(({ name, seen, i }) => z.element("option", { value: String(i), textContent: i >= own.length ? `${name} · yours` : `${name} ${seen ? "●" : "○"}` }));
  };
})();
