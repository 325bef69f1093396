"""*Explain & edit* cuts nothing off: names, numbers and menus stand there whole, at every width, before and after edits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Browser, Page, open_page, settle

SIZES = [(1440, 900), (1024, 768), (390, 844), (320, 700)]
STATE = "zslviz.tabs.explain.state"
LONGEST = """() => {
  const { attributes, classes } = zslviz.tabs.explain.state.x;
  const longest = (names) => names.reduce((best, name, i) => (name.length > names[best].length ? i : best), 0);
  return [longest(attributes), longest(classes.map(({ name }) => name))];
}"""
EDITS = """([values, winner]) => {
  const store = zslviz.tabs.explain;
  const rows = [...document.querySelectorAll(".zv-six .zv-row")];
  rows.forEach(({ dataset }, i) => store.edit("image", Number(dataset.attribute), values[i]));
  store.state.why = winner;
  return store.rank();
}"""
# what is drawn narrower or lower than what stands in it; a number in a field does not wrap, and a list of chips scrolls
CUT = """() => {
  const drawn = { opacityProperty: true, visibilityProperty: true };
  const seen = (one) => one.checkVisibility(drawn) && !one.closest(".zv-sr, .zv-skips");
  const cut = ({ clientWidth, clientHeight, scrollWidth, scrollHeight }) => clientWidth > 1 &&
    (scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1);
  const hides = (one) => getComputedStyle(one).overflow !== "visible" || one instanceof HTMLInputElement;
  const whole = [...document.querySelectorAll("#zv-explain :is(.zv-value, .zv-attr, .zv-name, .zv-menu, .zv-if, .zv-then, " +
    ".zv-effect, .zv-deciding-title, .zv-title, .zv-truth, .zv-edits li, .zv-said, .zv-score, .zv-pull)")];
  return whole.filter(seen).filter((one) => cut(one) && (hides(one) || one.scrollWidth > one.clientWidth + 1))
    .map((one) => `${one.className}: ${one.value || one.textContent}`);
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A bird, whose attributes and classes have long names."""
    opened = open_page(browser, address)
    birds = opened.evaluate(
        "zslviz.tabs.explain.examples.filter(({ space }) => space === 'cub').map(({ file }) => file)"
    )
    if birds:
        opened.click(f'.zv-examples button[data-file="{birds[0]}"]')
        opened.wait_for_function("file => zslviz.tabs.explain.state.x.example === file", arg=birds[0])
    settle(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_names_numbers_and_menus_are_whole(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    attribute, rival = page.evaluate(LONGEST)
    page.evaluate("attribute => zslviz.tabs.explain.select(attribute)", attribute)
    page.wait_for_function(
        "attribute => Number(document.querySelector('#zv-attribute').value) === attribute", arg=attribute
    )
    assert page.inner_text(".zv-maps .zv-menu-text") == page.evaluate(f"{STATE}.x.attributes[{attribute}]")
    assert page.evaluate(CUT) == []
    page.evaluate(EDITS, [[-0.5, -0.31, 1.5, -0.25, -0.5, -0.5], rival])
    page.wait_for_function("!document.querySelector('.zv-behind')")
    settle(page)
    assert page.locator(".zv-six .zv-value").first.input_value() == "−0.50"
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.evaluate("zslviz.tabs.explain.state.why = null; zslviz.tabs.explain.resetEdits()")


MORE_TABS = """() => {
  const list = document.querySelector("[role=tablist]");
  for (let i = list.children.length; i < 6; i += 1) {
    const copy = list.querySelector("[role=tab]:not([aria-selected=true])").cloneNode(true);
    copy.dataset.tabId = `more${i}`;
    list.append(copy);
  }
}"""
IN_SIGHT = """() => [...document.querySelectorAll("[role=tablist] [role=tab]")].map((tab) => {
  tab.click();
  const [{ left, right }, strip] = [tab, tab.parentElement].map((one) => one.getBoundingClientRect());
  return left >= strip.left - 1 && right <= strip.right + 1;
})"""


@pytest.mark.parametrize("width", [320, 340, 390])
def test_no_tab_goes_into_a_menu_and_six_stand_in_one_strip(browser: Browser, address: str, width: int) -> None:
    page = open_page(browser, address, width=width, height=700)
    tabs = page.locator("[role=tablist] [role=tab]")
    assert tabs.count() >= 3 and page.locator(".overflow-menu button:visible").count() == 0
    share = page.locator(".zv-share").bounding_box()["x"]
    edges = page.eval_on_selector_all(
        "[role=tablist] [role=tab]", "all => all.map((one) => one.getBoundingClientRect().right)"
    )
    assert max(edges[:3]) <= share
    page.evaluate(MORE_TABS)
    assert page.evaluate(IN_SIGHT) == [True] * 6
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
