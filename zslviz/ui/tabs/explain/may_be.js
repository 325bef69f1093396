// @ts-check
// What the photo may be: the classes as near to the first as nine in ten test photos have theirs. It is worked out once it is asked for.
zslviz.panels["explain/may_be"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const z = zslviz.draw;
  const find = z.finder(element);
  const [details, words] = [find(".zv-may", "details"), find(".zv-may-be")];
  if (zslviz.inside) return void details.remove(); // one file has no test photos
  let turn = 0;
  const fold = zslviz.fold(store, details, () => store.during(async () => {
    const mine = (turn += 1);
    await zslviz.rest(); // what knows the test photos
    const answer = await store.testPhotos.retest((sentence) => mine === turn && z.write(words, sentence));
    if (!answer || mine !== turn) return;
    words.replaceChildren(...store.marked(answer.found.may_be, store.coloured));
  }));
  store.on("explained", () => {
    turn += 1;
    z.write(words, "");
  });
  store.on("ranking", fold.soon);
};
