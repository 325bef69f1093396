"""The tables of docs/results.md follow the measured files."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="module")
def document() -> ModuleType:
    return importlib.import_module("tools.documents.faithfulness_section")


def figure(value: float, spread: float = 0.01) -> dict[str, float]:
    return {"value": value, "low": value - spread, "high": value + spread}


def measured(best: float) -> dict[str, Any]:
    keys = ("pointing", "pointing_groups", "pointing_wide", "energy_parts", "energy_box")
    pointing = {"random": 0.02, "centre": 0.12, "attention, smooth": best, "evidence, smooth": 0.01}
    pointing |= {"Grad-CAM": 0.30, "Grad-CAM, smooth": 0.31}
    areas = {name: {"deletion": figure(0.3), "insertion": figure(0.7)} for name in ("evidence", "random")}
    return {
        "model": "made", "part": "test", "photos": 7, "curve_photos": 5,
        "localisation": {"pairs": 70, "maps": {n: {k: figure(v) for k in keys} for n, v in pointing.items()}},
        "curves": {"attribute": {"orders": areas}, "class": None, "probability": None},
        "sanity": {"evidence": 0.03, "attention": None},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("best", "verdict"),
    [
        (0.40, "beats *centre*, beats *Grad-CAM* and beats *Grad-CAM, smooth*"),
        (
            0.125,
            "cannot be told from *centre* (the intervals overlap), loses to *Grad-CAM* and loses to *Grad-CAM, smooth*",
        ),
    ],
)
def test_tables_and_verdict(document: ModuleType, tmp_path: Path, best: float, verdict: str) -> None:
    (tmp_path / "made.json").write_text(json.dumps(measured(best)))
    text = document.section(tmp_path)
    assert f"- `made`: *attention, smooth* {verdict}." in text
    assert "- `made`: *evidence, smooth* loses to *centre*, loses to" in text
    assert f"| attention, smooth | {100 * best:.1f} ({100 * best - 1:.1f}–{100 * best + 1:.1f}) |" in text
    assert "| attribute's value | random | 30.0 (29.0–31.0) | 70.0 (69.0–71.0) |" in text
    assert "| `made` | 0.03 | – | – |" in text
    assert "class score |" not in text
    assert "`made` on 7 test photos (5 with curves)" in text
    assert "Scenes" not in text, "none were measured"


def test_scenes_stand_before_randomised_weights(document: ModuleType, tmp_path: Path) -> None:
    peaks = {"photos": 5, "maps": {"attention": figure(0.84), "random": figure(0.2)}}
    (tmp_path / "made.json").write_text(json.dumps({**measured(0.4), "data": "made", "same_place": peaks}))
    text = document.section(tmp_path)
    assert text.index("| `made` | 5 | 84.0 (83.0–85.0) |") < text.index("### Randomised weights")


def test_without_measurements_it_says_so(document: ModuleType, tmp_path: Path) -> None:
    assert "Not measured yet" in document.section(tmp_path)
