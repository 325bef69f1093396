// The tab *Explain & edit*: the visitor's state, its history, and what the panels do with it.
(() => {
  "use strict";
  const past = [];
  const future = [];
  const MERGE_MS = 900; // edits of one value within this time are one step of the history
  let lastEdit = { key: "", at: 0 };

  const z = zslviz;
  const store = z.store("explain", () => {
    const s = z.state;
    return { image_edits: s.image, class_edits: s.classes, gamma: s.gamma, unseen_only: s.unseenOnly };
  });
  Object.assign(z, store, {
    state: Object.assign(store.state, {
      attribute: 0,
      kind: "evidence",
      opacity: 0.85,
      image: {}, // attribute -> value the model is to have seen
      classes: {}, // class -> {attribute -> value it is said to have}
      gamma: 0,
      unseenOnly: false,
      why: null, // the class asked about; null: the first of the ranking
      ranking: null,
    }),
    rank: store.coalesced(async () => {
      const answer = await z.ask("rank", { why: z.state.why, true_class: z.state.x && z.state.x.true_class });
      if (!answer) return;
      z.state.ranking = answer;
      z.emit("ranking");
    }),

    // -- the visitor's choices ------------------------------------------------------------------------------------
    explained(x) {
      const s = z.state;
      const sameSpace = s.x && s.x.space === x.space;
      const attribute = sameSpace && s.x.attributes[s.attribute] !== undefined && x.example === s.x.example && x.title === s.x.title
        ? s.attribute : x.strongest[0];
      s.x = x;
      s.image = {};
      if (!sameSpace) s.classes = {};
      if (!x.has_attention) s.kind = "evidence"; // a mean over all places looks everywhere alike: no map of that is drawn
      s.gamma = x.gamma;
      s.why = null;
      s.ranking = x.ranking;
      past.length = future.length = 0;
      lastEdit.key = "";
      s.attribute = x.strongest[0];
      z.emit("explained");
      z.emit("ranking");
      z.emit("maps", x.maps);
      if (s.kind !== x.maps.kind || attribute !== s.attribute) z.select(attribute);
      if (s.unseenOnly || z.edited()) z.rank();
      z.emit("history");
    },
    async select(attribute, kind = z.state.kind) {
      const changedKind = kind !== z.state.kind;
      z.state.attribute = attribute;
      z.state.kind = kind;
      z.emit("selecting");
      const [maps, thumbnails] = await Promise.all([
        z.ask("maps", { attribute, kind }),
        changedKind || kind !== "evidence" ? z.ask("thumbnails", { kind }) : null,
      ]);
      if (maps && maps.attribute === z.state.attribute && maps.kind === z.state.kind) z.emit("maps", maps);
      if (thumbnails && thumbnails.kind === z.state.kind) z.emit("thumbnails", thumbnails);
    },

    // -- edits and their history ----------------------------------------------------------------------------------
    edited() {
      return Object.keys(z.state.image).length + Object.keys(z.state.classes).length > 0;
    },
    // who: "image", or the number of a class. value: null takes the edit back.
    edit(who, attribute, value) {
      const key = `${who}/${attribute}`;
      const now = performance.now();
      if (value === null || lastEdit.key !== key || now - lastEdit.at > MERGE_MS) remember();
      lastEdit = { key: value === null ? "" : key, at: now };
      const image = { ...z.state.image };
      const classes = structuredClone(z.state.classes);
      const target = who === "image" ? image : (classes[who] ||= {});
      if (value === null) delete target[attribute];
      else target[attribute] = value;
      if (who !== "image" && !Object.keys(classes[who]).length) delete classes[who];
      restore({ image, classes });
    },
    undo() {
      if (past.length) step(past, future);
    },
    redo() {
      if (future.length) step(future, past);
    },
    resetEdits() {
      if (!z.edited()) return;
      remember();
      restore({ image: {}, classes: {} });
    },
    canUndo: () => past.length > 0,
    canRedo: () => future.length > 0,
  });

  function remember() {
    past.push({ image: z.state.image, classes: z.state.classes });
    if (past.length > 500) past.shift();
    future.length = 0;
  }
  function restore({ image, classes }) {
    z.state.image = image;
    z.state.classes = classes;
    z.emit("edits");
    z.emit("history");
    z.rank();
  }
  function step(from, to) {
    to.push({ image: z.state.image, classes: z.state.classes });
    lastEdit.key = "";
    restore(from.pop());
  }

  // What the photo panel shows of examples and of the photo.
  Object.assign(store, {
    explained: z.explained,
    groups: [
      [(e) => e.seen === false, "zv-unseen", "○ Never trained on", "a class never trained on"],
      [(e) => e.seen === true, "zv-seen", "● Trained on", "a class trained on"],
      [(e) => e.seen === null, "zv-seen", "◇ None of the classes", "none of the classes"],
    ],
    truth: (x) => (x.true_class !== null ? `True class: ${x.classes[x.true_class].name}` : x.example ? "None of the classes" : ""),
  });
})();
