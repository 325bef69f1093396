// @ts-check
// Undo, redo and reset of the editor: its buttons and its keys.
zslviz.panels["explain/history"] = (element, /** @type {ExplainStore} */ store) => {
  "use strict";
  const find = zslviz.draw.finder(element);
  const { history } = store;
  const [undo, redo, resetAll] = [".zv-undo", ".zv-redo", ".zv-reset-all"].map((q) => find(q, "button"));
  const search = find("#zv-search", "input"); // it has an undo of its own

  store.on("history", () => {
    undo.disabled = !history.canUndo();
    redo.disabled = !history.canRedo();
    resetAll.disabled = !store.edited();
  });
  undo.addEventListener("click", history.undo);
  redo.addEventListener("click", history.redo);
  resetAll.addEventListener("click", store.resetEdits);
  document.addEventListener("keydown", (event) => {
    const part = element.closest(".zv-board") || element; // wherever the panel has moved meanwhile
    if (!(event.target instanceof Node) || !part.contains(event.target)) return;
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target === search) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) history.undo();
    else if (key === "y" || (key === "z" && event.shiftKey)) history.redo();
    else return;
    event.preventDefault();
  });
};
