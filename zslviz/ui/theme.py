"""How the page looks: system fonts, a calm theme for gradio's own parts, the panels' styles and scripts in the head."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

_UI = Path(__file__).parent
_STYLES = (
    _UI / "shared" / "page.css",
    _UI / "tabs" / "explain" / "editor.css",
    _UI / "tabs" / "multilabel" / "multilabel.css",
    _UI / "tabs" / "compose" / "compose.css",
)
_SCRIPTS = (
    _UI / "shared" / "common.js",
    _UI / "tabs" / "explain" / "state.js",
    _UI / "shared" / "photo.js",
    _UI / "tabs" / "explain" / "maps.js",
    _UI / "tabs" / "explain" / "ranking.js",
    _UI / "tabs" / "explain" / "editor.js",
    _UI / "tabs" / "multilabel" / "state.js",
    _UI / "tabs" / "multilabel" / "maps.js",
    _UI / "tabs" / "multilabel" / "ranking.js",
    _UI / "tabs" / "compose" / "state.js",
    _UI / "tabs" / "compose" / "matrix.js",
    _UI / "tabs" / "compose" / "ranking.js",
    _UI / "tabs" / "compose" / "maps.js",
)
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


def head() -> str:
    """Styles and scripts of the panels, inline: they are there before any panel is, and need no further request."""
    styles = "\n".join(path.read_text(encoding="utf-8") for path in _STYLES)
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in _SCRIPTS)
    return f"<style>\n{styles}\n</style>\n<script>\n{scripts}\n</script>"
