"""In colours that the visitor's system forces, sliders, bars and what is chosen are still seen, in every tab."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import Browser, Page, open_page, open_tab, settle
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.ui.tabs import TABS, TabPlace

PLACES = [place for place in TABS if list_checkpoints(task=place.task)]
MOST = 12  # elements of a kind that are looked at in a tab
CHOSEN = """[...document.querySelectorAll(
  ".zv-board :is([aria-pressed='true'], .zv-segments input:checked + span, .zv-asked button), [role=tab][aria-selected='true']"
)].filter((one) => one.checkVisibility()).map((one) => {
  const { outlineStyle, outlineWidth, borderBottomWidth, borderBottomStyle } = getComputedStyle(one);
  const marked = (style, width) => style === "solid" && parseFloat(width) >= 2;
  const seen = marked(outlineStyle, outlineWidth) || marked(borderBottomStyle, borderBottomWidth);
  return [one.className || one.outerHTML.slice(0, 80), seen];
})"""


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    opened = open_page(browser, address)
    opened.emulate_media(forced_colors="active")
    yield opened
    opened.close()


def drawn(page: Page, selector: str) -> list[float]:
    """Of every visible element, how much of the row of pixels that is drawn most has another colour than what is around."""
    found = []
    for one in page.locator(f"{selector}:visible").all()[:MOST]:
        if (one.bounding_box() or {"width": 0})["width"] < 8:
            continue
        pixels = np.asarray(Image.open(io.BytesIO(one.screenshot())).convert("RGB"), dtype=int)
        found.append(float((np.abs(pixels - 255).sum(axis=2) > 150).mean(axis=1).max()))  # Canvas is white here
    return found


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_sliders_bars_and_choices_are_seen(page: Page, place: TabPlace) -> None:
    open_tab(page, place.title)
    settle(page, place.name)
    board = f"#zv-{place.name}"
    tracks = drawn(page, f"{board} input[type=range]")
    assert tracks and min(tracks) > 0.8
    bars = drawn(page, f"{board} .zv-bar")
    assert bars and min(bars) > 0.3
    chosen = page.evaluate(CHOSEN)
    assert len(chosen) >= 2 and [name for name, seen in chosen if not seen] == []


def test_examples_of_what_was_trained_on_are_told_from_the_others(page: Page) -> None:
    open_tab(page, TABS[0].title)
    settle(page, TABS[0].name)
    lightness = {}
    for kind in ("seen", "unseen"):
        mark = page.locator(f"#zv-{TABS[0].name} .zv-grid button.zv-{kind}:visible").first
        pixels = np.asarray(Image.open(io.BytesIO(mark.screenshot())).convert("L"))
        lightness[kind] = int(pixels[-8, -8])  # the middle of the mark in the corner
    assert lightness == {"seen": 0, "unseen": 255}  # CanvasText fills it, or Canvas
