// @ts-check
// A form in which a visitor types a word of her own: it joins what the model knows, or one sentence says why it cannot.
zslviz.addWords = (form, said, words) => {
  "use strict";
  const { hint, add, told } = words;
  const find = zslviz.draw.finder(form);
  const [input, button] = [find("input[type=text]", "input"), find("button[type=submit]", "button")];

  function say(text = "", kind = "") {
    said.textContent = text;
    said.dataset.kind = kind;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (!name || button.disabled) return input.focus();
    button.disabled = true;
    const added = await add(name, (sentence) => say(sentence, "error"));
    button.disabled = false;
    input.focus();
    if (!added) return input.select();
    if (input.value.trim() === name) input.value = ""; // else the next word is being typed
    say(told());
  });
  input.addEventListener("input", () => say(hint()));
  return { input, hint: () => say(hint()) };
};
