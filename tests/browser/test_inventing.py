"""Classes that a visitor makes up: they compete at once, with what was said as chips, and come along in links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError as TimedOut
from playwright.sync_api import expect

from tests.browser.conftest import Browser, Page, both_say, open_page, same, settle
from tests.conftest import ROOT
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint

STATE = "zslviz.tabs.explain.state"
SENTENCE = "like a horse but with black and white stripes, flurgly and small"


@pytest.fixture(scope="module")
def tab(browser: Browser, address: str) -> Iterator[Page]:
    """A visitor's page with the fold opened, for tests that come one after the other."""
    page = open_page(browser, address)
    page.locator(".zv-invent > summary").click()
    yield page
    page.close()


def made(page: Page, count: int) -> list[str]:
    """The names of the classes that were made up, once there are so many."""
    named = f"{STATE}.invented.map(({{ name }}) => name)"
    try:
        page.wait_for_function(f"{STATE}.invented.length === {count}")
    except TimedOut:
        said = page.inner_text(".zv-invent-said")
        raise AssertionError(f"{count} were to be made, there are {page.evaluate(named)}; said is “{said}”") from None
    settle(page)
    names: list[str] = page.evaluate(named)
    assert page.locator(".zv-invented > li").count() == count
    assert page.evaluate(f"{STATE}.x.classes.length - {STATE}.x.own.length") == count
    return names


def way(page: Page, name: str) -> None:
    page.locator(f"[name='zv-invent-way'][value='{name}'] + span").click()  # where nothing lies over it


def a_sentence_makes_a_class_whose_words_are_chips(tab: Page) -> None:
    before = tab.evaluate(f"{STATE}.ranking.competing")
    tab.locator(".zv-invent-make").click()
    expect(tab.locator(".zv-invent-said")).to_contain_text("Write what it is like")
    assert tab.locator("#zv-invent-words").get_attribute("placeholder") == "like a horse but less spots"
    tab.locator("#zv-invent-words").fill("quite wonderful")
    tab.keyboard.press("Enter")
    expect(tab.locator(".zv-invent-said")).to_contain_text("Nothing in “quite wonderful” names a class", timeout=60_000)
    assert tab.locator("#zv-invent-words").input_value() == "quite wonderful"  # nothing is lost
    tab.locator("#zv-invent-words").fill(SENTENCE)
    tab.keyboard.press("Enter")
    (name,) = made(tab, 1)
    assert tab.evaluate(f"{STATE}.ranking.competing") == before + 1
    assert tab.locator(".zv-made-words b").all_inner_texts() == ["horse", "black", "white", "stripes", "small"]
    expect(tab.locator(".zv-made-words s")).to_contain_text("flurgly")
    expect(tab.locator(".zv-made-told")).to_contain_text("Nearest real class: Horse")
    stripes = tab.get_by_label("stripes, number")
    values = f"{STATE}.invented[0].values[{STATE}.x.attributes.indexOf('stripes')]"
    tab.context.set_offline(True)  # every later edit is the page's own
    stripes.fill("0,4")
    stripes.press("Enter")
    tab.wait_for_function(f"{values} === 0.4")
    stripes.fill("many")
    stripes.press("Enter")
    assert stripes.input_value() == "0.40"
    tab.get_by_role("slider", name="stripes", exact=True).press("ArrowRight")
    tab.wait_for_function(f"{values} === 0.41")
    tab.context.set_offline(False)
    label = tab.locator(".zv-invented input").first
    label.fill("horse")
    label.press("Enter")
    assert label.input_value() == name  # there is one
    label.fill("my zebra")
    label.press("Enter")
    assert made(tab, 1) == ["My zebra"]
    for what in ("rank", "said", "what_ifs"):
        same(*both_say(tab, "explain", what))


