"""What the page is told after an edit, and what it may ask for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.conftest import make_scale
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.tasks.attributes import pictures
from zslviz.tasks.attributes import tables as exports
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ScoringRule
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.tabs import TABS
from zslviz.ui.tabs.explain import answers


@pytest.fixture(params=["made-mgmrn", "made-msdn"])
def explanation(request: pytest.FixtureRequest, explanation_of: Callable[..., Explanation]) -> Explanation:
    return explanation_of(request.param)


def test_without_edits_before_and_after_are_the_same(explanation: Explanation) -> None:
    answer = answers.ranking_answer(explanation, RankRequest())
    assert not answer["edited"]
    assert [c["rank"] for c in answer["classes"]] == [c["rank_before"] for c in answer["classes"]]
    assert all(c["score"] == c["before"] for c in answer["classes"])


def test_terms_others_and_calibration_add_up_to_the_margin(explanation: Explanation) -> None:
    request = RankRequest(image_edits={0: 1.2}, class_edits={(3, 1): 0.0}, gamma=0.4)
    for class_index in range(len(explanation.space.classes)):
        why = answers.ranking_answer(explanation, request, why=class_index)["why"]
        total = sum(t["term"] for t in why["terms"]) + why["others"] + why["calibration"]
        assert total == pytest.approx(why["margin"], abs=1e-6)
        assert why["class"] == class_index
        assert why["class"] != why["rival"]


def test_the_rival_is_the_runner_up_for_the_first_and_the_first_for_others(explanation: Explanation) -> None:
    order = explanation.rank().order
    assert answers.ranking_answer(explanation, RankRequest())["why"]["rival"] == order[1]
    assert answers.ranking_answer(explanation, RankRequest(), why=int(order[3]))["why"]["rival"] == order[0]


def test_the_true_class_is_always_shown(explanation: Explanation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "SHOWN_CLASSES", 3)
    last = int(explanation.rank().order[-1])
    shown = answers.ranking_answer(explanation, RankRequest(), true_class=last)["classes"]
    assert len(shown) == 3
    assert (shown[-1]["index"], shown[-1]["true"], shown[-1]["rank"]) == (last, True, 6)


def test_undoing_all_edits_gives_the_first_answer_bit_for_bit(explanation: Explanation) -> None:
    first = json.dumps(answers.ranking_answer(explanation, RankRequest()))
    answers.ranking_answer(explanation, RankRequest({0: 0.3, 1: 1.0}, {(0, 0): 0.0}, 0.9, True))
    assert json.dumps(answers.ranking_answer(explanation, RankRequest())) == first


def test_unseen_only_with_a_seen_class_asked_about_answers_for_the_first(explanation: Explanation) -> None:
    answer = answers.ranking_answer(explanation, RankRequest(unseen_only=True), why=0)
    assert answer["competing"] == 2
    assert answer["why"]["class"] == answer["classes"][0]["index"]


def test_maps_share_one_scale_and_end_with_their_sum(explanation: Explanation) -> None:
    for kind in ("evidence", "attention"):
        named = pictures.attribute_maps(explanation, 1, explanation.offer_of(kind))
        assert [name for name, _ in named[:-1]] == list(explanation.granularities)
        together = np.stack([values for _, values in named[:-1]])
        expected = together.sum(axis=0) if kind == "evidence" else np.tensordot(explanation.scale.weights, together, 1)
        np.testing.assert_allclose(named[-1][1], expected, atol=1e-5)
        answer = pictures.maps_answer(explanation, 1, explanation.offer_of(kind))
        assert answer["legend"]["ticks"][2] == pytest.approx(max(np.abs(v).max() for _, v in named), rel=1e-6)


def test_each_granularity_says_what_it_brings_to_the_map_of_all(explanation: Explanation) -> None:
    count = len(explanation.granularities)
    for kind in ("evidence", "attention"):
        maps = pictures.maps_answer(explanation, 1, explanation.offer_of(kind))["maps"]
        layers = np.abs(explanation.layers(kind, slice(None))).sum(axis=(1, 2, 3))
        sizes = (
            layers if kind == "evidence" else explanation.scale.weights * layers
        )  # evidence is in units of the value already
        assert [m["share"] for m in maps[:-1]] == pytest.approx((sizes / sizes.sum()).tolist(), abs=1e-3)
        assert maps[-1]["share"] is None
    silent = replace(explanation, scale=replace(explanation.scale, shares=np.eye(count, dtype=np.float32)[0]))
    for kind in ("evidence", "attention"):
        maps = pictures.maps_answer(silent, 1, silent.offer_of(kind))["maps"]
        assert [m["share"] for m in maps] == [1, *[0] * (count - 1), None]


def test_a_region_is_the_cell_under_the_click(explanation: Explanation) -> None:
    answer = pictures.region_answer(explanation, 0.999, 0.001)
    assert (answer["row"], answer["column"]) == (0, explanation.grid[1] - 1)
    x0, y0, x1, y1 = answer["box"]
    assert x0 < 0.999 <= x1
    assert y0 <= 0.001 < y1
    assert answer["attributes"][0]["above_average"] == pytest.approx(
        explanation.region_attributes(answer["row"], answer["column"])[0][1]
    )


def test_overlay_has_the_photos_size_and_is_named_after_the_map(explanation: Explanation) -> None:
    offer = explanation.offer_of("evidence")
    words, picture = pictures.overlay_png(explanation, 0, offer, 1, 0.8)
    assert words == f"color: shade 0 evidence {explanation.granularities[1].split(' ·')[0]}"
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == (explanation.geometry.width, explanation.geometry.height)
        assert image.format == "PNG"
    with pytest.raises(ConfigError, match="no map number 9"):
        pictures.overlay_png(explanation, 0, offer, 9, 0.8)


def test_csv_and_json_carry_scores_and_edits(explanation: Explanation) -> None:
    request = RankRequest({2: 0.75}, {(1, 0): 0.5}, 0.1)
    rows = list(csv.DictReader(io.StringIO(exports.scores_csv(explanation, request))))
    attributes = [r for r in rows if r["kind"] == "attribute"]
    assert float(attributes[2]["before"]) == float(explanation.values[2])
    assert float(attributes[2]["after"]) == 0.75
    assert sum(r["kind"] == "class" for r in rows) == 6
    (edit,) = [r for r in rows if r["kind"] == "class edit"]
    assert (edit["group"], float(edit["after"])) == ("class_1", 0.5)
    data = json.loads(exports.scores_json(explanation, request))
    assert data["after_edits"]["edits"] == {"has_color::shade_2": 0.75}
    assert data["after_edits"]["class_edits"] == {"class_1": {"has_color::shade_0": 0.5}}


def test_requests_are_checked(explanation: Explanation) -> None:
    space = explanation.space
    assert RankRequest.parse(space, {"1": 0.5}, {"0": {"2": 1}}) == RankRequest({1: 0.5}, {(0, 2): 1.0})
    for wrong in ({"9": 1}, {"0": float("nan")}, {"0": True}, {"0": None}, "stripes", 3):
        with pytest.raises(ConfigError):
            RankRequest.parse(space, wrong)
    with pytest.raises(ConfigError):
        RankRequest.parse(space, gamma="high")
    with pytest.raises(UnknownNameError):
        RankRequest.parse(space, {"colour": 1})


def test_one_granularity_has_one_map(explanation: Explanation) -> None:
    one = replace(
        explanation,
        granularities=explanation.granularities[:1],
        attention=explanation.attention[:1],
        evidence=explanation.evidence[:1],
        scores=explanation.scores[:1],
        bias=explanation.bias[:1],
        rule=ScoringRule("dot", (1.0,)),
        scale=make_scale(granularities=1),
    )
    for kind in ("evidence", "attention"):
        assert len(pictures.attribute_maps(one, 1, one.offer_of(kind))) == 1
        (only,) = pictures.maps_answer(one, 1, one.offer_of(kind))["maps"]
        assert only["share"] is None


def test_only_maps_that_a_model_offers_are_shown(explanation: Explanation, all_tasks: Service) -> None:
    tab = TABS[0].open(all_tasks, Downloads())
    blind = replace(explanation, evidence=None, bias=None)
    for seen, kinds in (
        (explanation, ["evidence", "attention"]),
        (blind, ["attention"]),
        (replace(blind, attention=None, attention_context=None, parts=None), []),
    ):
        facts = tab.facts(seen, {})
        assert [offer["name"] for offer in facts["offers"]] == kinds
        assert [facts[key] and facts[key]["kind"] for key in ("maps", "thumbnails")] == [
            kinds[0] if kinds else None
        ] * 2
        assert facts["ranking"] == tab.facts(explanation, {})["ranking"]
        json.dumps(facts, allow_nan=False)


def test_what_maps_are_worth_is_told_of_a_model_that_was_measured(
    explanation: Explanation, all_tasks: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = TABS[0].open(all_tasks, Downloads())
    assert tab.facts(explanation, {})["maps_worth"] == ""
    info = all_tasks.checkpoint(explanation.model)
    maps = {"photos": 2, "curve_photos": 0, "pointing": {"evidence": [0.6, 0.5, 0.7], "centre": [0.1, 0.0, 0.2]}}
    measured = replace(info, metrics={**info.metrics, "maps": maps})
    monkeypatch.setattr(all_tasks, "checkpoint", lambda name: measured)
    told = tab.facts(explanation, {})["maps_worth"]
    assert told.startswith("Of 100 maps of what it counted, 60 point at the part") and "would hit 10" in told
    without = replace(explanation, evidence=None, bias=None, attention=None, attention_context=None, parts=None)
    assert tab.facts(without, {})["maps_worth"] == ""
