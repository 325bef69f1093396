"""What the package gives by its own name."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
import yaml

import zslviz
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("name", "door"), [("Explainer", "explainer"), ("train", "trainer"), ("evaluate", "evaluator")]
)
def test_the_package_s_names_are_those_of_its_doors(name: str, door: str) -> None:
    assert name in zslviz.__all__
    assert getattr(zslviz, name) is getattr(import_module(f"zslviz.{door}"), name)


def test_all_names_are_there_and_others_are_not() -> None:
    assert set(zslviz.__all__) <= set(dir(zslviz))
    with pytest.raises(AttributeError, match="'zslviz' has no attribute 'trian'"):
        zslviz.trian  # noqa: B018


def test_the_citation_and_the_changelog_tell_the_package_s_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    newest = re.search(r"^## \[([\d.]+)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest.groups() == (zslviz.__version__, citation["date-released"])
    assert citation["version"] == zslviz.__version__
