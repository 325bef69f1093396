// @ts-check
// Steps that can be taken back and done again. What one gesture does to one value is one step, however long it takes and wherever the
// page stalls: from a pointer's going down to its going up, or with the keyboard in one place, until Enter ends it.
(() => {
  "use strict";
  const MOST_STEPS = 500;
  let gesture = 0;
  let down = false; // whether a pointer is: what gets the focus by it belongs to its gesture
  function begins(held = down) {
    down = held;
    gesture += 1;
  }
  window.addEventListener("pointerdown", ({ isPrimary }) => isPrimary && begins(true), true);
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
    window.addEventListener(name, ({ isPrimary }) => isPrimary && begins(false), true);
  }
  window.addEventListener("focusin", () => down || begins(), true);
  window.addEventListener("keydown", ({ key }) => key === "Enter" && begins(), true);

  zslviz.gesture = () => gesture;

  // read: what is remembered of the present state; write: puts it back.
  zslviz.history = (read, write) => {
    /** @type {ReturnType<typeof read>[]} */
    const past = [];
    /** @type {ReturnType<typeof read>[]} */
    const future = [];
    let last = { key: "", gesture: 0 };
    function step(/** @type {typeof past} */ from, /** @type {typeof past} */ to) {
      const remembered = from.pop();
      if (remembered === undefined) return;
      to.push(read());
      last.key = "";
      write(remembered);
    }
    return {
      // Before a change. key: of the value that is about to change, so that moving a slider is one step; "" for a step of its own.
      remember(key = "") {
        const same = key !== "" && key === last.key && gesture === last.gesture;
        last = { key, gesture };
        if (same) return;
        past.push(read());
        if (past.length > MOST_STEPS) past.shift();
        future.length = 0;
      },
      undo: () => step(past, future),
      redo: () => step(future, past),
      // mark: where a change begins that may have to be given back; cut: forgets the steps since then.
      mark() {
        last.key = "";
        return past.length;
      },
      cut(mark) {
        past.length = Math.min(past.length, mark);
        last.key = "";
      },
      canUndo: () => past.length > 0,
      canRedo: () => future.length > 0,
      clear() {
        past.length = future.length = 0;
        last.key = "";
      },
    };
  };
})();
