// @ts-check
// What nobody sees at first: the scripts and styles of folds and of the other tabs, and the modules that folds need. It is fetched when
// the first answer has been painted, or as soon as it is needed; what has come needs no server any more.
zslviz.fetchRest = async (rest) => {
  "use strict";
  const { address, modules } = rest;
  const AGAIN_MS = 500;
  const at = (/** @type {string} */ name) => new URL(address + name, document.baseURI).href;

  // Until it is there: a server that is away, or another one of several that has another version, is asked again.
  /** @param {() => Promise<any>} work */
  async function surely(work) {
    for (;;) {
      try {
        return await work();
      } catch {
        await zslviz.connection.lost();
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }
  async function styles() {
    const answer = await fetch(at("styles.css"));
    if (!answer.ok) throw new Error("no styles");
    return answer.text();
  }
  const scripts = () => new Promise((resolve, reject) => {
    const script = zslviz.draw.element("script", { src: at("scripts.js") });
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => {
      script.remove();
      reject(new Error("no scripts"));
    });
    document.head.append(script);
  });

  const arriving = modules.map((name) => surely(() => zslviz.bundles.module(name)));
  const style = zslviz.draw.element("style", { className: "zv-style", textContent: await surely(styles) });
  await Promise.all(arriving);
  document.head.append(style); // before what it is for
  await surely(scripts);
};
