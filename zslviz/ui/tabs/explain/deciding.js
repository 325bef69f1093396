// @ts-check
// The six attributes that decide between the first two classes, as sliders. They are chosen when the photo arrives and stay while one
// edits, so that no row jumps under the hand; when other classes are compared by then, they can be chosen anew.
zslviz.panels["explain/deciding"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [title, area, anew] = [find(".zv-deciding-title"), find(".zv-six"), find(".zv-anew", "button")];
  const SIX = 6;
  const QUIET_MS = 150;
  /** @type {EditRow[]} */
  let rows = [];
  let chosenFor = ""; // the classes that were compared when they were chosen
  let [asked, waiting] = [0, 0];

  const compared = () => [s.ranking.why.class, s.ranking.why.rival].join();
  function choose() {
    const { pull } = s.ranking.why;
    const largest = pull.map((_, a) => a).sort((p, q) => Math.abs(pull[q]) - Math.abs(pull[p]) || p - q).slice(0, SIX);
    chosenFor = compared();
    rows = largest.map((a) => store.row(a, () => "image"));
    area.replaceChildren(...rows.map(({ node }) => node));
    drawRows();
    store.emit("deciding");
  }
  function drawRows() {
    for (const row of rows) {
      row.draw("seen in the photo");
      row.node.toggleAttribute("data-shown", row.a === s.attribute);
    }
  }

  function drawRanking() {
    const { why } = s.ranking;
    const [ahead, behind] = why.margin >= 0 ? [why.class_name, why.rival_name] : [why.rival_name, why.class_name];
    for (const row of rows) row.drawPull();
    z.write(title, why.class === why.rival ? "No other class competes" : `Lead ${store.scored(Math.abs(why.margin))}: ${ahead} over ${behind}`);
    title.title = title.textContent || "";
    anew.hidden = Boolean(s.held) || chosenFor === compared();
    mark();
  }

  // Where the answer tips, on every slider: once all is quiet, one slider at a time.
  const idle = "requestIdleCallback" in window ? requestIdleCallback : setTimeout;
  function mark() {
    const request = (asked += 1);
    async function next(/** @type {EditRow[]} */ [row, ...others]) {
      if (!row || request !== asked || s.held) return;
      const answer = await store.ask("tipping", { attribute: row.a }, () => {});
      if (!answer || request !== asked) return;
      for (const side of /** @type {const} */ (["below", "above"])) row.tip(side, answer[side]);
      idle(() => next(others));
    }
    clearTimeout(waiting);
    waiting = window.setTimeout(() => idle(() => next(rows)), QUIET_MS);
  }

  zslviz.panels["explain/holding"](area, store);
  store.on("explained", () => (chosenFor = ""));
  store.on("ranking", () => {
    if (!chosenFor) choose();
    drawRanking();
  });
  store.on("edits", drawRows);
  store.on("selecting", drawRows);
  anew.addEventListener("click", () => {
    choose();
    drawRanking();
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  });
};
