"""What docs/results.md says of scenes follows the measured files."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="module")
def document() -> ModuleType:
    return importlib.import_module("tools.documents.scenes_section")


def figure(value: float, spread: float = 0.01) -> dict[str, float]:
    return {"value": value, "low": value - spread, "high": value + spread}


def measured(evidence: float, heeds: float, grids: bool = True) -> dict[str, Any]:
    values = {"random": 0.25, "evidence, smooth": evidence, "Grad-CAM, smooth": 0.5}
    maps = {name: {key: figure(value) for key in ("pointing", "energy", "ranking")} for name, value in values.items()}
    by_group = {"habitat": {"pairs": 9, "evidence, smooth": 0.456}, "colour": {"pairs": 3, "evidence, smooth": 0.7}}
    found = {"scenes": 4, "pairs": 12, "maps": maps, "by_group": by_group}
    names = ("grid", "ground", "pasted") if grids else ("ground", "pasted")
    scenes = {name: {"attributes": found, "classes": None} for name in names}
    both = {"evidence, smooth": figure(heeds), "Grad-CAM, smooth": figure(0.2)}
    scenes["pasted"] = {"attributes": found | {"heeds": both}, "classes": None}
    return {
        "data": "made",
        "scenes": scenes,
        "same_place": {"photos": 5, "near": 1 / 9, "maps": {"attention": figure(0.84), "random": figure(0.18)}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "heeds", "verdict"),
    [
        (0.7, 0.3, "beats *random*, beats *Grad-CAM, smooth* and heeds the attribute"),
        (0.26, 0.005, "cannot be told from *random*, loses to *Grad-CAM, smooth* and cannot be told to heed the attribute"),
    ],
)  # fmt: skip
def test_tables_and_verdict(document: ModuleType, evidence: float, heeds: float, verdict: str) -> None:
    text = document.section({"one": measured(evidence, heeds)})
    assert f"- `one`: *evidence, smooth* {verdict}." in text
    told = f"{100 * evidence:.1f} ({100 * evidence - 1:.1f}–{100 * evidence + 1:.1f})"
    assert f"| evidence, smooth | {' | '.join([told] * 5)} | {100 * heeds:.1f} (" in text
    assert "| random | 25.0 (24.0–26.0) |" in text
    assert text.index("| habitat | 9 | 46 |") < text.index("| colour | 3 | 70 |")
    assert "| `one` | 5 | 84.0 (83.0–85.0) | – | – | – | 18.0 (17.0–19.0) |" in text
    assert "classes: " not in text, "nothing was asked of them"


def test_models_share_a_table_of_groups_and_lack_what_they_lack(document: ModuleType) -> None:
    text = document.section(
        {"one": measured(0.7, 0.3), "two": measured(0.6, 0.3), "few": measured(0.6, 0.3, grids=False)}
    )
    assert "| group | pairs | `one` | `two` |" in text
    assert "| evidence, smooth | – | – | – | 60.0 (59.0–61.0) |" in text


def test_figures_without_scenes_say_nothing(document: ModuleType) -> None:
    assert document.section({}) == ""
    assert (
        document.section({"old": {"data": "made"}, "none": {"data": "made", "scenes": None, "same_place": None}}) == ""
    )
