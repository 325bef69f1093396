"""The tab *Explain & edit* as a visitor uses it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.conftest import ROOT, Browser, Page, open_page, settle, unfold
from zslviz.ui.tabs import TABS


def ranking(page: Page) -> list[object]:
    """Names, ranks, scores and bars as drawn, and the numbers behind them to the last digit."""
    settle(page)
    drawn = page.eval_on_selector_all(
        ".zv-first-three li",
        "all => all.map(one => [one.className, one.innerText, one.querySelector('.zv-bar').style.width])",
    )
    return [*drawn, page.evaluate("JSON.stringify(zslviz.tabs.explain.state.ranking)")]


def row(page: Page, number: int, where: str = ".zv-six") -> object:
    """A row of the six attributes that decide, or of another list that is named."""
    return page.locator(f"{where} .zv-row:not([hidden])").nth(number)


def move(page: Page, number: int, key: str = "PageUp", times: int = 3, where: str = ".zv-six") -> None:
    slider = row(page, number, where).locator("input[type=range]")
    slider.focus()
    for _ in range(times):
        slider.press(key)
    settle(page)


def test_opens_with_an_example_explained(browser: Browser, address: str) -> None:
    page = open_page(browser, address)  # in the tab that tests share, folds have been opened
    assert page.locator(".zv-first-three li").count() == 3
    assert page.locator("#zv-explain .zv-large canvas").count() == 1
    assert page.locator(".zv-thumbnails button").count() == 8
    assert page.locator(".zv-six .zv-row").count() == 6
    assert page.locator(".zv-rows .zv-row").count() == 0, "what is folded away is not drawn"
    page.wait_for_function("document.querySelector('.zv-status').innerText.startsWith('Ready for your own photo')")
    assert page.locator(".zv-note").is_visible() == bool(page.evaluate("zslviz.tabs.explain.state.x.note"))
    assert page.errors == []
    page.close()


def test_what_scripts_share_is_under_one_name(page: Page) -> None:
    types = (ROOT / "zslviz" / "ui" / "shared" / "types.d.ts").read_text(encoding="utf-8")
    told = types.partition("interface Zslviz {")[2].partition("\n}")[0]
    shared = set(re.findall(r"^  (\w+)", told, re.MULTILINE))
    assert set(page.evaluate("Object.keys(zslviz)")) == shared
    assert page.evaluate("Object.keys(zslviz.tabs)") == [place.name for place in TABS]


def test_an_edit_changes_ranking_and_marks_the_row_and_undo_restores_exactly(page: Page) -> None:
    unfold(page, "editor")
    assert page.locator(".zv-rows .zv-row").count() == page.evaluate("zslviz.tabs.explain.state.x.attributes.length")
    first = ranking(page)
    move(page, 0)
    edited = ranking(page)
    assert edited != first
    assert "zv-changed" in row(page, 0).get_attribute("class")
    assert page.locator(".zv-ghost").first.is_visible()
    assert "1 changed" in page.inner_text(".zv-count")
    move(page, 7, "PageDown", where=".zv-rows")
    while page.locator(".zv-undo").is_enabled():
        page.locator(".zv-undo").click()
        settle(page)
    assert ranking(page) == first
    assert page.locator(".zv-rows .zv-changed").count() == 0
    while page.locator(".zv-redo").is_enabled():
        page.locator(".zv-redo").click()
        settle(page)
    assert page.locator(".zv-rows .zv-changed").count() == 2


def test_the_keyboard_edits_undoes_and_redoes(page: Page) -> None:
    first = ranking(page)
    move(page, 1, "ArrowRight", 20)
    edited = ranking(page)
    assert edited != first
    page.keyboard.press("Control+z")
    assert ranking(page) == first
    page.keyboard.press("Control+y")
    assert ranking(page) == edited
    number, words = row(page, 1).locator(".zv-value"), row(page, 1).locator(".zv-number-words")
    for text, value in (("1.25", 1.25), ("0,4", 0.4), ("−0.3", -0.3)):
        number.fill(text)
        settle(page)
        assert page.evaluate("Object.values(zslviz.tabs.explain.state.image)") == [value]
    row(page, 1).locator("input[type=range]").focus()
    page.keyboard.type("0.6")  # goes into the number, which is no stop of its own
    assert number.evaluate("one => one === document.activeElement && one.tabIndex") == -1
    assert page.evaluate("Object.values(zslviz.tabs.explain.state.image)") == [0.6]
    number.fill("-0.3")
    number.fill("5")
    assert words.inner_text() == "5.00 is not on the scale, which goes from −0.50 to 1.5. 1 is fully there."
    assert page.evaluate("Object.values(zslviz.tabs.explain.state.image)") == [-0.3]
    number.blur()
    assert number.input_value() == "−0.30" and words.is_hidden()
    row(page, 1).locator(".zv-row-reset").click()
    assert ranking(page) == first


def test_a_class_edit_is_another_thing_than_an_edit_of_the_photo(page: Page) -> None:
    unfold(page, "editor")
    first = ranking(page)
    page.locator(".zv-editor .zv-segments label", has_text="What a class is said").click()
    top = page.evaluate("zslviz.tabs.explain.state.ranking.classes[0].index")
    assert page.input_value("#zv-class") == str(top)
    move(page, 0, "Home", 1, ".zv-rows")
    assert page.evaluate("[zslviz.tabs.explain.state.image, Object.keys(zslviz.tabs.explain.state.classes)]") == [
        {},
        [str(top)],
    ]
    assert ranking(page) != first
    page.locator(".zv-editor .zv-segments label", has_text="What the model saw").click()
    assert page.locator(".zv-rows .zv-changed").count() == 0
    page.locator(".zv-reset-all").click()
    assert ranking(page) == first


def test_gamma_and_unseen_only(page: Page) -> None:
    unfold(page, "classes")
    first = ranking(page)
    slider = page.locator("#zv-gamma")
    slider.focus()
    slider.press("End")
    assert ranking(page) != first
    assert page.locator(".zv-every-class li").first.get_attribute("class").startswith("zv-unseen")
    page.locator(".zv-gamma-reset").click()
    assert ranking(page) == first
    page.locator("#zv-unseen-only").check()
    settle(page)
    assert page.locator(".zv-classes li.zv-seen").count() == 0
    assert slider.is_disabled(), "there is nobody who would carry a handicap"
    page.locator("#zv-unseen-only").uncheck()
    assert ranking(page) == first


def test_a_click_on_a_class_says_why_not(page: Page) -> None:
    unfold(page, "classes")
    assert page.locator(".zv-every-class li").count() == page.evaluate("zslviz.tabs.explain.state.x.classes.length")
    page.locator(".zv-every-class button").nth(3).click()
    unfold(page, "why")
    asked = page.evaluate("zslviz.tabs.explain.state.ranking.classes[3].name")
    assert asked in page.inner_text(".zv-why-title")
    shown = page.eval_on_selector_all(".zv-waterfall .zv-step .zv-number", "all => all.map(one => one.textContent)")
    values = [float(text.replace("−", "-")) for text in shown]
    assert sum(values[:-1]) == pytest.approx(values[-1], abs=0.005 * len(values))
    page.locator(".zv-first-three button").first.click()
    settle(page)


def test_every_row_of_the_editor_names_its_attribute(page: Page) -> None:
    unfold(page, "editor")
    labels = page.eval_on_selector_all(".zv-rows input", "all => all.map(one => one.getAttribute('aria-label'))")
    assert len(set(labels)) == 2 * page.locator(".zv-rows .zv-row").count()


def test_search_sort_and_groups(page: Page) -> None:
    unfold(page, "editor")
    everything = page.locator(".zv-rows .zv-row").count()
    page.fill("#zv-search", "wh")
    found = page.eval_on_selector_all(
        ".zv-rows .zv-row:not([hidden])", "all => all.map(one => one.getAttribute('aria-label'))"
    )
    assert 0 < len(found) < everything
    page.fill("#zv-search", "nothing is called this")
    assert page.locator(".zv-empty").is_visible()
    page.fill("#zv-search", "")
    page.select_option("#zv-sort", "value")
    values = page.eval_on_selector_all(".zv-row .zv-meter-seen b", "all => all.map(one => one.textContent)")
    numbers = [float(v.replace("−", "-")) for v in values]
    assert numbers == sorted(numbers, reverse=True)
    page.select_option("#zv-sort", "group")
    group = page.locator(".zv-group").first
    shown = page.locator(".zv-rows .zv-row:not([hidden])").count()
    group.click()
    assert group.get_attribute("aria-expanded") == "false"
    assert page.locator(".zv-rows .zv-row:not([hidden])").count() < shown
    group.click()
    page.select_option("#zv-sort", "pull")


def test_downloads_are_the_overlay_at_full_size_and_the_scores(page: Page) -> None:
    move(page, 0)
    unfold(page, "editor")
    with page.expect_download() as overlay:
        page.locator("#zv-explain .zv-maps .zv-save").click()
    with Image.open(overlay.value.path()) as image:
        assert list(image.size) == page.evaluate(
            "[zslviz.tabs.explain.state.x.width, zslviz.tabs.explain.state.x.height]"
        )
    with page.expect_download() as table:
        page.locator(".zv-csv").click()
    rows = list(csv.DictReader(io.StringIO(Path(table.value.path()).read_text(encoding="utf-8"))))
    assert sum(r["kind"] == "attribute" and r["before"] != r["after"] for r in rows) == 1
    with page.expect_download() as data:
        page.locator(".zv-json").click()
    assert len(json.loads(Path(data.value.path()).read_text(encoding="utf-8"))["after_edits"]["edits"]) == 1


def test_another_visitor_sees_nothing_of_it(page: Page, browser: Browser, address: str) -> None:
    first = ranking(page)
    move(page, 0)
    edited = ranking(page)
    other = open_page(browser, address)
    assert ranking(other) == first
    move(other, 4, "End", 1)
    assert ranking(page) == edited
    assert page.evaluate("Object.keys(zslviz.tabs.explain.state.image).length") == 1
    other.close()


def test_an_own_photo_and_another_model(browser: Browser, address: str, tmp_path: Path) -> None:
    tab = open_page(browser, address)
    handle = tab.evaluate("zslviz.tabs.explain.state.x.handle")
    picture = tmp_path / "mine.png"
    Image.effect_noise((90, 160), 60).convert("RGB").save(picture)
    tab.set_input_files(".zv-file", picture)
    tab.wait_for_function("old => zslviz.tabs.explain.state.x.handle !== old", arg=handle)
    handle, model = tab.evaluate("[zslviz.tabs.explain.state.x.handle, zslviz.tabs.explain.state.x.model]")
    names = tab.eval_on_selector_all(".zv-model option", "all => all.map(one => one.value)")
    if len(names) == 1:
        tab.close()
        pytest.skip("only one model is shipped")
    tab.select_option(".zv-model", next(name for name in names if name != model))
    tab.wait_for_function("old => zslviz.tabs.explain.state.x.handle !== old", arg=handle)
    assert tab.inner_text(".zv-title") == "mine.png"
    assert tab.evaluate("zslviz.tabs.explain.state.x.model") != model
    settle(tab)
    assert tab.errors == []
    tab.close()


def test_an_example_of_the_other_classes_brings_its_model(browser: Browser, address: str) -> None:
    tab = open_page(browser, address)
    data = tab.evaluate("zslviz.tabs.explain.state.x.data")
    others = tab.evaluate(
        "zslviz.tabs.explain.examples.filter(e => e.space !== zslviz.tabs.explain.state.x.data).map(e => e.file)"
    )
    if not others:
        tab.close()
        pytest.skip("all examples belong to the same classes")
    move(tab, 0)
    tab.locator(f'.zv-examples button[data-file="{others[0]}"]').click()
    tab.wait_for_function("old => zslviz.tabs.explain.state.x.data !== old", arg=data)
    assert tab.get_attribute(f'.zv-examples button[data-file="{others[0]}"]', "aria-pressed") == "true"
    settle(tab)
    unfold(tab, "editor")
    assert tab.locator(".zv-rows .zv-row").count() == tab.evaluate("zslviz.tabs.explain.state.x.attributes.length")
    assert tab.locator(".zv-row.zv-changed").count() == 0
    assert tab.errors == []
    tab.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_edits_do_not_move_the_layout(browser: Browser, address: str, width: int) -> None:
    page = open_page(browser, address, width=width)
    measure = """() => [...document.querySelectorAll(".zv-panel")].map((one) => one.offsetHeight)"""
    before = page.evaluate(measure)
    move(page, 0)
    move(page, 3, "End", 1)
    assert page.evaluate(measure) == before
    page.close()
