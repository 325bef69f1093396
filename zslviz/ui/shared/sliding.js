// @ts-check
// A slider that a touch moves only where it is meant: to the side, by more than a scrolling thumb strays. change: told the new value.
// tapped: told of a touch that neither slides nor scrolls.
zslviz.sliding = (slider, change, tapped) => {
  "use strict";
  const MEANT = 8; // pixels to the side
  /** @type {{ x: number, value: string } | null} */
  let start = null; // of a touch that may still scroll, or be a tap in passing
  slider.addEventListener("pointerdown", ({ pointerType, clientX: x }) => {
    start = pointerType === "touch" ? { x, value: slider.dataset.shown ?? slider.value } : null;
  });
  slider.addEventListener("pointermove", ({ clientX }) => {
    if (start && Math.abs(clientX - start.x) > MEANT) start = null;
  });
  for (const name of ["pointerup", "pointercancel"]) {
    slider.addEventListener(name, () => {
      const still = start;
      start = null;
      if (!still) return;
      slider.value = still.value;
      if (name === "pointerup") tapped?.();
    });
  }
  slider.addEventListener("input", () => {
    if (start) slider.value = start.value;
    else change(Number(slider.value));
  });
};
