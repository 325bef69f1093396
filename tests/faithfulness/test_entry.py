"""What of a measurement a checkpoint keeps."""

from __future__ import annotations

import json
from typing import Any

from zslviz.faithfulness.entry import metrics_entry
from zslviz.tasks.attributes.card_maps import maps_section
from zslviz.tasks.attributes.map_truth import map_figures


def figure(value: float | None) -> dict[str, Any]:
    spread = None if value is None else 0.01
    return {"value": value, "low": value and value - 0.01, "high": spread and (value or 0) + 0.01}


def measured(**other: Any) -> dict[str, Any]:
    hits = {
        "evidence": 0.2,
        "evidence, smooth": 0.333333,
        "evidence, fine": 0.9,
        "Grad-CAM": 0.1,
        "Grad-CAM, smooth": 0.11,
    }
    hits |= {"centre": 0.13, "random": 0.02}
    areas = {"evidence": 0.1, "attention, smooth": 0.12, "Grad-CAM": 0.3, "centre": 0.2, "random": 0.4}
    orders = {name: {"deletion": figure(area), "insertion": figure(1 - area)} for name, area in areas.items()}
    return {
        "photos": 500, "curve_photos": 200,
        "localisation": {
            "maps": {name: {"pointing": figure(value)} for name, value in hits.items()},
            "by_part": {"tail": {"pairs": 7, **hits}, "bill": {"pairs": 3, **hits, "evidence, smooth": 0.7}},
        },
        "curves": {"attribute": {"whole": 0.8, "blurred": 0.2, "orders": orders}},
        "sanity": {"evidence": 0.03123456, "attention": None, "class": 0.5},
    } | other  # fmt: skip


def test_the_smooth_maps_of_all_granularities_are_kept_and_no_others() -> None:
    entry = metrics_entry(measured())
    assert entry["pointing"]["evidence"] == [0.3333, 0.3233, 0.3433]
    assert set(entry["pointing"]) == {"evidence", "Grad-CAM", "centre", "random"}
    assert set(entry["deletion"]) == {"evidence", "attention", "Grad-CAM", "centre", "random"}
    assert entry["insertion"]["attention"][0] == 0.88
    assert entry["by_part"]["bill"] == {"pairs": 3, "evidence": 0.7, "Grad-CAM": 0.11, "centre": 0.13, "random": 0.02}
    assert entry["shuffled"] == {"evidence": 0.0312}
    assert not {"scenes", "same_place"} & set(entry)
    assert map_figures({"maps": json.loads(json.dumps(entry))}) is not None


def test_what_was_not_measured_is_left_out() -> None:
    flat = {
        "attribute": {
            "whole": 0.8,
            "blurred": 0.2,
            "orders": {"evidence": {"deletion": figure(None), "insertion": figure(None)}},
        }
    }
    assert metrics_entry(measured(localisation=None, curves=None, sanity={})) == {"photos": 500, "curve_photos": 200}
    assert not {"deletion", "insertion"} & set(metrics_entry(measured(curves=flat)))
    assert "deletion" not in metrics_entry(measured(curves={"attribute": None}))


def test_curves_of_a_value_that_blurring_does_not_lower_say_nothing() -> None:
    curves = measured()["curves"]["attribute"]
    assert "deletion" in metrics_entry(measured(curves={"attribute": curves}))
    for blurred in (0.9, 1.1):
        entry = metrics_entry(measured(curves={"attribute": {**curves, "whole": 0.9, "blurred": blurred}}))
        assert not {"deletion", "insertion"} & set(entry)


def test_scenes_and_places_are_kept_where_they_were_measured() -> None:
    rows = {
        "attention, smooth": {"pointing": figure(0.7)},
        "attention": {"pointing": figure(0.6)},
        "random": {"pointing": figure(0.25)},
    }
    same = {"attention": figure(0.5), "attention, smooth": figure(0.84), "random": figure(0.1)}
    entry = metrics_entry(
        measured(
            scenes={"grid": {"attributes": {"maps": rows}}, "ground": None}, same_place={"photos": 3, "maps": same}
        )
    )
    assert entry["scenes"] == {"attention": [0.7, 0.69, 0.71], "random": [0.25, 0.24, 0.26]}
    assert entry["same_place"] == {"attention": [0.84, 0.83, 0.85], "random": [0.1, 0.09, 0.11]}
    assert metrics_entry(measured(scenes=None, same_place=None)) == metrics_entry(measured())
    assert "scenes" not in metrics_entry(measured(scenes={"grid": {"attributes": None}}))


def test_the_card_tells_the_sentence_the_figures_and_the_parts() -> None:
    text = "\n".join(maps_section({"maps": metrics_entry(measured())}))
    assert text.startswith("## Are the maps true?\n\nOf 100 maps of what it counted, 33 point at")
    assert "| map | pointing game | deletion ↓ | insertion ↑ |" in text
    assert "| what it counted | 33.3 (32.3 to 34.3) | 10.0 (9.0 to 11.0) | 90.0 (89.0 to 91.0) |" in text
    assert "| where it looked |  | 12.0 (11.0 to 13.0) | 88.0 (87.0 to 89.0) |" in text
    assert "*what it counted*: bill 70, tail 33; *always the middle*: tail 13, bill 13." in text.replace("\n", " ")
    assert "500 test photos, 200 of them with deletion and insertion" in text.replace("\n", " ")
    assert maps_section({}) == []
