// @ts-check
// A menu that shows the whole of what is chosen: the text wraps, where a closed menu of the browser's own would cut it. The select stays
// what is opened, focused and read out; it lies unseen over its text.
zslviz.menu = (select) => {
  "use strict";
  const z = zslviz.draw;
  const text = z.element("span", { className: "zv-menu-text", "aria-hidden": "true" });
  const box = z.element("span", { className: "zv-menu" });
  select.replaceWith(box);
  box.append(text, select);
  const show = () => z.write(text, select.selectedOptions[0]?.textContent || "");
  // a value that a script gives tells no event
  const plain = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value"));
  Object.defineProperty(select, "value", {
    get: () => plain.get?.call(select),
    set(value) {
      plain.set?.call(select, value);
      show();
    },
  });
  select.addEventListener("change", show);
  new MutationObserver(show).observe(select, { childList: true, subtree: true, characterData: true });
  show();
};
