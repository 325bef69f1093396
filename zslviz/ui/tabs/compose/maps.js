// @ts-check
// Maps of the pair that is explained, what its score is made of, what tells it apart from another one, and all places looked at.
zslviz.panels["compose/maps"] = (element, /** @type {ComposeStore} */ store) => {
  "use strict";
  const [z, { mapcard }, s] = [zslviz.draw, zslviz, store.state];
  const find = z.finder(element);
  const [title, standing, grid, versusMaps, sums, sum] = ["#zv-pair-title", ".zv-standing", ".zv-pair-grid", ".zv-versus-maps", ".zv-sums", ".zv-sum"].map((q) => find(q));
  const apart = find(".zv-apart-maps");
  const [madeTitle, bars, sameWords, scaleWords] = [".zv-made h3", ".zv-terms", ".zv-same-words", ".zv-scale-words"].map((q) => find(q));
  const [small, smallWords, smallRamp, smallTicks] = [".zv-multiples", ".zv-multiples-words", ".zv-small-legend .zv-ramp", ".zv-small-legend .zv-ticks"].map((q) => find(q));
  const legends = /** @type {HTMLElement[]} */ ([...element.querySelectorAll(".zv-legend")]);
  const [choice, stretched] = [find("#zv-other", "select"), find(".zv-stretch input", "input")];
  const WORDS = {
    queries: "Each learned query gathers what its places show and adds it to the photo’s summary.",
    states: "Where the word of each state looked. A click on a word selects the state.",
    objects: "Where the word of each object looked. A click on a word selects the object.",
    pairs: "Where the words of the best pairs looked. A click on a pair selects it.",
  };
  const LOOKED = { pair: "both words", state: "the state", object: "the object" };
  // what a score is made of; what the maps do not show comes after what they do
  const TERMS = /** @type {[TermOfPair, string][]} */ ([
    ["places", "Places: what the map shows"], ["rest", ""], ["heads", "State and object apart"],
    ["familiarity", "Familiar words"], ["bias", "Handicap for trained pairs"],
  ]);
  /** @type {Map<MapOfPair, Figure>} */
  const figures = new Map();
  /** @type {Record<string, (answer: PairMaps) => [strong: string, rest: string]>} */
  let stageMaps = {}; // what is said of maps of single stages
  /** @type {PairMaps | null} */
  let told = null; // what the card is of

  function figure(/** @type {MapOfPair} */ kind) {
    const made = mapcard.figure(s.x, () => store.download("overlay", { pair: s.pair, other: s.other, kind, opacity: s.opacity, stretch: s.stretch }));
    made.figure.dataset.kind = kind;
    made.stack.setAttribute("role", "img");
    figures.set(kind, made);
    return made.figure;
  }
  // Of a model that adds up by stages, what each of their maps shows, and the words as they are, against the photo as a whole, beside them.
  const terms = () => TERMS.filter(([key]) => key !== "familiarity" || s.x.has_familiarity).filter(([key]) => key !== "places" || s.x.counts)
    .flatMap(([key, label]) => (key === "places" && s.x.stages.length ? s.x.stages.map((name) => /** @type {[TermOfPair, string]} */ ([`${name} places`, `${z.capital(name)} layers: their map`]))
      : [/** @type {[TermOfPair, string]} */ ([key, key === "rest" ? rest() : label])]));
  const rest = () => s.x.refining?.beside || "Both words in the whole photo";
  const list = (/** @type {string[]} */ words) => (words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`);

  const nameOf = (/** @type {Pair | null} */ pair) => (pair ? pair.join(" ") : "");
  // Maps come with what is said of them; of the same maps in another state, what is said follows the ranking.
  function draw(/** @type {PairMaps} */ answer) {
    told = answer;
    if (!answer.maps) return again(); // they are on the page
    say(answer);
    drawMaps(answer, nameOf(answer.pair), nameOf(answer.other));
  }
  const again = zslviz.behind(store, () => void (told && say(told)));
  function say(/** @type {PairMaps} */ answer) {
    z.write(title, `Where it sees ${nameOf(answer.pair)}`);
    drawStanding(answer);
    drawMade(answer, nameOf(answer.pair));
    versus.soon();
    zslviz.tell.announce("pair", `${standing.firstChild?.textContent} ${sum.textContent}`);
  }
  const versus = zslviz.fold(store, find(".zv-versus", "details"), () => {
    if (!told) return;
    drawSums(told, nameOf(told.pair), nameOf(told.other));
    fillChoice(told);
  });

  function drawMaps(/** @type {PairMaps} */ answer, /** @type {string} */ pair, /** @type {string} */ other) {
    const { maps = {}, same, where, terms: a, other_terms: b } = answer;
    const printed = (/** @type {number} */ value) => z.read(z.number(value)) || 0; // so that the sum is right as it is read
    const places = (/** @type {number} */ value, /** @type {number} */ score) => {
      const left = printed(score) - printed(value);
      return `${z.number(score)} = ${z.number(value)} from places ${left < 0 ? "−" : "+"} ${z.number(Math.abs(left))} that is in no map`;
    };
    for (const [kind, { figure: made, stack, name, save, layer }] of figures) {
      const url = maps[kind];
      made.hidden = !url;
      if (!url) continue;
      layer.src = url;
      mapcard.contours(stack, answer.contours[kind] || null);
      const looked = kind in LOOKED;
      const shows = looked ? list([kind, ...(same[kind] || [])].map((one) => LOOKED[/** @type {keyof typeof LOOKED} */ (one)])) : "";
      const [strong, rest] = looked ? ["Where it looked", `for ${shows}`]
        : kind === "evidence" ? ["What it counted", places(a.places, a.score)]
        : kind === "other" ? [other, b ? places(b.places, b.score) : ""]
        : kind in stageMaps ? stageMaps[kind](answer)
        : ["Difference", `${pair} − ${other}`];
      name.replaceChildren(z.element("b", { textContent: strong }), ` ${rest}`);
      const nothing = looked ? "" : "nothing was counted for it";
      const of = looked ? shows : kind === "difference" || kind in stageMaps ? rest : `for ${kind === "other" ? other : pair}`;
      stack.setAttribute("aria-label", `${strong} ${of}, over the photo: ${where[kind] || nothing}`);
      save.setAttribute("aria-label", `Download the map ${strong.toLowerCase()} ${looked ? rest : kind} over the photo, full size, PNG`);
    }
    const folded = Object.entries(same).find(([, others]) => others?.length);
    const looked = Object.keys(same).filter((one) => one in LOOKED);
    sameWords.textContent = (folded && looked.length === 1 ? "State, object and both looked at the same places: one picture shows all three. "
      : folded ? `${z.capital(list([folded[0], ...(folded[1] || [])].map((one) => LOOKED[/** @type {keyof typeof LOOKED} */ (one)])))} looked at the same places: one picture shows them. ` : "") +
      (Object.keys(same).some((one) => one in LOOKED) ? "Where it looked: shares that add up to 1. " : "") + "What it counted adds to the score: red for the pair, blue against it. Lines are at a quarter, a half and three quarters of the scale.";
    for (const legend of legends) {
      const { kind = "" } = legend.dataset;
      const known = answer.legends[kind];
      legend.hidden = !known;
      if (!known) continue;
      const units = kind === "evidence" ? ["against", "", "for"] : ["nowhere", "share", "most"];
      const part = z.finder(legend);
      z.legend(part(".zv-ramp"), part(".zv-ticks"), known, units);
    }
    const { attention, evidence } = answer.scaling;
    find(".zv-stretch").hidden = !attention && !evidence;
    stretched.checked = Boolean(attention?.stretched || evidence?.stretched);
    scaleWords.textContent = [
      attention ? `Where it looked: ${z.uncapped(mapcard.scaleWords(attention))}` : "",
      !evidence ? "" : evidence.reach > 0 ? `What it counted: ${z.uncapped(mapcard.scaleWords(evidence))}` : "Nothing was counted in any place.",
    ].join(" ");
  }

  // Whether it is the winner that is explained, and of which world.
  function drawStanding(/** @type {PairMaps} */ { pair }) {
    const r = s.ranking;
    const [row, column] = store.at(pair);
    if (row < 0 || column < 0) return;
    const rank = r.ranks[row][column];
    const world = r.open_world ? "open world" : "closed world";
    if (rank === 1) return z.write(standing, `The winner of the ${world}.${verdict(pair)}`);
    const [winner] = r.pairs;
    const back = z.element("button", { type: "button", className: "zv-link", textContent: `Explain the winner, ${winner.name}` });
    back.addEventListener("click", () => store.explainWinner());
    standing.replaceChildren(rank ? `${store.ordinal(rank)} of ${r.competing} in the ${world}. ` : `It does not compete in the ${world}. `, back);
  }

  // Whether what is first is what the photo shows, where that is known.
  function verdict(/** @type {Pair} */ first) {
    const { true: truth } = s.x;
    if (!truth) return "";
    if (store.same(truth, first)) return " The answer is right.";
    const [row, column] = store.at(truth);
    const rank = s.ranking.ranks[row]?.[column];
    return ` Wrong: it is ${nameOf(truth)} (${rank ? store.ordinal(rank) : "does not compete"}).`;
  }

  // Lines that stay where they are: what is as it was is not laid out anew.
  function step() {
    return z.element("div", { role: "listitem" }, z.element("span", { className: "zv-term" }),
      z.element("span", { className: "zv-track" }, z.element("i"), z.element("i", { className: "zv-zero" })), z.element("span", { className: "zv-number" }));
  }
  function drawMade(/** @type {PairMaps} */ { terms: a }, /** @type {string} */ pair) {
    z.write(madeTitle, `What ${z.number(a.score)} is made of`);
    const shown = terms();
    const ends = shown.reduce(([low, high, at], [key]) => {
      const to = at + a[key];
      return [Math.min(low, to), Math.max(high, to), to];
    }, [0, 0, 0]);
    const [low, width] = [ends[0], Math.max(1e-9, ends[1] - ends[0])];
    const x = (/** @type {number} */ value) => `${(100 * (value - low)) / width}%`;
    const lines = z.lines(bars, shown.length + 1, step);
    let from = 0;
    [...shown, /** @type {const} */ (["score", "Score"])].forEach(([key, label], i) => {
      const [value, total, row] = [a[key], i === shown.length, lines[i]];
      const part = z.finder(row);
      const [bar, start] = [part("i"), total ? 0 : from];
      z.look(row, total ? "zv-step zv-step-total" : "zv-step");
      z.look(bar, total ? "zv-total" : value < 0 ? "zv-against" : "zv-for");
      row.dataset.part = key;
      z.write(part(".zv-term"), label);
      z.write(part(".zv-number"), z.number(value, !total));
      z.style(bar, "left", x(Math.min(start, start + value)));
      z.style(bar, "width", `${(100 * Math.abs(value)) / width}%`);
      z.style(part(".zv-zero"), "left", x(0));
      if (!total) from += value;
    });
    const all = shown.reduce((total, [key]) => total + Math.abs(a[key]), 0);
    const words = s.x.counts
      ? `: the map shows ${z.number(a.places)}, ${Math.round((100 * Math.abs(a.places)) / Math.max(1e-9, all))} % of all that was added and taken. ${s.x.refining ? `${s.x.refining.before}: ${z.number(a.before)}.` : ""}`
      : ": this model counts no places, so no map shows any of it.";
    if (sum.textContent !== pair + words) sum.replaceChildren(z.element("b", { textContent: pair }), words);
  }

  function drawSums(/** @type {PairMaps} */ { terms: a, other_terms: b }, /** @type {string} */ pair, /** @type {string} */ other) {
    const n = (/** @type {number} */ value) => z.number(value);
    const rows = /** @type {[string, TermOfPair][]} */ ([
      ["Places (the map)", "places"], [rest(), "rest"], ["Both words together", "logit"],
      ["State and object apart", "heads"], ["Familiar words", "familiarity"], ["Handicap for trained pairs", "bias"], ["Score", "score"],
    ]).filter(([, key]) => key !== "familiarity" || s.x.has_familiarity);
    const head = z.element("tr", {}, z.element("td"), ...[pair, other || "none", "difference"].map((text) => z.element("th", { scope: "col", textContent: text, title: text })));
    sums.replaceChildren(z.element("thead", {}, head), z.element("tbody", {}, ...rows.map(([label, key]) => {
      const values = b ? [n(a[key]), n(b[key]), z.number(a[key] - b[key], true)] : [n(a[key]), "", ""];
      const row = z.element("tr", { className: key === "logit" || key === "score" ? "zv-total-row" : "" }, z.element("th", { scope: "row", textContent: label }),
        ...values.map((text) => z.element("td", { textContent: text })));
      row.dataset.term = key;
      return row;
    })));
  }

  function fillChoice(/** @type {PairMaps} */ answer) {
    const key = (/** @type {Pair} */ pair) => JSON.stringify(pair);
    const best = s.ranking.pairs.map((p) => /** @type {Pair} */ ([p.state, p.object])).filter((pair) => !store.same(pair, s.pair));
    if (s.other && !best.some((pair) => store.same(pair, s.other))) best.unshift(s.other);
    const rival = !s.other && answer.other ? `the best besides it: ${answer.other.join(" ")}` : "the best besides it";
    choice.replaceChildren(z.element("option", { value: "", textContent: rival }), ...best.map((pair) => z.element("option", { value: key(pair), textContent: pair.join(" ") })));
    choice.value = s.other ? key(s.other) : "";
  }
  choice.addEventListener("change", () => store.compare(choice.value ? JSON.parse(choice.value) : null));

  // One picture for all that looked at the same places, with their names to choose from.
  function drawSmall(/** @type {SmallMaps | null} */ answer) {
    kinds.show(s.multiples);
    smallWords.textContent = s.multiples === "queries" || s.x.has_texts ? WORDS[s.multiples] : "";
    if (!answer) return;
    small.dataset.kind = answer.kind;
    z.legend(smallRamp, smallTicks, answer.legend, ["", "", "most"]);
    const count = answer.maps.reduce((total, { things }) => total + things.length, 0);
    if (answer.maps.length < count) smallWords.textContent += answer.maps.length === 1 ? ` All ${count} looked at the same places: one picture.` : ` ${count} of them, ${answer.maps.length} pictures: those that looked at the same places share one.`;
    small.replaceChildren(...answer.maps.map(({ things, url }) => {
      const names = things.map(({ name, key }) => (answer.kind === "queries" ? z.element("span", { textContent: name }) : word(answer.kind, name, key)));
      return z.element("div", { className: "zv-places" }, mapcard.frame(s.x, url), z.element("div", { className: "zv-chips" }, ...names));
    }));
    markSmall();
  }
  function word(/** @type {Multiples} */ kind, /** @type {string} */ name, /** @type {string[]} */ key) {
    const made = z.element("button", { type: "button", className: "zv-chip", textContent: name });
    made.dataset.key = JSON.stringify(key);
    made.addEventListener("click", () => store.select(kind === "states" ? [name, s.pair[1]] : kind === "objects" ? [s.pair[0], name] : /** @type {Pair} */ (key)));
    return made;
  }
  function markSmall() {
    for (const made of small.querySelectorAll("button")) {
      const key = JSON.parse(made.dataset.key || "[]");
      const chosen = key.length === 2 ? store.same(key, s.pair) : s.pair[small.dataset.kind === "states" ? 0 : 1] === key[0];
      made.setAttribute("aria-pressed", String(chosen));
    }
    settleSmall();
  }
  const settleSmall = zslviz.roving(small, "button");

  store.on("explained", () => {
    const { x } = s;
    figures.clear();
    stageMaps = Object.fromEntries(x.stages.flatMap((name) => [
      [name, (/** @type {PairMaps} */ { terms: a }) => [`${z.capital(name)} layers`, `${z.number(a[`${name} places`], true)} for ${nameOf(s.pair)}`]],
      ...["state", "object"].map((of, i) => [`${name}-${of}`, (/** @type {PairMaps} */ { pair }) => [`${z.capital(name)} layers`, `for ${pair[i]}`]]),
    ]));
    grid.replaceChildren(...["pair", "state", "object", "evidence", ...x.stages].map((kind) => figure(/** @type {MapOfPair} */ (kind))));
    apart.replaceChildren(...["state", "object"].flatMap((of) => x.stages.map((name) => figure(/** @type {MapOfPair} */ (`${name}-${of}`)))));
    find(".zv-apart").hidden = !x.stages.length;
    find(".zv-everywhere").hidden = !x.has_queries && !x.has_texts;
    versusMaps.replaceChildren(...["other", "difference"].map((kind) => figure(/** @type {MapOfPair} */ (kind))));
    for (const radio of kinds.all()) radio.disabled = !(radio.value === "queries" ? x.has_queries : x.has_texts);
  });
  store.on("pair", draw);
  store.on("ranking", again);
  store.on("multiples", drawSmall);
  const everywhere = zslviz.fold(store, find(".zv-everywhere", "details"), () => store.showMultiples(s.multiples)); // for who looks at them
  store.on("places", everywhere.soon);
  store.on("selecting", markSmall);
  const kinds = z.radios(element, "zv-multiples", (kind) => store.showMultiples(/** @type {Multiples} */ (kind)));
  stretched.addEventListener("change", () => store.stretching(stretched.checked));
  const more = find(".zv-more-maps");
  mapcard.tuck(more, [find(".zv-pair-scales"), sameWords, scaleWords]);
  mapcard.tuck(more, [find(".zv-made")], find(".zv-pair-board"));
  mapcard.waiting(store, element, ["pair"]);
  mapcard.grey(element, find(".zv-grey-choice", "input"), store);
  mapcard.opacity(element, find(".zv-opacity-range", "input"), s);
};
