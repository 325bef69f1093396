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
        "curves": {"attribute": {"whole": 0.8, "blurred": 0.2, "orders": areas}, "class": None, "probability": None},
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


def by_part(**shares: float) -> dict[str, Any]:
    return {"pairs": 5, "random": 0.02, "Grad-CAM, smooth": 0.3, "evidence, smooth": 0.01, "centre": 0.1, **shares}


def test_parts_are_told_those_found_best_first(document: ModuleType, tmp_path: Path) -> None:
    made = measured(0.4)
    parts = {"tail": by_part(**{"attention, smooth": 0.383}), "bill": by_part(**{"attention, smooth": 0.71})}
    made["localisation"]["by_part"] = parts
    (tmp_path / "made.json").write_text(json.dumps(made))
    table = document.section(tmp_path).partition("### Part by part")[2].partition("###")[0]
    assert "| part | pairs | attention, smooth | evidence, smooth | centre |" in table
    assert table.index("| bill | 5 | 71 | 1 | 10 |") < table.index("| tail | 5 | 38 | 1 | 10 |")


def test_maps_of_single_granularities_stay_in_the_file(document: ModuleType, tmp_path: Path) -> None:
    made = measured(0.4)
    maps = made["localisation"]["maps"]
    maps["attention, fine"] = maps["attention, smooth"]
    (tmp_path / "made.json").write_text(json.dumps(made))
    assert "| attention, smooth |" in document.section(tmp_path) and "attention, fine" not in document.section(tmp_path)


def test_models_of_one_data_set_stand_together_the_best_at_pointing_first(document: ModuleType, tmp_path: Path) -> None:
    for name, best, data in (("a", 0.2, "birds"), ("b", 0.5, "birds"), ("c", 0.9, "others")):
        (tmp_path / f"{name}.json").write_text(json.dumps({**measured(best), "model": name, "data": data}))
    listed = document.section(tmp_path).partition("Measured by")[2].partition("\n")[0]
    assert listed.index("`b` on") < listed.index("`a` on") < listed.index("`c` on")


@pytest.mark.parametrize(
    ("better", "verdict"),
    [
        (
            0.2,
            "has both curves better in 1, both worse in 0. So far as these tell, looking right goes with counting right.",
        ),
        (
            -0.2,
            "has both curves better in 0, both worse in 1. So far as these tell, looking right goes with counting worse.",
        ),
        (
            0.0,
            "has both curves better in 0, both worse in 0. So far as these tell, looking right is not clearly counting right.",
        ),
    ],
)
def test_whether_looking_right_is_counting_right_follows_the_curves(
    document: ModuleType, tmp_path: Path, better: float, verdict: str
) -> None:
    for name, best, gain in (("poor", 0.2, 0.0), ("good", 0.5, better)):
        made = {**measured(best), "model": name, "data": "birds"}
        made["curves"]["attribute"]["orders"]["evidence"] = {
            "deletion": figure(0.3 - gain),
            "insertion": figure(0.7 + gain),
        }
        for rival in ("centre", "Grad-CAM"):
            made["curves"]["attribute"]["orders"][rival] = {"deletion": figure(0.4), "insertion": figure(0.6)}
        (tmp_path / f"{name}.json").write_text(json.dumps(made))
    text = document.section(tmp_path).replace("\n", " ")
    assert "In 1 pair of models of one data set, one points better" in text
    assert verdict in text
    told = "in the curves *evidence* is better than *centre* and is better than *Grad-CAM*."
    assert f"`poor`: attention points at 20 of 100 parts; {told}" in text


def test_without_measurements_it_says_so(document: ModuleType, tmp_path: Path) -> None:
    assert "Not measured yet" in document.section(tmp_path)
