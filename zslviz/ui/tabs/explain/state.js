// @ts-check
// The tab *Explain & edit*: the visitor's state, its history, and what the panels do with it.
(() => {
  "use strict";
  /** @type {ExplainState} */
  const nothing = {
    attribute: 0,
    kind: "evidence",
    opacity: 0.85,
    view: { layer: 0, stretched: false, smooth: true, grey: true },
    image: {},
    classes: {},
    invented: [],
    who: "image",
    gamma: 0,
    unseenOnly: false,
    why: null,
    held: null,
    cause: null,
    news: "",
    away: new Map(),
    listed: [],
    compared: "",
    ranking: /** @type {any} */ (null),
    decimals: 2,
    hardly: null,
  };
  const base = zslviz.store("explain", nothing, (s) => ({
    image_edits: s.image, class_edits: s.classes, gamma: s.gamma, unseen_only: s.unseenOnly, ...asked(s.invented),
  }));
  const s = base.state;
  const history = zslviz.history(() => ({ image: s.image, classes: s.classes, invented: s.invented }), (edits) => put(edits, null));
  /** @type {Map<string, number[]>} */
  const described = new Map(); // what classes are said to look like before any edit, by model and class

  /** @type {ExplainStore} */
  const store = Object.assign(base, /** @type {Methods<ExplainStore>} */ ({
    history,
    opens: {
      facts: "facts.js",
      pictures: (/** @type {ExplainFacts} */ { offers: [offer], strongest }, /** @type {ExplainStore["here"]} */ { maps, thumbnails }) => ({
        maps: offer && maps ? maps({ attribute: strongest[0], kind: offer.name }) : null,
        thumbnails: offer && thumbnails ? thumbnails({ kind: offer.name, strongest }) : null,
      }),
    },
    keeping: /** @type {any} */ (null), // of scripts of their own
    places: /** @type {any} */ (null),
    row: /** @type {any} */ (null),
    taking: /** @type {any} */ (null),
    brush: /** @type {any} */ (null),
    films: /** @type {any} */ (null),
    tug: /** @type {any} */ (null),
    limits: /** @type {any} */ (null),
    lines: /** @type {any} */ (null),
    comparing: /** @type {any} */ (null),
    classOptions: /** @type {any} */ (null),
    testPhotos: /** @type {any} */ (null),
    marked: /** @type {any} */ (null),
    coloured: /** @type {any} */ (null),
    level: /** @type {any} */ (null),
    testing: /** @type {any} */ (null),
    // Leads and what they are made of are told from nothing, however small all scores of a model are.
    scored: (value, signed = false) => zslviz.draw.number(value, signed, s.decimals),
    rank: base.coalesced(async () => {
      const pair = s.held?.pair || { why: s.why };
      const answer = await store.ask("rank", { ...pair, true_class: s.x && s.x.true_class });
      if (!answer) return;
      s.ranking = answer;
      store.emit("ranking");
    }),

    // -- what the photo's panel asks for --------------------------------------------------------------------------
    groups: (examples) => [...new Set(examples.map(({ heading }) => heading || ""))].map((heading) =>
      [(e) => (e.heading || "") === heading, (e) => kindOf(e)[0], heading, (e) => kindOf(e)[1]]),
    truth: (x) =>
      x.true_class !== null ? `True class: ${x.classes[x.true_class].name}` : x.example ? "None of the classes" : "",
    // Its ranking as the edits and choices that go on make it, so that no other one is shown first.
    async prepare(x) {
      const { image, classes, invented, count } = store.keeping.of(x, s);
      if (!s.unseenOnly && !count && !invented.length) return;
      const question = { handle: x.handle, image_edits: image, class_edits: classes, gamma: x.gamma, unseen_only: s.unseenOnly, ...asked(invented) };
      const { rank = (/** @type {object} */ payload) => store.call("rank", payload) } = zslviz.bundles.here(x) || {};
      const answer = await rank({ ...question, true_class: x.true_class });
      if (answer && !answer.error) x.ranking = answer;
    },
    explained(x) {
      const sameSpace = s.x && s.x.space === x.space;
      const { image, classes, invented, same, news: told } = store.keeping.of(x, s);
      const again = same && s.x.model === x.model && s.x.example === x.example && s.x.title === x.title;
      const news = (again && s.news) || told; // what has become of them before is still true
      store.keeping.keep(s);
      const attribute = sameSpace && s.x.attributes[s.attribute] !== undefined && x.example === s.x.example && x.title === s.x.title
        ? s.attribute : x.strongest[0];
      // of another map: it is not compared with what the last one was stretched for
      s.view = { ...s.view, layer: s.view.layer === "special" ? "special" : 0, stretched: false };
      const [first] = x.offers;
      if (first && !x.offers.some(({ name }) => name === s.kind)) s.kind = first.name;
      join(x, invented);
      Object.assign(s, { x, image, classes, invented, gamma: x.gamma, why: null, ranking: x.ranking, decimals: zslviz.draw.decimals((x.ranking.ceiling - x.ranking.floor) / 10), attribute: x.strongest[0], held: null, cause: null, news });
      store.knows(x.described);
      if (!same) history.clear();
      store.emit("explained");
      store.emit("ranking");
      if (x.maps) store.emit("maps", x.maps);
      if (x.maps && (s.kind !== x.maps.kind || attribute !== s.attribute)) store.select(attribute);
      if (s.unseenOnly || store.edited() || invented.length) store.rank();
      store.emit("history");
    },

    // -- the visitor's choices ------------------------------------------------------------------------------------
    async select(attribute, kind = s.kind) {
      const [changedKind, before] = [kind !== s.kind, { attribute: s.attribute, kind: s.kind, view: s.view }];
      const view = changedKind || attribute !== s.attribute ? { ...s.view, stretched: false } : s.view;
      Object.assign(s, { attribute, kind, view });
      store.emit("selecting");
      if (!s.x.maps) return;
      const [maps, thumbnails] = await Promise.all([
        store.ask("maps", { attribute, kind }, (sentence) => {
          if (attribute === s.attribute && kind === s.kind) Object.assign(s, before); // what is shown is what is said
          store.emit("selecting");
          store.notice(sentence);
        }),
        changedKind || kind !== s.x.maps.kind ? store.ask("thumbnails", { kind }) : null,
      ]);
      if (maps && maps.attribute === s.attribute && maps.kind === s.kind) store.emit("maps", maps);
      if (thumbnails && thumbnails.kind === s.kind) store.emit("thumbnails", thumbnails);
    },

    // -- edits ----------------------------------------------------------------------------------------------------
    edited: () => Object.keys(s.image).length + Object.keys(s.classes).length > 0,
    edit(who, attribute, value) {
      history.remember(value === null ? "" : `${who}/${attribute}`);
      const image = { ...s.image };
      const classes = structuredClone(s.classes);
      const target = who === "image" ? image : (classes[who] ||= {});
      const cause = because(who, attribute);
      if (value === null) delete target[attribute];
      else target[attribute] = value;
      if (who !== "image" && !Object.keys(target).length) delete classes[who];
      if (s.held) s.held.moved = true;
      put({ image, classes, invented: s.invented }, cause);
    },
    // Several edits of one who is edited, as one step.
    editAll(edits, who = "image") {
      history.remember();
      const target = { ...(who === "image" ? s.image : s.classes[who]) };
      for (const [attribute, value] of Object.entries(edits)) {
        if (value === null) delete target[attribute];
        else target[attribute] = value;
      }
      const { invented } = s;
      if (who === "image") return put({ image: target, classes: s.classes, invented }, null);
      const { [who]: _, ...classes } = s.classes;
      put({ image: s.image, classes: Object.keys(target).length ? { ...classes, [who]: target } : classes, invented }, null);
    },
    resetEdits() {
      if (!store.edited()) return;
      history.remember();
      put({ image: {}, classes: {}, invented: s.invented }, { key: "", who: "image", attribute: -1, from: null, gesture: 0, over: null, ...first() });
    },
    // Classes that are made up, as one step; of one that is changed again and again by the same `key`, as one. gone: the place of one
    // that is taken away, with its edits.
    invent(invented, key = "", gone = -1) {
      history.remember(key);
      const from = s.x.own.length + (gone < 0 ? Infinity : gone);
      const classes = Object.fromEntries(Object.entries(s.classes).flatMap(([c, some]) =>
        Number(c) === from ? [] : [[Number(c) > from ? Number(c) - 1 : c, some]]));
      put({ image: s.image, classes, invented }, null);
    },
    joined(invented) {
      join(s.x, invented);
      for (const key of described.keys()) if (Number(key.slice(key.lastIndexOf("/") + 1)) >= s.x.own.length) described.delete(key);
    },
    original: (who, attribute) => (who === "image" ? s.x.values[attribute] : describedOf(who)?.[attribute] ?? null),
    value: (who, attribute) => (who === "image" ? s.image : s.classes[who])?.[attribute] ?? store.original(who, attribute),
    // How far the first class is ahead of one whose description is edited, which moves no other score.
    leadOver(who) {
      const [best] = s.ranking.classes;
      const own = s.ranking.classes.find(({ index }) => index === who);
      return own && own.index !== best.index ? best.score - own.score : null;
    },
    knows(answer) {
      described.set(`${s.x.model}/${answer.class}`, answer.values);
    },

    // -- a slider that is held ------------------------------------------------------------------------------------
    // Two classes are compared as long as it is held, whatever it makes of the ranking.
    hold(who, attribute, pointer) {
      if (s.held) store.release();
      const { why: { class: why, rival, margin: lead } } = s.ranking;
      const mark = pointer ? history.mark() : 0;
      if (pointer) s.cause = null;
      s.held = { who, attribute, pointer, pair: { why, rival }, lead, mark, moved: false, before: { image: s.image, classes: s.classes, invented: s.invented } };
      store.emit("held");
    },
    release() {
      const { held } = s;
      if (!held) return;
      s.held = null;
      store.emit("held");
      if (held.moved) comparedAnew();
    },
    giveBack() {
      const { held } = s;
      if (!held) return;
      s.held = null;
      store.emit("held");
      if (!held.moved) return;
      history.cut(held.mark);
      put(held.before, null);
    },
  }));

  // The two classes that are compared once a slider is let go of; what its last value has done is painted before.
  const comparedAnew = zslviz.behind(base, () => store.rank());

  // Of an example: its look, and words for it.
  const kindOf = (/** @type {ExampleFacts} */ { seen }) =>
    seen === null ? ["zv-none", "none of the classes"] : seen ? ["zv-seen", "a class trained on"] : ["zv-unseen", "a class never trained on"];

  // What a question says of the classes that were made up.
  function asked(/** @type {Invented[]} */ invented) {
    return invented.length ? { invented: invented.map(({ name, values }) => ({ name, values })) } : {};
  }
  // They are the last ones of the classes.
  function join(/** @type {ExplainFacts} */ x, /** @type {Invented[]} */ invented) {
    x.own ||= x.classes;
    x.classes = invented.length ? [...x.own, ...invented.map(({ name }) => ({ name, seen: false }))] : x.own;
  }

  function put(/** @type {Edited} */ edits, /** @type {Cause | null} */ cause) {
    const other = edits.invented !== s.invented;
    if (other) {
      store.joined(edits.invented);
      const { classes: { length } } = s.x;
      if (s.why !== null && s.why >= length) s.why = null;
    }
    Object.assign(s, edits, { cause, news: "" });
    if (other) store.emit("invented");
    store.emit("edits");
    store.emit("history");
    store.rank();
  }

  function describedOf(/** @type {number} */ index) {
    const local = store.here.class_values;
    if (local && !described.has(`${s.x.model}/${index}`)) store.knows(local({ class: index, ...asked(s.invented) }));
    return described.get(`${s.x.model}/${index}`);
  }

  // The first class, and its lead over the next one.
  function first() {
    const [{ name, score }, next] = s.ranking.classes;
    return { first: name, lead: next ? score - next.score : null };
  }

  /**
   * What an edit is the effect of: it, or what its gesture has done to the same value before.
   * @param {"image" | number} who
   * @param {number} attribute
   * @returns {Cause}
   */
  function because(who, attribute) {
    const [key, gesture] = [`${who}/${attribute}`, zslviz.gesture()];
    const { cause } = s;
    if (cause?.key === key && cause.gesture === gesture) return cause;
    return { key, who, attribute, from: store.value(who, attribute), gesture, over: store.leadOver(who), ...first() };
  }
})();
