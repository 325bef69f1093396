// @ts-check
// Links: what a tab shows as text for the page's address, and read again (docs/sharing.md). Knows no page and no tab.
//
// Things are called by their names, not by their numbers: a table that has changed loses the edits whose names are gone, and no
// edit becomes one of something else. A link that grows long calls them by a digest of their names.
zslviz.codec = (() => {
  "use strict";
  const VERSION = 1;
  const MOST = 100_000; // characters that are read
  const LONG = 1800; // from here on names are written short
  const [LOW, HIGH, LIMIT] = [-0.5, 1.5, 1e6]; // of edits, as in the editor; of other numbers
  const MOST_TOLD = 4;
  const CLIPPED = 28;
  const [MOST_MADE, MOST_LETTERS] = [20, 60]; // classes that were made up, and letters of a name
  // What every tab's link has besides its own.
  /** @type {LinkFields} */
  const COMMON = { p: ["example", "text"], m: ["model", "text"], own: ["own", "flag"], t: ["check", "text"] };
  /** @type {LinkFields} */
  const VIEW = { hide: ["hide", "texts"], present: ["present", "flag"], embed: ["embed", "text"] };

  // -- names ------------------------------------------------------------------------------------------------------------
  const slug = (/** @type {string} */ text) =>
    text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  // FNV-1a, 32 bits.
  function digest(/** @type {string} */ text) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return (hash >>> 0).toString(36);
  }
  /** @typedef {{ long: string[], short: string[], numbers: Map<string, number> }} Called */
  /** @type {WeakMap<readonly string[], Called>} */
  const known = new WeakMap();
  // What the names of a list are called in links.
  function called(/** @type {readonly string[]} */ names) {
    const before = known.get(names);
    if (before) return before;
    /** @type {Map<string, number>} */
    const slugs = new Map();
    for (const name of names) slugs.set(slug(name), (slugs.get(slug(name)) || 0) + 1);
    /** @type {Map<string, number>} */
    const digests = new Map();
    const short = names.map((name) => {
      const [one, same] = [`~${digest(name)}`, digests.get(digest(name)) || 0];
      digests.set(digest(name), same + 1);
      return same ? `${one}.${same}` : one;
    });
    const long = names.map((name, i) => (slug(name) && slugs.get(slug(name)) === 1 ? slug(name) : short[i]));
    const numbers = new Map([...short.map((one, i) => /** @type {const} */ ([one, i])), ...long.map((one, i) => /** @type {const} */ ([one, i]))]);
    const made = { long, short, numbers };
    known.set(names, made);
    return made;
  }

  // -- texts and numbers ------------------------------------------------------------------------------------------------
  const escaped = (/** @type {string} */ text) => encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, "\ufffd")).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, "+").replace(/%3A/g, ":").replace(/%2C/g, ",");
  const read = (/** @type {string} */ text) => decodeURIComponent(text.replace(/\+/g, " "));
  const inList = (/** @type {string} */ text) => text.replace(/[%,+]/g, (c) => encodeURIComponent(c));
  const written = (/** @type {number} */ value) => String(value).replace(/^(-?)0\./, "$1.").replace("e+", "e");
  const clipped = (/** @type {string} */ text) => `“${text.length > CLIPPED ? `${text.slice(0, CLIPPED)}…` : text}”`;

  class Unreadable extends Error {}
  function numberOf(/** @type {string} */ text, low = -LIMIT, high = LIMIT) {
    const value = /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/.test(text) ? Number(text) : NaN;
    if (!(value >= low && value <= high)) throw new Unreadable(`${clipped(text)} is no number that it takes`);
    return value;
  }

  function decoded(/** @type {string} */ text) {
    try {
      return decodeURIComponent(text);
    } catch {
      throw new Unreadable(`${clipped(text)} cannot be read`);
    }
  }

  // -- kinds of values: to texts of a link, and back ----------------------------------------------------------------------
  // what: what the names are of, for sentences.
  /** @param {string} text @param {NamesOf} names @param {string} what */
  function indexOf(text, names, what) {
    const found = called(names[what]).numbers.get(text);
    if (found === undefined) throw new Unreadable(`there is no ${what} ${clipped(text)}`);
    return found;
  }
  /** @param {Record<string, number>} edits @param {string[]} tokens */
  const edits = (edits, tokens) => Object.entries(edits).map(([i, value]) => `${tokens[Number(i)]}:${written(value)}`).join(",");
  /** @param {string} text @param {NamesOf} names @param {string} what @param {string[]} lost */
  function editsOf(text, names, what, lost) {
    /** @type {Record<string, number>} */
    const found = {};
    for (const one of text.split(",")) {
      attempt(lost, () => {
        const [name, value, ...more] = one.split(":");
        if (value === undefined || more.length) throw new Unreadable(`${clipped(one)} is no edit`);
        found[indexOf(name, names, what)] = numberOf(value, LOW, HIGH);
      });
    }
    return found;
  }
  function attempt(/** @type {string[]} */ lost, /** @type {() => void} */ work) {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      lost.push(error.message);
    }
  }

  /** @type {Record<string, { write(value: any, names: (of: string) => string[], of: string[]): string[], read(texts: string[], names: NamesOf, of: string[], lost: string[]): any }>} */
  const KINDS = {
    flag: {
      write: () => ["1"],
      read([text]) {
        if (!["", "1", "0"].includes(text)) throw new Unreadable(`${clipped(text)} is neither 1 nor 0`);
        return text !== "0";
      },
    },
    text: { write: (value) => [value], read: ([text]) => text },
    texts: {
      write: (value) => [value.map(inList).join(",")],
      read: ([text], _names, _of, lost) => text.split(",").flatMap((one) => {
        /** @type {string[]} */
        const found = [];
        attempt(lost, () => found.push(decoded(one)));
        return found;
      }),
    },
    // Some of the words that follow the kind.
    choices: {
      write: (value) => [value.join(",")],
      read: ([text], _names, of, lost) => text.split(",").filter((one) => {
        if (!of.includes(one)) lost.push(`there is no choice ${clipped(one)}`);
        return of.includes(one);
      }),
    },
    number: { write: (value) => [written(value)], read: ([text]) => numberOf(text) },
    name: { write: (value, names, [of]) => [names(of)[value]], read: ([text], names, [of]) => indexOf(text, names, of) },
    edits: { write: (value, names, [of]) => [edits(value, names(of))], read: (texts, names, [of], lost) => editsOf(texts.join(","), names, of, lost) },
    rows: {
      write: (value, names, [row, of]) => Object.entries(value).map(([i, some]) => `${names(row)[Number(i)]}:${edits(some, names(of))}`),
      read(texts, names, [row, of], lost) {
        /** @type {Record<string, Record<string, number>>} */
        const found = {};
        for (const text of texts) {
          attempt(lost, () => {
            const cut = text.indexOf(":");
            if (cut < 0) throw new Unreadable(`${clipped(text)} is no edit`);
            const some = editsOf(text.slice(cut + 1), names, of, lost);
            const index = indexOf(text.slice(0, cut), names, row);
            if (Object.keys(some).length) found[index] = { ...found[index], ...some };
          });
        }
        return found;
      },
    },
  };
  // -- values from 0 to 1: two letters each ----------------------------------------------------------------------------------
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const STEPS = 4000;
  const packed = (/** @type {number[]} */ values) => values.map((value) => {
    const step = Math.round(value * STEPS);
    return LETTERS[step >> 6] + LETTERS[step & 63];
  }).join("");
  function unpacked(/** @type {string} */ text) {
    const steps = (text.match(/../gs) || []).map(([high, low]) => LETTERS.indexOf(high) * 64 + LETTERS.indexOf(low));
    if (/[^\w-]/.test(text) || steps.some((step) => step > STEPS)) throw new Unreadable(`${clipped(text)} is no description`);
    return steps.map((step) => step / STEPS);
  }
  // Classes that were made up: name, "s" of one that was seen in photos, and its values.
  KINDS.made = {
    write: (value) => value.map((/** @type {any} */ { name, fewShot, values }) => `${inList(name).replace(/:/g, "%3A")}:${fewShot ? "s" : ""}:${packed(values)}`),
    read(texts, names, [of], lost) {
      /** @type {any[]} */
      const found = [];
      for (const text of texts) {
        attempt(lost, () => {
          const [name, sort, told, ...more] = text.split(":");
          if (told === undefined || more.length || !["", "s"].includes(sort) || !name.trim()) throw new Unreadable(`${clipped(text)} is no class`);
          const [called, values] = [decoded(name).slice(0, MOST_LETTERS), unpacked(told)];
          if (told.length !== 2 * names[of].length) throw new Unreadable(`${clipped(called)} is described by other attributes`);
          if (found.length === MOST_MADE) throw new Unreadable(`there are more than ${MOST_MADE} made-up classes`);
          found.push({ name: called, values, fewShot: sort === "s", told: "From a link.", chips: [] });
        });
      }
      return found;
    },
  };
  const nothing = (/** @type {any} */ value) =>
    value === undefined || value === null || value === false || value === "" || (typeof value === "object" && !Object.keys(value).length);

  /** @type {Codec} */
  const codec = {
    VERSION,
    step: (value) => Math.round(Math.min(1, Math.max(0, value)) * STEPS) / STEPS,
    MOST,
    slug,
    digest,
    write(tab, own, values, names) {
      const fields = { ...COMMON, ...own, ...VIEW };
      const written = (/** @type {"long" | "short"} */ length) => Object.entries(fields).flatMap(([key, [field, kind, ...of]]) =>
        nothing(values[field]) ? [] : KINDS[kind].write(values[field], (what) => called(names[what])[length], of).map((text) => `${key}=${escaped(text)}`));
      const text = (/** @type {string[]} */ parts) => `v${VERSION}/${tab}/${parts.join("&")}/`;
      const long = text(written("long"));
      return long.length > LONG ? text(written("short")) : long;
    },
    // What an address asks for. ours: whether it is a link of this page at all, or says that it is one.
    parse(hash) {
      const bare = hash.replace(/^#/, "");
      const nowhere = { ours: false, tab: "", parts: new Map() };
      if (!bare || /^zv-[\w-]*$/.test(bare)) return { ...nowhere, problems: [], view: {} }; // a place on the page
      if (bare.length > MOST) return { ...nowhere, problems: ["it is too long"], view: {} };
      const form = /^v(\d{1,4})\/([a-z]{1,20})\/(.*)$/s;
      let found = form.exec(bare);
      try {
        found ||= form.exec(decodeURIComponent(bare)); // all of it was written in per cents on its way
      } catch {
        found = null;
      }
      if (!found) return { ...nowhere, problems: ["it cannot be read"], view: {} };
      const [, version, tab, rest] = found;
      const problems = Number(version) > VERSION ? [`it was made by a newer page (version ${version})`] : [];
      if (!rest.endsWith("/")) problems.push("its end is missing");
      /** @type {Map<string, string[]>} */
      const parts = new Map();
      for (const part of rest.replace(/\/$/, "").split("&")) {
        if (!part) continue;
        const [, key, value] = /** @type {string[]} */ (/^([^=]*)=?(.*)$/s.exec(part));
        try {
          parts.set(key, [...(parts.get(key) || []), read(value)]);
        } catch {
          problems.push(`${clipped(part)} cannot be read`);
        }
      }
      const viewed = codec.read({ ours: true, tab, parts, problems, view: {} }, {}, {}, VIEW);
      return { ours: true, tab, parts, problems: [...problems, ...viewed.lost], view: viewed.values };
    },
    // The values of a link, and what of it could not be used.
    read({ parts }, own, names, only) {
      /** @type {LinkFields} */
      const fields = only || { ...COMMON, ...own };
      /** @type {Record<string, any>} */
      const values = {};
      /** @type {string[]} */
      const lost = [];
      for (const [key, texts] of parts) {
        const field = Object.hasOwn(fields, key) ? fields[key] : null;
        if (!field) {
          if (!only && !Object.hasOwn(VIEW, key)) lost.push(`${clipped(key)} means nothing here`);
          continue;
        }
        const [name, kind, ...of] = field;
        attempt(lost, () => (values[name] = KINDS[kind].read(texts, names, of, lost)));
      }
      return { values, lost };
    },
    sentence(lost) {
      if (!lost.length) return "";
      const more = lost.length > MOST_TOLD ? `; and ${lost.length - MOST_TOLD} more` : "";
      return `Not all of this link could be used: ${lost.slice(0, MOST_TOLD).join("; ")}${more}.`;
    },
  };
  return codec;
})();
