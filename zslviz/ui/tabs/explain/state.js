// @ts-check
// The tab *Explain & edit*: the visitor's state, its history, and what the panels do with it.
(() => {
  "use strict";
  /** @type {ExplainState} */
  const nothing = {
    attribute: 0,
    kind: "evidence",
    opacity: 0.85,
    image: {},
    classes: {},
    gamma: 0,
    unseenOnly: false,
    why: null,
    ranking: /** @type {any} */ (null),
  };
  const base = zslviz.store("explain", nothing, (s) => ({ image_edits: s.image, class_edits: s.classes, gamma: s.gamma, unseen_only: s.unseenOnly }));
  const s = base.state;
  /** @type {Map<string, ExplainState["classes"]>} */
  const kept = new Map(); // edits of classes, by data set
  const classesOf = (/** @type {string} */ space) => (s.x && s.x.space === space ? s.classes : kept.get(space) || {});
  const history = zslviz.history(() => ({ image: s.image, classes: s.classes }), put);

  /** @type {ExplainStore} */
  const store = Object.assign(base, /** @type {Methods<ExplainStore>} */ ({
    history,
    rank: base.coalesced(async () => {
      const answer = await store.ask("rank", { why: s.why, true_class: s.x && s.x.true_class });
      if (!answer) return;
      s.ranking = answer;
      store.emit("ranking");
    }),

    // -- what the photo's panel asks for --------------------------------------------------------------------------
    groups: [
      [(e) => e.seen === false, "zv-unseen", "○ Never trained on", "a class never trained on"],
      [(e) => e.seen === true, "zv-seen", "● Trained on", "a class trained on"],
      [(e) => e.seen === null, "zv-seen", "◇ None of the classes", "none of the classes"],
    ],
    truth: (x) =>
      x.true_class !== null ? `True class: ${x.classes[x.true_class].name}` : x.example ? "None of the classes" : "",
    // Its ranking as the choices that go on make it, so that no other one is shown first.
    async prepare(x) {
      const classes = classesOf(x.space);
      if (!s.unseenOnly && !Object.keys(classes).length) return;
      const asked = { handle: x.handle, image_edits: {}, class_edits: classes, gamma: x.gamma, unseen_only: s.unseenOnly };
      const answer = await store.call("rank", { ...asked, true_class: x.true_class });
      if (answer && !answer.error) x.ranking = answer;
    },
    explained(x) {
      const sameSpace = s.x && s.x.space === x.space;
      const classes = classesOf(x.space);
      if (s.x) kept.set(s.x.space, s.classes);
      const attribute = sameSpace && s.x.attributes[s.attribute] !== undefined && x.example === s.x.example && x.title === s.x.title
        ? s.attribute : x.strongest[0];
      const [first] = x.offers;
      if (first && !x.offers.some(({ name }) => name === s.kind)) s.kind = first.name;
      Object.assign(s, { x, image: {}, classes, gamma: x.gamma, why: null, ranking: x.ranking, attribute: x.strongest[0] });
      history.clear();
      store.emit("explained");
      store.emit("ranking");
      if (x.maps) store.emit("maps", x.maps);
      if (x.maps && (s.kind !== x.maps.kind || attribute !== s.attribute)) store.select(attribute);
      if (s.unseenOnly || store.edited()) store.rank();
      store.emit("history");
    },

    // -- the visitor's choices ------------------------------------------------------------------------------------
    async select(attribute, kind = s.kind) {
      const [changedKind, before] = [kind !== s.kind, { attribute: s.attribute, kind: s.kind }];
      Object.assign(s, { attribute, kind });
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
      if (value === null) delete target[attribute];
      else target[attribute] = value;
      if (who !== "image" && !Object.keys(target).length) delete classes[who];
      put({ image, classes });
    },
    resetEdits() {
      if (!store.edited()) return;
      history.remember();
      put({ image: {}, classes: {} });
    },
  }));

  function put(/** @type {Pick<ExplainState, "image" | "classes">} */ edits) {
    Object.assign(s, edits);
    store.emit("edits");
    store.emit("history");
    store.rank();
  }
})();
