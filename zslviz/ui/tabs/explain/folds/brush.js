// @ts-check
// A rectangle of a photo, chosen by dragging, by two corners, or by keys: arrows move it, with Shift they size it.
zslviz.tabs.explain.brush = (stack, how) => {
  "use strict";
  const z = zslviz.draw;
  const [STEP, NEAR, LEAST] = [0.02, 6, 0.01]; // of the photo's sides; pixels within which a press is a click
  const place = z.element("div", { className: "zv-true-place", hidden: true });
  const corner = z.element("div", { className: "zv-true-corner", hidden: true });
  /** @type {[number, number] | null} */
  let first = null; // the corner that was chosen
  /** @type {{ id: number, at: [number, number], x: number, y: number, drawn: boolean } | null} */
  let pressed = null;
  stack.tabIndex = 0;
  stack.setAttribute("role", "application");
  stack.append(place, corner);

  const within = (/** @type {number} */ at) => Math.min(1, Math.max(0, at));
  /** @returns {[number, number]} */
  function at(/** @type {PointerEvent} */ { clientX, clientY }) {
    const box = stack.getBoundingClientRect();
    return [within((clientX - box.left) / box.width), within((clientY - box.top) / box.height)];
  }
  // Between two corners, however they lie; never without width or height.
  /** @returns {Region4} */
  function between(/** @type {[number, number]} */ [x, y], /** @type {[number, number]} */ [u, v]) {
    const side = (/** @type {number} */ p, /** @type {number} */ q) => {
      const low = Math.min(p, q, 1 - LEAST);
      return [low, Math.max(p, q, low + LEAST)];
    };
    const [[x0, x1], [y0, y1]] = [side(x, u), side(y, v)];
    return [x0, y0, x1, y1];
  }
  function choose(/** @type {[number, number] | null} */ chosen) {
    first = chosen;
    corner.hidden = !chosen;
    if (chosen) Object.assign(corner.style, { left: `${100 * chosen[0]}%`, top: `${100 * chosen[1]}%` });
  }

  stack.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    pressed = { id: event.pointerId, at: at(event), x: event.clientX, y: event.clientY, drawn: false };
    if (event.pointerType === "mouse") stack.setPointerCapture(event.pointerId);
  });
  stack.addEventListener("pointermove", (event) => {
    if (pressed?.id !== event.pointerId || event.pointerType === "touch") return; // a finger that moves scrolls
    if (!pressed.drawn && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < NEAR) return;
    pressed.drawn = true;
    choose(null);
    how.draws(between(pressed.at, at(event)));
  });
  stack.addEventListener("pointerup", (event) => {
    const press = pressed;
    pressed = null;
    if (press?.id !== event.pointerId) return;
    if (press.drawn) return how.done();
    if (Math.hypot(event.clientX - press.x, event.clientY - press.y) >= NEAR) return;
    if (!first) {
      choose(press.at);
      return how.says("One corner is chosen; choose the one across.");
    }
    how.draws(between(first, press.at));
    choose(null);
    how.done();
  });
  stack.addEventListener("pointercancel", () => (pressed = null));
  stack.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return how.done();
    }
    if (event.key === "Escape") return choose(null);
    if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const now = how.region();
    if (!now) return how.draws([0.35, 0.35, 0.65, 0.65]);
    const [[x0, y0, x1, y1], dx, dy] = [now, STEP * move[0], STEP * move[1]];
    if (event.shiftKey) return how.draws([x0, y0, Math.min(1, Math.max(x0 + STEP, x1 + dx)), Math.min(1, Math.max(y0 + STEP, y1 + dy))]);
    const [right, down] = [Math.min(1 - x1, Math.max(-x0, dx)), Math.min(1 - y1, Math.max(-y0, dy))];
    how.draws([x0 + right, y0 + down, x1 + right, y1 + down]);
  });
  return {
    // Shows the rectangle; null takes it away.
    show(region) {
      place.hidden = !region;
      if (!region) return choose(null);
      const [x0, y0, x1, y1] = region.map((side) => 100 * side);
      Object.assign(place.style, { left: `${x0}%`, top: `${y0}%`, width: `${x1 - x0}%`, height: `${y1 - y0}%` });
    },
  };
};
