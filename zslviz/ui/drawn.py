"""What panels are drawn with, on the page and in a report: styles, scripts, templates and the modules that they need.

Files alone: no server, no network, nothing that is brought in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zslviz.ui.tabs import TabPlace

MODULES = Path(__file__).parent / "twin"
_UI = Path(__file__).parent
FOLDS = "folds"  # in a tab's folder: what its panels need that are folded away at first
_FIRST = ("shell", "store", "state")  # what the other files of a folder build upon
_STRIP = "> .tabs > .tab-wrapper > .tab-container"  # of tabs: whatever changes on the page, no more than it is looked through
THEME = """
(() => {
  let wanted = new URLSearchParams(location.search).get("__theme");
  try {
    wanted ||= localStorage.getItem("zslviz-theme"); // the visitor's own choice (shared/colours.js)
  } catch {}
  const dark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.body.classList.toggle("dark", dark);
})();
"""


def files(ending: str, tabs: Iterable[str]) -> list[Path]:
    """The panels' files of a kind, in the order in which the page has them: the shared ones, then each tab's, in the tabs' order.

    Within a folder the styles of the bare page and the script that holds the state come first, the others by name. What `FOLDS`
    need comes after the rest of the tab, what those of several tabs share before the first one's.
    """
    first, *others = (_UI / "tabs" / tab for tab in tabs)
    folders = [_UI / "shared", first, _UI / "shared" / FOLDS, first / FOLDS]
    found = []
    for folder in (*folders, *(place for tab in others for place in (tab, tab / FOLDS))):
        found += sorted(folder.glob(f"*{ending}"), key=lambda path: (path.stem not in _FIRST, path.name))
    return found


def files_at_first(ending: str, tab: str) -> list[Path]:
    """Those of `files` that a page needs which opens with a tab, as long as its folds are closed."""
    return [path for path in files(ending, [tab]) if path.parent.name != FOLDS]


def files_later(ending: str, tabs: Sequence[str]) -> list[Path]:
    """The others of a page with these tabs, the first of which is open."""
    first = files_at_first(ending, tabs[0])
    return [path for path in files(ending, tabs) if path not in first]


def contents(paths: Iterable[Path]) -> str:
    """The contents of files, one after the other."""
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def all_of(ending: str, tabs: Iterable[str]) -> str:
    """The contents of the panels' files of a kind."""
    return contents(files(ending, tabs))


def template(tab: str, name: str) -> str:
    """What a panel is drawn into: the tab's own NAME.html, or the one that tabs share."""
    return _template_file(tab, name).read_text(encoding="utf-8")


def template_at_first(tab: str, name: str) -> str:
    """The same in a page's own document: what a panel of `FOLDS` has folded away waits in a template until the panel is drawn
    (`mount` of shared/store.js), for browsers look through the fields of closed folds while a page is opened.
    """
    whole = template(tab, name)
    if _template_file(tab, name).parent.name != FOLDS:
        return whole
    return re.sub(
        r"(</summary>)(.*)(</details>)", r'\1<template class="zv-later">\2</template>\3', whole, flags=re.DOTALL
    )


def _template_file(tab: str, name: str) -> Path:
    homes = (_UI / "tabs" / tab, _UI / "shared")
    places = (place / f"{name}.html" for home in homes for place in (home, home / FOLDS))
    return next(path for path in places if path.is_file())


def headline(places: Sequence[TabPlace]) -> str:
    """The top of the page: the name, what one does in the tab that is open, and a place for tools."""
    lines = "".join(f'<span class="zv-line" data-tab="{place.name}">{escape(place.line)}</span>' for place in places)
    shown = "".join(
        f'.column:has({_STRIP} > [data-tab-id="{place.name}"][aria-selected="true"]) .zv-line[data-tab="{place.name}"]'
        "{display:inline}"
        for place in places
    )
    return (
        f'<style>{shown}</style><div class="zv-headline"><nav class="zv-skips" aria-label="Skip to a part of the page"></nav>'
        f'<h1><span class="zv-brand">zslviz</span> {lines}</h1></div>'
        '<div class="zv-header-tools"></div>'
    )


def item(tab: TabPlace, names: Iterable[str], shown: bool) -> str:
    """What is under a tab, its panels in their places; of those that are not shown in a template, which is not laid out.

    names: of its panels beside the photo's.
    """
    place = tab.name
    panels = "".join(
        f'<div class="block zv-panel zv-at-{name}"><div class="html-container"><div class="zv-panel zv-at-{name}">'
        f'<div class="zv-live" data-panel="{name}">{template_at_first(place, name)}</div></div></div></div>'
        for name in ("photo", *names)
    )
    waits = "" if shown else " zv-waiting"  # until `shared/store.js` shows it
    board = f'<div class="column"><div id="zv-{place}" class="row zv-board{waits} unequal-height">{panels}</div></div>'
    inside = board if shown else f"<template>{board}</template>"
    hidden = "" if shown else " hidden"
    return f'<div class="tabitem" role="tabpanel" data-tab="{place}"{hidden}>{inside}</div>'


def needed_modules(scripts: str) -> list[str]:
    """The modules of `twin/` that scripts name, and those that they import in turn."""
    known = {path.name: path for path in MODULES.glob("*.js")}
    found: dict[str, None] = {}
    waiting = [name for name in re.findall(r'"(\w+\.js)"', scripts) if name in known]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += re.findall(r'from "\./(\w+\.js)"', known[name].read_text(encoding="utf-8"))
    return list(found)


def inline(value: Any) -> str:
    """A value as JSON within a script of a document."""
    return json.dumps(value, ensure_ascii=True).replace("</", "<\\/").replace("<!--", "<\\!--")
