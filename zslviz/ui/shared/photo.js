// @ts-check
// The photo: upload, paste, drop, examples; the model; the place in the queue; what the last run took.
zslviz.panels.photo = (element, /** @type {Store<{}, {}> & Opening} */ store) => {
  "use strict";
  const { draw: z, connection } = zslviz;
  const find = z.finder(element);
  const [title, truth, credit, note, status, gallery, card] = [".zv-title", ".zv-truth", ".zv-credit", ".zv-note", ".zv-status", ".zv-examples", ".zv-card"].map((s) => find(s));
  const [main, file, model, special] = [find(".zv-main", "img"), find(".zv-file", "input"), find(".zv-model", "select"), find(".zv-look")];
  zslviz.menu(model);
  const MAX_BYTES = 50 * 2 ** 20;
  const LOOK_MS = 1000; // how often a visitor who waits is told her place
  const LAST_LOOK_MS = 5000; // at most, where the network takes its time to be loaded
  const PATIENCE_MS = 120_000; // as long as the server can be reached
  const MOST_TRIES = 4;
  const UNANSWERED = "The server did not answer; load the page again. If it stays so, tell whoever runs it: behind a proxy under a sub-path, " +
    "GRADIO_ROOT_PATH has to name that path.";
  const LOADING = "The network is loading; all of this already works."; // in two lines at most: "Ready" takes its place
  const COMING = "The network is loading; it explains this photo then."; // there is no bundle of it
  let ready = false; // whether the network is there
  let asked = 0;
  let asking = ""; // what is being explained, to be asked for once however often it is clicked
  /** @typedef {PhotoSource & { picked?: File }} Source */
  /** @type {{ models: ModelFacts[], examples: ExampleFacts[] } | null} */
  let choices = null;
  /** @type {Source | null} */
  let shown = null; // what the photo on the page was asked with, to ask again with another model or of another server
  /** @type {Source | null} */
  let last = null; // what was asked for last: the photo on the page, or one that could not be explained

  async function ask(/** @type {Source & { first?: boolean, keep?: boolean, model?: string, link?: string }} */ source) {
    const by = source.model || model.value;
    const wanted = JSON.stringify([source.example, source.upload, source.keep, by]);
    if (wanted === asking) return;
    if (!source.model && !source.first) zslviz.link.chosen(store.name);
    const newest = begin(wanted, store.servers.length || opening(source) ? "Explaining …" : store.state.x ? LOADING : COMING);
    last = source;
    const answer = (await fromBundle(source)) || (newest() ? await fromServer(source, newest) : null);
    if (answer?.examples) {
      store.offered = true;
      choose(answer);
    }
    if (newest() && answer && !answer.error && !answer.notice) await store.prepare?.(answer);
    if (!newest()) return; // a later photo has been chosen
    if (!answer || answer.error) return fail(answer?.error || UNANSWERED);
    settled(answer.notice);
    if (answer.notice) return;
    const { example, upload, file: name, picked } = source;
    shown = answer.example ? { example: answer.example } : example ? { example } : { upload, file: name, picked };
    answer.source = shown;
    show(answer);
    store.explained(answer);
  }

  /** @typedef {Source & { first?: boolean, keep?: boolean, model?: string, link?: string }} Asked */
  async function fromServer(/** @type {Asked} */ source, /** @type {() => boolean} */ newest) {
    const more = { model: source.model || model.value, first: source.first, keep: source.keep, link: source.link };
    zslviz.rest(); // gradio is needed
    await store.served;
    return Promise.race([explained(source, more, newest), patience(newest)]);
  }

  // The example whose bundle tells what the server would: by the model that the server would take.
  function opening(/** @type {Asked} */ { example: name, keep, first, model: asked }) {
    const example = choices?.examples.find(({ file: one }) => one === name);
    if (!example?.bundle || !choices) return null;
    const by = asked ?? model.value;
    if (example.bundle.model === by || !by) return example;
    if (keep || (first && asked)) return null; // chosen, or asked for by a link, which may be of a model that is not known yet
    const chosen = choices.models.find((one) => one.name === by);
    const foremost = choices.models.find((one) => one.data === chosen?.data);
    return chosen && chosen.data !== example.space && chosen === foremost ? example : null; // who has not chosen gets the first that fits
  }
  async function fromBundle(/** @type {Asked} */ source) {
    const example = opening(source);
    return example && zslviz.bundles.open(store, example).catch(() => null); // else the server tells
  }

  // Models and examples that need no network, until there is one; then all.
  async function start() {
    const [begun, wanted] = [zslviz.begun[store.name], zslviz.link.first(store.name)];
    const { examples } = begun || { examples: [] };
    if (!examples.length) return void ask({ ...wanted, first: true });
    choose(begun);
    const linked = examples.find((one) => one.link === wanted.link) || (wanted.model ? examples.find((one) => one.bundle?.model === wanted.model) : null);
    const { file: example } = linked || examples[0];
    const known = !wanted.upload && (!wanted.link || linked?.link === wanted.link);
    ask(known ? { ...wanted, example, first: true } : { ...wanted, first: true });
    await store.served;
    for (let wait = LOOK_MS; ; wait = Math.min(LAST_LOOK_MS, 1.3 * wait)) {
      const answer = await store.call("ready", {});
      if (answer?.error) return store.notice(answer.error);
      if (answer?.examples) return void there(answer);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  // The network is there. What has been chosen stays.
  function there(/** @type {NonNullable<typeof choices>} */ given) {
    const value = model.value;
    store.offered = true;
    const same = JSON.stringify(given.examples) === JSON.stringify(choices?.examples);
    if (same) fillModels((choices = { ...given, examples: given.examples }).models);
    else choose(given);
    model.value = value;
    sayLook();
    ready = true;
    if (status.dataset.kind === "early") say(idle());
  }
  const idle = () => (ready ? "Ready for your own photo." : LOADING);

  // A photo has been chosen: whatever was chosen before is not waited for any more. Returns whether it is still the newest.
  function begin(/** @type {string} */ wanted, /** @type {string} */ sentence) {
    const request = (asked += 1);
    asking = wanted;
    say(sentence, "busy");
    card.setAttribute("aria-busy", "true");
    return () => request === asked;
  }

  // Ends when the server has had its time. Until then a visitor who waits is told her place.
  function patience(/** @type {() => boolean} */ newest) {
    return new Promise((resolve) => {
      let waited = 0;
      const looking = setInterval(() => {
        waited += connection.away() ? 0 : LOOK_MS;
        if (!newest() || !asking || waited >= PATIENCE_MS) {
          clearInterval(looking);
          resolve(null);
        } else if (!connection.away()) look(newest);
      }, LOOK_MS);
    });
  }

  // The server's answer to a photo. It is sent again where the server does not have it: another one of several may have taken it.
  async function explained(/** @type {Source} */ { picked, ...source }, /** @type {object} */ more, newest = () => true) {
    let answer;
    for (let tries = 0; tries < MOST_TRIES && newest(); tries += 1) {
      answer = await store.call("explain", { ...source, ...more }, newest);
      if (!answer?.expired || !picked) break;
      if (tries % 2) source.upload = (await sent(picked, newest)) || source.upload;
    }
    return answer;
  }
  store.open = (source) => ask({ ...source, keep: true });
  store.send = (picked) => sent(picked, () => true);
  store.renew = async (x) => {
    if (!shown) return false;
    const answer = await explained(shown, { model: x.model, keep: true, again: x.handle });
    return Boolean(answer && answer.handle);
  };

  async function look(/** @type {() => boolean} */ newest) {
    const place = await store.call("waiting", {}, () => newest() && !connection.away());
    if (!place?.before || !newest() || !asking) return;
    say(`Waiting: ${place.before === 1 ? "1 photo comes" : `${place.before} photos come`} first …`, "busy");
  }
  function say(/** @type {string} */ text, kind = "") {
    status.textContent = text;
    status.dataset.kind = kind;
  }
  function settled(sentence = "", kind = "") {
    asking = "";
    card.removeAttribute("aria-busy");
    if (!store.state.x) title.textContent = "No photo yet";
    say(sentence, kind);
  }
  function fail(/** @type {string} */ sentence) {
    settled(sentence, "error");
    if (store.state.x) model.value = store.state.x.model; // what was on the page stays
  }

  function show(/** @type {PhotoFacts} */ x) {
    main.src = x.photo;
    main.alt = `The photo being explained: ${x.title}`;
    title.textContent = x.title;
    truth.textContent = store.truth(x);
    drawCredit(store.examples.find((e) => e.file === x.example)?.credit || null);
    note.textContent = x.note;
    note.hidden = !x.note;
    model.value = x.model;
    sayLook();
    const run = [`${Math.round(x.timing?.total_ms || 0)}\u00a0ms`, x.backbone, x.device].filter(Boolean);
    if (x.timing) ready = true;
    say(x.timing ? `Explained in ${run.join(" · ")}` : idle(), x.timing ? "" : "early");
    for (const button of gallery.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.file === x.example));
    }
    settle();
  }

  const settleCredit = zslviz.roving(credit, "a");
  // Whose picture it is, with links to where it is from and to its licence.
  function drawCredit(/** @type {Credit | null} */ made) {
    const linked = (/** @type {string} */ text, /** @type {string} */ href) => (href ? z.element("a", { href, textContent: text, target: "_blank", rel: "noopener" }) : text);
    credit.hidden = !made;
    if (made) credit.replaceChildren("Picture: ", linked(made.author, made.source), " · ", linked(made.licence, made.licence_link));
    settleCredit();
  }

  function fillModels(/** @type {ModelFacts[]} */ models) {
    store.models.splice(0, Infinity, ...models);
    store.emit("models");
    model.replaceChildren(...models.map((m) => z.element("option", { value: m.name, textContent: m.title })));
    sayLook();
  }
  // What is special to look at of the model that is chosen.
  function sayLook() {
    const { look = "", data: own = "" } = store.models.find((one) => one.name === model.value) || {};
    special.textContent = look;
    special.hidden = !look;
    for (const grid of /** @type {NodeListOf<HTMLElement>} */ (gallery.querySelectorAll(".zv-grid"))) {
      const another = Boolean(own && grid.dataset.space && grid.dataset.space !== own); // a click changes the model
      /** @type {HTMLElement} */ (grid.previousElementSibling).toggleAttribute("data-another", another);
      for (const button of grid.querySelectorAll("button")) {
        if (another) button.setAttribute("aria-description", "Another model explains it");
        else button.removeAttribute("aria-description");
      }
    }
  }
  const settle = zslviz.roving(gallery, "button");
  function choose(/** @type {NonNullable<typeof choices>} */ given) {
    choices = { models: given.models, examples: given.examples };
    const { models, examples } = choices;
    store.examples.splice(0, Infinity, ...examples);
    fillModels(models);
    gallery.replaceChildren();
    const groups = typeof store.groups === "function" ? store.groups(examples) : store.groups;
    for (const [belongs, look, heading, words] of groups) {
      const some = examples.filter(belongs);
      if (!some.length) continue;
      gallery.append(z.element("h4", { className: typeof look === "string" ? look : "", textContent: heading }));
      const grid = z.element("div", { className: "zv-grid" });
      grid.dataset.space = some.every(({ space }) => space === some[0].space) ? some[0].space || "" : "";
      for (const e of some) {
        const picture = z.element("img", { src: e.picture, alt: "", width: 80, height: 80, loading: "lazy" });
        const name = `${e.title}${e.kind === "cutout" ? " (cut-out)" : ""}`;
        const button = z.element("button", { type: "button", title: name, className: typeof look === "string" ? "" : look(e) },
          picture, z.element("span", { textContent: name }));
        button.setAttribute("aria-label", `Explain the example ${name}, ${typeof words === "string" ? words : words(e)}`);
        button.dataset.file = e.file;
        button.addEventListener("click", () => ask({ example: e.file }));
        grid.append(button);
      }
      gallery.append(grid);
    }
    sayLook();
    settle();
  }

  async function send(/** @type {File | null | undefined} */ chosen) {
    if (!chosen) return;
    if (chosen.size === 0) return fail(`'${chosen.name}' is empty; choose another photo.`);
    const newest = begin("", "Sending the photo …");
    const picked = await zslviz.incoming.fitting(chosen, store.notice);
    if (!newest()) return; // another one has been chosen meanwhile
    if (picked.size > MAX_BYTES) return fail(`'${picked.name}' is larger than 50 MB; save it smaller.`);
    const path = await sent(picked, newest);
    if (!newest()) return;
    if (!path) return fail(`'${picked.name}' could not be sent to the server; try again.`);
    ask({ upload: path, file: picked.name, picked });
  }
  // Where the server has put a photo that was sent to it, as soon as it can be reached; "" if it does not take it.
  async function sent(/** @type {File} */ picked, /** @type {() => boolean} */ newest) {
    const body = new FormData();
    body.append("files", picked);
    while (newest()) {
      const answer = await fetch(new URL("gradio_api/upload", document.baseURI), { method: "POST", body }).catch(() => null);
      const paths = answer?.ok ? await answer.json().catch(() => null) : null;
      if (paths) return String(paths[0]);
      if (!(await connection.lost())) break;
    }
    return "";
  }

  for (const one of [file, find(".zv-camera input", "input")]) {
    one.addEventListener("change", () => {
      send(one.files?.[0]);
      one.value = ""; // the same file can be chosen again
    });
  }
  model.addEventListener("change", () => {
    const source = asking ? last : shown; // the one that is on its way; if it was no photo, the one on the page
    if (!source) return undefined;
    if (source.example && choices) {
      const { example: name } = source;
      const example = choices.examples.find((e) => e.file === name);
      const wanted = choices.models.find((m) => m.name === model.value);
      if (example && example.space && wanted && example.space !== wanted.data) {
        const other = choices.examples.find((e) => e.space === wanted.data);
        if (other) return void ask({ example: other.file }); // a model of other classes: its own first example
      }
    }
    return void ask({ ...source, keep: true });
  });
  zslviz.incoming(card, send, store.notice);
  // Where the page is narrow, models and examples are behind a button.
  const more = find(".zv-choose", "button");
  function unfold(open = more.getAttribute("aria-expanded") !== "true") {
    more.setAttribute("aria-expanded", String(open));
    card.classList.toggle("zv-open", open);
  }
  more.addEventListener("click", () => unfold());
  store.on("explained", () => unfold(false));
  start();
};