def parts_photos_a_table_and_nothing_make_classes_without_the_server_but_the_table(tab: Page, tmp_path: Path) -> None:
    assert made(tab, 1) == ["My zebra"], "of the test before this one"
    tab.context.set_offline(True)
    way(tab, "parts")
    tab.locator(".zv-invent-base").select_option(label="Horse ○")
    tab.locator(".zv-invent-add").click()
    part, giver = (tab.locator(".zv-invent-parts select").nth(i) for i in range(2))
    part.select_option(label="coat and pattern")
    giver.select_option(label="Zebra ●")
    tab.locator(".zv-invent-make").click()
    assert made(tab, 2)[1] == "Horse + coat and pattern of Zebra"
    tab.get_by_label("coat and pattern of Zebra, number").fill("0.5")
    tab.keyboard.press("Enter")
    expect(tab.locator(".zv-made-told").last).to_contain_text("By parts: Horse; 50% coat and pattern of Zebra.")
    way(tab, "photos")
    tab.locator(".zv-invent-this").click()
    tab.locator(".zv-invent-make").click()
    assert made(tab, 3)[2] == "Like Giraffe"
    expect(tab.locator(".zv-classes:visible .zv-name").filter(has_text="◇").first).to_be_visible()
    way(tab, "blank")
    tab.locator(".zv-invent-make").click()
    assert made(tab, 4)[3] == "New class"
    expect(tab.locator("#zv-class")).to_have_value(str(tab.evaluate(f"{STATE}.x.own.length") + 3))
    tab.context.set_offline(False)
    way(tab, "photos")
    tab.locator("[data-way='photos'] .zv-file").set_input_files([ROOT / "assets" / "examples" / "sheep.jpg"])
    expect(tab.locator(".zv-invent-photos li")).to_contain_text("sheep.jpg", timeout=60_000)
    way(tab, "table")
    table = tmp_path / "odd.csv"
    known = tab.evaluate(f"{STATE}.x.own.map(({{ name }}) => name)")  # their lines make it longer than one text may be
    lines = "".join(f"{name}{' ' * 100};50 %;50 %\n" for name in known)
    table.write_text(f"\ufeffclass;Stripes;big\n{lines}mine, too;90 %;40 %\n", encoding="utf-8")
    tab.locator("[data-way='table'] .zv-file").set_input_files(table)
    assert made(tab, 5)[4] == "Mine, too"
    table.write_text("class;wool\nx;1\n", encoding="utf-8")
    tab.locator("[data-way='table'] .zv-file").set_input_files(table)
    expect(tab.locator(".zv-invent-said")).to_contain_text("has a column 'wool', which the model does not know")
    tab.locator("[data-way='table'] .zv-file").set_input_files(ROOT / "assets" / "examples" / "cow.jpg")
    expect(tab.locator(".zv-invent-said")).to_have_text(
        "'cow.jpg' is not a text file in UTF-8; save it as CSV (UTF-8)."
    )


def they_come_along_in_the_link_and_leave_as_a_table(tab: Page, browser: Browser, address: str, tmp_path: Path) -> None:
    tab.evaluate(f"zslviz.tabs.explain.edit({STATE}.x.own.length + 3, 2, 0.9)")
    names = f"{STATE}.invented.map(({{ name, values, fewShot }}) => [name, values, fewShot])"
    state = f"JSON.stringify([{names}, {STATE}.classes, {STATE}.ranking])"
    settle(tab)
    told = tab.evaluate(state)
    link = tab.evaluate("zslviz.link.address().url")
    other = browser.new_page()
    other.goto(link)
    other.wait_for_function(f"window.zslviz && {STATE}.x && {STATE}.invented.length === 5")
    settle(other)
    assert json.loads(other.evaluate(state))[:2] == json.loads(told)[:2]
    same(json.loads(other.evaluate(state))[2], json.loads(told)[2])
    other.close()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="CSV: New class").click()
    download.value.save_as(tmp_path / "new.csv")
    space = AttributeCheckpoint.load("mgmrn-awa2").space.from_csv(
        tmp_path / "new.csv", AttributeCheckpoint.load("mgmrn-awa2").space
    )
    assert space.classes == ("New class",) and not space.seen[0]
    assert space.table[0, 2] == pytest.approx(0.9)
    tab.get_by_role("button", name="Remove: My zebra").click()
    assert made(tab, 4)[0] == "Horse + coat and pattern of Zebra"
    assert tab.evaluate(f"Object.keys({STATE}.classes)") == [str(tab.evaluate(f"{STATE}.x.own.length") + 2)]  # its edit
    tab.evaluate("zslviz.tabs.explain.history.undo()")
    assert made(tab, 5)[0] == "My zebra"
    tab.evaluate("while (zslviz.tabs.explain.history.canUndo()) zslviz.tabs.explain.history.undo()")
    assert made(tab, 0) == []
    assert tab.errors == [one for one in tab.errors if "ERR_INTERNET_DISCONNECTED" in one]


def test_classes_are_made_up_come_along_and_leave(tab: Page, browser: Browser, address: str, tmp_path: Path) -> None:
    """One after the other, each with what the one before it has made."""
    a_sentence_makes_a_class_whose_words_are_chips(tab)
    parts_photos_a_table_and_nothing_make_classes_without_the_server_but_the_table(tab, tmp_path)
    they_come_along_in_the_link_and_leave_as_a_table(tab, browser, address, tmp_path)
