"""The sentence on what a model's maps are worth: each thing that it can say, and that intervals bound all of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zslviz.tasks.attributes.map_truth import compared, counts_more, map_figures, map_truth, own


def near(value: float, spread: float = 0.01) -> list[float]:
    return [value, value - spread, value + spread]


def metrics(**figures: Any) -> dict[str, Any]:
    return {"maps": {"photos": 9, "curve_photos": 5, **figures}}


def pointing(attention: float, evidence: float = 0.48, centre: float = 0.13) -> dict[str, Any]:
    rows = {"evidence": evidence, "attention": attention, "Grad-CAM": 0.07, "centre": centre, "random": 0.02}
    return {"pointing": {name: near(value) for name, value in rows.items()}}


def curves(deletion: float, insertion: float, centre: float = 0.2, grad_cam: float = 0.2) -> dict[str, Any]:
    """Of evidence; the rivals' insertion is 1 less their deletion."""
    return {
        "deletion": {"evidence": near(deletion), "centre": near(centre), "Grad-CAM": near(grad_cam)},
        "insertion": {"evidence": near(insertion), "centre": near(1 - centre), "Grad-CAM": near(1 - grad_cam)},
    }


@pytest.mark.parametrize(
    ("attention", "said"),
    [
        (0.63, "Of 100 maps of where it looked, 63 point at the part that their attribute names (of what it counted, 10); "
               "a map that always pointed at the middle would hit 13."),
        (0.14, "14 point at the part that their attribute names (of what it counted, 10); that is not clearly more than a map "
               "that always points at the middle, which hits 13."),
        (0.105, "would hit more, 13."),
    ],
)  # fmt: skip
def test_pointing_is_told_beside_the_middle(attention: float, said: str) -> None:
    assert map_truth(metrics(**pointing(attention, evidence=0.10))).endswith(said)


def test_the_map_that_points_best_is_named_first() -> None:
    assert map_truth(metrics(**pointing(0.30, 0.48))).startswith("Of 100 maps of what it counted, 48 point")
    alone = pointing(0.3)["pointing"]
    del alone["attention"]
    assert "(of " not in map_truth(metrics(pointing=alone))


@pytest.mark.parametrize(
    ("deletion", "insertion", "rivals", "said"),
    [
        (0.1, 0.9, {}, "more than covering the middle of the photo or what Grad-CAM marks."),
        (0.4, 0.5, {}, "less than covering the middle of the photo or what Grad-CAM marks."),
        (0.2, 0.8, {}, "not clearly more or less than covering the middle of the photo or what Grad-CAM marks."),
        (0.1, 0.8, {}, "not clearly more or less than covering the middle of the photo or what Grad-CAM marks."),
        (0.1, 0.7, {}, "not clearly more or less than covering the middle of the photo or what Grad-CAM marks."),
        (0.1, 0.9, {"grad_cam": 0.1}, "more than covering the middle of the photo, and not clearly more or less than covering "
                                      "what Grad-CAM marks."),
        (0.1, 0.9, {"centre": 0.05}, "more than covering what Grad-CAM marks, and less than covering the middle of the photo."),
    ],
)  # fmt: skip
def test_both_curves_must_say_that_covering_counts(
    deletion: float, insertion: float, rivals: dict[str, float], said: str
) -> None:
    found = map_truth(metrics(**curves(deletion, insertion, **rivals)))
    assert found == f"Covering what it counted lowers an attribute's value {said}"


def test_a_model_without_evidence_is_judged_by_where_it_looked() -> None:
    renamed = {
        curve: {("attention" if n == "evidence" else n): v for n, v in rows.items()}
        for curve, rows in curves(0.1, 0.9).items()
    }
    assert map_truth(metrics(**renamed)).startswith("Covering where it looked lowers")


@pytest.mark.parametrize(
    ("hits", "said"),
    [
        (
            0.71,
            "71 of 100 maps of where it looked point at that photo; maps that know nothing would be right 25 times.",
        ),
        (0.26, "point at that photo; that is not clearly more than the 25 of maps that know nothing."),
        (0.20, "maps that know nothing would be right more often, 25 times."),
    ],
)
def test_scenes_stand_for_parts_where_none_are_marked(hits: float, said: str) -> None:
    scenes = {"attention": near(hits), "evidence": near(0.1), "random": near(0.25), "centre": near(0.25)}
    assert map_truth(metrics(scenes=scenes)).endswith(said)
    assert "photos side by side" not in map_truth(metrics(scenes=scenes, **pointing(0.6)))


def test_maps_that_hardly_depend_on_the_attribute_are_told() -> None:
    def told(attention: float) -> str:
        return map_truth(metrics(same_place={"attention": near(attention), "evidence": near(0.2), "random": near(0.1)}))

    highest = "f a photo's attributes, 84 in 100 have their map of where it looked highest in one and the same place."
    assert told(0.84) == f"O{highest}"
    marked = metrics(same_place={"attention": near(0.84), "random": near(0.1)}, **pointing(0.6))
    assert "one and the same place" not in map_truth(marked), "a bird's bill, eye and crown are one place"
    assert told(0.5) == told(0.3) == ""


def test_shuffled_weights_are_told_where_no_place_is_known() -> None:
    assert "its maps become others (rank correlation 0.06)" in map_truth(metrics(shuffled={"evidence": 0.06}))
    kept = map_truth(metrics(shuffled={"evidence": -0.01, "attention": -0.61}))
    assert "its maps stay alike (rank correlation -0.61)" in kept
    assert "shuffled" not in map_truth(metrics(shuffled={"evidence": 0.06}, **pointing(0.6)))


def test_what_was_not_measured_or_cannot_be_read_says_nothing() -> None:
    for maps in (
        None,
        {},
        [],
        "maps",
        {"photos": 1},
        {"photos": 1, "curve_photos": 0},
        {"photos": "9", "curve_photos": 1},
    ):
        assert map_truth({"maps": maps}) == ""
    assert map_truth({}) == ""
    assert map_truth(metrics(pointing={"attention": [0.5, 0.4]})) == ""
    assert (
        map_truth(json.loads('{"maps": {"photos": 1, "curve_photos": 1, "pointing": {"attention": [1e400, 0, 0]}}}'))
        == ""
    )
    assert map_truth(metrics(pointing={"attention": near(0.5)})) == "", "without the middle's hits a share says nothing"


def test_intervals_that_meet_tell_nothing_apart() -> None:
    assert [compared((0.5, 0.4, 0.6), b) for b in ((0.3, 0.2, 0.39), (0.3, 0.2, 0.4), (0.7, 0.61, 0.8))] == [1, 0, -1]
    found = map_figures(metrics(**curves(0.1, 0.9)))
    assert found is not None
    assert counts_more(found.deletion, found.insertion, "evidence", "random") is None
    assert own(found.deletion) == ["evidence"]
