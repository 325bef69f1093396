"""How the page looks: system fonts, a calm theme for gradio's own parts, the panels' styles and scripts in the head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import gradio as gr

from zslviz.ui.served import modules_version
from zslviz.ui.terms import terms_script

_UI = Path(__file__).parent
_FIRST = ("store", "state")  # what the other scripts of a folder need to be there
_SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "DejaVu Sans", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "DejaVu Sans Mono", "monospace"]


def theme() -> gr.themes.Base:
    """Gradio's parts in the page's colours. Font names are plain strings: none is fetched from anywhere."""
    return gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=_SANS, font_mono=_MONO).set(
        body_background_fill="#f6f5f2",
        body_background_fill_dark="#16181b",
        body_text_color="#23211d",
        body_text_color_dark="#e9e7e2",
        block_border_width="0px",
        layout_gap="16px",
    )


def files(ending: str, tabs: Iterable[str]) -> list[Path]:
    """The panels' files of a kind, in the order in which the page has them: the shared ones, then each tab's, in the tabs' order.

    Within a folder the script that holds the state comes first, the others by name.
    """
    folders = [_UI / "shared", *(_UI / "tabs" / tab for tab in tabs)]
    found = []
    for folder in folders:
        found += sorted(folder.glob(f"*{ending}"), key=lambda path: (path.stem not in _FIRST, path.name))
    return found


def head(tabs: Sequence[str]) -> str:
    """Styles and scripts of the panels, inline: they are there before any panel is, and need no further request."""
    styles, scripts = ("\n".join(p.read_text(encoding="utf-8") for p in files(end, tabs)) for end in (".css", ".js"))
    scripts += f'\nzslviz.modules = "twin/{modules_version()}/";\nzslviz.terms = {terms_script()};\n'
    return f"<style>\n{styles}\n</style>\n<script>\n{scripts}\n</script>"
