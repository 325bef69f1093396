"""The page's words: one table for the page's "?" and for the documentation."""

from __future__ import annotations

import json
import re

from tests.conftest import ROOT
from zslviz.ui.terms import TERMS, terms_script, vocabulary

TEMPLATES = sorted((ROOT / "zslviz" / "ui").rglob("*.html"))


def test_every_question_mark_of_the_page_asks_for_a_word_that_is_explained() -> None:
    asked = {key for path in TEMPLATES for key in re.findall(r'data-term="([^"]*)"', path.read_text(encoding="utf-8"))}
    assert asked and asked <= {term.key for term in TERMS}


def test_no_word_is_explained_twice() -> None:
    for names in ([term.key for term in TERMS], [term.word for term in TERMS]):
        assert len(names) == len(set(names))


def test_the_documentation_and_the_script_say_what_the_table_says() -> None:
    assert (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8") == vocabulary()
    told = json.loads(terms_script())
    assert [(key, one["word"], one["says"]) for key, one in told.items()] == [(t.key, t.word, t.says) for t in TERMS]
