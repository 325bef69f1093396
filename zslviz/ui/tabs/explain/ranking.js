// @ts-check
// The answer at first sight: the sentence, the first three classes, the six attributes that decide, three what-ifs.
zslviz.panels["explain/ranking"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const FIRST = 3;
  // all that leads on from the answer is one list to the keyboard
  const settle = zslviz.roving(find(".zv-ranking"), ".zv-said button, .zv-first-three button, :scope > .zv-ways button, .zv-deciding-head .zv-link");
  const lines = store.lines(find(".zv-first-three"), settle);
  store.on("said", settle);

  zslviz.panels["explain/answer"](find(".zv-ranking"), store);
  zslviz.panels["explain/deciding"](find(".zv-deciding"), store);
  zslviz.panels["explain/may_be"](find(".zv-ranking"), store);
  const count = () => z.write(find(".zv-to-classes"), `All ${s.x.classes.length} classes`);
  store.on("invented", count);
  store.on("explained", () => {
    lines.forget();
    count();
    z.write(find(".zv-to-editor"), `All ${s.x.attributes.length} attributes`);
  });
  store.on("ranking", () => lines.draw(s.ranking.classes.slice(0, FIRST), s.ranking));
  for (const name of /** @type {const} */ (["classes", "why", "editor"])) {
    find(`.zv-to-${name}`).addEventListener("click", () => {
      zslviz.rest(); // it opens as soon as it is there
      store.emit("unfold", name);
    });
  }
};
