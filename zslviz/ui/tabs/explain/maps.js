// The maps of one attribute, side by side on one scale; regions; small multiples; parts.
zslviz.panels["explain/maps"] = (element) => {
  "use strict";
  const z = zslviz;
  const find = (selector) => element.querySelector(selector);
  const [title, choice, hint, grid, ramp, ticks] = ["#zv-maps-title", "#zv-attribute", ".zv-kind-hint", ".zv-map-grid", ".zv-ramp", ".zv-ticks"].map(find);
  const [words, chips, small, smallTitle] = [".zv-region-words", ".zv-chips", ".zv-thumbnails", ".zv-strongest-title"].map(find);
  const [parts, partRows, opacity, kinds] = [".zv-parts", ".zv-part-rows", "#zv-opacity", ".zv-segments"].map(find);
  const HINTS = {
    evidence: "What the model counted, place by place: red speaks for the attribute, blue against it. All pictures share one scale.",
    attention: "Where the model looked for the attribute: the brighter, the more. All pictures share one scale.",
  };
  const INVITE = "Click a spot on a picture to see which attributes it speaks for.";
  let spot = null; // the region asked about, as fractions of the photo
  let named = "";

  function drawMaps(answer) {
    const x = z.state.x;
    const name = x.attributes[answer.attribute];
    const figures = [...grid.children];
    if (figures.length !== answer.maps.length || named !== x.handle) {
      named = x.handle;
      grid.dataset.count = answer.maps.length;
      grid.replaceChildren(...answer.maps.map((map, which) => figure(x, map, which)));
    }
    answer.maps.forEach((map, i) => {
      const drawn = grid.children[i];
      drawn.querySelector(".zv-layer").src = map.url;
      drawn.querySelector(".zv-stack").setAttribute("aria-label", `${name}, ${map.name}: ${answer.kind} map. Arrow keys move the spot asked about.`);
      drawn.querySelector(".zv-map-name").textContent = map.name;
    });
    element.dataset.attribute = answer.attribute;
    element.dataset.kind = answer.kind;
    z.legend(ramp, ticks, answer.legend,
      answer.kind === "evidence" ? ["against", "adds to the value", "for"] : ["nowhere", "share of attention", "most"]);
    title.textContent = answer.kind === "evidence" ? "What speaks for" : "Where it looked for";
    hint.textContent = HINTS[answer.kind];
    markSmall();
  }

  function figure(x, map, which) {
    const box = z.stack(x.photo, map.url, x.width, x.height);
    z.spotting(box, askRegion, () => spot);
    const save = z.element("button", { type: "button", className: "zv-icon", title: "Download at the photo's full size (PNG)", textContent: "PNG" });
    save.setAttribute("aria-label", `Download the map ${map.name} over the photo, full size, PNG`);
    save.addEventListener("click", () =>
      z.download("overlay", { attribute: z.state.attribute, kind: z.state.kind, which, opacity: z.state.opacity }));
    const caption = z.element("figcaption", {}, z.element("span", { className: "zv-map-name" }), save);
    return z.element("figure", {}, z.element("div", { className: "zv-frame" }, box), caption);
  }

  async function askRegion(x, y) {
    const answer = await z.ask("region", { x, y });
    if (!answer) return;
    spot = answer;
    for (const box of grid.querySelectorAll(".zv-stack")) z.mark(box, answer.box);
    words.textContent = "This spot speaks most for";
    chips.replaceChildren(...answer.attributes.map(({ attribute, above_average: value }) => {
      const chip = z.element("button", { type: "button", className: "zv-chip" }, z.state.x.attributes[attribute], " ", z.element("b", { textContent: z.number(value, true) }));
      chip.addEventListener("click", () => z.select(attribute));
      return chip;
    }));
  }

  function drawSmall(answer) {
    const x = z.state.x;
    small.replaceChildren(...answer.thumbnails.map(({ attribute, url }) => {
      const frame = z.element("div", { className: "zv-frame" }, z.stack(x.photo, url, x.width, x.height));
      const button = z.element("button", { type: "button" }, frame, z.element("span", { textContent: x.attributes[attribute] }));
      button.dataset.attribute = attribute;
      button.addEventListener("click", () => z.select(attribute));
      return button;
    }));
    markSmall();
  }
  function markSmall() {
    choice.value = String(z.state.attribute);
    for (const button of small.children) button.setAttribute("aria-pressed", String(Number(button.dataset.attribute) === z.state.attribute));
  }

  function fillChoice(x) {
    const groups = new Map();
    x.attributes.forEach((name, i) => {
      const group = x.groups[i];
      if (!groups.has(group)) groups.set(group, z.element("optgroup", { label: group }));
      groups.get(group).append(z.element("option", { value: String(i), textContent: name }));
    });
    choice.replaceChildren(...groups.values());
  }

  z.on("explained", () => {
    const x = z.state.x;
    fillChoice(x);
    spot = null;
    words.textContent = INVITE;
    chips.replaceChildren();
    drawSmall(x.thumbnails);
    smallTitle.textContent = `What speaks most for ${x.ranking.classes[0].name}`;
    parts.hidden = !x.has_parts;
    kinds.hidden = !x.has_attention;
    parts.open = false;
    partRows.replaceChildren();
  });
  z.on("maps", drawMaps);
  z.on("thumbnails", drawSmall);
  z.on("selecting", () => {
    markSmall();
    element.querySelector(`input[value="${z.state.kind}"]`).checked = true;
  });
  parts.addEventListener("toggle", async () => {
    if (!parts.open || partRows.children.length) return;
    const answer = await z.ask("parts");
    if (!answer) return;
    const x = z.state.x;
    partRows.replaceChildren(...answer.rows.map((row) => z.element("div", { className: "zv-part-row" },
      z.element("p", { className: "zv-hint", textContent: row.name }),
      z.element("div", { className: "zv-part-maps" }, ...row.maps.map((url) => z.element("div", { className: "zv-frame" }, z.stack(x.photo, url, x.width, x.height)))))));
  });
  choice.addEventListener("change", () => z.select(Number(choice.value)));
  for (const radio of element.querySelectorAll('input[name="zv-kind"]')) {
    radio.addEventListener("change", () => z.select(z.state.attribute, radio.value));
  }
  find(".zv-edit-this").addEventListener("click", () => z.emit("find", z.state.attribute));
  opacity.addEventListener("input", () => {
    z.state.opacity = Number(opacity.value);
    element.style.setProperty("--map-opacity", opacity.value);
  });
};
