// @ts-check
// Classes that the visitor makes up: by a sentence, by parts of others, from photos, from a table, or blank. They compete at once.
zslviz.panels["explain/invent"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [details, short, said] = [find("details", "details"), find(".zv-invent-short"), find(".zv-invent-said")];
  const [words, base, parts, shown] = [find("#zv-invent-words", "input"), find(".zv-invent-base", "select"), find(".zv-invent-parts"), find(".zv-invent-photos")];
  const make = find(".zv-invent-make", "button");
  const [MOST, MOST_LETTERS, MOST_PHOTOS, MOST_BYTES] = [20, 60, 5, 2 ** 21];
  const PIECES = /.{1,800}/gsu; // of a table: no text of a request may be longer than 4096 bytes
  const NO_TEXT = /[\0\ufffd]/; // a picture, a spreadsheet, or letters of another encoding
  /** @type {{ title: string, values: number[] }[]} */
  let photos = [];
  let [way, model, turn] = [zslviz.inside ? "parts" : "words", "", 0];
  let table = ""; // as it was read
  const cards = zslviz.panels["explain/invented"];
  cards(element, store);

  // What could not be made, in one sentence; nothing is lost of what was typed.
  function tell(/** @type {string} */ sentence) {
    z.write(said, sentence);
  }

  // -- names --------------------------------------------------------------------------------------------------------------
  const lower = (/** @type {string} */ text) => text.trim().toLowerCase();
  function fresh(/** @type {string} */ wanted) {
    const taken = new Set(s.x.classes.map(({ name }) => lower(name)));
    const plain = store.called(wanted) || "New class";
    for (let n = 1; ; n += 1) {
      const name = n === 1 ? plain : `${plain.slice(0, MOST_LETTERS - 4).trim()} ${n}`;
      if (!taken.has(lower(name))) return name;
    }
  }
  function add(/** @type {(MadeClass & Partial<Invented> & { name: string })[]} */ made) {
    const room = MOST - s.invented.length;
    if (made.length > room) return tell(`At most ${MOST} classes can be made up; remove ${made.length - room} first.`);
    for (const { name, values, told, few_shot: fewShot, chips = [], ...more } of made) {
      const { words: typed, parts: of } = more;
      store.invent([...s.invented, { name: fresh(name), values: values.map(zslviz.codec.step), told, fewShot, chips, ...(typed && { words: typed }), ...(of && { parts: of }) }]);
    }
    tell("");
    find(".zv-invented").lastElementChild?.querySelector("input")?.focus({ preventScroll: false });
    return undefined;
  }

  // -- the ways -----------------------------------------------------------------------------------------------------------
  /** @type {Record<string, () => Promise<void> | void>} */
  const ways = {
    async words() {
      const text = words.value.trim();
      if (!text) return tell("Write what it is like: a class, and what is different about it.");
      const answer = await asked("by_words", { sentence: text });
      if (!answer) return undefined;
      words.value = "";
      return add([{ ...answer.made, name: answer.name, words: answer.words, chips: answer.chips }]);
    },
    async parts() {
      const of = { base: base.value === "" ? null : Number(base.value), parts: chosenParts() };
      if (of.base === null && !of.parts.length) return tell("Choose a class to begin with, or a part of one.");
      const made = await asked("by_parts", of);
      const names = [...(of.base === null ? [] : [s.x.classes[of.base].name]), ...of.parts.map(([group, giver]) => `${group} of ${s.x.classes[giver].name}`)];
      return made ? add([{ ...made, name: names.join(" + "), parts: of }]) : undefined;
    },
    async photos() {
      if (!photos.length) return tell("Take the photo that is shown, or choose one to five.");
      const made = await asked("by_photos", { photos: photos.map(({ values }) => values) });
      const [{ title }] = photos;
      if (!made) return undefined;
      photos = [];
      drawPhotos();
      return add([{ ...made, name: `Like ${title}` }]);
    },
    async table() {
      if (!table) return tell("Choose a table first.");
      const answer = await asked("by_table", { table: table.match(PIECES) || [] });
      return answer ? add(answer.made) : undefined;
    },
    async blank() {
      const made = await asked("blank", {});
      if (!made) return;
      add([{ ...made, name: "New class" }]);
      store.emit("describe", s.x.classes.length - 1);
    },
  };
  /** @template {keyof ExplainAnswers} Q @param {Q} what @param {object} payload */
  async function asked(what, payload) {
    const mine = (turn += 1);
    make.disabled = true;
    const answer = await store.ask(what, payload, tell).finally(() => (make.disabled = false));
    return mine === turn ? answer : null;
  }

  function show() {
    for (const one of element.querySelectorAll(".zv-invent-way")) {
      if (one instanceof HTMLElement) one.hidden = one.dataset.way !== way;
    }
    make.hidden = way === "table";
    tell("");
  }

  // -- by parts -----------------------------------------------------------------------------------------------------------
  const options = (/** @type {string[]} */ names) => names.map((textContent, i) => z.element("option", { value: String(i), textContent }));
  const groups = () => [...new Set(s.x.groups)];
  const chosenParts = () => [...parts.children].map((item) => {
    const [group, giver] = [...item.querySelectorAll("select")].map(({ value }) => Number(value));
    return /** @type {InventedPart} */ ([groups()[group], giver, 1]);
  });
  function addPart() {
    const [group, giver] = [z.element("select", { "aria-label": "Which part" }, ...options(groups())), z.element("select", { "aria-label": "Whose" }, ...store.classOptions(s.x.own))];
    const used = chosenParts().map(([one]) => one);
    group.value = String(Math.max(0, groups().findIndex((one) => !used.includes(one))));
    const remove = z.element("button", { type: "button", className: "zv-icon", textContent: "×", "aria-label": "Leave this part out" });
    const item = z.element("li", {}, "with", group, "of", giver, remove);
    remove.addEventListener("click", () => {
      item.remove();
      find(".zv-invent-add").focus();
    });
    parts.append(item);
    group.focus();
  }

  // -- from photos --------------------------------------------------------------------------------------------------------
  function take(/** @type {string} */ title, /** @type {number[]} */ values) {
    if (photos.length === MOST_PHOTOS) return tell(`${MOST_PHOTOS} photos are the most; leave one out first.`);
    photos.push({ title, values });
    drawPhotos();
    return tell("");
  }
  function drawPhotos() {
    shown.replaceChildren(...photos.map(({ title }, i) => {
      const remove = z.element("button", { type: "button", className: "zv-icon", textContent: "×", "aria-label": `Leave ${title} out` });
      remove.addEventListener("click", () => {
        photos.splice(i, 1);
        drawPhotos();
      });
      return z.element("li", {}, title, remove);
    }));
  }
  async function send(/** @type {File[]} */ files) {
    const { x } = s;
    for (const file of files.slice(0, MOST_PHOTOS - photos.length)) {
      tell(`Looking at ${file.name} …`);
      const upload = await store.send?.(file);
      const answer = upload ? await store.call("explain", { upload, file: file.name, model: x.model, keep: true }) : null;
      if (s.x.model !== x.model) return;
      if (!answer || answer.error) return tell(answer?.error || `'${file.name}' could not be sent to the server; try again.`);
      take(file.name, answer.values);
    }
    if (files.length > MOST_PHOTOS) tell(`${MOST_PHOTOS} photos are the most; the others are left out.`);
  }

  // -- from a table -------------------------------------------------------------------------------------------------------
  async function read(/** @type {File | undefined} */ file) {
    if (!file) return undefined;
    if (file.size > MOST_BYTES) return tell(`'${file.name}' is larger than 2 MB; leave out the lines that are not new.`);
    const text = await file.text();
    if (NO_TEXT.test(text)) return tell(`'${file.name}' is not a text file in UTF-8; save it as CSV (UTF-8).`);
    table = text;
    return ways.table();
  }

  element.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!make.disabled) ways[way]();
  });
  z.radios(element, "zv-invent-way", (value) => {
    way = value;
    show();
  });
  find(".zv-invent-add").addEventListener("click", addPart);
  find(".zv-invent-this").addEventListener("click", () => take(s.x.title, s.x.values));
  const picked = (/** @type {string} */ where, /** @type {(files: File[]) => unknown} */ then) => {
    const input = find(`[data-way="${where}"] .zv-file`, "input");
    input.addEventListener("change", () => {
      const files = [...(input.files || [])];
      input.value = "";
      store.during(async () => void (await then(files)));
    });
  };
  picked("photos", send);
  picked("table", ([file]) => read(file));
  find(".zv-invent-empty").addEventListener("click", async () => {
    const answer = await store.ask("invented_csv", { made: [{ name: "New class", values: [] }] }, tell);
    if (answer) store.save("table.csv", answer.text);
  });

  function example() {
    const [, second] = s.ranking.classes;
    const attribute = s.x.strongest.map((a) => s.x.attributes[a]).find((one) => !one.includes(":"));
    const like = `like ${z.article((second || s.ranking.classes[0]).name.toLowerCase())} but`;
    words.placeholder = attribute ? `${like} less ${attribute}` : `${like} with a red head`;
  }
  function count() {
    const { length } = s.invented;
    z.write(short, length ? `${length} of yours ${length === 1 ? "competes" : "compete"}` : "describe one that the model never saw");
  }
  const fill = zslviz.fold(store, details, () => {
    if (model === s.x.model) return;
    model = s.x.model;
    base.replaceChildren(z.element("option", { value: "", textContent: "nothing yet" }), ...store.classOptions(s.x.own));
    base.value = String(Math.min(s.ranking.classes[0].index, s.x.own.length - 1));
    parts.replaceChildren();
    photos = [];
    drawPhotos();
    example();
  });
  store.on("explained", () => {
    count();
    fill.soon();
  });
  store.on("invented", count);
  if (zslviz.inside) { // of these the server is asked
    for (const one of element.querySelectorAll(".zv-invent-pick, [value='table'], [value='words']")) (one.closest("label") || one).remove();
    find("[value='parts']", "input").checked = true;
  }
  show();
};
