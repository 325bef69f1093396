// @ts-check
// What it would take for a class to be first: one sentence, the edits as chips that can be made one by one, what stays as it is,
// another way; and, on every line of the ranking, how many edits away a class is.
zslviz.panels["explain/take"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [details, choice, parts] = [find("details", "details"), find(".zv-would-class", "select"), find(".zv-would-parts", "input")];
  const [short, said, list, proof] = [".zv-would-short", ".zv-would-said", ".zv-would-edits", ".zv-would-proof"].map((q) => find(q));
  const [all, other, unlock] = [".zv-would-all", ".zv-would-other", ".zv-would-unlock"].map((q) => find(q, "button"));
  zslviz.menu(choice);
  const QUIET_MS = 250; // without a change before anything is searched for
  const MOST_WAYS = 5;
  const SHOWN = 12; // edits
  /** @type {Set<number>} */
  const locked = new Set();
  /** @type {{ answer: TakeAnswer, key: string } | null} */
  let plan = null; // stays while its own edits are made and taken back
  let target = -1;
  let chosen = false; // by the visitor
  let [way, turn, quiet] = [0, 0, 0];

  // The state without the plan's own edits: while it is the same, the plan holds.
  function keyOf(/** @type {TakeAnswer | null} */ answer) {
    const own = new Set((answer?.ways || []).flatMap(({ edits }) => edits.map(({ attribute }) => String(attribute))));
    const rest = Object.entries(s.image).filter(([a]) => !own.has(a));
    return JSON.stringify([s.x.handle, target, parts.checked, [...locked], rest, s.classes, s.invented.map(({ values }) => values), s.gamma, s.unseenOnly]);
  }

  // For whom: whom the visitor chose, who is asked about, the true class if another one is first, the runner-up.
  function aim() {
    const [first, second] = s.ranking.classes;
    const { true_class: truth } = s.x;
    if (chosen) return target;
    if (s.why !== null) return s.why;
    if (plan && plan.key === keyOf(plan.answer)) return target; // its edits are being made
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
    if (!plan || plan.key !== keyOf(plan.answer)) {
      way = 0;
      await ask(1);
    }
    draw();
    await measure(mine);
  }
  async function ask(/** @type {number} */ ways) {
    const mine = turn;
    const answer = await store.taking({ target, by: parts.checked ? "parts" : "attributes", locked: [...locked], ways });
    if (answer && mine === turn) plan = { answer, key: keyOf(answer) };
  }

  // How many edits away the classes in sight are, nearest first.
  async function measure(/** @type {number} */ mine) {
    for (const { index, rank } of s.listed.length ? s.listed : s.ranking.classes) {
      if (rank === 1 || s.away.has(index)) continue;
      const answer = await store.taking({ target: index, by: "attributes", locked: [], ways: 1 });
      if (mine !== turn || !answer) return;
      const [first] = answer.ways;
      s.away.set(index, first ? `${first.count} ${first.count === 1 ? "edit" : "edits"} away` : answer.impossible ? "out of reach" : "");
      store.emit("away");
    }
  }

  // -- what is shown ------------------------------------------------------------------------------------------------------
  const made = (/** @type {TakeEdit} */ { attribute, value }) => s.image[attribute] === value;
  function draw() {
    if (!plan) return;
    const { answer } = plan;
    const one = answer.ways[way];
    const { name } = s.x.classes[answer.target];
    const edits = one ? one.edits : [];
    const done = edits.length > 0 && edits.every(made);
    z.write(short, one ? `${name}: ${one.count} ${one.count === 1 ? unit() : `${unit()}s`}` : answer.rank === 1 ? `${name} is first` : `${name}: no way found`);
    if (!details.open) return;
    drawSentence((one || answer).sentence);
    drawEdits(edits);
    z.write(proof, done && s.ranking.classes[0].index === answer.target ? `${name} is first now.` : [
      one ? (one.proved ? `Proved: no fewer ${unit()}s ${one.number > 1 ? "are another way" : "do it"}.` : "The fewest that were found; fewer were not ruled out.") : "",
      answer.near_miss && way === 0 ? answer.near_miss.sentence.text : "",
      answer.handicap !== null ? `Or, with nothing edited: a handicap of ${answer.handicap} instead of ${z.number(s.gamma)}.` : "",
      locked.size ? `Kept as they are: ${[...locked].map((a) => s.x.attributes[a]).join(", ")}.` : "",
    ].filter(Boolean).join(" "));
    all.hidden = !one;
    z.write(all, done ? "Take these edits back" : edits.length === 1 ? "Make this edit" : "Make these edits");
    other.hidden = !one;
    other.disabled = answer.ways.length >= MOST_WAYS && way === answer.ways.length - 1;
    unlock.hidden = !locked.size;
  }
  const unit = () => (parts.checked ? "part" : "edit");

  function drawSentence(/** @type {Sentence} */ { text, parts: pieces }) {
    if (said.textContent === text) return;
    said.replaceChildren(...pieces.map((part) => (part.kind === "text" ? part.text : z.element("b", { textContent: part.text }))));
  }
  function drawEdits(/** @type {TakeEdit[]} */ edits) {
    const visible = edits.filter(({ before, value }) => z.number(before) !== z.number(value));
    const shown = visible.slice(0, SHOWN);
    const items = shown.map((edit) => {
      const label = `${s.x.attributes[edit.attribute]} ${z.number(edit.before)} → ${z.number(edit.value)}`;
      const button = z.element("button", { type: "button", textContent: label, "aria-pressed": String(made(edit)) });
      button.addEventListener("click", () => store.edit("image", edit.attribute, made(edit) ? null : edit.value));
      const lock = z.element("button", { type: "button", className: "zv-would-lock", textContent: "keep", title: "Leave this one as it is" });
      lock.setAttribute("aria-label", `Leave ${s.x.attributes[edit.attribute]} as it is`);
      lock.addEventListener("click", () => {
        locked.add(edit.attribute);
        anew();
      });
      return z.element("li", {}, button, ...(edit.along || parts.checked ? [] : [lock]));
    });
    const more = visible.length - shown.length;
    if (more) items.push(z.element("li", { className: "zv-along", textContent: `and ${more} more` }));
    list.replaceChildren(...items);
  }
  function anew() {
    plan = null;
    soon();
  }

  // -- what is asked ------------------------------------------------------------------------------------------------------
  choice.addEventListener("change", () => {
    [target, chosen] = [Number(choice.value), true];
    anew();
  });
  parts.addEventListener("change", anew);
  all.addEventListener("click", () => {
    const edits = plan?.answer.ways[way]?.edits || [];
    const done = edits.every(made);
    store.editAll(Object.fromEntries(edits.map(({ attribute, value }) => [attribute, done ? null : value])));
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
  unlock.addEventListener("click", () => {
    locked.clear();
    anew();
  });
  details.addEventListener("toggle", draw);
  function fill() {
    choice.replaceChildren(...s.x.classes.map(({ name }, c) => z.element("option", { value: String(c), textContent: name })));
  }
  store.on("invented", () => {
    if (target >= s.x.own.length) [plan, chosen] = [null, false];
    fill();
  });
  store.on("explained", () => {
    locked.clear();
    [plan, chosen, s.away] = [null, false, new Map()];
    fill();
    z.write(short, "");
  });
  store.on("ranking", soon);
  store.on("listed", () => plan && measure(turn)); // more lines are in sight
};
