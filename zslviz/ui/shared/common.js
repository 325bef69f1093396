// What the panels of all tabs share: a store a tab, with the visitor's state and questions to the server, and things to draw with.
// A visitor's state lives here, in one browser tab; every question brings it along, so the server need not remember visitors.
(() => {
  "use strict";
  const z = (window.zslviz = {
    panels: {}, // by the name of their template: (element, gradio, store) => draws
    tabs: {}, // the stores

    mount(name, element, gradio, tab = "explain") {
      const store = z.tabs[tab];
      if (gradio.server) store.servers.push(gradio.server);
      z.panels[name](element, gradio, store);
      if (name === "photo") return;
      element.inert = !store.state.x; // nothing to ask about before the first explanation is there
      store.on("explained", () => (element.inert = false));
    },

    // A tab's store. question: () => what every question to the server brings along, besides the explanation's handle.
    store(name, question) {
      const listeners = {};
      let open = 0; // questions without an answer yet
      const store = {
        servers: [],
        examples: [],
        state: { x: null }, // x: the explanation, as the server sent it
        on(event, listener) {
          (listeners[event] ||= []).push(listener);
        },
        emit(event, detail) {
          for (const listener of listeners[event] || []) listener(detail);
        },
        // The server's answer, or null: where it has none (`fail` is told the sentence), or another photo has arrived meanwhile.
        async ask(what, extra = {}, fail = store.notice) {
          const server = store.servers.find((one) => typeof one[what] === "function");
          if (!server || !store.state.x) return null;
          const { handle } = store.state.x;
          let answer;
          open += 1;
          try {
            answer = await server[what]({ handle, ...question(), ...extra });
          } catch (error) {
            answer = { error: "The server did not answer; check that it is running, and try again." };
          } finally {
            open -= 1;
          }
          if (!answer || answer.error || answer.detail) {
            fail((answer && answer.error) || "The server did not answer; load the page again.");
            return null;
          }
          return store.state.x.handle === handle ? answer : null;
        },
        // Work that runs once at a time: called while it runs, it runs once more afterwards, however often it was called.
        coalesced(work) {
          let running = false;
          let again = false;
          return async () => {
            again = true;
            if (running) return;
            running = true;
            open += 1;
            while (again) {
              again = false;
              await work();
            }
            open -= 1;
            running = false;
          };
        },
        idle: () => open === 0 && store.state.x !== null,
        async download(what, extra = {}) {
          const answer = await store.ask("download", { what, ...extra });
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
        notice: (sentence) => z.toast(sentence),
      };
      return (z.tabs[name] = store);
    },

    // -- things to draw with --------------------------------------------------------------------------------------
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
    // A layer over the photo, in a box that is the same for every photo: nothing jumps when a photo changes.
    stack(photo, layer, width, height) {
      const box = z.element("div", { className: "zv-stack" });
      box.style.aspectRatio = `${width} / ${height}`;
      box.classList.toggle("zv-wide", width / height >= 4 / 3);
      box.append(z.element("img", { src: photo, alt: "" }), z.element("img", { src: layer, alt: "", className: "zv-layer" }));
      return box;
    },
    // Lets a place of the photo be asked about, by a click or the arrow keys: ask(x, y) with fractions of the photo's sides.
    // spot: () => {box, grid} asked about last, or null.
    spotting(stack, ask, spot) {
      stack.tabIndex = 0;
      stack.setAttribute("role", "application");
      stack.append(z.element("div", { className: "zv-mark", hidden: true }));
      stack.addEventListener("click", (event) => {
        const place = stack.getBoundingClientRect();
        ask((event.clientX - place.left) / place.width, (event.clientY - place.top) / place.height);
      });
      stack.addEventListener("keydown", (event) => {
        const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Enter: [0, 0] }[event.key];
        if (!move) return;
        event.preventDefault();
        const [rows, columns] = spot() ? spot().grid : [1, 1];
        const [x0, y0, x1, y1] = spot() ? spot().box : [0, 0, 1, 1];
        const [x, y] = [(x0 + x1) / 2 + move[0] / columns, (y0 + y1) / 2 + move[1] / rows];
        ask(Math.min(0.999, Math.max(0, x)), Math.min(0.999, Math.max(0, y)));
      });
    },
    // Draws the mark of a stack around a box of fractions; null takes it away.
    mark(stack, box) {
      const mark = stack.querySelector(".zv-mark");
      mark.hidden = !box;
      if (!box) return;
      const [left, top, x1, y1] = box.map((v) => `${100 * v}%`);
      Object.assign(mark.style, { left, top, right: `calc(100% - ${x1})`, bottom: `calc(100% - ${y1})` });
    },
    // units: what the lowest, middle and highest value of a legend mean.
    legend(ramp, ticks, { gradient, ticks: values }, units) {
      ramp.style.setProperty("--ramp", gradient);
      z.labelTicks(ticks, values, units);
    },
    labelTicks(ticks, values, units) {
      const range = Math.max(...values.map(Math.abs));
      ticks.replaceChildren(...values.map((v, i) =>
        z.element("span", {}, z.element("b", { textContent: z.tick(v, range) }), ` ${units[i]}`)));
    },
    // Lets a slider span `reach` (both ways, if `negative`) in about fifty even steps, and puts it to a value.
    fitSlider(slider, reach, value, negative = false) {
      const step = 10 ** Math.floor(Math.log10(reach / 50));
      slider.min = negative ? Math.floor(-reach / step) * step : 0;
      slider.max = Math.ceil(reach / step) * step;
      slider.step = step;
      slider.value = value;
    },
    // A sentence for what went wrong anywhere but with the photo: laid over the page, so that nothing moves.
    toast(sentence) {
      let toast = document.getElementById("zv-toast");
      if (!toast) {
        toast = z.element("div", { id: "zv-toast", role: "alert" });
        document.body.append(toast);
      }
      toast.textContent = sentence;
      toast.hidden = false;
      clearTimeout(toast.timer);
      toast.timer = setTimeout(() => (toast.hidden = true), 9000);
    },
  });
})();
