"""The page's own document: panels, styles and scripts, there before gradio is, and what the tabs begin with.

It is what a browser is given first, while gradio and the networks are still being loaded. Its scripts draw the first example from
its bundle. What nobody sees at first, the scripts and styles of folds and of the other tabs (`Rest`), they fetch once that is
painted, then gradio's document (`door.GRADIO`), and what has been drawn moves into gradio's components. Its elements are nested and
named as gradio's, so that one set of styles lays out both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from zslviz.ui.drawn import THEME, all_of, contents, files_at_first, files_later, headline, inline, item, needed_modules
from zslviz.ui.presenting import TITLE, presented
from zslviz.ui.served import Served, modules_version, zipped
from zslviz.ui.tab import Tab
from zslviz.ui.terms import terms_script

END = "zv-all"  # the last element: nothing is painted before it, which half a page would be, and again with every piece that comes
# Before the base, from which it would be an element of another document wherever the address has a query.
WHOLE = f'<link rel="expect" href="#{END}" blocking="render">'


@dataclass(frozen=True)
class Rest:
    """What a page has besides its document. modules: of `twin/`, that the first tab's folds need and its first sight does not."""

    scripts: str
    styles: str
    modules: tuple[str, ...]

    @classmethod
    def of(cls, tabs: Sequence[Tab[Any, Any]]) -> Rest:
        names = [tab.place.name for tab in tabs]
        early = _modules_at_first(names[0])
        modules = (name for name in needed_modules(all_of(".js", names[:1])) if name not in early)
        return cls(contents(files_later(".js", names)), contents(files_later(".css", names)), tuple(modules))

    @cached_property
    def version(self) -> str:
        """Names the two files as they are: other ones lie at other addresses, so that a browser may keep what it has."""
        return hashlib.sha256(f"{self.scripts}\0{self.styles}".encode()).hexdigest()[:16]

    @cached_property
    def files(self) -> Mapping[str, Served]:
        """By VERSION/NAME."""
        told = {"scripts.js": (self.scripts, "text/javascript"), "styles.css": (self.styles, "text/css")}
        return {
            f"{self.version}/{name}": Served(zipped(content.encode()), f"{media_type}; charset=utf-8", public=True)
            for name, (content, media_type) in told.items()
        }


def document(tabs: Sequence[Tab[Any, Any]], rest: Rest) -> Served:
    """The document of a page with these tabs, of which the first is open, and what comes after it."""
    first = tabs[0].place.name
    begun = {
        "tabs": {tab.place.name: tab.begun() for tab in tabs},
        "modules": f"twin/{modules_version()}/",
        "rest": {"address": f"rest/{rest.version}/", "modules": rest.modules},
    }
    buttons = "".join(
        f'<button type="button" role="tab" data-tab-id="{tab.place.name}" aria-selected="{json.dumps(not number)}"'
        f' class="{"" if number else "selected"}">{escape(tab.place.title)}</button>'
        for number, tab in enumerate(tabs)
    )
    text = f"""<!doctype html>
<html lang="en" style="margin: 0; padding: 0; min-height: 100%; display: flex; flex-direction: column">
<head>
<meta charset="utf-8">
{WHOLE}
<base href="./">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(TITLE)}</title>
{presented()}
{"".join(preloads(tabs[0]))}
<style class="zv-style">
{contents(files_at_first(".css", first))}
</style>
</head>
<body style="width: 100%; margin: 0; display: flex; flex-direction: column; flex-grow: 1">
<script>{THEME}</script>
<div id="zv-shell" class="gradio-container zv-shell fill_width"><div class="main fillable app"><div class="wrap">
<main class="contain"><div class="column">
<div class="block zv-panel zv-header"><div class="html-container"><div class="zv-panel zv-header">
{headline([tab.place for tab in tabs])}</div></div></div>
<div class="tabs"><div class="tab-wrapper"><div class="tab-container" role="tablist">{buttons}</div></div>
{"".join(item(tab.place, tab.panels(), number == 0) for number, tab in enumerate(tabs))}
</div></div></main></div></div></div>
<script>
{contents(files_at_first(".js", first))}
zslviz.terms = {terms_script()};
zslviz.begin({inline(begun)});
</script>
<template id="{END}"></template>
</body>
</html>
"""
    return Served(zipped(text.encode()), "text/html; charset=utf-8", public=False, lasting=False)


def preloads(tab: Tab[Any, Any]) -> Iterator[str]:
    """What the first example needs, so that it is on its way before the scripts are read."""
    if not tab.openings:
        return
    baked = tab.openings[0][1]
    for address in (f"model/{baked.digest}", baked.address):
        yield f'<link rel="preload" as="fetch" crossorigin href="{escape(address)}">\n'
    for name in _modules_at_first(tab.place.name):
        yield f'<link rel="modulepreload" href="twin/{modules_version()}/{name}">\n'


def _modules_at_first(tab: str) -> list[str]:
    return needed_modules(contents(files_at_first(".js", tab)))
