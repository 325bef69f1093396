// @ts-check
// The photo: upload, paste, drop, examples; the model; what the last run took.
zslviz.panels.photo = (element, gradio, /** @type {Store<{}, {}> & Opening} */ store) => {
  "use strict";
  const { trigger, props, upload, watch } = gradio;
  const z = zslviz.draw;
  const find = z.finder(element);
  const [title, truth, note, status, gallery, card] = [".zv-title", ".zv-truth", ".zv-note", ".zv-status", ".zv-examples", ".zv-card"].map((s) => find(s));
  const [main, file, model] = [find(".zv-main", "img"), find(".zv-file", "input"), find(".zv-model", "select")];
  const MAX_BYTES = 50 * 2 ** 20;
  let patience = 0;
  let asked = 0;
  /** @typedef {{ example?: string, upload?: string, file?: string }} Source */
  /** @type {{ models: ModelFacts[], examples: ExampleFacts[] } | null} */
  let choices = null;
  /** @type {Source | null} */
  let shown = null; // what the photo on the page was asked with, to ask again with another model
  /** @type {{ before: Source | null } | null} */
  let pending = null; // a photo has been sent that is not explained yet

  function ask(/** @type {Source & { first?: boolean, keep?: boolean }} */ source) {
    asked += 1;
    say("Explaining …", "busy");
    card.setAttribute("aria-busy", "true");
    clearTimeout(patience);
    patience = window.setTimeout(() => fail("The server has not answered for two minutes; load the page again."), 120_000);
    props.value = { request: asked, model: model.value, ...source };
    trigger("explain");
  }
  function say(/** @type {string} */ text, kind = "") {
    status.textContent = text;
    status.dataset.kind = kind;
  }
  function fail(/** @type {string} */ sentence) {
    card.removeAttribute("aria-busy");
    say(sentence, "error");
    if (store.state.x) model.value = store.state.x.model; // what was on the page stays
  }

  watch("value", () => {
    const answer = props.value;
    if (!answer || answer.request === undefined || answer.upload || (answer.example && !answer.handle && !answer.error)) return;
    if (answer.examples) choose(answer);
    if (answer.request !== asked && answer.request !== 0) return; // a later photo has been chosen
    if (answer.request === 0 && asked > 0) return;
    clearTimeout(patience);
    if (answer.error) return fail(answer.error);
    if (answer.notice) return say(answer.notice);
    if (!answer.handle || (store.state.x && store.state.x.handle === answer.handle && answer.request === 0)) return;
    card.removeAttribute("aria-busy");
    show(answer);
    store.explained(answer);
  });

  function show(/** @type {PhotoFacts} */ x) {
    if (x.example) shown = { example: x.example };
    main.src = x.photo;
    main.alt = `The photo being explained: ${x.title}`;
    title.textContent = x.title;
    truth.textContent = store.truth(x);
    note.textContent = x.note;
    note.hidden = !x.note;
    model.value = x.model;
    const run = [x.backbone, x.device, `${Math.round(x.timing.total_ms)}\u00a0ms`].filter(Boolean);
    say(`Last run: ${run.join(" · ")}`);
    for (const button of gallery.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.file === x.example));
    }
  }

  function choose(/** @type {NonNullable<typeof choices>} */ given) {
    choices = { models: given.models, examples: given.examples };
    const { models, examples } = choices;
    store.examples.splice(0, Infinity, ...examples);
    model.replaceChildren(...models.map((m) => z.element("option", { value: m.name, textContent: m.title })));
    gallery.replaceChildren();
    for (const [belongs, look, heading, words] of store.groups) {
      const some = examples.filter(belongs);
      if (!some.length) continue;
      gallery.append(z.element("h4", { className: look, textContent: heading }));
      const grid = z.element("div", { className: "zv-grid" });
      for (const e of some) {
        const picture = z.element("img", { src: e.picture, alt: "", width: 80, height: 80 });
        const name = `${e.title}${e.kind === "cutout" ? " (cut-out)" : ""}`;
        const button = z.element("button", { type: "button" }, picture, z.element("span", { textContent: name }));
        button.setAttribute("aria-label", `Explain the example ${name}, ${words}`);
        button.dataset.file = e.file;
        button.addEventListener("click", () => ask({ example: e.file }));
        grid.append(button);
      }
      gallery.append(grid);
    }
  }

  async function send(/** @type {File | null | undefined} */ picked) {
    if (!picked) return;
    if (picked.size > MAX_BYTES) return fail(`'${picked.name}' is larger than 50 MB; save it smaller.`);
    if (picked.size === 0) return fail(`'${picked.name}' is empty; choose another photo.`);
    say("Sending the photo …", "busy");
    let arrived;
    try {
      arrived = await upload(picked);
    } catch (error) {
      return fail(`'${picked.name}' could not be sent to the server; try again.`);
    }
    const before = shown;
    shown = { upload: arrived.path, file: picked.name };
    pending = { before };
    ask(shown);
  }
  store.on("explained", () => (pending = null));

  file.addEventListener("change", () => {
    send(file.files?.[0]);
    file.value = ""; // the same file can be chosen again
  });
  model.addEventListener("change", () => {
    if (pending) shown = pending.before; // the last upload was no photo: the one on the page counts
    pending = null;
    if (!shown) return;
    if (shown.example && choices) {
      const { example: name } = shown;
      const example = choices.examples.find((e) => e.file === name);
      const wanted = choices.models.find((m) => m.name === model.value);
      if (example && example.space && wanted && example.space !== wanted.data) {
        const other = choices.examples.find((e) => e.space === wanted.data);
        if (other) return ask({ example: other.file }); // a model of other classes: its own first example
      }
    }
    ask({ ...shown, keep: true });
  });
  document.addEventListener("paste", (event) => {
    if (!card.offsetParent) return; // another tab is open
    const picked = [...(event.clipboardData?.files || [])].find((f) => f.type.startsWith("image/"));
    if (picked) send(picked);
  });
  for (const name of /** @type {const} */ (["dragover", "dragleave", "drop"])) {
    card.addEventListener(name, (event) => {
      event.preventDefault();
      card.classList.toggle("zv-dropping", name === "dragover");
      if (name === "drop") send(event.dataTransfer?.files[0]);
    });
  }
  if (gradio.opensItself) ask({ first: true });
};
