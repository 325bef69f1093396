// @ts-check
// What it would take for a class to be first: one sentence, the changes as chips that can be made one by one while the lead crosses
// zero, what is kept as it is, another way; and, on every line of the ranking, how many edits away a class is.
zslviz.panels["explain/take"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const details = find("details", "details");
  const [choice, side, manner] = [".zv-would-class", ".zv-would-side", ".zv-would-manner"].map((q) => find(q, "select"));
  const [short, said, list, proof, near] =
    [".zv-would-short", ".zv-would-said", ".zv-would-edits", ".zv-would-proof", ".zv-would-near"].map((q) => find(q));
  const [all, other] = [".zv-would-all", ".zv-would-other"].map((q) => find(q, "button"));
  const tug = store.tug(find(".zv-tug"));
  const limits = store.limits(element, anew);
  const QUIET_MS = 250; // without a change before anything is searched for
  const BUSY_MS = 400; // of a search before it is told of
  const MOST_WAYS = 5;
  const SHOWN = 12; // changes
  // base: the edits that there were when it was asked for
  /** @type {{ answer: TakeAnswer, key: string, base: Edits, described: boolean, parts: boolean } | null} */
  let plan = null; // stays while its own edits are made and taken back
  let target = -1;
  let chosen = false; // by the visitor
  let busy = false;
  let [way, turn, quiet] = [0, 0, 0];
  const described = () => side.value === "description";
  const parts = () => manner.value === "parts";

  // The state that was asked about, as far as only the plan's own edits were made since: while it is the same, the plan holds.
  function keyOf(/** @type {typeof plan} */ of) {
    const own = (of?.answer.ways || []).flatMap(({ edits }) => edits);
    const rest = (/** @type {Edits} */ edits) => {
      const before = { ...edits };
      for (const { attribute, value } of own) {
        if (before[attribute] !== value) continue;
        if (of && attribute in of.base) before[attribute] = of.base[attribute];
        else delete before[attribute];
      }
      return Object.entries(before);
    };
    const rows = Object.entries(s.classes).map(([c, edits]) => [c, described() && Number(c) === target ? rest(edits) : edits]);
    const others = rows.filter(([, edits]) => Object.keys(edits).length);
    const seen = described() ? s.image : rest(s.image);
    const madeUp = s.invented.map(({ values }) => values);
    return JSON.stringify([s.x.handle, target, side.value, manner.value, limits.asked(), seen, others, madeUp, s.gamma, s.unseenOnly]);
  }

  // For whom: whom the visitor chose, who is asked about, the true class if another one is first, the runner-up.
  function aim() {
    const [first, second] = s.ranking.classes;
    const { true_class: truth } = s.x;
    if (chosen) return target;
    if (s.why !== null) return s.why;
    if (plan && plan.key === keyOf(plan)) return target; // its edits are being made
    return truth !== null && truth !== first.index ? truth : second ? second.index : first.index;
  }

  function soon() {
    turn += 1;
    clearTimeout(quiet);
    if (s.away.size) {
      s.away = new Map();
      store.emit("away");
    }
    quiet = window.setTimeout(work, QUIET_MS);
    draw();
  }
  async function work() {
    const mine = turn;
    if (s.held || !s.ranking) return;
    target = aim();
    choice.value = String(target);
    if (!plan || plan.key !== keyOf(plan)) {
      way = 0;
      await ask(1);
    }
    draw();
    await measure(mine);
  }
  async function ask(/** @type {number} */ ways) {
    const [mine, key, base] = [turn, keyOf(null), { ...(described() ? s.classes[target] : s.image) }];
    const character = parts() ? "fewest" : /** @type {"fewest"} */ (manner.value);
    const waits = window.setTimeout(() => {
      busy = true;
      draw();
    }, BUSY_MS);
    const answer = await store.taking({
      target, side: described() ? "description" : "photo", character, by: parts() ? "parts" : "attributes", ways, ...limits.asked(),
    });
    clearTimeout(waits);
    if (mine !== turn) return;
    busy = false;
    if (answer) plan = { answer, key, base, described: described(), parts: parts() };
  }

  // How many edits away the classes in sight are, nearest first.
  async function measure(/** @type {number} */ mine) {
    for (const { index, rank } of s.listed.length ? s.listed : s.ranking.classes) {
      if (rank === 1 || s.away.has(index)) continue;
      const answer = await store.taking({ target: index, ways: 1, brief: true });
      if (mine !== turn || !answer) return;
      const [first] = answer.ways;
      const away = first ? `${first.proved ? "" : "at most "}${first.count} ${first.count === 1 ? "edit" : "edits"} away` : "";
      s.away.set(index, away || (answer.impossible ? "out of reach" : ""));
      store.emit("away");
    }
  }

  // -- what is shown ------------------------------------------------------------------------------------------------------
  const now = () => (plan?.described ? s.classes[target] || {} : s.image);
  const made = (/** @type {TakeEdit} */ { attribute, value }) => now()[attribute] === value;
  const who = () => (plan?.described ? target : "image");
  const unit = () => (plan?.parts ? "part" : "edit");
  const counted = (/** @type {number} */ count) => `${count} ${unit()}${count === 1 ? "" : "s"}`;

  // Two numbers, with as many places as it takes to tell them apart.
  function apart(/** @type {number} */ before, /** @type {number} */ value) {
    if (z.number(before) !== z.number(value)) return [z.number(before), z.number(value)];
    const written = (/** @type {number} */ places) => [before, value].map((one) => (one < 0 ? "−" : "") + Math.abs(one).toFixed(places));
    const [fine, finest] = [written(3), written(4)];
    return fine[0] === fine[1] ? finest : fine;
  }

  // The edits by the changes that they are of.
  function stepsOf(/** @type {TakeAnswer["ways"][0]} */ { edits, groups }) {
    /** @type {TakeEdit[][]} */
    const found = [];
    for (const edit of edits) (found[edit.step] ||= []).push(edit);
    return found.map((those, i) => {
      const [first] = those;
      const along = those.length - 1;
      const words = plan?.parts ? groups[i] : s.x.attributes[first.attribute];
      const less = along ? `, less of ${along} ${along === 1 ? "other" : "others"}` : "";
      const label = plan?.parts ? `${words} (${those.length} ${those.length === 1 ? "value" : "values"})`
        : `${words} ${apart(first.before, first.value).join(" → ")}${less}`;
      return { words, label, edits: those, made: those.every(made), keeps: plan?.parts ? words : first.attribute };
    });
  }

  function draw() {
    if (!plan) {
      if (!details.open) return;
      if (busy) z.write(said, "Searching …");
      return;
    }
    const { answer } = plan;
    const one = answer.ways[way];
    const { name } = s.x.classes[answer.target];
    z.write(short, one ? `${name}: ${counted(one.count)}` : answer.rank === 1 ? `${name} is first` : `${name}: no way found`);
    if (!details.open) return;
    const steps = one ? stepsOf(one) : [];
    const done = steps.length > 0 && steps.every((step) => step.made);
    drawSentence(said, busy ? { text: "Searching …", parts: [] } : (one || answer).sentence);
    if (one) tug.draw(one, answer.target, name, steps);
    else tug.hide();
    drawSteps(steps);
    z.write(proof, done && s.ranking.classes[0].index === answer.target ? `${name} is first now.` : [
      one ? proofOf(one) : "",
      answer.handicap !== null ? `Or, with nothing edited: a handicap of ${answer.handicap} instead of ${store.scored(s.gamma)}.` : "",
    ].filter(Boolean).join(" "));
    const miss = way === 0 && !done ? answer.near_miss : null;
    if (miss) drawSentence(near, miss.proved ? proved(miss.sentence) : miss.sentence);
    near.hidden = !miss;
    all.hidden = !one;
    z.write(all, done ? "Take these edits back" : steps.length === 1 ? "Make this edit" : "Make these edits");
    other.hidden = !one;
    other.disabled = answer.ways.length >= MOST_WAYS && way === answer.ways.length - 1;
  }
  function proofOf(/** @type {TakeAnswer["ways"][0]} */ one) {
    const character = parts() ? "fewest" : manner.value;
    if (!one.proved && character === "fewest") return "The fewest that were found; fewer were not ruled out.";
    if (!one.proved) return "The smallest that was found; less was not ruled out.";
    if (character === "least") return "Proved: no less change does it.";
    if (character === "gentlest") return "Proved: no smaller steps do it.";
    if (character === "squares") return "Proved: no smaller sum of squares does it.";
    if (character === "natural") return "Proved: no less does it, counted by what goes together in classes.";
    return `Proved: no fewer ${unit()}s ${one.number > 1 ? "are another way" : "do it"}.`;
  }
  // "Proved: no single change can do it ..."
  function proved(/** @type {Sentence} */ { text, parts: [first, ...rest] }) {
    const begun = (/** @type {string} */ words) => `Proved: ${z.uncapped(words)}`;
    return { text: begun(text), parts: [{ ...first, text: begun(first.text) }, ...rest] };
  }

  function drawSentence(/** @type {HTMLElement} */ place, /** @type {Sentence} */ sentence) {
    if (place.textContent === sentence.text) return;
    if (!sentence.parts.length) return z.write(place, sentence.text);
    place.replaceChildren(...store.marked(sentence));
  }
  function drawSteps(/** @type {ReturnType<typeof stepsOf>} */ steps) {
    const large = steps.filter(({ edits }) => edits.some(({ before, value }) => z.number(before) !== z.number(value)));
    const visible = large.length ? large : steps; // where all are that small, they still are what it takes
    const more = visible.length - SHOWN;
    const shown = visible.slice(0, SHOWN);
    const at = [...list.querySelectorAll("button")].indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    list.replaceChildren(...shown.map((step) => {
      const button = z.element("button", { type: "button", textContent: step.label, "aria-pressed": String(step.made) });
      button.addEventListener("click", () => make(step.edits, step.made));
      const lock = z.element("button", { type: "button", className: "zv-would-lock", textContent: "keep" });
      lock.title = "Leave this one as it is";
      lock.setAttribute("aria-label", `Leave ${step.words} as it is`);
      lock.addEventListener("click", () => limits.keep(step.keeps));
      return z.element("li", {}, button, lock);
    }), ...(more > 0 ? [z.element("li", { className: "zv-along", textContent: `and ${more} more` })] : []));
    if (at >= 0) list.querySelectorAll("button")[at]?.focus({ preventScroll: true });
  }
  function make(/** @type {TakeEdit[]} */ edits, /** @type {boolean} */ back) {
    const base = plan?.base || {};
    store.editAll(Object.fromEntries(edits.map(({ attribute, value }) => [attribute, back ? base[attribute] ?? null : value])), who());
  }
  // Whoever asks otherwise asks for the same class.
  function anew() {
    if (target >= 0) chosen = true;
    plan = null;
    soon();
  }

  // -- what is asked ------------------------------------------------------------------------------------------------------
  choice.addEventListener("change", () => {
    target = Number(choice.value);
    anew();
  });
  // Descriptions are changed as few as possible.
  side.addEventListener("change", () => {
    for (const option of manner.options) option.disabled = described() && !["fewest", "parts"].includes(option.value);
    if (manner.selectedOptions[0]?.disabled) manner.value = "fewest";
    anew();
  });
  manner.addEventListener("change", anew);
  all.addEventListener("click", () => {
    const edits = plan?.answer.ways[way]?.edits || [];
    make(edits, edits.every(made));
  });
  other.addEventListener("click", () => store.during(async () => {
    if (!plan) return;
    const ways = plan.answer.ways.length;
    if (way + 1 === ways && ways < MOST_WAYS) await ask(ways + 1);
    if (!plan) return;
    const none = way + 1 >= plan.answer.ways.length;
    way = none ? 0 : way + 1;
    draw();
    if (none) proof.prepend("No other way was found; this is the first again. ");
  }));
  details.addEventListener("toggle", draw);
  function fill() {
    choice.replaceChildren(...store.classOptions());
  }
  store.on("invented", () => {
    if (target >= s.x.own.length) [plan, target, chosen] = [null, -1, false];
    fill();
  });
  store.on("explained", () => {
    [plan, target, chosen, busy, s.away] = [null, -1, false, false, new Map()];
    fill();
    limits.begin();
    z.write(short, "");
    z.write(said, "");
    tug.hide();
    list.replaceChildren();
  });
  store.on("ranking", soon);
  store.on("listed", () => plan && measure(turn)); // more lines are in sight
};
