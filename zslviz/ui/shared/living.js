// @ts-check
// A tab that answers by itself: from when an explanation's bundle is there, the browser answers questions about it with the arithmetic
// of `twin/`; until then, and where the bundle or a part of it cannot be had, the server does.
zslviz.living = (store, how) => {
  "use strict";
  const { again, typed } = how;
  store.living = how;
  const MOST_TRIES = 3; // words may be typed while those before them are on their way
  const { state } = store;
  /** @type {{ x: object, found: any } | null} */
  let living = null; // the explanation that was read, and what it is of
  let newest = 0;

  async function live(anew = true) {
    const { x } = state;
    const turn = (newest += 1);
    const wanted = () => turn === newest && state.x === x;
    if (anew) store.here = (x && zslviz.bundles.here(x)) || {}; // of what came from its bundle, at once
    await store.during(async () => {
      const found = await read(x, wanted).catch(() => null); // a bundle of another layout: the server reads it
      if (!found || !wanted()) return;
      living = { x, found: found.explanation };
      store.here = found.here;
      await again();
    });
  }

  async function read(/** @type {PhotoFacts} */ x, /** @type {() => boolean} */ wanted) {
    const { modules, answers } = /** @type {Living<any>} */ (store.living);
    const [{ NotInBundleError }, reader, ...others] = await Promise.all(["reading.js", ...modules].map(zslviz.bundles.module));
    const readers = { readModel: reader.readModelBundle, readPhoto: reader.readExplanationBundle };
    let explanation = living?.x === x ? living.found : await zslviz.bundles.read(store, x, readers);
    for (let tries = 0; typed && explanation && wanted() && !typed.has(explanation, state); tries += 1) {
      const answer = tries < MOST_TRIES ? await store.ask("typed", {}, () => {}) : null;
      explanation = answer && typed.read(explanation, answer, reader);
    }
    if (!explanation) return null;
    const told = Object.entries(/** @type {Record<string, (payload: any) => any>} */ (answers(explanation, ...others)));
    return { explanation, here: Object.fromEntries(told.map(([what, answer]) => [what, orNot(answer, NotInBundleError)])) };
  }

  // What is not in the bundle is not answered here: the server is asked.
  /**
   * @param {(payload: any) => any} answer
   * @param {new () => Error} missing
   */
  const orNot = (answer, missing) => (/** @type {any} */ payload) => {
    try {
      return answer(payload);
    } catch (error) {
      if (error instanceof missing) return undefined;
      throw error;
    }
  };

  // Scripts that come later answer as well: of what is on the page, and of what will be.
  store.more = ({ modules, answers }) => {
    const { living: before } = store;
    if (!before) return;
    const own = before.modules.length - 1; // the first one only reads
    store.living = {
      ...before,
      modules: [...before.modules, ...modules],
      answers: (x, ...others) => ({ ...before.answers(x, ...others.slice(0, own)), ...answers(x, ...others.slice(own)) }),
    };
    if (state.x) store.grown = live(false);
  };

  const whole = () => !typed || typed.has(living?.found, state);
  store.on("explained", () => {
    if (living?.x !== state.x || !whole()) live(); // else it is the same once more, in a state that was put back
  });
  store.on("typed", () => {
    if (living?.x === state.x && !whole()) live();
  });
};
