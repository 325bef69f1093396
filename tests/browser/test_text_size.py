"""A browser whose own text is twice as large shows all of the page twice as large, with nothing cut and no scrolling sideways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.page_server import CHROMIUM_ARGUMENTS
from tests.browser.conftest import CHROMIUM, Browser, Page, open_page, open_tab, settle
from zslviz.ui.tabs import TABS

TEXTS = (
    ".zv-said", ".zv-first-three .zv-name", ".zv-six .zv-attr", ".zv-six .zv-value", ".zv-equation", ".zv-photo .zv-title",
    ".zv-header-tools .zv-share", "[role=tab]", ".zv-ticks", ".zv-brand",
)  # fmt: skip
MEASURE = """selectors => selectors.map((one) => {
  const { fontSize } = getComputedStyle(document.querySelector(one));
  return [one, parseFloat(fontSize)];
})"""
# What screen readers alone are told is a point.
CUT = """tab => [...document.querySelectorAll(`#zv-${tab} :is(button, h2, p, summary)`)]
  .filter((one) => one.offsetParent && one.textContent.trim() && !one.closest(".zv-skips"))
  .filter((one) => one.clientHeight > 4)
  .filter((one) => getComputedStyle(one).overflowY === "hidden" && one.scrollHeight > one.clientHeight + 2)
  .map((one) => `${one.className}: ${one.textContent.trim().slice(0, 40)}`)"""


@pytest.fixture(scope="module")
def large(browser: Browser, address: str) -> Iterator[Page]:
    """The page in a browser whose text size is 32 pixels."""
    started = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS, "--blink-settings=defaultFontSize=32"]
    )
    yield open_page(started, address)
    started.close()


def pairs_stay_in_sight(large: Page) -> None:
    """A pair that is chosen elsewhere lies beneath no head of the matrix; a page of it is less than what is in sight."""
    seen = """place => {
      const [cell, head, box] = [`td[data-at="${place}"]`, ".zv-corner", ".zv-matrix-box"].map((one) =>
        document.querySelector("#zv-compose " + one).getBoundingClientRect());
      return [cell.left - head.right, cell.top - head.bottom, box.right - cell.right, box.bottom - cell.bottom].map(Math.round);
    }"""
    state = "zslviz.tabs.compose.state"
    rows, columns = large.evaluate(f"[{state}.space.states.length, {state}.space.objects.length]")
    for row, column in ((rows - 1, columns - 1), (0, 0), (rows // 2, columns - 1), (rows - 1, 0)):
        large.evaluate(
            f"([i, j]) => zslviz.tabs.compose.select([{state}.space.states[i].name, {state}.space.objects[j].name])",
            [row, column],
        )
        settle(large, "compose")
        assert min(large.evaluate(seen, f"{row} {column}")) >= -1, f"row {row}, column {column}"
    large.locator('.zv-table td[data-at="0 0"]').focus()
    large.keyboard.press("PageDown")
    moved = int(large.evaluate("document.activeElement.dataset.at.split(' ')[0]"))
    sight = large.evaluate(
        """() => {
          const [box, head, row] = [".zv-matrix-box", ".zv-corner", ".zv-table tbody tr"].map((one) =>
            document.querySelector("#zv-compose " + one).getBoundingClientRect());
          return (Math.min(box.bottom, innerHeight * 4) - box.top - head.height) / row.height;
        }"""
    )
    assert 1 <= moved <= sight and moved >= sight - 3


def test_text_twice_as_large_grows_all_of_the_page(page: Page, large: Page) -> None:
    assert large.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    usual = dict(page.evaluate(MEASURE, list(TEXTS)))
    for text, size in large.evaluate(MEASURE, list(TEXTS)):  # laid out for less room, some letters are a little smaller
        assert size >= 1.6 * usual[text], f"{text}: {usual[text]} px, and {size} px"
    for place in TABS:
        open_tab(large, place.title)
        settle(large, place.name)
        wide = large.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{place.title} is {wide} px wider than the window"
        cut = large.evaluate(CUT, place.name)
        assert cut == []
        if place.name == "compose":
            pairs_stay_in_sight(large)
    assert large.errors == []
