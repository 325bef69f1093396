// @ts-check
// What a link may leave out of the page, for a class or a projector: parts of every tab, and each fold that there is.
zslviz.hiding = (() => {
  "use strict";
  /** @type {Link["parts"]} */
  const PARTS = {
    photo: { title: "The photo", selector: ".zv-at-photo" },
    choice: { title: "The choice of photo and model", selector: ".zv-photo :is(.zv-drop, .zv-choices)", offered: true },
    maps: { title: "The maps", selector: ".zv-at-maps", offered: true },
    answer: { title: "The answer in words", selector: ".zv-said, .zv-unlike, .zv-effect", offered: true },
    ranking: { title: "The ranking, and why", selector: ".zv-classes, .zv-leading, .zv-all-labels, .zv-at-classes, .zv-at-why, .zv-to-classes, .zv-to-why, .zv-now", offered: true },
    whatifs: { title: "The what-ifs", selector: ".zv-what-ifs", offered: true },
    maybe: { title: "What else this photo may be", selector: ".zv-may", offered: true },
    editor: { title: "The sliders", selector: ".zv-at-editor, .zv-deciding, .zv-settings", offered: true },
    edits: { title: "The list of edits", selector: ".zv-at-edits" },
    matrix: { title: "The matrix of pairs", selector: ".zv-at-matrix" },
    tabs: { title: "The other tabs", selector: ".tab-wrapper", offered: true },
    header: { title: "The name of the page, and its tools", selector: ".zv-headline, .zv-header-tools" },
    downloads: { title: "What can be downloaded", selector: ".zv-take, .zv-save, .zv-one-file" },
  };
  const named = Object.values(PARTS).flatMap(({ selector }) => selector.split(", "));

  // Folds of the page, of tabs that wait in a template as well, but for those that a part above has.
  function folds(/** @type {ParentNode} */ root, /** @type {Link["parts"]} */ found) {
    for (const heading of root.querySelectorAll(".zv-live > .zv-fold > summary > h2")) {
      const panel = /** @type {HTMLElement} */ (heading.closest(".zv-live")).dataset.panel || "";
      const selector = `.zv-at-${panel}`;
      if (!named.includes(selector)) found[panel] = { title: heading.textContent || panel, selector, offered: true };
    }
    for (const template of root.querySelectorAll(".tabitem > template")) folds(/** @type {HTMLTemplateElement} */ (template).content, found);
    return found;
  }
  return {
    parts: () => {
      const { tabs, header, downloads, ...first } = PARTS;
      return { ...first, ...folds(document, {}), tabs, header, downloads };
    },
  };
})();
