// @ts-check
// Work that waits until what is in sight first has been painted.

// Once the next frame has been painted.
zslviz.afterPaint = (work) => {
  requestAnimationFrame(() => setTimeout(work));
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
