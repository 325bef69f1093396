"""The newest request wins, however fast a visitor chooses: photos, models, a photo of her own, in every tab."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import (
    EXAMPLES,
    SLOW_SECONDS,
    Browser,
    SlowService,
    click,
    example,
    open_page,
    settle,
    wait_for,
)
from zslviz.ui.tabs import TABS

STATE = "zslviz.tabs.explain.state"
each_tab = pytest.mark.parametrize("tab", [place.name for place in TABS])


@each_tab
def test_the_newest_of_several_photos_is_shown_however_fast_they_are_chosen(
    browser: Browser, slow_address: str, slow_service: SlowService, tab: str
) -> None:
    page = open_page(browser, slow_address, tab)
    files = [example(page, tab, number) for number in range(1, EXAMPLES)]
    for number, pause in enumerate((0, 50, 600)):
        first, second = files[2 * number : 2 * number + 2]
        click(page, tab, first)
        page.wait_for_timeout(pause)
        click(page, tab, second)
        wait_for(page, tab, second)
    page.wait_for_timeout(SLOW_SECONDS * 1000 + 200)  # an answer that comes late changes nothing
    wait_for(page, tab, second)
    explained = slow_service.explained
    button = page.locator(f"#zv-{tab} .zv-examples button[data-file='{files[6]}']")
    button.dblclick()
    wait_for(page, tab, files[6])
    for _ in range(2):
        button.focus()
        page.keyboard.press("Enter")
    wait_for(page, tab, files[6])
    assert slow_service.explained - explained == 1, "a photo is explained once, however often it is asked for"
    assert page.errors == []
    page.close()


def test_the_newest_of_several_models_and_of_photo_and_upload_is_shown(
    browser: Browser, slow_address: str, tmp_path: Path
) -> None:
    page = open_page(browser, slow_address)
    names = page.eval_on_selector_all("#zv-explain .zv-model option", "all => all.map(one => one.value)")
    assert len(names) > 1
    page.locator("#zv-explain .zv-model").focus()
    for key in ("ArrowDown", "ArrowUp", "ArrowDown", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    page.wait_for_function(f"{STATE}.x.model === '{names[1]}'")
    settle(page)
    page.wait_for_timeout(SLOW_SECONDS * 1000 + 200)
    assert page.evaluate(f"{STATE}.x.model") == page.input_value("#zv-explain .zv-model") == names[1]
    picture = tmp_path / "mine.png"
    Image.fromarray(np.full((40, 60, 3), 90, np.uint8)).save(picture)
    file = example(page, "explain", 5)
    page.route("**/upload*", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.set_input_files("#zv-explain .zv-file", picture)
    click(page, "explain", file)  # while the photo is being sent
    wait_for(page, "explain", file)
    page.wait_for_timeout(SLOW_SECONDS * 1000 + 600)
    wait_for(page, "explain", file)
    page.close()
