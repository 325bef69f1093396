// @ts-check
// A place of the photo: what it speaks for and against, as bars, for the place that was chosen or that the mouse is over.
zslviz.tabs.explain.places = (element, stackNow) => {
  "use strict";
  const store = zslviz.tabs.explain;
  const [z, s] = [zslviz.draw, store.state];
  const find = z.finder(element);
  const [words, list] = [find(".zv-region-words"), find(".zv-places")];
  const INVITE = "Click a place of the photo, or move over it, to see what it speaks for.";
  /** @type {ExplainAnswers["region"] | null} */
  let chosen = null; // the place that was asked about
  let over = ""; // the place that the mouse is over

  const where = (/** @type {ExplainAnswers["region"]} */ { row, column }) => `row ${row + 1}, column ${column + 1}`;
  // Of maps without a sign, that say no more than what they are called.
  const strongest = (/** @type {Offer} */ { name, title }, /** @type {string} */ there) =>
    (name === "attention" ? `From here (${there}) it looked for` : `${title}, here (${there}) most of all`);
  function draw(/** @type {ExplainAnswers["region"] | null} */ answer) {
    z.mark(stackNow(), answer && answer.box);
    if (!answer) {
      z.write(words, INVITE);
      list.replaceChildren();
      return;
    }
    const offer = s.x.offers.filter(({ name }) => name === s.kind)[0] || s.x.offers[0];
    const { signed } = offer;
    const least = answer.attributes.length;
    z.write(words, least ? `${signed ? `This place (${where(answer)}) adds to, or takes from` : strongest(offer, where(answer))}:`
      : signed ? `Nothing was counted here (${where(answer)}).` : `${offer.title}: nothing stands out here (${where(answer)}).`);
    list.classList.toggle("zv-both-ways", signed);
    const lines = z.lines(list, least, line);
    settle();
    answer.attributes.forEach(({ attribute, counted }, i) => fill(lines[i], attribute, counted, answer.end, signed));
  }
  const settle = zslviz.roving(list, "button");
  function line() {
    const button = z.element("button", { type: "button" }, z.element("span", { className: "zv-place-name" }),
      z.element("span", { className: "zv-place-track" }, z.element("i")), z.element("b"));
    button.addEventListener("click", () => store.select(Number(button.dataset.attribute)));
    return z.element("li", {}, button);
  }
  /**
   * @param {HTMLElement} made
   * @param {number} attribute
   * @param {number} counted
   * @param {number} end
   * @param {boolean} signed
   */
  function fill(made, attribute, counted, end, signed) {
    const look = z.finder(made);
    look("button").dataset.attribute = String(attribute);
    z.write(look(".zv-place-name"), s.x.attributes[attribute]);
    z.write(look("b"), (counted < 0 ? "−" : signed ? "+" : "") + Math.abs(counted).toFixed(3));
    const bar = look("i");
    bar.className = counted < 0 ? "zv-against" : "zv-for";
    z.style(bar, "--part", String(Math.min(1, Math.abs(counted) / (end || 1))));
  }

  async function ask(/** @type {number} */ x, /** @type {number} */ y) {
    const answer = await store.latest("region", { x, y, kind: s.kind });
    if (!answer) return;
    chosen = answer;
    over = "";
    words.setAttribute("aria-live", "polite");
    draw(answer);
  }
  // Only where the browser knows the answer: nobody is asked because a mouse moves.
  async function hover(/** @type {PointerEvent} */ { clientX, clientY, pointerType }) {
    if (pointerType !== "mouse" || !store.here.region) return;
    const box = stackNow().getBoundingClientRect();
    const answer = await store.latest("region", { x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height, kind: s.kind });
    if (!answer || `${answer.row}/${answer.column}` === over) return;
    over = `${answer.row}/${answer.column}`;
    words.setAttribute("aria-live", "off"); // who hears the page is told what she asks
    draw(answer);
  }
  function leave() {
    if (!over) return;
    over = "";
    draw(chosen);
  }

  store.on("selecting", () => {
    if (chosen) ask((chosen.box[0] + chosen.box[2]) / 2, (chosen.box[1] + chosen.box[3]) / 2);
  });
  return {
    begin() {
      const stack = stackNow();
      chosen = null;
      over = "";
      z.spotting(stack, ask, () => chosen);
      stack.addEventListener("pointermove", hover);
      stack.addEventListener("pointerleave", leave);
      draw(null);
    },
  };
};
