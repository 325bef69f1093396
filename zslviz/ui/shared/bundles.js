// @ts-check
// Bundles of explanations (docs/bundle.md), fetched and read: what is needed to answer without a server. A model's part is fetched
// once.
zslviz.bundles = /** @type {Bundles} */ ((() => {
  "use strict";
  const MOST_OPENED = 4;
  const MOST_TRIES = 6; // as of questions: of several servers, which of them answers is chance
  /** @type {Map<string, any>} */
  const models = new Map(); // those that have been read, by digest
  /** @type {Map<string, ArrayBuffer>} */
  const shared = new Map(); // their bytes
  /** @type {Map<string, BundleParts>} */
  const parts = new Map(); // the bytes that explanations were read from, by handle: the newest
  /** @type {Map<string, { url: string, store: Store<any, any> }>} */
  const photos = new Map(); // the addresses of photos that came from their bundles, by handle
  /** @type {WeakSet<Store<any, any>>} */
  const releasing = new WeakSet(); // the stores that give the addresses of photos back
  /** @type {Map<string, { explanation: any, here: any }>} */
  const opened = new Map(); // explanations that came from their bundles and what answers about them, by handle: the newest

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

  // The model that is known by a digest, with its bytes kept.
  function known(/** @type {string} */ digest, /** @type {ArrayBuffer | null} */ content, /** @type {(content: ArrayBuffer) => any} */ reading) {
    if (content) models.set(digest, reading(content)) && shared.set(digest, content);
    return models.get(digest);
  }
  function keep(/** @type {string} */ handle, /** @type {string} */ digest, /** @type {ArrayBuffer} */ photo) {
    parts.set(handle, { model: /** @type {ArrayBuffer} */ (shared.get(digest)), photo });
    if (parts.size > MOST_OPENED) parts.delete([...parts.keys()][0]);
  }

  // The address of a photo for as long as its explanation is the one that is shown.
  function addressed(/** @type {Store<any, any>} */ store, /** @type {string} */ handle, /** @type {Uint8Array<ArrayBuffer>} */ photo) {
    const url = URL.createObjectURL(new Blob([photo], { type: "image/webp" }));
    photos.set(handle, { url, store });
    if (!releasing.has(store)) store.on("explained", () => release(store));
    releasing.add(store);
    return url;
  }
  function release(/** @type {Store<any, any>} */ store) {
    for (const [handle, of] of photos) {
      if (of.store !== store || handle === store.state.x?.handle) continue;
      URL.revokeObjectURL(of.url);
      photos.delete(handle);
    }
  }

  // What is told of every photo.
  function told(/** @type {Store<any, any>} */ store, /** @type {ExampleFacts} */ { file, note, title, bundle }, /** @type {any} */ { model, told: { geometry, photo } }) {
    const { name, title: of, data } = model;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const handle = btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").slice(0, 22);
    return {
      handle,
      model: name, model_title: of, data, timing: null, device: "", backbone: "",
      photo: addressed(store, handle, photo), width: geometry.width, height: geometry.height,
      title, example: zslviz.inside ? null : file, bundle: bundle && bundle.digest, note,
    };
  }

  // What a worker of a report runs: it knows no import map, and imports only what it has made itself.
  /** @param {Record<string, string>} imports modules as data URLs, by name @param {string} first */
  function alone(imports, first) {
    /** @type {Map<string, string>} */
    const made = new Map();
    /** @type {(name: string) => string} */
    const address = (name) => {
      const bytes = Uint8Array.from(atob(imports[name].split(",")[1]), (one) => one.charCodeAt(0));
      const text = () => new TextDecoder().decode(bytes).replace(/from "(twin\/\w+\.js)"/g, (_, other) => `from "${address(other)}"`);
      if (!made.has(name)) made.set(name, URL.createObjectURL(new Blob([text()], { type: "text/javascript" })));
      return String(made.get(name));
    };
    import(address(first)).catch((error) => setTimeout(() => {
      throw error; // so that whoever asked is told
    }));
  }

  return {
    worker: (name) => {
      const own = `${zslviz.modules}${name}.js`;
      if (!zslviz.inside) return new Worker(new URL(own, document.baseURI), { type: "module" });
      const { imports } = JSON.parse(document.querySelector('script[type="importmap"]')?.textContent || "");
      return new Worker(URL.createObjectURL(new Blob([`(${alone})(${JSON.stringify(imports)}, "${own}")`])));
    },
    module: (name) => import(zslviz.inside ? `${zslviz.modules}${name}` : new URL(zslviz.modules + name, document.baseURI).href),
    // An example from its bundle: what the server would tell of it. The server gets to know it when it is asked something about it.
    async open(store, example) {
      const { bundle } = example;
      if (!bundle || !store.opens || !store.living) return null;
      const { bundles: { module } } = zslviz;
      const { living } = store;
      const bytes = async (/** @type {string} */ path) => {
        const inside = zslviz.inside?.[path];
        const answer = await fetch(inside || new URL(path, document.baseURI)).catch(() => null);
        const read = inside && answer?.body ? new Response(answer.body.pipeThrough(new DecompressionStream("gzip"))) : answer;
        return read?.ok ? read.arrayBuffer().catch(() => null) : null;
      };
      const [{ facts }, model, photo, reader, ...others] = await Promise.all([module(store.opens.facts),
        models.has(bundle.digest) ? null : bytes(`model/${bundle.digest}`), bytes(bundle.photo), ...living.modules.map(module)]);
      if (!photo || !(models.has(bundle.digest) || model)) return null;
      const explanation = reader.readExplanationBundle(photo, known(bundle.digest, model, reader.readModelBundle));
      const x = { ...told(store, example, explanation), ...facts(explanation) };
      keep(x.handle, bundle.digest, photo);
      const here = living.answers(explanation, ...others);
      Object.assign(x, store.opens.pictures?.(x, here));
      opened.set(x.handle, { explanation, here });
      if (opened.size > MOST_OPENED) opened.delete([...opened.keys()][0]);
      return x;
    },
    parts: (x) => parts.get(x.handle) || null,
    here: (x) => opened.get(x.handle)?.here || null,
    async read(store, x, { readModel, readPhoto }) {
      const own = opened.get(x.handle);
      if (own) return own.explanation;
      const digest = x.bundle;
      if (!digest) return null;
      const [model, photo] = await Promise.all(
        [models.has(digest) ? null : fetched(`model/${digest}`, store, x), fetched(`bundle/${x.handle}`, store, x)]);
      if (!photo || !(models.has(digest) || model)) return null;
      const explanation = readPhoto(photo, known(digest, model, readModel));
      keep(x.handle, digest, photo);
      return explanation;
    },
  };
})());
