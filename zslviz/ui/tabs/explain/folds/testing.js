// @ts-check
// Two models over the test photos that they come with: the lead of each photo's true class in both as a scatter, who alone is right.
zslviz.tabs.explain.testing = (element, pair) => {
  "use strict";
  const { draw: z, tabs: { explain: store } } = zslviz;
  const find = z.finder(element);
  const [fold, canvas] = [find(".zv-compare-tests", "details"), find(".zv-scatter-plot", "canvas")];
  const [said, box, rows] = [".zv-compare-test-said", ".zv-compare-tested", ".zv-tested-table tbody"].map((q) => find(q));
  const HIGH = 340;
  const [NEAR, DOT] = [0.98, 2.6]; // share of photos within the plot's ends; radius
  let key = "";
  /** @type {OnTestsAnswer | null} */
  let told = null;

  async function ask() {
    const wanted = pair();
    if (!wanted || !fold.open) return;
    const mine = `${store.state.x.model} ${wanted.other}`;
    if (key === mine) return;
    key = mine;
    told = null;
    box.hidden = true;
    said.replaceChildren(z.element("p", { textContent: "Both are set beside each other on all test photos …" }));
    const answer = await store.ask("on_tests", { other: wanted.other }, (sentence) => key === mine && said.replaceChildren(z.element("p", { textContent: sentence })));
    if (key !== mine) return;
    if (!answer) key = "";
    else draw(answer);
  }
  function draw(/** @type {OnTestsAnswer} */ answer) {
    told = answer;
    const { names, kinds, sentences } = answer;
    said.replaceChildren(...sentences.map((text) => z.element("p", { textContent: text })));
    z.write(find(".zv-tested-table caption"), "Photos; then the mean of the classes’ shares, and where 95 % of bootstrap replicates lie");
    const heading = (/** @type {string} */ text) => z.element("th", { scope: "col", textContent: text });
    find(".zv-tested-table thead").replaceChildren(z.element("tr", {}, heading("Right"), ...kinds.map(({ kind }) => heading(kind === "seen" ? "Trained on" : "Never trained on"))));
    const called = { both: "Both", only_one: `Only ${names[0]}`, only_other: `Only ${names[1]}`, neither: "Neither" };
    rows.replaceChildren(...WHO.map((who) => z.element("tr", {}, z.element("th", { scope: "row", textContent: called[who] }),
      ...kinds.map(({ counts, shares: { [who]: share } }) => z.element("td", {}, `${counts[who]} `,
        z.element("span", { textContent: `${percent(share.estimate)} % (${percent(share.low)} to ${percent(share.high)})` }))))));
    box.hidden = false;
    plot();
  }
  const WHO = /** @type {const} */ (["both", "only_one", "only_other", "neither"]);
  const percent = (/** @type {number} */ share) => (100 * share).toFixed(0);

  // Leads have no common unit: each model has its axis, with 0, from where on it is right, in sight.
  function plot() {
    if (!told || box.hidden) return;
    const { names, photos, classes } = told;
    const wide = Math.max(260, Math.min(560, canvas.parentElement?.clientWidth || 480));
    const dots = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: wide * dots, height: HIGH * dots });
    Object.assign(canvas.style, { width: `${wide}px`, height: `${HIGH}px` });
    const brush = canvas.getContext("2d");
    if (!brush) return;
    brush.scale(dots, dots);
    const colour = (/** @type {string} */ name) => getComputedStyle(canvas).getPropertyValue(name);
    const [low, high] = [0, 1].map((end) => photos.leads.map((leads) => quantile(leads, end ? NEAR : 1 - NEAR)));
    const at = (/** @type {number} */ axis, /** @type {number} */ lead) => {
      const [from, to] = [Math.min(low[axis], 0), Math.max(high[axis], 0)];
      const share = Math.min(1, Math.max(0, (lead - from) / Math.max(1e-9, to - from)));
      return axis ? HIGH - 14 - share * (HIGH - 28) : 14 + share * (wide - 28);
    };
    const [x0, y0] = [at(0, 0), at(1, 0)];
    brush.fillStyle = colour("--zv-well");
    brush.fillRect(0, 0, wide, HIGH);
    brush.strokeStyle = colour("--zv-muted");
    brush.beginPath();
    brush.moveTo(x0, 0);
    brush.lineTo(x0, HIGH);
    brush.moveTo(0, y0);
    brush.lineTo(wide, y0);
    brush.stroke();
    const seen = new Map(classes.map((one) => [one.index, one.seen]));
    photos.labels.forEach((label, n) => {
      const [x, y] = [at(0, photos.leads[0][n]), at(1, photos.leads[1][n])];
      brush.beginPath();
      brush.arc(x, y, DOT, 0, 2 * Math.PI);
      brush.globalAlpha = 0.75;
      brush.fillStyle = brush.strokeStyle = colour(seen.get(label) ? "--zv-seen" : "--zv-unseen");
      if (seen.get(label)) brush.fill();
      else brush.stroke();
    });
    brush.globalAlpha = 1;
    brush.font = `600 12px ${getComputedStyle(canvas).fontFamily}`;
    const corner = (/** @type {string} */ text, /** @type {boolean} */ toRight, /** @type {boolean} */ up) => {
      const long = brush.measureText(text).width + 8;
      brush.fillStyle = colour("--zv-well");
      brush.fillRect(toRight ? wide - 4 - long : 4, up ? 4 : HIGH - 23, long, 19);
      brush.fillStyle = colour("--zv-text");
      brush.textAlign = toRight ? "right" : "left";
      brush.fillText(text, toRight ? wide - 8 : 8, up ? 18 : HIGH - 9);
    };
    corner("both right", true, true);
    corner(`only ${names[1]}`, false, true);
    corner(`only ${names[0]}`, true, false);
    corner("neither", false, false);
    const count = (/** @type {number} */ who) => photos.who.filter((one) => one === who).length;
    z.label(canvas, `Scatter of ${photos.labels.length} test photos: both right ${count(0)}, only ${names[0]} ${count(1)}, only ${names[1]} ${count(2)}, neither ${count(3)}.`);
    find(".zv-scatter figcaption").textContent = `Each dot is a test photo. To the right: the true class’s lead for ${names[0]}; upwards: for ${names[1]}, each in its own unit. ` +
      "Right of and above the lines it is right. ○ never trained on, ● trained on; the outermost 2 % lie at the edge.";
  }
  function quantile(/** @type {number[]} */ values, /** @type {number} */ share) {
    const sorted = values.slice().sort((a, b) => a - b);
    return sorted[Math.round(share * (sorted.length - 1))];
  }

  fold.addEventListener("toggle", ask);
  new ResizeObserver(() => plot()).observe(find(".zv-scatter"));
  return { stale: () => void ask() };
};
