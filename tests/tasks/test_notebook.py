"""What a notebook shows of an explanation: the numbers are the explanation's, names are escaped, nothing is fetched.

It lives in a frame (tests/browser/test_report.py); where no script runs its summary is there instead.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import made_photo
from zslviz.catalogue import part
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.sentence import sentence
from zslviz.tasks.base.numbers import plain
from zslviz.tasks.base.photo import ExplainedPhoto
from zslviz.ui import report


class Page(HTMLParser):
    """The texts, tags and pictures of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.pictures: list[Image.Image] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "src":
                head, _, data = str(value).partition(",")
                assert head in ("data:image/png;base64", "data:image/jpeg;base64")
                self.pictures.append(Image.open(io.BytesIO(base64.b64decode(data))))
            assert name not in ("href", "onclick")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


class Tags(HTMLParser):
    """The tags of some HTML, in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)


def summary_of(explanation: ExplainedPhoto) -> str:
    html: str = part(explanation.task, "notebook").summary(explanation).html()
    return html


@pytest.fixture(scope="module")
def seen(explanation_of: Callable[..., Explanation]) -> Explanation:
    return explanation_of("made-msdn")


def test_an_explanation_shows_its_sentence_its_first_classes_and_its_maps(seen: Explanation) -> None:
    page = Page(summary_of(seen))
    assert sentence(seen).text in page.texts
    for line in seen.rank().lines(3):
        at = page.texts.index(line.name)
        assert page.texts[at + 1 : at + 3] == ["trained on" if line.seen else "never trained on", plain(line.score)]
    for name, value in zip(seen.space.attribute_names, seen.values.tolist(), strict=True):  # of five, all
        assert plain(value) == page.texts[page.texts.index(name) + 1]
    photo, *maps = page.pictures
    assert photo.size == (180, 120) and len(maps) == 5
    assert len({picture.tobytes() for picture in maps}) == 5, "each has its own map"
    largest = np.abs(seen.fused_evidence).max()
    assert any(f"one scale from −{largest:.2g} to {largest:.2g}" in text for text in page.texts)


def test_a_model_without_maps_says_so(seen: Explanation) -> None:
    page = Page(summary_of(replace(seen, evidence=None, bias=None, attention=None)))
    assert len(page.pictures) == 1
    assert any("has no maps" in text for text in page.texts)


def test_names_are_text_and_never_tags(seen: Explanation) -> None:
    space = seen.space
    evil = "<script>alert(1)</script>"
    odd = replace(
        space,
        classes=tuple(f"{evil}{i}" for i in range(len(space.classes))),
        attributes=tuple(f'"><img src=x>{i}' for i in range(len(space.attributes))),
    )
    shown = replace(seen, space=odd, model=evil)
    html = summary_of(shown)
    assert "script" not in Page(html).tags and "src=x>" not in html
    tags = [Tags(one.living_html()).found for one in (seen, shown)]
    assert tags[0] == tags[1] and tags[0].count("script") == 3
    assert Tags(shown._repr_html_()).found.count("script") == 1


def test_labels_and_pairs_show_themselves_too(label_folder: Path, composition_folder: Path) -> None:
    for folder, count in ((label_folder, 6), (composition_folder, 3)):
        explanation = Explainer.from_pretrained(folder, "cpu").explain(made_photo())
        page = Page(explanation._repr_html_())
        assert len(page.pictures) == 1 + count
        lines = explanation.rank().lines(3)
        assert [page.texts[page.texts.index(line.name) - 1] for line in lines] == ["1.", "2.", "3."]


def test_it_stays_small_however_large_the_photo_is(seen: Explanation) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1200, 1800, 3), dtype=np.uint8)  # the least that can be packed
    geometry = replace(seen.geometry, width=1800, height=1200)
    large = replace(seen, photo=noise, geometry=geometry)
    assert len(summary_of(large)) < 400_000
    assert len(large.living_html()) < 2_000_000


def test_the_summary_stands_beside_the_living_panels_and_alone_where_there_are_none(
    seen: Explanation, label_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = seen._repr_html_()
    assert shown.startswith("<iframe") and " hidden " in shown[:200] and summary_of(seen) in shown
    labels = Explainer.from_pretrained(label_folder, "cpu").explain(made_photo())
    assert labels._repr_html_().startswith("<iframe") and summary_of(labels) in labels._repr_html_()
    monkeypatch.setattr(report, "TABS", [place for place in report.TABS if place.task != labels.task])
    assert labels._repr_html_() == summary_of(labels)
    with pytest.raises(ConfigError, match="No tab shows what '.*' says without a server"):
        labels.living_html()
