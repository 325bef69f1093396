"""Why systems stop where they do: what is measured, on made numbers, and what the document says of it."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT
from tools.documents.read_worst_section import section
from zslviz.tasks.attributes.scoring import ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """benchmarks/read_worst.py, which finds its neighbour as a script does."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("read_worst")


TABLE = np.array([[1, 0, 0.2], [0, 1, 0.9], [1, 0, 0.9], [0, 1, 0.1]], dtype=np.float32)


def made(vectors: Any) -> tuple[Any, FusedPhotos]:
    """Four classes, the last two unseen, a photo of each and its vector."""
    space = SemanticSpace(
        ("a", "b", "c", "d"), ("x::1", "x::2", "y"), ("x", "x", "y"), TABLE, np.array([True, True, False, False])
    )
    labels = np.arange(4)
    photos = FusedPhotos("made", "cub", "", "", np.asarray(vectors, dtype=np.float32), labels, labels < 2)
    return SimpleNamespace(space=space, rule=ScoringRule("dot", (1.0,))), photos


def test_what_is_read_without_error_makes_every_answer_right(bench: ModuleType) -> None:
    wrong = TABLE.copy()
    wrong[2:] = TABLE[[3, 2]]  # photos of the unseen classes are read as the other one
    checkpoint, photos = made(wrong)
    assert bench.read(photos, checkpoint.space).tolist() == [0.0, 0.0, 0.0]
    assert not bench.right(photos, checkpoint).any()
    nothing, everything = np.zeros(3, dtype=bool), np.ones(3, dtype=bool)
    assert bench.perfect(photos, checkpoint, nothing) == 0.0
    assert bench.perfect(photos, checkpoint, everything) == 1.0


def test_systems_that_err_alike_are_told_from_those_that_do_not(bench: ModuleType) -> None:
    labels = np.array([0, 0, 1, 1])
    one, other = np.array([True, False, True, False]), np.array([False, True, False, True])
    alike = bench.agreement({"a": one, "b": one.copy()}, labels)
    apart = bench.agreement({"a": one, "b": other}, labels)
    assert (alike["none"], alike["any"], alike["none_if_independent"]) == (0.5, 0.5, 0.25)
    assert (apart["none"], apart["any"], apart["all"]) == (0.0, 1.0, 0.0)


def test_the_document_tells_what_was_measured(tmp_path: Path) -> None:
    assert section(tmp_path) == ""
    one = {"name": "has tail", "group": "tail", "read": 0.512}
    t1 = {"t1": 0.4, "std": 0.01}
    content = {
        "data": "cub", "attributes": 3, "systems": {"a": {"read": 0.7, "t1": 0.6}, "b": {"read": 0.8, "t1": 0.5}},
        "between_systems": {"mean": 0.9, "least": 0.8, "most": 1.0},
        "worst": [one], "best": [{**one, "read": 0.99}], "groups": {"tail": {"attributes": 3, "read": 0.6}},
        "traits": {"size": {"correlation": -0.5, "low": -0.7, "high": -0.2},
                   "luck": {"correlation": 0.1, "low": -0.2, "high": 0.3}},
        "answers": {"any": 0.9, "all": 0.4, "best": 0.7, "majority": 0.72, "none": 0.1, "none_if_independent": 0.02},
        "mended": {"system": "a", "as_it_is": 0.6, "worst": 0.7, "best": 0.8, "chance": 0.75},
        "closed_form": {
            "backbone": "net at 288 px", "problems": 3, "descriptions": {"the table": t1}, "features": {"c5": t1},
            "from_photos": {"one photo a class": {**t1, "t1": 0.3}, "five photos a class": {**t1, "t1": 0.5}},
            "photo_side": 224, "sides": {"96 px": {**t1, "t1": 0.2}, "288 px": t1},
        },
    }  # fmt: skip
    (tmp_path / "cub.json").write_text(json.dumps(content), encoding="utf-8")
    told = section(tmp_path)
    assert (
        "`b` 0.80 (50.0 %), `a` 0.70 (60.0 %)" in told
        and "go together by -1.00" in told
        and "10.0 % are answered wrongly by every system" in told
    )
    assert "| size | -0.50 (-0.70 to -0.20)* |" in told and "| luck | +0.10 (-0.20 to +0.30) |" in told
    assert "| no table: one photo a class | 30.0 ± 1.0 |" in told
    assert "T1 runs from 50.0 % (`b`) to 60.0 % (`a`), for half of them from 52.5 % to 57.5 %." in told
    assert "not in a few attributes that are read badly" in told
    assert "The table is worth more than one photo a class and less than five photos a class." in told
    assert "| the table, photos brought to 96 px | 20.0 ± 1.0 |" in told and "photos here are 224 px" in told.lower()
    content["mended"]["worst"] = 0.9
    del content["closed_form"]["sides"]
    (tmp_path / "cub.json").write_text(json.dumps(content), encoding="utf-8")
    assert "read worst more than in others" in section(tmp_path) and "Other resolutions" in section(tmp_path)
