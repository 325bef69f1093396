// @ts-check
// Work that waits until what is in sight first has been painted.

zslviz.unpainted = null;
// Once the next frame has been painted; of a page that is not shown yet, the one that shows it.
zslviz.afterPaint = (work) => {
  if (zslviz.unpainted) zslviz.unpainted.push(work);
  else requestAnimationFrame(() => setTimeout(work));
};
// Whether the page is shown. Before its first example is there nothing of it is laid out, however much is drawn.
zslviz.showing = (shown) => {
  const waiting = zslviz.unpainted || [];
  zslviz.unpainted = shown ? null : waiting;
  document.getElementById("zv-shell")?.classList.toggle("zv-blank", !shown);
  if (shown) waiting.forEach(zslviz.afterPaint);
};
// The same as work of a tab: it is idle only when it is done.
zslviz.afterwards = (store, work) => {
  void store.during(() => new Promise((resolve) => zslviz.afterPaint(() => resolve(work()))));
};
// The same once for all that has changed meanwhile, as after an edit. Returns what to call when there is something to do.
zslviz.behind = (store, work) => {
  "use strict";
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    zslviz.afterwards(store, () => {
      waiting = false;
      return work();
    });
  };
};
