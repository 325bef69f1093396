// @ts-check
// Bundles of explanations (docs/bundle.md), fetched and read: what is needed to answer without a server. A model's part is fetched
// once.
zslviz.bundles = /** @type {Bundles} */ ((() => {
  "use strict";
  const MOST_TRIES = 6; // as of questions: of several servers, which of them answers is chance
  /** @type {Map<string, unknown>} */
  const models = new Map(); // those that have been read, by digest

  // The bytes at an address, from a server that has them; null where none has, or they are not wanted any more.
  async function fetched(/** @type {string} */ path, /** @type {Store<any, any>} */ store, /** @type {any} */ x) {
    for (let tries = 0; tries < MOST_TRIES && store.state.x === x; tries += 1) {
      const answer = await fetch(new URL(path, document.baseURI)).catch(() => null);
      const content = answer?.ok ? await answer.arrayBuffer().catch(() => null) : null;
      if (content) return content;
      if (!answer || answer.ok) await zslviz.connection.lost();
      else if (tries % 2 && !(await store.renewed(x))) break; // no server has it: it is explained again
    }
    return null;
  }

  return {
    module: (name) => import(new URL(zslviz.modules + name, document.baseURI).href),
    async read(store, x, { readModel, readPhoto }) {
      const digest = x.bundle;
      if (!digest) return null;
      const known = models.get(digest);
      const [model, photo] = await Promise.all(
        [known ? null : fetched(`model/${digest}`, store, x), fetched(`bundle/${x.handle}`, store, x)]);
      if (!photo || !(known || model)) return null;
      if (model) models.set(digest, readModel(model));
      return readPhoto(photo, /** @type {any} */ (models.get(digest)));
    },
  };
})());
