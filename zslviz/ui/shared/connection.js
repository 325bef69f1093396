// @ts-check
// Whether the server can be reached. While it cannot, one banner says so, it is tried again and again, and what needs it waits.
zslviz.connection = (() => {
  "use strict";
  const [FIRST_MS, LAST_MS] = [1000, 5000]; // between two tries: the first times, and later
  const LOOK_MS = 10_000; // how often is looked, at most, while a visitor does what needs no server
  const PATIENCE_MS = 8000;
  /** @type {Promise<true> | null} */
  let away = null;
  let looked = 0;
  /** @type {(() => void)[]} */
  const watching = [];
  const changed = () => watching.forEach((listener) => listener());

  async function reached() {
    looked = performance.now();
    try {
      const answer = await fetch(new URL("here", document.baseURI), { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      return answer.status < 500; // else a proxy says that nothing is behind it
    } catch {
      return false;
    }
  }

  function say() {
    let banner = document.getElementById("zv-away");
    if (!banner) {
      banner = zslviz.draw.element("p", { id: "zv-away", role: "status" });
      document.body.append(banner);
    }
    const open = Object.values(zslviz.tabs).filter((store) => store.shown());
    const goOn = open.length > 0 && open.every((store) => Object.keys(store.here).length > 0);
    const text = `Not connected \u00b7 ${goOn ? "edits go on \u00b7 " : ""}trying again`;
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = false;
  }

  async function back() {
    for (let wait = FIRST_MS; ; wait = Math.min(LAST_MS, 1.5 * wait)) {
      say();
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (await reached()) break;
    }
    away = null;
    changed();
    const banner = document.getElementById("zv-away");
    if (banner) Object.assign(banner, { hidden: true, textContent: "" });
    return /** @type {const} */ (true);
  }

  /** @type {Connection} */
  const connection = {
    away: () => away !== null,
    async lost() {
      if (zslviz.inside) return false; // there is no server to be lost
      if (!away && (await reached())) return false;
      if (away) return away;
      away = back();
      changed();
      return away;
    },
    watch: (listener) => void watching.push(listener),
    look() {
      if (!away && performance.now() - looked > LOOK_MS) connection.lost();
    },
  };
  window.addEventListener("offline", () => connection.lost());
  return connection;
})();
