"""What a finger is to hit: 44 pixels each way in every tab, and what a tap does where several targets are one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Browser, Page, open_page, open_tab, settle
from zslviz.ui.tabs import TABS, TabPlace

SIZES = [(360, 780), (820, 1180)]  # the smallest phone and a tablet, which are laid out in their own ways
LEAST = 43.5  # of 44 pixels: edges may lie between two of them
STATE = "zslviz.tabs.explain.state"
# Controls that are less high or wide to a finger, which is tried around the middle of what is drawn smaller. Links within a
# sentence may be (WCAG 2.5.5), and cells of the matrix, which its menus choose as well.
SMALL = """([board, least]) => {
  const controls = "a[href], button, input, select, summary, td, [tabindex]:not([tabindex='-1'])";
  const inSentence = ({ parentElement: at }) => [...at.childNodes].some((one) => one.nodeType === 3 && /\\w{2}/.test(one.data));
  const small = ({ width, height }) => Math.min(width, height) < least && Math.min(width, height) > 1;
  const hit = (one, x, y) => {
    const found = document.elementFromPoint(x, y);
    return Boolean(found && (one.contains(found) || found.closest("label")?.contains(one)));
  };
  function reach(one, x, y, dx, dy) {
    let n = 0;
    while (n < least && hit(one, x + dx * n, y + dy * n)) n++;
    return n;
  }
  const places = [board, ".zv-header-tools", ".tab-wrapper", "footer", "#zv-toast"];
  return [...document.querySelectorAll(places.map((place) => `${place} :is(${controls})`).join())].flatMap((one) => {
    const { pointerEvents, clipPath } = getComputedStyle(one);
    if (one.disabled || pointerEvents === "none" || clipPath !== "none") return [];
    if (!one.checkVisibility({ visibilityProperty: true })) return [];
    if (one.matches("td") || (one.matches("a, .zv-said-attribute") && inSentence(one))) return [];
    const target = /radio|checkbox|file/.test(one.type || "") ? one.closest("label") || one : one;
    if (!small(target.getBoundingClientRect())) return [];
    target.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const { left, right, top, bottom } = target.getBoundingClientRect();
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const [width, height] = [[1, 0], [0, 1]].map(([dx, dy]) => reach(target, x, y, dx, dy) + reach(target, x, y, -dx, -dy) - 1);
    return small({ width, height }) || width < 1 ? [`${width} x ${height}: ${one.outerHTML.slice(0, 120)}`] : [];
  });
}"""
OPENED = """(board) => {
  for (const _ of [1, 2]) document.querySelectorAll(`${board} details`).forEach((one) => (one.open = true)); // some lie in others
  document.querySelector(`${board} .zv-choose`).click();
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Of a visitor with fingers."""
    with browser.new_context(has_touch=True, is_mobile=True) as context:
        yield open_page(context, address, width=390, height=844)


def test_a_tap_on_what_stands_for_several_does_what_each_would(page: Page) -> None:
    row = page.locator(".zv-six .zv-row").nth(3)
    name = row.locator(".zv-attr").bounding_box()
    page.touchscreen.tap(name["x"] + 20, name["y"] + name["height"] / 2)  # its slider lies over it
    page.wait_for_function(f"{STATE}.attribute === {row.get_attribute('data-attribute')}")
    assert page.evaluate(f"Object.keys({STATE}.image)") == []
    lines = page.locator(".zv-dock .zv-mini").bounding_box()
    page.touchscreen.tap(lines["x"] + 100, lines["y"] + lines["height"] / 2)
    page.wait_for_function("document.querySelector('.zv-at-classes details').open")
    assert page.evaluate(f"{STATE}.why") is None


def test_where_the_answer_tips_is_told_within_the_page(page: Page) -> None:
    for row in (0, 1):  # one of either column
        slider = page.locator(".zv-six input[type=range]").nth(row)
        slider.focus()
        page.keyboard.press("ArrowLeft")
        words = page.wait_for_selector(".zv-tip-words").bounding_box()
        assert words["x"] >= 0 and words["x"] + words["width"] <= page.viewport_size["width"]
        page.keyboard.press("ArrowRight")
    page.evaluate("zslviz.tabs.explain.resetEdits()")
    settle(page)


@pytest.mark.parametrize("place", TABS, ids=lambda place: place.name)
def test_all_that_a_finger_is_to_hit_is_44_pixels_high_and_wide(place: TabPlace, page: Page) -> None:
    name, board = place.name, f"#zv-{place.name}"
    open_tab(page, place.title)
    settle(page, name)
    if name == "explain":
        page.locator(".zv-what-ifs button").first.tap()
        page.locator(".zv-show-edits").tap()
    page.evaluate(OPENED, board)
    settle(page, name)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(SMALL, [board, LEAST]) == [], (width, height)
    if name == "compose":
        page.locator(".zv-pick select").nth(0).select_option(index=1)
        space, pair = (f"zslviz.tabs.compose.state.{of}" for of in ("space.states[1].name", "pair[0]"))
        assert page.evaluate(pair) == page.evaluate(space)
