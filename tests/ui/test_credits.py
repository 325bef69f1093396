"""Whose pictures the page shows, and the page about the page."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import ROOT
from zslviz.ui.about import about_page
from zslviz.ui.credits import credit_of, read_credits
from zslviz.ui.service import Service

EXAMPLES = ROOT / "assets" / "examples"


def test_every_picture_that_is_shipped_has_an_author_and_a_licence() -> None:
    pictures = {
        path.relative_to(ROOT / "assets").as_posix() for path in EXAMPLES.rglob("*") if path.suffix in (".jpg", ".png")
    }
    known = read_credits(ROOT / "assets")
    assert set(known) == pictures
    for credit in known.values():
        assert credit.author and credit.licence
        assert credit.licence_link or credit.licence == "public domain"


def test_a_credit_names_author_licence_and_source() -> None:
    credit = credit_of(EXAMPLES / "gorilla.jpg")
    assert credit is not None
    assert str(credit) == "Charles J. Sharp, CC BY-SA 4.0"
    assert credit.licence_link == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert credit.source.startswith("https://commons.wikimedia.org/wiki/File:Mountain_gorilla")


def test_a_photo_of_ones_own_has_none(tmp_path: Path) -> None:
    assert credit_of(tmp_path / "gorilla.jpg") is None
    assert dict(read_credits(tmp_path)) == {}


def test_the_page_about_the_page_names_models_words_and_authors() -> None:
    served = about_page(Service().all_checkpoints)
    text = served.body(zipped=False).decode()
    assert all(said in text for said in ("Charles J. Sharp", "mgmrn-awa2", "non-commercial", "calibration γ"))
    assert dict(served.headers(zipped=True))[b"cache-control"] == b"no-cache"
