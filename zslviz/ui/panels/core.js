// What the panels of a page share: the visitor's state, its history, and questions to the server.
// The state lives here, in one browser tab; every question brings it along, so the server need not remember visitors.
(() => {
  "use strict";
  const listeners = {};
  const servers = [];
  const past = [];
  const future = [];
  const MERGE_MS = 900; // edits of one value within this time are one step of the history
  let lastEdit = { key: "", at: 0 };
  let open = 0; // questions without an answer yet
  let ranking = false;
  let rankAgain = false;

  const z = (window.zslviz = {
    panels: {},
    examples: [],
    state: {
      x: null, // the explanation, as the server sent it
      attribute: 0,
      kind: "evidence",
      opacity: 0.85,
      image: {}, // attribute -> value the model is to have seen
      classes: {}, // class -> {attribute -> value it is said to have}
      gamma: 0,
      unseenOnly: false,
      why: null, // the class asked about; null: the first of the ranking
      ranking: null,
    },
    on(name, listener) {
      (listeners[name] ||= []).push(listener);
    },
    emit(name, detail) {
      for (const listener of listeners[name] || []) listener(detail);
    },
    mount(name, element, gradio) {
      if (gradio.server) servers.push(gradio.server);
      z.panels[name](element, gradio);
      if (name === "photo") return;
      element.inert = true; // nothing to ask about before the first explanation is there
      z.on("explained", () => (element.inert = false));
    },

    // -- questions to the server ----------------------------------------------------------------------------------
    async ask(name, extra = {}) {
      const s = z.state;
      const server = servers.find((one) => typeof one[name] === "function");
      if (!server || !s.x) return null;
      const handle = s.x.handle;
      const question = {
        handle, image_edits: s.image, class_edits: s.classes, gamma: s.gamma, unseen_only: s.unseenOnly, ...extra,
      };
      let answer;
      open += 1;
      try {
        answer = await server[name](question);
      } catch (error) {
        answer = { error: "The server did not answer; check that it is running, and try again." };
      } finally {
        open -= 1;
      }
      if (!answer || answer.error || answer.detail) {
        z.notice((answer && answer.error) || "The server did not answer; load the page again.");
        return null;
      }
      return s.x.handle === handle ? answer : null; // another photo has arrived meanwhile
    },
    idle: () => open === 0 && !ranking && z.state.x !== null,
    async rank() {
      if (ranking) {
        rankAgain = true;
        return;
      }
      ranking = true;
      do {
        rankAgain = false;
        const answer = await z.ask("rank", { why: z.state.why, true_class: z.state.x && z.state.x.true_class });
        if (answer) {
          z.state.ranking = answer;
          z.emit("ranking");
        }
      } while (rankAgain);
      ranking = false;
    },
    async download(what, extra = {}) {
      const answer = await z.ask("download", { what, ...extra });
      if (!answer) return;
      const link = document.createElement("a");
      link.download = answer.name;
      link.href = answer.path
        ? new URL(`gradio_api/file=${answer.path}`, document.baseURI).href
        : URL.createObjectURL(new Blob([answer.text], { type: answer.type }));
      document.body.append(link);
      link.click();
      link.remove();
    },

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

    // -- small things ---------------------------------------------------------------------------------------------
    notice(sentence) {
      z.emit("notice", sentence);
    },
    number(value, signed = false) {
      const text = Math.abs(value).toFixed(2);
      const sign = value < 0 && text !== "0.00" ? "−" : signed && text !== "0.00" ? "+" : "";
      return sign + text;
    },
    // Numbers of a scale, with as many places as the scale needs.
    tick(value, range) {
      if (value === 0) return "0";
      const places = Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(range || 1)) - 1));
      return (value < 0 ? "−" : "") + Math.abs(value).toFixed(Math.max(places, range < 10 ? 2 : 0));
    },
    element(tag, properties = {}, ...children) {
      const made = document.createElement(tag);
      for (const [name, value] of Object.entries(properties)) {
        if (name in made && name !== "style" && name !== "list") made[name] = value;
        else made.setAttribute(name, value);
      }
      made.append(...children);
      return made;
    },
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
})();

// A sentence for what went wrong anywhere but with the photo: laid over the page, so that nothing moves.
(() => {
  "use strict";
  let timer = 0;
  zslviz.on("notice", (sentence) => {
    let toast = document.getElementById("zv-toast");
    if (!toast) {
      toast = zslviz.element("div", { id: "zv-toast", role: "alert" });
      document.body.append(toast);
    }
    toast.textContent = sentence;
    toast.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => (toast.hidden = true), 9000);
  });
})();
