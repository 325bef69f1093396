"""The page's own document: panels, styles and scripts, there before gradio is, and what the tabs begin with.

It is what a browser is given first, while gradio and the networks are still being loaded. Its scripts draw the first example from
its bundle, then fetch gradio's document (`GRADIO`), and what has been drawn moves into gradio's components. Its elements are
nested and named as gradio's, so that one set of styles lays out both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zslviz.ui.panel import template
from zslviz.ui.presenting import TITLE, presented
from zslviz.ui.served import Served, modules_version, zipped
from zslviz.ui.tab import Tab
from zslviz.ui.terms import terms_script

if TYPE_CHECKING:
    from zslviz.ui.tabs import TabPlace

GRADIO = "gradio"  # in the query of gradio's own document
_UI = Path(__file__).parent
_FIRST = ("shell", "store", "state")  # what the other files of a folder build upon
_THEME = """
(() => {
  const wanted = new URLSearchParams(location.search).get("__theme");
  const dark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.body.classList.toggle("dark", dark);
})();
"""


def files(ending: str, tabs: Iterable[str]) -> list[Path]:
    """The panels' files of a kind, in the order in which the page has them: the shared ones, then each tab's, in the tabs' order.

    Within a folder the styles of the bare page and the script that holds the state come first, the others by name.
    """
    folders = [_UI / "shared", *(_UI / "tabs" / tab for tab in tabs)]
    found = []
    for folder in folders:
        found += sorted(folder.glob(f"*{ending}"), key=lambda path: (path.stem not in _FIRST, path.name))
    return found


def all_of(ending: str, tabs: Iterable[str]) -> str:
    """The contents of the panels' files of a kind."""
    return "\n".join(path.read_text(encoding="utf-8") for path in files(ending, tabs))


def document(tabs: Sequence[Tab[Any, Any]]) -> Served:
    """The document of a page with these tabs, of which the first is open."""
    names = [tab.place.name for tab in tabs]
    begun = {"tabs": {tab.place.name: tab.begun() for tab in tabs}, "modules": f"twin/{modules_version()}/"}
    buttons = "".join(
        f'<button type="button" role="tab" data-tab-id="{tab.place.name}" aria-selected="{json.dumps(not number)}"'
        f' class="{"" if number else "selected"}">{escape(tab.place.title)}</button>'
        for number, tab in enumerate(tabs)
    )
    text = f"""<!doctype html>
<html lang="en" style="margin: 0; padding: 0; min-height: 100%; display: flex; flex-direction: column">
<head>
<meta charset="utf-8">
<base href="./">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(TITLE)}</title>
{presented()}
{"".join(preloads(tabs[0]))}
<style id="zv-style">
{all_of(".css", names)}
</style>
</head>
<body style="width: 100%; margin: 0; display: flex; flex-direction: column; flex-grow: 1">
<script>{_THEME}</script>
<div id="zv-shell" class="gradio-container zv-shell fill_width"><div class="main fillable app"><div class="wrap">
<main class="contain"><div class="column">
<div class="block zv-panel zv-header"><div class="html-container"><div class="zv-panel zv-header">
{headline([tab.place for tab in tabs])}</div></div></div>
<div class="tabs"><div class="tab-wrapper"><div class="tab-container" role="tablist">{buttons}</div></div>
{"".join(_item(tab, number == 0) for number, tab in enumerate(tabs))}
</div></div></main></div></div></div>
<script>
{all_of(".js", names)}
zslviz.terms = {terms_script()};
zslviz.begin({_inline(begun)});
</script>
</body>
</html>
"""
    return Served(zipped(text.encode()), "text/html; charset=utf-8", public=False, lasting=False)


def headline(places: Sequence[TabPlace]) -> str:
    """The top of the page: the name, what one does in the tab that is open, and a place for tools."""
    lines = "".join(f'<span class="zv-line" data-tab="{place.name}">{escape(place.line)}</span>' for place in places)
    shown = "".join(
        f'.gradio-container:has([data-tab-id="{place.name}"][aria-selected="true"]) .zv-line[data-tab="{place.name}"]'
        "{display:inline}"
        for place in places
    )
    return (
        f'<style>{shown}</style><div class="zv-headline"><nav class="zv-skips" aria-label="Skip to a part of the page"></nav>'
        f'<h1><span class="zv-brand">zslviz</span> {lines}</h1></div>'
        '<div class="zv-header-tools"></div>'
    )


def _item(tab: Tab[Any, Any], shown: bool) -> str:
    """What is under a tab, its panels in their places; of those that are not shown in a template, which is not laid out."""
    place = tab.place.name
    panels = "".join(
        f'<div class="block zv-panel zv-at-{name}"><div class="html-container"><div class="zv-panel zv-at-{name}">'
        f'<div class="zv-live" data-panel="{name}">{template(place, name)}</div></div></div></div>'
        for name in ("photo", *tab.panels())
    )
    board = f'<div class="column"><div id="zv-{place}" class="row zv-board unequal-height">{panels}</div></div>'
    inside = board if shown else f"<template>{board}</template>"
    hidden = "" if shown else " hidden"
    return f'<div class="tabitem" role="tabpanel" data-tab="{place}"{hidden}>{inside}</div>'


def preloads(tab: Tab[Any, Any]) -> Iterator[str]:
    """What the first example needs, so that it is on its way before the scripts are read."""
    if not tab.openings:
        return
    baked = tab.openings[0][1]
    for address in (f"model/{baked.digest}", baked.address):
        yield f'<link rel="preload" as="fetch" crossorigin href="{escape(address)}">\n'
    for name in needed_modules(all_of(".js", [tab.place.name])):
        yield f'<link rel="modulepreload" href="twin/{modules_version()}/{name}">\n'


def needed_modules(scripts: str) -> list[str]:
    """The modules of `twin/` that scripts name, and those that they import in turn."""
    known = {path.name: path for path in (_UI / "twin").glob("*.js")}
    found: dict[str, None] = {}
    waiting = [name for name in re.findall(r'"(\w+\.js)"', scripts) if name in known]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += re.findall(r'from "\./(\w+\.js)"', known[name].read_text(encoding="utf-8"))
    return list(found)


def _inline(value: Any) -> str:
    """A value as JSON within a script of a document."""
    return json.dumps(value, ensure_ascii=True).replace("</", "<\\/").replace("<!--", "<\\!--")
