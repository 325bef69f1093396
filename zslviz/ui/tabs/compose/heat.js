// @ts-check
// What the cells of the matrix look like, on one canvas beneath its table: another world changes hundreds of cells at once, and a
// browser paints them many times faster than it styles as many elements. The table's cells stay what keyboard, pointer and screen
// reader know. Returns what paints them.
/** @type {ComposeStore["heat"]} */
zslviz.tabs.compose.heat = (table, canvas) => {
  "use strict";
  const MOST_DOTS = 12_000_000; // of a matrix that is larger, a dot is several of the screen's
  const [ROUND, MARK, RIM, STRIPE, LINE] = [4, 7, 1.5, 4, 1].map((pixels) => pixels / 16); // rem
  const NAMES = /** @type {const} */ (["well", "accent", "on-accent", "seen", "unseen", "line"]);
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /** @type {Record<typeof NAMES[number], string>} */
  let colours = /** @type {any} */ ({});
  let rem = 16;
  /** @type {[start: number, length: number][]} */
  let columns = []; // where they lie on the canvas, in CSS pixels
  /** @type {typeof columns} */
  let rows = [];
  /** @type {PairLook[][]} */
  let looks = []; // [state][object]
  /** @type {PairLook[][]} */
  let painted = [];

  // Where the cells lie, and the canvas with them; it is found when the table has another size, never while a ranking is drawn.
  function place() {
    const frame = table.getBoundingClientRect();
    const body = table.tBodies[0];
    if (!frame.width || !body?.rows.length) return void (columns = []);
    const box = (/** @type {Element} */ one) => one.getBoundingClientRect();
    const dots = Math.min(devicePixelRatio, Math.sqrt(MOST_DOTS / (frame.width * frame.height)));
    const whole = (/** @type {number} */ from, /** @type {number} */ to) => { // on whole dots, so that edges are sharp
      const start = Math.round(from * dots) / dots;
      return /** @type {[number, number]} */ ([start, Math.round(to * dots) / dots - start]);
    };
    columns = [...body.rows[0].querySelectorAll("td")].map(box).map(({ left, right }) => whole(left - frame.left, right - frame.left));
    rows = [...body.rows].map((row) => box(row.cells[1])).map(({ top, bottom }) => whole(top - frame.top, bottom - frame.top));
    rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    Object.assign(canvas, { width: Math.round(frame.width * dots), height: Math.round(frame.height * dots) });
    Object.assign(canvas.style, { width: `${frame.width}px`, height: `${frame.height}px` });
    brush.setTransform(canvas.width / frame.width, 0, 0, canvas.height / frame.height, 0, 0);
    colour();
    painted = [];
    paint();
  }
  function colour() {
    const style = getComputedStyle(table);
    colours = /** @type {any} */ (Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--zv-${name}`)])));
  }
  function recolour() {
    const { accent } = colours;
    colour();
    if (colours.accent === accent) return;
    painted = [];
    paint();
  }
  // Those that look different from what is painted.
  function paint() {
    if (!columns.length) return;
    looks.forEach((line, i) => line.forEach((look, j) => {
      if (i >= rows.length || j >= columns.length || painted[i]?.[j] === look) return;
      (painted[i] ??= [])[j] = look;
      one(rows[i], columns[j], look);
    }));
  }
  function one(/** @type {[number, number]} */ [y, high], /** @type {[number, number]} */ [x, wide], /** @type {PairLook} */ look) {
    brush.clearRect(x, y, wide, high);
    brush.beginPath();
    brush.roundRect(x, y, wide, high, ROUND * rem);
    if (look === "idle") return stripes(x, y, wide, high);
    brush.fillStyle = colours.well;
    brush.fill();
    brush.globalAlpha = look.share / 100;
    brush.fillStyle = colours.accent;
    brush.fill();
    brush.globalAlpha = 1;
    const [radius, kind] = [(MARK * rem) / 2, look.hot ? colours["on-accent"] : look.seen ? colours.seen : colours.unseen];
    brush.beginPath();
    brush.arc(x + wide / 2, y + high / 2, look.seen ? radius : radius - (RIM * rem) / 2, 0, 2 * Math.PI);
    brush.fillStyle = brush.strokeStyle = kind;
    brush.lineWidth = RIM * rem;
    if (look.seen) brush.fill();
    else brush.stroke();
  }
  // Lines from the lower left to the upper right, within the cell's path.
  function stripes(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ wide, /** @type {number} */ high) {
    brush.save();
    brush.clip();
    brush.beginPath();
    const step = (STRIPE + LINE) * rem * Math.SQRT2;
    for (let at = step; at < wide + high; at += step) {
      brush.moveTo(x, y + at);
      brush.lineTo(x + at, y);
    }
    brush.strokeStyle = colours.line;
    brush.lineWidth = LINE * rem;
    brush.stroke();
    brush.restore();
  }

  const sized = new ResizeObserver(place);
  // After other cells have been put into the table, whose size may be what it was.
  function anew() {
    columns = [];
    sized.disconnect();
    sized.observe(table);
  }
  anew();
  new MutationObserver(recolour).observe(document.body, { attributes: true, attributeFilter: ["class"] }); // another theme
  return {
    anew,
    // A look is the same object as long as it is the same look.
    paint(now) {
      looks = now;
      paint();
    },
  };
};
