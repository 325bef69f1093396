"""One explanation as one file that needs no server: the page's own panels, styles and modules, with a bundle in it.

Its scripts are those of the page; what they fetch there lies in the file, gzipped, in `zslviz.inside`. A notebook shows the same
document in a frame, and the summary in pictures where no script runs.
"""

from __future__ import annotations

import gzip
import re
import secrets
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from zslviz import __version__
from zslviz.catalogue import Task, data_card, part
from zslviz.errors import ConfigError
from zslviz.tasks.base import bundle as bundles
from zslviz.tasks.base.bundle import About
from zslviz.tasks.base.card_parts import percent
from zslviz.tasks.base.photo import ExplainedPhoto
from zslviz.tasks.base.show import measured
from zslviz.ui.drawn import MODULES, THEME, all_of, headline, inline, item, needed_modules
from zslviz.ui.tabs import TABS, TabPlace
from zslviz.ui.terms import terms_script

_PREFIX = "twin/"  # of the modules' names in the file: what they import is found by the file's import map
PHOTO = "photo"  # what links call the one photo of a report
_HEIGHT = 880  # pixels of a notebook's frame: as high as a screen, since the panels fit one
_PRINTING = """
(() => {
  const folds = () => document.querySelectorAll(".zv-board :is(.zv-why, .zv-all-classes)");
  let before = null;
  addEventListener("beforeprint", () => {
    before = { dark: document.body.classList.contains("dark"), open: [...folds()].map((one) => one.open), top: scrollY };
    document.body.classList.remove("dark");
    for (const name of ["why", "classes"]) zslviz.tabs.explain?.emit("unfold", name);
  });
  addEventListener("afterprint", () => {
    document.body.classList.toggle("dark", before.dark);
    [...folds()].forEach((one, i) => (one.open = before.open[i]));
    scrollTo(0, before.top);
  });
})();
"""


def check_reported(task: Task, model: str) -> TabPlace:
    """The tab whose panels show a task's explanations without a server. Raises ConfigError if there is none."""
    place = next((place for place in TABS if place.task == task and place.alone), None)
    if place is None:
        raise ConfigError(f"No tab shows what '{model}' says without a server; a report of it cannot be made.")
    return place


def report(explanation: ExplainedPhoto, about: About | None = None, link: str = "") -> str:
    """An explanation as one HTML document that is looked at and edited without a server. Raises ConfigError (`check_reported`).

    about: what is told of its model and photo; where it says nothing, the model's name and the terms of its data stand alone.
    link: the state that it opens with, as a link of the page without its "#" (docs/sharing.md), of the photo `PHOTO`.
    """
    place, about = check_reported(explanation.task, explanation.model), about or About()
    names, title = [place.name], about.photo_title or "A photo"
    model = part(explanation.task, "bundle").model_bundle(explanation, about)
    digest = bundles.digest(model)
    parts = {f"model/{digest}": model, "photo": explanation.bundle(about, whole=False)}
    inside = {address: _url(gzip.compress(content, 9, mtime=0)) for address, content in parts.items()}
    begun = _begun(explanation, about, title, digest)
    scripts = all_of(".js", names)
    return f"""<!doctype html>
<html lang="en" data-zv-report data-zv-link="{escape(link)}"
 style="margin: 0; padding: 0; min-height: 100%; display: flex; flex-direction: column">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(f"{title} · zslviz")}</title>
<style class="zv-style">
{all_of(".css", names)}
</style>
<script type="importmap">{inline({"imports": _modules(scripts)})}</script>
</head>
<body style="width: 100%; margin: 0; display: flex; flex-direction: column; flex-grow: 1">
<script>{THEME}</script>
<div id="zv-shell" class="gradio-container zv-shell fill_width"><div class="main fillable app"><div class="wrap">
<main class="contain"><div class="column">
<div class="block zv-panel zv-header"><div class="html-container"><div class="zv-panel zv-header">
{headline([place])}</div></div></div>
<div class="tabs"><div class="tab-wrapper"><div class="tab-container" role="tablist">
<button type="button" role="tab" data-tab-id="{place.name}" aria-selected="true">{escape(place.title)}</button></div></div>
{item(place, place.alone, True)}
</div></div></main></div></div>
<footer class="zv-report-foot">{_told(explanation, about)}</footer></div>
<noscript>{part(explanation.task, "notebook").summary(explanation).html()}</noscript>
<script>
{scripts}
zslviz.terms = {terms_script()};
zslviz.begin({inline({"tabs": {place.name: begun}, "modules": _PREFIX, "inside": inside})});
{_PRINTING}
</script>
</body>
</html>
"""


def cell(explanation: ExplainedPhoto, summary: str) -> str:
    """What a notebook shows: the document in a frame, and where no script runs the summary, which is HTML."""
    if not any(place.task == explanation.task and place.alone for place in TABS):
        return summary
    name = f"zslviz-{secrets.token_hex(8)}"  # the same explanation may be shown twice
    return (
        f'<iframe id="{name}" hidden sandbox="allow-scripts allow-modals" title="zslviz" width="100%" height="{_HEIGHT}" '
        f'style="border:0" srcdoc="{escape(report(explanation))}"></iframe><div id="{name}-summary">{summary}</div>'
        f'<script>document.getElementById("{name}").hidden = false; document.getElementById("{name}-summary").hidden = true;'
        "</script>"
    )


def _modules(scripts: str) -> dict[str, str]:
    """The modules that the scripts need, by the names under which the document imports them."""
    workers = "".join(f'"{path.name}"' for path in MODULES.glob("*_worker.js"))
    return {f"{_PREFIX}{name}": _module(MODULES / name) for name in needed_modules(scripts + workers)}


def _module(path: Path) -> str:
    # a module that comes from no address has nothing beside it
    text = re.sub(r'from "\./(\w+\.js)"', rf'from "{_PREFIX}\1"', path.read_text(encoding="utf-8"))
    return _url(text.encode(), "text/javascript")


def _url(content: bytes, media_type: str = "application/gzip") -> str:
    return f"data:{media_type};base64,{b64encode(content).decode()}"


def _begun(explanation: ExplainedPhoto, about: About, title: str, digest: str) -> Mapping[str, Any]:
    """What the photo's panel begins with (`Offering.begun`): one model and one example."""
    data = explanation.space.name
    example = {
        "file": "photo", "title": title, "kind": "", "space": data, "note": "", "picture": "", "credit": None,
        "link": PHOTO, "path": "", "bundle": {"model": explanation.model, "digest": digest, "photo": "photo"},
    }  # fmt: skip
    model = {"name": explanation.model, "title": about.model_title or explanation.model, "data": data}
    return {"models": [model], "examples": [example]}


def _told(explanation: ExplainedPhoto, about: About) -> str:
    """Whose model and photo it is, what the model has been measured at, and on which terms all of it is passed on."""
    card = data_card(explanation.space.name)
    named = f"{about.model_title} ({explanation.model})" if about.model_title else explanation.model
    columns = part(explanation.task, "show").COLUMNS
    figures = [(title, measured(about.metrics, key)) for title, key in columns.items()]
    said = ", ".join(f"{title} {percent(figure)}" for title, figure in figures if figure is not None)
    lines = {
        "Model": named,
        "Measured on test photos, in per cent": said,
        "Photo": " · ".join(filter(None, (about.photo_title, about.credits))),
        "Terms of the model's data": about.terms or (card.terms if card else ""),
        "Made by": f"zslviz {__version__}, Apache License 2.0",
    }
    return "".join(f"<p><b>{escape(what)}</b>: {escape(text)}</p>" for what, text in lines.items() if text)
