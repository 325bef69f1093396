// @ts-check
// Share: the link of what is shown, for a class or a projector too; the lines of Python that make it; and all of it as one file.
zslviz.share = (() => {
  "use strict";
  const AWAY = "The file is made by the server, which cannot be reached now; edits go on, and it can be made once the server is back.";
  const MAKING = "Making the file …";
  const OWN = "Your own photo is not in the link: whoever opens it sees these choices on an example.";

  /** @param {string} title @param {Node[]} parts */
  function dialog(title, ...parts) {
    const { element } = zslviz.draw;
    const close = element("button", { type: "button", className: "zv-button", textContent: "Close" });
    const made = element("dialog", { className: "zv-card zv-dialog", "aria-label": title }, element("h2", { textContent: title }), ...parts,
      element("p", { className: "zv-dialog-end" }, close));
    close.addEventListener("click", () => made.close());
    made.addEventListener("close", () => made.remove());
    document.body.append(made);
    made.showModal();
    return made;
  }
  // Copies a text; where the browser does not let it, it is selected, to be copied by hand.
  /** @param {string} text @param {HTMLElement} said @param {() => void} select */
  async function copy(text, said, select) {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = "Copied.";
    } catch {
      select();
      said.textContent = "Selected: copy it with Ctrl+C, or ⌘C.";
    }
  }
  const copying = () => ({
    button: zslviz.draw.element("button", { type: "button", className: "zv-button zv-primary", textContent: "Copy" }),
    said: zslviz.draw.element("p", { className: "zv-hint", role: "status" }),
  });

  function share() {
    const { element } = zslviz.draw;
    const { button, said } = copying();
    const field = element("input", { type: "text", readOnly: true, className: "zv-share-link" });
    field.setAttribute("aria-label", "The link");
    const there = (/** @type {string} */ selector) => [...document.querySelectorAll(selector)].some((one) => !one.closest(".zv-board") || one.closest(`#zv-${zslviz.link.tab()}`));
    const hide = Object.entries(zslviz.link.parts).filter(([, { offered, selector }]) => offered && there(selector)).map(([name, { title }]) => {
      const box = element("input", { type: "checkbox", value: name });
      return { box, label: element("label", { className: "zv-check" }, box, element("span", { textContent: title })) };
    });
    const big = element("input", { type: "checkbox" });
    function fill() {
      const { url } = zslviz.link.address({ hide: hide.flatMap(({ box }) => (box.checked ? [box.value] : [])), present: big.checked });
      field.value = url;
      said.textContent = "";
    }
    const now = zslviz.link.address();
    const choices = element("details", {}, element("summary", { textContent: "For a class or a projector" }),
      element("label", { className: "zv-check" }, big, element("span", { textContent: "Larger, with nothing around it" })),
      element("p", { className: "zv-hint", textContent: "Leave out:" }), ...hide.map(({ label }) => label));
    choices.addEventListener("change", fill);
    fill();
    const own = element("p", { className: "zv-hint", textContent: OWN, hidden: !now.own });
    // where the header has no room for them
    const others = element("p", { className: "zv-share-others" }, tool("zv-python", "Python", () => (made.close(), python())), fileTool((sentence) => (said.textContent = sentence)), zslviz.colours.tool());
    const made = dialog("Share what is shown", element("div", { className: "zv-share-row" }, field, button), said, own, others, choices);
    const send = () => copy(field.value, said, () => (field.focus(), field.select()));
    button.addEventListener("click", send);
    settle();
    send();
  }

  async function python() {
    const { element } = zslviz.draw;
    const tab = zslviz.link.tab();
    const store = storeOf(tab);
    const { x } = store.state;
    if (!x || !store.python) return;
    const module = await zslviz.bundles.module("python.js").catch(() => null);
    if (!module) return store.notice("The lines could not be fetched; try again.");
    const { example } = x.source || x;
    const path = store.examples.find((one) => one.file === example)?.path || "";
    const lines = module[store.python]({ model: x.model, path, file: x.source?.file || x.title }, store.linked?.() || {}, x);
    const { button, said } = copying();
    const code = element("code", { textContent: lines });
    const pre = element("pre", { className: "zv-lines", tabIndex: 0 }, code);
    dialog("What is shown, in Python", element("p", { className: "zv-hint", textContent: "With the package zslviz installed, these lines give the same ranking." }), pre, button, said);
    button.addEventListener("click", () => copy(lines, said, () => getSelection()?.selectAllChildren(code)));
  }

  // -- one file -------------------------------------------------------------------------------------------------------------
  let making = false;
  async function file(/** @type {(sentence: string) => void} */ say) {
    const store = storeOf(zslviz.link.tab());
    if (!store?.state.x || making) return;
    if (zslviz.connection.away()) return say(AWAY);
    making = true;
    settle();
    const { example, title } = store.state.x;
    await store.download("report", { link: zslviz.link.alone(), example, image: title }).finally(() => (making = false));
    settle();
  }
  // Where there can be a file, and what its buttons can do now: they stay where the focus finds them, and say why nothing comes.
  function settle() {
    const away = zslviz.connection.away();
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".zv-one-file"))) {
      button.hidden = !zslviz.begun[zslviz.link.tab()]?.alone;
      button.setAttribute("aria-disabled", String(away || making));
      button.title = away ? AWAY : "Download what is shown as one file, which works without a network, edits too";
      zslviz.draw.write(button, making ? MAKING : "One file");
    }
  }
  zslviz.connection.watch(settle);
  const fileTool = (/** @type {(sentence: string) => void} */ say) => tool("zv-one-file", "One file", () => file(say));

  const storeOf = (/** @type {string} */ tab) => /** @type {LinkedStore} */ (/** @type {any} */ (zslviz.tabs)[tab]);
  function tool(/** @type {string} */ look, /** @type {string} */ name, /** @type {() => void} */ work) {
    const button = zslviz.draw.element("button", { type: "button", className: `zv-button ${look}`, textContent: name });
    button.addEventListener("click", work);
    return button;
  }

  return {
    settle,
    // Puts the buttons where the page's header has a place for them.
    place() {
      const tools = document.querySelector(".zv-header-tools");
      if (!tools || tools.querySelector(".zv-share")) return;
      tools.append(zslviz.colours.tool(), fileTool(zslviz.tell.toast), tool("zv-python", "Python", python), tool("zv-share", "Share", share));
      zslviz.afterPaint(settle); // nothing is laid out for it meanwhile
      if (tools instanceof HTMLElement) zslviz.roving(tools, "button")();
    },
  };
})();
