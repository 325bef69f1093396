// @ts-check
// Work that follows an edit's answer: what is in sight first is painted, then it is done, once for all that has changed meanwhile.
// Returns what to call when there is something to do.
zslviz.behind = (store, work) => {
  "use strict";
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    store.during(() => new Promise((resolve) => zslviz.afterPaint(() => {
      waiting = false;
      resolve(work());
    })));
  };
};
