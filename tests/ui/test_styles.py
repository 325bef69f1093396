"""The page's measures grow with the browser's text: rem, and em where its width decides; pixels are for lines and hairs alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zslviz.ui import drawn
from zslviz.ui.tabs import TABS

HAIR = 3  # pixels of a border, an outline, a mark
STYLES = drawn.files(".css", [place.name for place in TABS])
SCRIPTS = drawn.files(".js", [place.name for place in TABS])


def too_many_pixels(style: str) -> list[str]:
    """The measures in pixels of a style that should follow the text."""
    plain = re.sub(r"url\([^)]*\)|/\*.*?\*/", "", style, flags=re.DOTALL)
    in_queries = re.findall(r"@media[^{]*?([\d.]+px)", plain)
    return in_queries + [f"{number}px" for number in re.findall(r"([\d.]+)px", plain) if float(number) > HAIR]


@pytest.mark.parametrize("path", STYLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_measures_grow_with_the_text(path: Path) -> None:
    assert too_many_pixels(path.read_text(encoding="utf-8")) == [], "write n / 16 rem, in @media n / 16 em"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_scripts_ask_for_widths_as_the_styles_do(path: Path) -> None:
    assert not re.findall(r"matchMedia\([^)]*\dpx", path.read_text(encoding="utf-8"))


def test_pixels_are_found_where_they_stand() -> None:
    assert too_many_pixels("a { border: 1px solid; padding: 0.25rem 12px }") == ["12px"]
    assert too_many_pixels("@media (min-width: 2px) { a { margin: -4.5px } } /* 9px */") == ["2px", "4.5px"]
