// @ts-check
// The whole test set: what edits of classes and of the handicap do to every test photo.
zslviz.panels["explain/whole"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [details, short, caution, said] = [find("details", "details"), ...[".zv-whole-short", ".zv-whole-caution", ".zv-whole-said"].map((q) => find(q))];
  const [parts, figures, picture, caption] = [".zv-whole-parts", ".zv-whole-figures tbody", ".zv-whole-curve svg", ".zv-whole-curve figcaption"].map((q) => find(q));
  const [called, dots, moves] = [".zv-whole-called p", ".zv-dots", ".zv-whole-moves"].map((q) => find(q));
  const SHOWN_MOVES = 6;
  const MOST_DOTS = 120;
  const CAUTION = "These are test photos: look at what an edit does, do not tune on them.";
  const NAMES = { u: "U, never trained on", s: "S, trained on", h: "H, harmonic mean", t1: "T1, never trained on, these alone competing" };
  let [curveOf, before] = ["", /** @type {Curve | null} */ (null)]; // of the model without edits
  const fold = zslviz.fold(store, details, () => store.during(work));
  let [turn, model] = [0, ""];

  async function work() {
    turn += 1;
    const [mine, { x }] = [turn, s];
    z.write(caution, CAUTION);
    const answer = await store.testPhotos.retest((sentence) => mine === turn && z.write(said, sentence));
    if (mine !== turn || s.x !== x) return;
    parts.hidden = !answer;
    if (!answer) return;
    const { found, whole, edits } = answer;
    draw(found);
    if (!whole || !store.here.whole_curve) return;
    if (curveOf !== x.model) [curveOf, before] = [x.model, store.here.whole_curve({ whole, class_edits: {} })];
    const now = Object.keys(s.classes).length || s.invented.length ? store.here.whole_curve({ whole, ...edits }) : before;
    drawCurve(found, now);
  }

  // -- what is shown ------------------------------------------------------------------------------------------------------
  const percent = (/** @type {number} */ share) => (100 * share).toFixed(1);
  const changed = (/** @type {Retest} */ { before: was, after }) => Object.entries(was).some(([key, value]) => value !== after[/** @type {keyof Figures} */ (key)]);
  function draw(/** @type {Retest} */ found) {
    z.write(short, `H ${percent(found.after.h)}${found.changed ? `, before ${percent(found.before.h)}` : ""}`);
    if (said.textContent !== found.sentence.text) said.replaceChildren(...store.marked(found.sentence));
    z.lines(figures, 4, figureRow).forEach((row, i) => {
      const key = /** @type {keyof typeof NAMES} */ (Object.keys(NAMES)[i]);
      const [was, now] = [percent(found.before[key]), percent(found.after[key])];
      const [one, other] = row.querySelectorAll("td");
      z.write(one, was);
      z.write(other, now);
      other.className = was === now ? "" : "zv-moved";
    });
    find(".zv-whole-figures").classList.toggle("zv-unchanged", !changed(found)); // one column tells it
    const list = found.moves.slice(0, SHOWN_MOVES);
    moves.hidden = !list.length;
    z.lines(z.finder(moves)("ul"), list.length, () => z.element("li")).forEach((item, i) => {
      const { source, target, photos, lost, won } = list[i];
      const worth = [lost ? `${lost} right before` : "", won ? `${won} right now` : ""].filter(Boolean).join(", ");
      z.write(item, `${photos} × ${nameOf(source)} → ${nameOf(target)}${worth ? ` (${worth})` : ""}`);
    });
    drawCalled(found);
  }
  const nameOf = (/** @type {number} */ c) => s.x.classes[c].name;

  // "Of 12 test photos called Giraffe, 2 are one": of the class that is first for the photo in sight.
  function drawCalled(/** @type {Retest} */ found) {
    const { called: [, count], right: [, right] } = /** @type {import("../../../twin/whole_set.js").ClassChange} */ (found.asked);
    called.replaceChildren(...store.marked(found.called));
    const shown = Math.min(count, MOST_DOTS);
    dots.hidden = !count;
    dots.replaceChildren(...Array.from({ length: shown }, (_, i) => z.element("i", { className: i < Math.round((right * shown) / count) ? "zv-right" : "" })));
  }
  function figureRow(/** @type {number} */ i) {
    return z.element("tr", {}, z.element("th", { scope: "row", textContent: Object.values(NAMES)[i] }), z.element("td"), z.element("td"));
  }

  // S over U, before and now, with the handicap of today on it.
  function drawCurve(/** @type {Retest} */ found, /** @type {Curve | null} */ now) {
    if (!now || !before) return;
    const [left, top, size] = [46, 6, 140];
    const [x, y] = [(/** @type {number} */ u) => left + (u * size * 180) / 140, (/** @type {number} */ v) => top + size * (1 - v)];
    const line = (/** @type {Curve} */ { seen, unseen }) => `M${seen.map((v, i) => `${x(unseen[i]).toFixed(1)} ${y(v).toFixed(1)}`).join("L")}`;
    const svg = (/** @type {string} */ name, /** @type {Record<string, string | number>} */ of, text = "") => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(of)) made.setAttribute(key, String(value));
      made.textContent = text;
      return made;
    };
    const dot = (/** @type {Figures} */ { u, s: seen }, /** @type {string} */ of) => svg("circle", { cx: x(u), cy: y(seen), r: 4, class: of });
    picture.replaceChildren(
      svg("path", { d: `M${x(0)} ${y(1)}V${y(0)}H${x(1)}` }),
      ...[0, 0.5, 1].flatMap((v) => [svg("text", { x: x(v), y: y(0) + 14, "text-anchor": "middle" }, String(100 * v)), svg("text", { x: left - 5, y: y(v) + 4, "text-anchor": "end" }, String(100 * v))]),
      ...(now === before ? [] : [svg("path", { d: line(before), class: "zv-was" })]),
      svg("text", { x: x(0.5), y: y(0) + 28, "text-anchor": "middle" }, "U: never trained on, right of 100"),
      svg("text", { x: 11, y: y(0.5), "text-anchor": "middle", transform: `rotate(-90 11 ${y(0.5)})` }, "S: trained on, right of 100"),
      svg("path", { d: line(now), class: "zv-is" }), ...(changed(found) ? [dot(found.before, "zv-then")] : []), dot(found.after, "zv-now"),
    );
    const figuresOf = (/** @type {Figures} */ { u, s: seen }) => `S ${percent(seen)} and U ${percent(u)}`;
    z.label(picture, `S over U for every handicap. Now ${figuresOf(found.after)}${changed(found) ? `, before ${figuresOf(found.before)}` : ""}.`);
    const own = changed(found) ? "; ○ the model’s own, without edits" : ", the model’s own";
    z.write(caption, `Every handicap is a point of the line. ● this one, ${z.number(found.gamma[1])}${own}.`);
  }

  details.addEventListener("toggle", () => details.open && fold.soon());
  store.on("explained", () => {
    if (model !== s.x.model) [turn, model] = [turn + 1, s.x.model];
    if (!details.open) z.write(short, "");
    fold.soon();
  });
  store.on("ranking", fold.soon);
};
