// @ts-check
// The whole test set: what edits of classes and of the handicap do to every test photo. The photos' vectors are fetched when it is
// opened; from then on nothing is asked.
zslviz.panels["explain/whole"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [details, short, caution, said] = [find("details", "details"), ...[".zv-whole-short", ".zv-whole-caution", ".zv-whole-said"].map((q) => find(q))];
  const [parts, figures, picture, caption] = [".zv-whole-parts", ".zv-whole-figures tbody", ".zv-whole-curve svg", ".zv-whole-curve figcaption"].map((q) => find(q));
  const [called, dots, maybe, moves] = [".zv-whole-called p", ".zv-dots", ".zv-may-be", ".zv-whole-moves"].map((q) => find(q));
  const PORTION_MS = 8; // of work between two frames
  const SHOWN_MOVES = 6;
  const MOST_DOTS = 120;
  const CAUTION = "These are test photos: look at what an edit does, do not tune on them.";
  const NAMES = { u: "U, never trained on", s: "S, trained on", h: "H, harmonic mean", t1: "T1, never trained on, these alone competing" };
  /** @type {Map<string, Promise<WholeSet | null>>} */
  const sets = new Map(); // by model
  let [curveOf, before] = ["", /** @type {Curve | null} */ (null)]; // of the model without edits
  const fold = zslviz.fold(store, details, () => store.during(work));
  let [turn, model] = [0, ""];

  // -- the photos -------------------------------------------------------------------------------------------------------
  function opened() {
    const { x } = s;
    const known = sets.get(x.model);
    if (known) return known;
    const fetched = fetchSet(x);
    sets.set(x.model, fetched);
    fetched.catch(() => null).then((whole) => whole || sets.delete(x.model)); // it is asked for again
    return fetched;
  }
  async function fetchSet(/** @type {ExplainStore["state"]["x"]} */ x) {
    const told = await store.ask("tested", { model: x.model }, () => {});
    if (!told?.address) return null;
    const answer = await fetch(new URL(told.address, document.baseURI)).catch(() => null);
    const content = answer?.ok ? await answer.arrayBuffer().catch(() => null) : null;
    if (!content || s.x !== x || !store.here.whole_set) return null;
    const whole = store.here.whole_set(content);
    for (let done = false; !done;) {
      const end = performance.now() + PORTION_MS;
      while (!done && performance.now() < end) done = whole.prepare(1);
      if (!done) await new Promise((resolve) => setTimeout(resolve));
    }
    return whole;
  }

  async function work() {
    turn += 1;
    const [mine, { x }] = [turn, s];
    z.write(caution, CAUTION);
    if (!sets.has(x.model)) z.write(said, "The test photos are being fetched …");
    const whole = store.here.whole_set ? await opened().catch(() => null) : null;
    if (mine !== turn || s.x !== x) return;
    const [asked, edits] = [s.ranking.classes[0].index, { class_edits: s.classes, invented: s.invented }];
    const found = whole && store.here.retest ? store.here.retest({ whole, ...edits, image_edits: s.image, gamma: s.gamma, unseen_only: s.unseenOnly, asked })
      : store.here.whole_set ? null : await store.ask("retest", { asked }, (sentence) => z.write(said, sentence));
    parts.hidden = !found;
    if (!found) {
      if (said.textContent?.startsWith("The test photos are being")) z.write(said, "This model came without its test photos.");
      return;
    }
    if (mine !== turn || s.x !== x) return;
    draw(found);
    if (!whole || !store.here.whole_curve) return;
    if (curveOf !== x.model) [curveOf, before] = [x.model, store.here.whole_curve({ whole, class_edits: {} })];
    const now = Object.keys(s.classes).length || s.invented.length ? store.here.whole_curve({ whole, ...edits }) : before;
    drawCurve(found, now);
  }

  // -- what is shown ------------------------------------------------------------------------------------------------------
  const percent = (/** @type {number} */ share) => (100 * share).toFixed(1);
  function draw(/** @type {Retest} */ found) {
    z.write(short, `H ${percent(found.after.h)}${found.changed ? `, before ${percent(found.before.h)}` : ""}`);
    if (said.textContent !== found.sentence.text) said.replaceChildren(...marked(found.sentence));
    z.lines(figures, 4, figureRow).forEach((row, i) => {
      const key = /** @type {keyof typeof NAMES} */ (Object.keys(NAMES)[i]);
      const [was, now] = [percent(found.before[key]), percent(found.after[key])];
      const [one, other] = row.querySelectorAll("td");
      z.write(one, was);
      z.write(other, now);
      other.className = was === now ? "" : "zv-moved";
    });
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
  const marked = (/** @type {Sentence} */ { parts: pieces }) =>
    pieces.map((part) => (part.kind === "text" ? part.text : z.element("b", { textContent: part.text })));

  // "Of 12 test photos called Giraffe, 2 are one": of the class that is first for the photo in sight.
  function drawCalled(/** @type {Retest} */ found) {
    const { called: [, count], right: [, right] } = /** @type {import("../../twin/whole_set.js").ClassChange} */ (found.asked);
    called.replaceChildren(...marked(found.called));
    maybe.replaceChildren(...marked(found.may_be));
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
    const [left, top, size] = [34, 6, 140];
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
      svg("path", { d: line(now), class: "zv-is" }), dot(found.before, "zv-then"), dot(found.after, "zv-now"),
    );
    z.label(picture, `S over U for every handicap. Now S ${percent(found.after.s)} and U ${percent(found.after.u)}, before S ${percent(found.before.s)} and U ${percent(found.before.u)}.`);
    z.write(caption, `Up: S, trained on. Right: U, never trained on. ● this handicap, ${z.number(found.gamma[1])}; ○ the model’s own, without edits.`);
  }

  details.addEventListener("toggle", () => details.open && fold.soon());
  store.on("explained", () => {
    if (model !== s.x.model) [turn, model] = [turn + 1, s.x.model];
    if (!details.open) z.write(short, "");
    fold.soon();
  });
  store.on("ranking", fold.soon);
};
