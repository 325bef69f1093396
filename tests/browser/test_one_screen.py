"""The first screen of every tab: what one sees and what one can touch stand in it together, at every size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Browser, Page, open_page, open_tab, settle

SIZES = [
    (1440, 900),
    (1280, 720),
    (1024, 768),
    (820, 1180),
    (390, 844),
    (720, 450),
]  # the last: 1440 x 900 at 200 % zoom
TOUCHED = [(390, 844), (360, 780), (820, 1180)]  # by fingers, for which everything is larger
PARTS = {
    "photo": ".zv-photo .zv-main",
    "map": ".zv-large .zv-stack",
    "sliders": ".zv-six .zv-slide",
    "bars": ".zv-first-three .zv-bar, .zv-mini .zv-bar",
    "sentence": ".zv-said",
}
WHAT_IFS = ".zv-what-ifs button"
AT_ONCE = {"photo": [True], "map": [True], "sliders": [True] * 6, "bars": [True] * 3, "sentence": [True]}
OTHERS = {  # of the other tabs: their board, and how often each part is in the first screen at least
    "Multi-label": {
        ".zv-photo .zv-main": 1,
        ".zv-large .zv-stack": 1,
        '.zv-leading [data-seen="false"] .zv-label-row': 3,
        '.zv-leading [data-seen="true"] .zv-label-row': 3,
    },
    "Compose": {".zv-photo .zv-main": 1, ".zv-pair-grid .zv-stack": 1, ".zv-pair-list button": 3},
}
IN_SIGHT = """([board, parts]) => Object.fromEntries(parts.map((selector) =>
  [selector, [...document.querySelectorAll(`#zv-${board} ${selector}`)].filter((one) => {
    const { top, bottom, width } = one.getBoundingClientRect();
    return one.checkVisibility() && width > 0 && top >= 0 && bottom <= innerHeight + 0.5;
  }).length]))"""
# What scrolls within the page, upwards or downwards, and is no column of the page: a finger or a wheel would be caught in it.
TRAPS = """(board) => [...document.querySelectorAll(`#zv-${board} .zv-card, #zv-${board} .zv-card *`)].filter((one) =>
  one.checkVisibility() && /auto|scroll/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight + 1
).map((one) => one.className)"""
SEEN = """(parts) => {
  const dock = document.querySelector(".zv-dock");
  const end = getComputedStyle(dock).visibility === "visible" ? dock.getBoundingClientRect().top : innerHeight;
  const seen = (one) => {
    const text = document.createRange();
    text.selectNodeContents(one);
    const { top, bottom, width } = (one.textContent ? text : one).getBoundingClientRect();
    return width > 0 && top >= 0 && bottom <= (dock.contains(one) ? innerHeight : end) + 0.5;
  };
  const drawn = (one) => one.checkVisibility();
  return Object.fromEntries(Object.entries(parts).map(([name, selector]) =>
    [name, [...document.querySelectorAll(selector)].filter(drawn).map(seen)]));
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    opened = open_page(browser, address)
    yield opened
    opened.close()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_photo_map_sliders_bars_and_sentence_are_in_the_first_screen(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    page.wait_for_function("document.querySelector('.zv-said').innerText && !document.querySelector('.zv-behind')")
    settle(page)
    seen = page.evaluate(SEEN, PARTS)
    assert seen == AT_ONCE
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.locator(".zv-large .zv-stack").bounding_box()["width"] >= 0.3 * min(size[0], 800)


def test_a_finger_finds_the_what_ifs_too_in_the_first_screen_before_and_after_an_edit(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(has_touch=True, is_mobile=True)
    page = open_page(context, address, width=390, height=844)

    def seen(size: tuple[int, int], edits: int, parts: dict[str, str]) -> dict[str, list[bool]]:
        page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        page.wait_for_function(
            f"document.querySelectorAll('.zv-edits button').length === {edits} && !document.querySelector('.zv-behind')"
        )
        settle(page)
        page.evaluate("scrollTo(0, 0)")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        found: dict[str, list[bool]] = page.evaluate(SEEN, parts)
        return found

    for size in TOUCHED:
        assert seen(size, 0, PARTS | {"what-ifs": WHAT_IFS}) == AT_ONCE | {"what-ifs": [True] * 3}, size
        assert page.locator(".zv-large .zv-stack").bounding_box()["width"] >= 0.4 * min(size[0], 800)
        assert page.eval_on_selector_all(WHAT_IFS, "all => Math.min(...all.map((one) => one.offsetHeight))") >= 44
    page.locator(WHAT_IFS).first.tap()
    for size in TOUCHED:
        assert seen(size, 1, PARTS | {"what-ifs": WHAT_IFS}) == AT_ONCE | {"what-ifs": [True] * 3}, size
    page.locator("#zv-explain .zv-choose").tap()
    assert page.locator("#zv-explain .zv-camera").is_visible()  # a mouse has none
    assert page.get_attribute("#zv-explain .zv-camera input", "capture") == "environment"
    another = page.eval_on_selector_all(
        "#zv-explain .zv-examples h4",
        "all => all.map((one) => [one.hasAttribute('data-another'), one.nextSibling.dataset.space])",
    )
    assert [told for told, _ in another] == [space not in ("", "awa2") for _, space in another]
    assert any(told for told, _ in another) and not all(told for told, _ in another)
    context.close()


def test_a_panel_that_is_not_there_leaves_no_gap(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    between = """() => {
      const of = (name) => document.querySelector(`#zv-explain > .zv-at-${name}`).getBoundingClientRect();
      return [of("why").top - of("classes").bottom, of("take").top - of("why").bottom];
    }"""
    page.evaluate("document.querySelector('#zv-explain .zv-insights').hidden = true")
    gap, beyond = page.evaluate(between)
    page.evaluate(
        "document.querySelector('#zv-explain .zv-insights').hidden = !zslviz.tabs.explain.state.x.tells.photo.length"
    )
    assert gap > 0 and beyond == pytest.approx(gap, abs=0.5)


def test_tabs_and_tools_are_in_the_header(page: Page) -> None:
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        right = page.eval_on_selector_all("[role=tab]", "all => all.map(one => one.getBoundingClientRect().right)")
        assert len(right) >= 3 and max(right) <= page.locator(".zv-share").bounding_box()["x"]
    assert page.locator(".zv-share").count() == 1


@pytest.mark.parametrize("width", [1920, 2560])
def test_the_page_is_centred_on_wide_screens(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1080})
    left, right = page.evaluate(
        "(({ left, right }) => [left, innerWidth - right])(document.querySelector('#zv-explain').getBoundingClientRect())"
    )
    assert left == pytest.approx(right, abs=10) and left > 24  # the window's own scroll bar is in it


@pytest.mark.parametrize("title", OTHERS)
def test_the_other_tabs_show_photo_map_and_best_answers_at_once(page: Page, title: str) -> None:
    board, parts = title.replace("-", "").lower(), OTHERS[title]
    open_tab(page, title)
    settle(page, board)
    for width, height in [*SIZES, (320, 844)]:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(60)
        seen = page.evaluate(IN_SIGHT, [board, list(parts)])
        assert {part: min(seen[part], count) for part, count in parts.items()} == parts, (width, height)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if (width, height) == SIZES[0]:  # nothing of the answer is cut off at its end
            card = page.locator(f"#zv-{board} .zv-at-ranking .zv-card").bounding_box()
            assert card["y"] + card["height"] <= height
        page.evaluate("board => document.querySelectorAll(`#zv-${board} .zv-choose`)[0].click()", board)
        assert page.evaluate(TRAPS, board) == []
        page.evaluate("board => document.querySelectorAll(`#zv-${board} .zv-choose`)[0].click()", board)


def test_however_many_kinds_of_maps_there_are_the_menu_of_attributes_keeps_its_room(page: Page) -> None:
    more = """() => document.querySelector('#zv-explain .zv-segments').insertAdjacentHTML('beforeend',
      '<label class="zv-made"><input type="radio" name="zv-made"><span>After adapting</span></label>')"""
    measured = """() => { const [head, menu, kinds] = ['.zv-head', '.zv-head .zv-menu', '.zv-segments'].map((part) =>
      document.querySelector(`#zv-explain .zv-attribute-maps ${part}`));
      return [menu.offsetWidth, head.scrollWidth - head.clientWidth,
        Math.max(...[...kinds.querySelectorAll('span')].map((one) => one.scrollWidth - one.clientWidth))] }"""
    open_tab(page, "Explain & edit")
    page.evaluate(more)
    try:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(60)
            menu, beyond, cut = page.evaluate(measured)
            assert menu >= 80 and beyond <= 0 and cut <= 0, (width, height)
    finally:
        page.evaluate("document.querySelectorAll('.zv-made').forEach((one) => one.remove())")
