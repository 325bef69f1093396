"""What it would take, on the page: how far away classes are, and edits that are made at once and taken back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

STATE = "zslviz.tabs.explain.state"
FIRST = f"{STATE}.ranking.classes[0].index"


def test_edits_that_make_a_class_first_are_found_made_and_taken_back(page: Page) -> None:
    page.wait_for_function(f"{STATE}.away.size >= 5")
    away = page.evaluate(f"Object.fromEntries({STATE}.away)")
    said = re.compile(
        r"1 edit away|\d+ edits away|out of reach|"
    )  # nothing where no way was found, nor that there is none
    assert all(said.fullmatch(words) for words in away.values()) and any(away.values())
    expect(page.locator(".zv-first-three .zv-name[data-away]").first).to_be_visible()
    before = page.evaluate(FIRST)
    page.locator(".zv-would summary").click()
    expect(page.locator(".zv-would-said")).to_contain_text("If the model had seen ")
    target = int(page.locator(".zv-would-class").input_value())
    assert target != before
    page.locator(".zv-would-all").click()
    page.wait_for_function(f"{FIRST} === {target}")
    expect(page.locator(".zv-would-proof")).to_contain_text("is first now.")
    expect(page.locator(".zv-would-edits [aria-pressed='true']").first).to_be_visible()
    page.evaluate("zslviz.tabs.explain.history.undo()")  # all of them are one step
    page.wait_for_function(f"{FIRST} === {before}")
    assert page.evaluate(f"Object.keys({STATE}.image).length") == 0
    first = page.locator(".zv-would-edits button").first.inner_text()
    page.locator(".zv-would-lock").first.click()
    expect(page.locator(".zv-would-proof")).to_contain_text("Kept as they are: ")
    expect(page.locator(".zv-would-edits")).not_to_contain_text(first)
    page.evaluate("zslviz.tabs.explain.resetEdits()")
