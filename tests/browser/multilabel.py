"""What tests of the tab *Multi-label* share: how its lists and its map are read, a word typed, all put back."""

from __future__ import annotations

from tests.browser.conftest import Page, settle

PUT_BACK = """() => {
  const press = (selector) => { const b = document.querySelector(selector); if (b && !b.disabled) b.click(); };
  document.querySelectorAll(".zv-remove").forEach((one) => one.click());
  press('input[name="zv-labels-shown"][value="one"]');
  press('input[name="zv-found-by"][value="strength"]');
  press(".zv-strength-reset");
  press(".zv-labels .zv-gamma-reset");
  if (document.querySelector(".zv-unseen-only").checked) press(".zv-unseen-only");
  const { state, select } = zslviz.tabs.multilabel;
  if (state.label !== state.x.map.name) select(state.x.map.name);
  const grey = document.querySelector(".zv-grey-choice");
  if (!grey.checked) grey.click();
  const filter = document.querySelector("#zv-label-filter");
  filter.value = "";
  filter.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def ranking(page: Page) -> list[object]:
    """The lists as drawn, and the numbers behind them to the last digit."""
    settle(page, "multilabel")
    drawn = page.eval_on_selector_all(
        ".zv-full-list li",
        "all => all.map(one => [one.className, one.innerText, one.querySelector('.zv-bar').style.width])",
    )
    return [*drawn, page.evaluate("JSON.stringify(zslviz.tabs.multilabel.state.ranking)")]


def layer(page: Page) -> str:
    settle(page, "multilabel")
    return str(page.get_attribute("#zv-multilabel .zv-large .zv-layer", "src"))


def type_label(page: Page, word: str) -> None:
    page.fill("#zv-add-name", word)
    page.press("#zv-add-name", "Enter")
    page.wait_for_function("() => !document.querySelector('.zv-add button').disabled")
    settle(page, "multilabel")
