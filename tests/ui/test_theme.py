"""Styles and scripts are found in their folders, all of them, in an order that does not depend on the machine."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import ROOT
from zslviz.ui.tabs import TABS
from zslviz.ui.theme import files, head

UI = ROOT / "zslviz" / "ui"
NAMES = [place.name for place in TABS]


def test_every_style_and_script_is_on_the_page_once() -> None:
    for ending in (".css", ".js"):
        found = files(ending, NAMES)
        modules = set((UI / "twin").iterdir())  # which what needs them imports
        assert sorted(found) == sorted(set(UI.rglob(f"*{ending}")) - modules)
        text = head(NAMES)
        assert all(text.count(path.read_text(encoding="utf-8")) == 1 for path in found)


def test_shared_ones_come_first_then_the_tabs_in_order_each_led_by_its_state() -> None:
    scripts = files(".js", NAMES)
    folders = [path.parent.name for path in scripts]
    assert folders == sorted(folders, key=["shared", *NAMES].index)
    first = {path.parent.name: path.name for path in reversed(scripts)}
    assert first == {"shared": "store.js"} | dict.fromkeys(NAMES, "state.js")


def test_a_page_has_only_what_its_tabs_need() -> None:
    folders = {path.parent for path in files(".js", NAMES[1:2])}
    assert folders == {UI / "shared", UI / "tabs" / NAMES[1]}


def test_every_script_is_checked_for_its_types() -> None:
    unchecked: list[Path] = [
        p for p in files(".js", NAMES) if not p.read_text(encoding="utf-8").startswith("// @ts-check\n")
    ]
    assert unchecked == []
