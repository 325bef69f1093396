"""The page about the page: what it is, its words, its models and their data, and whose pictures it shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from zslviz.ui.credits import Credit, read_credits
from zslviz.ui.served import Served, zipped
from zslviz.ui.terms import TERMS, model_title

if TYPE_CHECKING:
    from zslviz.checkpoints.listing import CheckpointInfo

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  max-width: 62rem; margin: 0 auto; padding: 1rem 1.5rem 3rem;
  background: light-dark(#f6f5f2, #16181b); color: light-dark(#23211d, #e9e7e2); }
a { color: light-dark(#1f6f6b, #5bb8b1); } a:focus-visible { outline: 2px solid; outline-offset: 2px; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.125rem; margin-top: 2rem; }
dt { font-weight: 650; margin-top: .75rem; } dd { margin: 0; }
small, .field { color: light-dark(#67625a, #a5a39c); font-weight: 400; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; overflow-wrap: anywhere; }
tr { border-bottom: 1px solid light-dark(#e2dfd8, #353a41); }
"""
_INTRODUCTION = (
    "zslviz shows how zero-shot models see: a photo becomes values of attributes, each with a map of where the model looked and of "
    "what it counted there, and classes are only descriptions. So a class that was never trained on can win, and whatever "
    "the model saw, or a class is said to be, can be changed to see what follows. Photos that you choose go to the server of this "
    "page and nowhere else, which forgets them; edits are kept by your browser alone."
)


def about_page(models: Sequence[CheckpointInfo]) -> Served:
    """The page, with these models."""
    content = _page(models, read_credits().items()).encode()
    return Served(zipped(content), "text/html; charset=utf-8", public=True, lasting=False)


def _page(models: Sequence[CheckpointInfo], made: Iterable[tuple[str, Credit]]) -> str:
    words = "".join(
        f'<dt id="{t.key}">{escape(t.word)}{f" <span class=field>({escape(t.field)})</span>" if t.field else ""}</dt>'
        f"<dd>{escape(t.says)}</dd>"
        for t in TERMS
    )
    known = "".join(_row(model_title(info.title), info.name, str(info.metrics.get("terms", ""))) for info in models)
    pictures = "".join(_picture(file, credit) for file, credit in made)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>About zslviz</title><style>{_STYLE}</style></head><body><main><h1>About zslviz</h1>"
        f'<p>{escape(_INTRODUCTION)}</p><p>The code is under the Apache License 2.0. <a href="./">To the page</a></p>'
        f"<h2>Words</h2><dl>{words}</dl>"
        f"<h2>Models</h2>{_table(('model', 'name', 'terms of the data it was trained on'), known)}"
        "<h2>Pictures</h2><p>Made by others, who let everyone use them; each keeps its own licence.</p>"
        f"{_table(('picture', 'author', 'licence', 'changes'), pictures)}</main></body></html>"
    )


def _picture(file: str, credit: Credit) -> str:
    shows, author, licence, changes = (
        escape(text) for text in (credit.shows, credit.author, credit.licence, credit.changes)
    )
    return (
        f"<tr><td>{shows}<br><small>{escape(file)}</small></td><td>{_linked(author, credit.source)}</td>"
        f"<td>{_linked(licence, credit.licence_link)}</td><td>{changes}</td></tr>"
    )


def _linked(text: str, address: str) -> str:
    return f'<a href="{escape(address)}">{text}</a>' if address else text


def _row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _table(heads: Sequence[str], rows: str) -> str:
    columns = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return f'<div class="wide"><table><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table></div>'
