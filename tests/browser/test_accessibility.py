"""axe-core finds nothing, in every tab, theme and size, as a photo came and after edits and a file that is no picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import ROOT, Browser, Page, open_page, open_tab, settle
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.ui.tabs import TABS, TabPlace
from zslviz.ui.terms import TERMS

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = (1440, 900), (390, 844)
PLACES = [place for place in TABS if list_checkpoints(task=place.task)]
EDITS = {
    "explain": "zslviz.tabs.explain.edit('image', 0, 1.25)",
    "multilabel": "zslviz.tabs.multilabel.setSeveral(true)",
    "compose": "zslviz.tabs.compose.change({ openWorld: true })",
}  # what a visitor has done, by tab; others stay as they came

each_tab = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
pytestmark = pytest.mark.skipif(not AXE.is_file(), reason="axe-core is missing: npm ci")


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """One page with axe in it, which goes from tab to tab and through the states of each."""
    opened = open_page(browser, address)
    opened.add_script_tag(path=AXE)
    yield opened
    opened.close()


def found(page: Page, rules: dict[str, object], within: str = "html") -> list[str]:
    """What axe says against the page: rule, element and reason, one a line. Tabs that are not open are seen when they are."""
    said: list[str] = page.evaluate(
        """async ([rules, within]) => {
          const exclude = [...document.querySelectorAll(".zv-board")].filter((board) => !board.offsetParent);
          const asked = { ...rules, resultTypes: ["violations"], preload: false };
          const { violations } = await axe.run({ include: [within], exclude }, asked);
          return violations.flatMap(({ id, nodes }) => nodes.map((node) =>
            `${id}: ${node.target} ${node.html.slice(0, 120)} ${[...node.any, ...node.all, ...node.none][0]?.message}`));
        }""",
        [rules, within],
    )
    return said


def everything(page: Page, theme: str, size: tuple[int, int]) -> list[str]:
    """All rules in one theme, and in the other one what a theme can change."""
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    other = {"light": "dark", "dark": "light"}[theme]
    _dress(page, other)
    said = found(page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
    _dress(page, theme)
    return said + found(page, {"runOnly": STANDARDS})


def _dress(page: Page, theme: str) -> None:
    page.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")


MOST_STOPS = 48  # of the Tab key through a whole tab
FOCUS = """() => {
  const one = document.activeElement;
  const drawn = [one, one.nextElementSibling, one.parentElement, one.querySelector("img, .zv-frame")].filter(Boolean);
  return [one.outerHTML.slice(0, 90), drawn.some((part) => getComputedStyle(part).outlineStyle !== "none")];
}"""


@each_tab
def test_the_tab_key_goes_through_a_whole_tab_in_few_steps_and_is_seen_everywhere(place: TabPlace, page: Page) -> None:
    open_tab(page, place.title)
    settle(page, place.name)
    page.evaluate("document.activeElement.blur()")
    page.mouse.click(2, 2)
    stops = []
    while len(stops) <= MOST_STOPS:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        stops.append(page.evaluate(FOCUS))
    assert [html for html, seen in stops if not seen] == []
    sliders = [number for number, (html, _) in enumerate(stops, 1) if 'type="range"' in html]
    assert place is not TABS[0] or sliders[0] <= 10
    assert 12 < len(stops) <= MOST_STOPS


def test_links_at_the_top_lead_to_the_parts_of_the_open_tab_and_tabs_answer_the_arrow_keys(page: Page) -> None:
    page.focus(".zv-skips a")
    page.keyboard.press("End")
    wanted = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    reached = page.evaluate("document.activeElement.tagName + document.activeElement.innerText")
    assert f"Skip to {reached.removeprefix('H2').rstrip(':')}" == wanted
    for place in reversed(
        TABS
    ):  # links are named before a tab that was opened is shown; the first tab again is the last
        open_tab(page, place.title)
        settle(page, place.name)
        page.wait_for_function("() => document.querySelectorAll('.zv-skips a').length > 2")
        named = page.eval_on_selector_all(".zv-skips a", "all => all.map((one) => one.textContent.trim())")
        assert "Skip to" not in named
    page.focus("[role=tab][aria-selected=true]")
    before = page.inner_text("[role=tab][aria-selected=true]")
    page.keyboard.press("ArrowLeft")
    after = page.evaluate("document.activeElement.innerText")
    assert after != before and page.inner_text("[role=tab][aria-selected=true]") == after
    page.keyboard.press("ArrowRight")
    assert page.inner_text("[role=tab][aria-selected=true]") == before


def test_a_word_of_the_page_is_explained_beside_it_and_the_keyboard_comes_back(page: Page) -> None:
    board = ".zv-board:visible"
    marks = page.locator(f"{board} .zv-what:visible")
    mark = marks.last
    about = mark.locator("xpath=..")
    mark.scroll_into_view_if_needed()
    mark.focus()
    page.keyboard.press("Enter")
    meaning = page.locator("#zv-meaning")
    assert meaning.locator("p").inner_text() in [term.says for term in TERMS]
    assert mark.get_attribute("aria-expanded") == "true"
    explained, said = about.bounding_box(), meaning.bounding_box()
    assert said["y"] >= explained["y"] + explained["height"] or said["y"] + said["height"] <= explained["y"]
    assert found(page, {"runOnly": STANDARDS}, "#zv-meaning") == []
    page.keyboard.press("Escape")
    assert meaning.is_hidden() and mark.evaluate("one => one === document.activeElement")
    mark.click()
    assert meaning.is_visible()
    mark.click()
    assert meaning.is_hidden()
    stops = page.eval_on_selector_all(
        f"{board.removesuffix(':visible')} .zv-card",
        """cards => cards.map((card) =>
      [...card.querySelectorAll(".zv-what")].filter((one) => one.tabIndex === 0).length)""",
    )
    assert max(stops) == 1


def test_a_message_over_the_page_can_be_closed_and_goes_with_what_is_done_next(page: Page) -> None:
    said = "zslviz.tell.toast('Choose another one.')"
    page.evaluate(said)
    assert page.inner_text("#zv-toast").startswith("Choose another one.")
    page.click("#zv-toast button")
    assert page.is_hidden("#zv-toast")
    page.evaluate(said)
    page.mouse.click(2, 2)
    assert page.is_hidden("#zv-toast")


@each_tab
def test_axe_finds_nothing(place: TabPlace, page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    open_tab(page, place.title)
    settle(page, place.name)
    assert everything(page, "light", WIDE) == []
    page.evaluate(EDITS.get(place.name, "0"))
    fake = tmp_path / "holiday.jpg"
    fake.write_text("this is no picture")
    page.set_input_files(f"#zv-{place.name} .zv-file", fake)
    page.wait_for_selector(f'#zv-{place.name} .zv-status[data-kind="error"]')
    settle(page, place.name)
    assert everything(page, "dark", NARROW) == []
