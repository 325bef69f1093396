"""From records to figures, with values computed by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zslviz.faithfulness.summary import summarise


def record(photo: int, distances: list[float | None], whole: float) -> tuple[dict[str, Any], dict[str, Any]]:
    rows = [[d, 0.5, 1.0] for d in distances]
    maps = {"photo": photo, "seconds": 1, "attributes": list(range(len(rows))), "chance": [[0.1, 0.2, 0.4]] * len(rows)}
    maps |= {"maps": {"evidence": rows}, "sanity": {"evidence": 0.1, "attention": None}}
    steps = {
        "random": [[whole, 1, 0.5]],
        "class: evidence": [[None, 3, 0.0]],
        "attribute: evidence": [[0.0, None, None]],
    }
    curves = {"photo": photo, "seconds": 2, "fractions": [0.5], "whole": [whole, 3, 1.0], "blurred": [0.0, 1, 0.0]}
    return maps, curves | {"deletion": steps, "insertion": steps}


def test_curves_of_a_score_that_blurring_does_not_change_have_no_figure() -> None:
    maps, curves = record(0, [3.0], whole=0.0)
    figures = summarise([maps], [curves], ["bill"])
    flat = figures["curves"]["attribute"]["orders"]["random"]["insertion"]
    assert (flat["value"], flat["low"], flat["high"]) == (None, None, None)
    json.dumps(figures, allow_nan=False)


def test_figures_by_hand() -> None:
    records = [record(0, [3.0, 29.0, None], 1.0), record(1, [14.9], 3.0)]
    groups = ["bill", "wing", "wing"]
    figures = summarise([r[0] for r in records], [r[1] for r in records], groups, {"bill": "head", "wing": "wings"})
    evidence = figures["localisation"]["maps"]["evidence"]
    assert evidence["pointing"]["value"] == pytest.approx(2 / 4)
    assert evidence["pointing_groups"]["value"] == pytest.approx((2 / 2 + 0 / 2) / 2)
    assert evidence["pointing_wide"]["value"] == pytest.approx(3 / 4)
    assert evidence["energy_parts"]["value"] == pytest.approx(0.5)
    assert evidence["distance"] == pytest.approx((14.9 + 29) / 2)
    chance = {key: row["value"] for key, row in figures["localisation"]["maps"]["random"].items() if row}
    assert chance == pytest.approx(
        {"pointing": 0.1, "pointing_groups": 0.1, "pointing_wide": 0.4, "energy_parts": 0.1, "energy_box": 0.2}
    )
    assert figures["localisation"]["by_group"]["wing"] == {"pairs": 2, "random": pytest.approx(0.1), "evidence": 0.0}
    assert figures["localisation"]["by_part"] == {
        "head": {"pairs": 2, "random": pytest.approx(0.1), "evidence": 1.0},
        "wings": {"pairs": 2, "random": pytest.approx(0.1), "evidence": 0.0},
    }
    together = summarise([r[0] for r in records], [], groups, {"bill": "bird", "wing": "bird"})
    assert together["localisation"]["by_part"]["bird"] == {"pairs": 4, "random": pytest.approx(0.1), "evidence": 0.5}
    orders = figures["curves"]["attribute"]["orders"]
    assert set(orders) == {"random", "evidence"}
    # whole 1 and 3, blurred 0: areas by trapezoid are 3/4 and 9/4 of deletion, all of it as a share of the mean whole.
    assert orders["random"]["deletion"]["area"] == pytest.approx(1.5)
    assert orders["random"]["deletion"]["value"] == pytest.approx(0.75)
    assert orders["evidence"]["deletion"]["value"] == pytest.approx(0.25)
    assert figures["curves"]["class"]["orders"]["evidence"]["insertion"]["value"] == pytest.approx(0.75)
    assert figures["curves"]["attribute"]["whole"] == pytest.approx(2)
    assert figures["sanity"] == {"evidence": pytest.approx(0.1), "attention": None}
    assert figures["seconds"] == {"maps": 1.0, "curves": 2.0}
