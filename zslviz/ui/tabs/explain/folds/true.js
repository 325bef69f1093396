// @ts-check
// Is it true? What the map promises of the photo without a place, and the network's own answer to the photo with that place blurred.
zslviz.panels["explain/true"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [details, frame, tries, short] = [find("details", "details"), find(".zv-true-frame"), find(".zv-true-tries"), find(".zv-true-short")];
  const [promised, proved, verdict, kept] = [".zv-true-promise", ".zv-true-proof", ".zv-true-verdict", ".zv-true-kept"].map((q) => find(q));
  const [search, anew] = [find(".zv-true-find", "button"), find(".zv-true-anew", "button")];
  const sides = /** @type {HTMLInputElement[]} */ ([...element.querySelectorAll("[data-side]")]);
  const QUIET_MS = 700; // after keys and numbers before the network is asked
  const MOST = 24; // tries
  const AWAY = "The server cannot be reached: promises go on, the network’s answer comes when it is there again.";
  /** @type {Try[]} */
  let all = [];
  /** @type {Try | null} */
  let now = null;
  /** @type {ReturnType<ExplainStore["brush"]> | null} */
  let brush = null;
  let stack = z.element("div");
  let [turn, quiet] = [0, 0];
  let amiss = ""; // of the numbers that were typed

  const films = store.films(element);
  const fold = zslviz.fold(store, details, begin);
  const same = (/** @type {Region4} */ a, /** @type {Region4} */ b) => a.every((side, i) => Math.abs(side - b[i]) < 1e-9);
  const counted = (/** @type {number} */ good, /** @type {number} */ all) => (all === 1 ? ["0 times of 1", "the one time"][good] : `${good} of ${all} times`);
  const percent = (/** @type {number} */ side) => String(Math.round(1000 * side) / 10);

  // -- the photo ----------------------------------------------------------------------------------------------------------
  function begin() {
    const made = zslviz.mapcard.frame(s.x, "");
    stack = z.finder(made)(".zv-stack", "div");
    frame.replaceChildren(...made.children);
    zslviz.mapcard.canvas(stack);
    brush = store.brush(stack, { region: () => now?.region || null, draws, done, says: (text) => z.write(verdict, text) });
    drawMap();
    draw();
  }
  async function drawMap() {
    const offer = s.x.offers.find(({ exact }) => exact);
    const answer = offer && await store.latest("maps", { attribute: s.attribute, kind: offer.name }, () => {});
    if (!offer || !answer) return;
    const scale = answer.end > 0 ? { low: offer.signed ? -answer.end : 0, high: answer.end, signed: offer.signed } : null;
    const map = { values: Float32Array.from(answer.layers[0].values), grid: answer.grid };
    zslviz.mapcard.paint(stack, answer.visible ? { geometry: s.x.geometry, map, scale, signed: offer.signed, smooth: true, contours: true } : null);
  }

  // -- a place ------------------------------------------------------------------------------------------------------------
  // The promise, at once.
  function draws(/** @type {Region4} */ region) {
    clearTimeout(quiet);
    amiss = "";
    now = { region, promise: null, proof: null, told: null };
    quiet = window.setTimeout(done, QUIET_MS);
    return promise(now);
  }
  async function promise(/** @type {Try} */ one) {
    brush?.show(one.region);
    sides.forEach((input, i) => {
      input.setAttribute("aria-invalid", "false");
      if (document.activeElement !== input) input.value = percent(one.region[i]);
    });
    const mine = (turn += 1);
    const answer = await store.ask("promise", { region: one.region }, (sentence) => mine === turn && z.write(promised, sentence));
    if (!answer || mine !== turn) return;
    one.promise = answer.scores;
    await tell(one);
    draw();
  }
  // The proof, once for each place.
  async function done() {
    clearTimeout(quiet);
    const known = now && all.find(({ region }) => now && same(region, now.region));
    if (!now || known) return known && show(known);
    const one = now;
    if (!one.promise) await promise(one);
    if (!one.promise || now !== one) return;
    all = [...all, one].slice(-MOST);
    one.asked = true;
    draw();
    const answer = await store.ask("prove", { region: one.region }, (sentence) => (one.failed = sentence));
    one.asked = false;
    if (answer) one.proof = answer.scores;
    else {
      all = all.filter((other) => other !== one);
      one.failed ||= "The network gave no answer; try again.";
    }
    await tell(one);
    draw();
  }
  async function show(/** @type {Try} */ one) {
    [now, amiss] = [one, ""];
    await promise(one);
  }
  async function tell(/** @type {Try} */ one) {
    if (one.promise) one.told = await store.ask("tried", { promise: one.promise, proof: one.proof, attribute: s.attribute }, () => {});
  }
  // Whatever the visitor edits or looks at: all that was tried is told anew, of the state that is.
  async function again() {
    for (const one of now && !all.includes(now) ? [...all, now] : all) await tell(one);
    draw();
  }

  // -- what is said -------------------------------------------------------------------------------------------------------
  const say = (/** @type {HTMLElement} */ node, /** @type {Sentence | null | undefined} */ sentence, otherwise = "") => {
    if (node.textContent === (sentence?.text || otherwise)) return;
    node.replaceChildren(...(sentence ? store.marked(sentence) : [otherwise]));
  };
  function draw() {
    const proofs = all.filter(({ told }) => told?.proof);
    const good = proofs.filter(({ told }) => told?.kept).length;
    z.write(short, proofs.length ? `kept its word ${counted(good, proofs.length)}` : "");
    if (!details.open || !s.x) return;
    const told = now?.told;
    if (now?.promise || !now) say(promised, told?.promise.sentence);
    proved.setAttribute("aria-busy", String(!!now?.asked));
    say(proved, told?.proof?.sentence, !now ? "" : now.asked ? (zslviz.connection.away() ? AWAY : "The network is running …") : now.failed || "");
    say(verdict, told?.proof && !amiss ? told.sentence : null, amiss);
    drawTries();
    z.write(kept, proofs.length ? `On this photo the map has kept its word ${counted(good, proofs.length)}. Kept: the first class is the promised one, and ${s.x.attributes[s.attribute]} comes within 0.05 of its promise, or nearer to it than to what it was.` : "");
    anew.hidden = !all.length;
    z.label(stack, `The photo with the map of ${s.x.attributes[s.attribute]}. ${now ? `Covered: from ${percent(now.region[0])} to ${percent(now.region[2])} % across, from ${percent(now.region[1])} to ${percent(now.region[3])} % down.` : "Nothing is covered."} Arrow keys move the place, with Shift they size it, Enter covers it.`);
  }
  function drawTries() {
    const shown = all.filter(({ told }) => told?.proof);
    z.lines(tries, shown.length, () => {
      const button = z.element("button", { type: "button" });
      button.addEventListener("click", () => show(all.filter(({ told }) => told?.proof)[[...tries.children].indexOf(/** @type {Element} */ (button.parentElement))]));
      return z.element("li", {}, button);
    }).forEach((line, i) => {
      const button = z.finder(line)("button", "button");
      z.write(button, shown[i].told?.kept ? "✓" : "✗");
      z.label(button, `Try ${i + 1}: ${shown[i].told?.kept ? "kept" : "not kept"}. Show it`);
      button.setAttribute("aria-pressed", String(shown[i] === now));
    });
  }

  // -- what is asked ------------------------------------------------------------------------------------------------------
  search.addEventListener("click", () => store.during(async () => {
    z.write(verdict, "");
    const answer = await store.ask("deciding");
    if (!answer) return;
    if (!answer.promise) return z.write(verdict, answer.sentence);
    draws(answer.promise.region);
    await done();
  }));
  anew.addEventListener("click", () => {
    forget();
    draw();
  });
  function forget() {
    clearTimeout(quiet);
    [all, now, amiss] = [[], null, ""];
    turn += 1;
    films.forget();
    brush?.show(null);
    for (const input of sides) {
      input.value = "";
      input.setAttribute("aria-invalid", "false");
    }
    for (const node of [promised, proved, verdict]) z.write(node, "");
  }
  for (const input of sides) {
    input.addEventListener("change", () => {
      const given = sides.map(({ value }) => (value.trim() ? Number(value.trim().replace(",", ".").replace("%", "")) / 100 : NaN));
      const [x0, y0, x1, y1] = given;
      const wrong = given.some((side) => !(side >= 0 && side <= 1));
      const whole = !wrong && x0 < x1 && y0 < y1;
      sides.forEach((one, i) => one.setAttribute("aria-invalid", String(one.value.trim() !== "" && !(given[i] >= 0 && given[i] <= 1))));
      if (whole) draws([x0, y0, x1, y1]);
      else if (sides.every(({ value }) => value.trim())) {
        amiss = wrong ? "The sides are numbers from 0 to 100: per cent of the photo." : "Left is less than right, and top less than bottom.";
        z.write(verdict, amiss);
      }
    });
  }
  store.on("explained", () => {
    forget();
    fold.soon();
    draw();
  });
  store.on("ranking", () => (all.length || now) && again());
  store.on("selecting", () => {
    if (details.open) drawMap();
    if (all.length || now) again();
  });
};
