"""How gradio's own parts look: system fonts, calm colours."""

from __future__ import annotations

import gradio as gr

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
