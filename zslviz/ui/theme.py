"""How gradio's own parts look: system fonts, calm colours."""

from __future__ import annotations

import gradio as gr

_SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "DejaVu Sans", "sans-serif"]
_TEXT_PIXELS = {"xxs": 9, "xs": 10, "sm": 12, "md": 14, "lg": 16, "xl": 22, "xxl": 26}
_MONO = ["ui-monospace", "Consolas", "DejaVu Sans Mono", "monospace"]


def theme() -> gr.themes.Base:
    """Gradio's parts in the page's colours. Font names are plain strings: none is fetched from anywhere.

    Letters grow with the browser's own text size, as the page's do: gradio's sizes are the same ones in pixels.
    """
    sizes = {name: f"{pixels / 16}rem" for name, pixels in _TEXT_PIXELS.items()}
    base = gr.themes.Base(
        primary_hue="teal", neutral_hue="stone", font=_SANS, font_mono=_MONO, text_size=gr.themes.Size(**sizes)
    )
    return base.set(
        body_background_fill="#f6f5f2",
        body_background_fill_dark="#16181b",
        body_text_color="#23211d",
        body_text_color_dark="#e9e7e2",
        block_border_width="0px",
        layout_gap="1rem",
    )
