"""How the page presents itself outside of it: in a browser's tab and bookmarks, and where its link is shared."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import quote

from zslviz.ui.served import Served, zipped

TITLE = "zslviz: see why, then change it"
DESCRIPTION = (
    "A photo is named by its attributes, even as a class that no photo was learned of. See where each attribute was found, "
    "change one, and the ranking answers at once."
)
ICON = Path(__file__).with_name("icon.svg")
CARD = Path(__file__).with_name("card.jpg")  # by tools/screenshots.py
CARD_SIZE = (1200, 630)


def presented(environment: Mapping[str, str] = os.environ) -> str:
    """For the document's head: what the page is, its icon, and the picture and words that stand where its link is shared.

    Such a picture needs a whole address: on Hugging Face Spaces SPACE_HOST has it, elsewhere it stays relative.
    """
    host = environment.get("SPACE_HOST")
    card = f"https://{host}/{CARD.name}" if host else CARD.name
    told = {
        "og:type": "website",
        "og:title": TITLE,
        "og:description": DESCRIPTION,
        "og:image": card,
        "og:image:width": str(CARD_SIZE[0]),
        "og:image:height": str(CARD_SIZE[1]),
        "og:image:alt": "A photo, the map of an attribute, the ranked classes and the sliders of six attributes",
    }
    lines = [f'<meta property="{name}" content="{escape(content)}">' for name, content in told.items()]
    return "\n".join([
        f'<meta name="description" content="{escape(DESCRIPTION)}">',
        f'<link rel="icon" href="data:image/svg+xml,{quote(ICON.read_text(encoding="utf-8"))}">',  # fetched, it would be anew
        '<meta name="twitter:card" content="summary_large_image">',
        *lines,
    ])  # fmt: skip


def fetched() -> dict[str, Callable[[str], Served | None]]:
    """The picture, by the address that it is fetched from."""
    return {CARD.name: partial(_whole, CARD)}


def _whole(file: Path, rest: str) -> Served | None:
    if rest:
        return None
    return Served(zipped(file.read_bytes()), "image/jpeg", public=True, lasting=False)
