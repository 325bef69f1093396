// @ts-check
// A card that is folded away until it is asked for. What it holds is drawn when it opens, and, while it is open, after what is in
// sight at first has been painted. Returns what to call when there is something new to draw.
zslviz.fold = (store, details, draw) => {
  "use strict";
  let stale = false;
  const behind = zslviz.behind(store, now);
  function soon() {
    stale = true;
    if (details.open) behind();
  }
  function now() {
    if (!stale || !details.open) return;
    stale = false;
    draw();
  }
  details.addEventListener("toggle", now);
  // Opens it in the place where the visitor is led to.
  function open() {
    details.open = true;
    now();
    details.scrollIntoView({ block: "start" });
    details.querySelector("summary")?.focus({ preventScroll: true });
  }
  return { soon, now, open };
};
