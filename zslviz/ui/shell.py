"""The page's own document: panels, styles and scripts, there before gradio is, and what the tabs begin with.

It is what a browser is given first, while gradio and the networks are still being loaded. Its scripts draw the first example from
its bundle, then fetch gradio's document (`door.GRADIO`), and what has been drawn moves into gradio's components. Its elements are
nested and named as gradio's, so that one set of styles lays out both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from zslviz.ui.drawn import THEME, all_of, headline, inline, item, needed_modules
from zslviz.ui.presenting import TITLE, presented
from zslviz.ui.served import Served, modules_version, zipped
from zslviz.ui.tab import Tab
from zslviz.ui.terms import terms_script


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
<script>{THEME}</script>
<div id="zv-shell" class="gradio-container zv-shell fill_width"><div class="main fillable app"><div class="wrap">
<main class="contain"><div class="column">
<div class="block zv-panel zv-header"><div class="html-container"><div class="zv-panel zv-header">
{headline([tab.place for tab in tabs])}</div></div></div>
<div class="tabs"><div class="tab-wrapper"><div class="tab-container" role="tablist">{buttons}</div></div>
{"".join(item(tab.place, tab.panels(), number == 0) for number, tab in enumerate(tabs))}
</div></div></main></div></div></div>
<script>
{all_of(".js", names)}
zslviz.terms = {terms_script()};
zslviz.begin({inline(begun)});
</script>
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
    for name in needed_modules(all_of(".js", [tab.place.name])):
        yield f'<link rel="modulepreload" href="twin/{modules_version()}/{name}">\n'
