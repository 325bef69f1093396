// @ts-check
// What the photo may be: the classes as near to the first as nine in ten test photos have theirs, worked out once it is asked for; and,
// when a button asks for it, whether the first one stays when the network sees the photo eight times, slightly otherwise.
zslviz.panels["explain/may_be"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [details, words] = [find(".zv-may", "details"), find(".zv-may-be")];
  if (zslviz.inside) return void details.remove(); // one file has no test photos, and no network
  const [told, again] = [find(".zv-looks-told"), find(".zv-look-again", "button")];
  const LONGEST_MS = 60_000; // that a visitor waits for the looks
  const LATE = "The network has not answered within a minute; try again.";
  let turn = 0;
  /** @type {number[][] | null} */
  let looks = null; // of the photo in sight: scores of each
  const fold = zslviz.fold(store, details, () => store.during(async () => {
    const mine = (turn += 1);
    await zslviz.rest(); // what knows the test photos
    const answer = await store.testPhotos.retest((sentence) => mine === turn && z.write(words, sentence));
    if (answer && mine === turn) words.replaceChildren(...store.marked(answer.found.may_be, store.coloured));
    await tell();
  }));

  async function look() {
    const { x } = s;
    again.disabled = true;
    z.write(told, "The network looks eight times …");
    let late = 0;
    const waited = new Promise((resolve) => (late = window.setTimeout(resolve, LONGEST_MS, null)));
    let failed = "";
    const answer = /** @type {ExplainAnswers["look_again"] | null} */ (
      await Promise.race([store.ask("look_again", {}, (sentence) => (failed = sentence)), waited]));
    clearTimeout(late);
    if (s.x !== x) return;
    again.disabled = false;
    looks = answer?.scores || null;
    if (looks) await store.during(tell);
    else z.write(told, failed || LATE);
  }
  // Of the looks that were had, after the edits of now.
  async function tell() {
    if (!looks) return;
    const answer = await store.latest("wobbled", { looks }, (sentence) => z.write(told, sentence));
    if (answer && looks) told.replaceChildren(...store.marked(answer.sentence, store.coloured));
  }
  again.addEventListener("click", look);
  store.on("explained", () => {
    turn += 1;
    looks = null;
    again.disabled = false;
    for (const one of [words, told]) z.write(one, "");
  });
  store.on("ranking", fold.soon);
};
