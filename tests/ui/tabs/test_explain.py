"""What the page is told after an edit, and what it may ask for."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.conftest import make_scale
from zslviz.catalogue import DataCard
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.photos.heatmaps import ColourScale, overlay
from zslviz.tasks.attributes import pictures
from zslviz.tasks.attributes import space as space_module
from zslviz.tasks.attributes import tables as exports
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.maps import NOTHING, drawn
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ScoringRule
from zslviz.tasks.base.stretching import LITTLE
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


def test_all_maps_of_a_photo_have_one_scale_and_begin_with_their_sum(explanation: Explanation) -> None:
    for kind in ("evidence", "attention"):
        offer = explanation.offer_of(kind)
        answers_of = [pictures.maps_answer(explanation, a, offer) for a in range(len(explanation.space.attributes))]
        assert len({answer["end"] for answer in answers_of}) == 1
        heights = [np.abs(drawn(explanation.fused(kind)[a])).max() for a in range(len(answers_of))]
        assert answers_of[0]["end"] == pytest.approx(max(heights), rel=1e-5)
        for answer, height in zip(answers_of, heights, strict=True):
            assert answer["layers"][0]["reach"] == pytest.approx(height / max(heights), rel=1e-5)
            assert answer["layers"][0]["weak"] == (height / max(heights) < LITTLE)
            together, *own = (np.array(layer["values"]) for layer in answer["layers"])
            expected = sum(own) if kind == "evidence" else np.tensordot(explanation.scale.weights, np.stack(own), 1)
            np.testing.assert_allclose(together, expected, atol=1e-4 * np.abs(together).max())
        assert [layer["name"] for layer in answers_of[1]["layers"]] == ["all together", *explanation.granularities]


def test_a_value_is_what_its_places_make_and_what_every_photo_gets(explanation: Explanation) -> None:
    for a, value in enumerate(explanation.values.tolist()):
        answer = pictures.maps_answer(explanation, a, explanation.offer_of("evidence"))
        assert answer["places"] + answer["rest"] == pytest.approx(value, abs=1e-6) and answer["value"] == value
        assert answer["places"] == pytest.approx(explanation.fused_evidence[a].sum(), abs=1e-5)
        assert answer["rest"] == pytest.approx(explanation.scale.to_values(explanation.bias)[a], abs=1e-5)
        shown = [float(n.replace("−", "-")) for n in re.findall(r"[−]?\d+[.]\d\d", answer["equation"])]
        sign = -1 if f"− {shown[2]:.2f}" in answer["equation"] else 1
        assert shown[0] == pytest.approx(shown[1] + sign * shown[2], abs=1e-9) and shown[0] == pytest.approx(
            value, abs=0.0051
        )
        special = np.array(answer["special"]["values"])
        assert special.sum() == pytest.approx(0, abs=1e-4 * np.abs(special).max() * special.size)
        back = special + answer["places"] * explanation.shown("evidence").usual.ravel()
        np.testing.assert_allclose(back, answer["layers"][0]["values"], atol=1e-4 * np.abs(back).max())
    looked = pictures.maps_answer(explanation, 0, explanation.offer_of("attention"))
    assert (looked["places"], looked["rest"], looked["equation"]) == (None, None, "")


def test_each_granularity_says_how_much_of_the_map_it_is(explanation: Explanation) -> None:
    count = len(explanation.granularities)
    for kind in ("evidence", "attention"):
        layers = pictures.maps_answer(explanation, 1, explanation.offer_of(kind))["layers"]
        sizes = np.abs(explanation.layers(kind, 1)).sum(axis=(1, 2))
        sizes = (
            sizes if kind == "evidence" else explanation.scale.weights * sizes
        )  # evidence is in units of the value already
        assert [layer["share"] for layer in layers[1:]] == pytest.approx((sizes / sizes.sum()).tolist(), abs=1e-5)
        assert layers[0]["share"] is None
    silent = replace(explanation, scale=replace(explanation.scale, shares=np.eye(count, dtype=np.float32)[0]))
    for kind in ("evidence", "attention"):
        layers = pictures.maps_answer(silent, 1, silent.offer_of(kind))["layers"]
        assert [layer["share"] for layer in layers] == [None, 1, *[0] * (count - 1)]


def test_what_no_photo_can_show_has_no_map_on_the_scale_and_speaks_at_no_place(
    explanation: Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    loudest = int(np.abs(drawn(explanation.fused_evidence)).max(axis=(1, 2)).argmax())
    name = explanation.space.attributes[loudest]
    card = DataCard("made", "Of nobody.", False, "Nobody", invisible=(name,))
    monkeypatch.setattr(space_module, "data_card", lambda data: card)
    told = replace(explanation, space=replace(explanation.space))
    assert told.space.visible.count(False) == 1
    answer = pictures.maps_answer(told, loudest, told.offer_of("evidence"))
    assert not answer["visible"] and answer["common"] is None
    assert answer["says"] == [
        f"No place of a photo can show “{told.space.attribute_names[loudest]}”: the model concludes it from what else it sees, "
        "so no map is drawn of it."
    ]
    assert answer["end"] < pictures.maps_answer(explanation, loudest, explanation.offer_of("evidence"))["end"]
    rows, columns = told.checked_grid()
    spoken = {a for r in range(rows) for c in range(columns) for a, _ in told.region_attributes(r, c, 99)}
    assert spoken and loudest not in spoken
    assert loudest not in answers.strongest_attributes(told, 99)


def test_one_place_for_most_attributes_is_said_of_those_that_are_strongest_there(explanation: Explanation) -> None:
    a = len(explanation.space.attributes)
    evidence = np.zeros((len(explanation.granularities), a, 9, 9), dtype=np.float32)
    evidence[:, :, 2, 2] = np.linspace(0.5, 1, a)
    evidence[:, 0] = 0
    evidence[:, 0, 7, 7] = 0.8
    evidence[:, 1] *= -1  # against it, at the same place
    evidence[:, 2] *= 1e-3
    one = replace(explanation, evidence=evidence, attention=None, attention_context=None, parts=None)
    told = [pictures.maps_answer(one, i, one.offer_of("evidence")) for i in range(a)]
    assert [answer["common"] for answer in told] == [None, *[{"count": a - 1, "of": a}] * (a - 1)]
    said = f"The model knows that, not where: {a - 1} of {a} attributes are counted most at this one place."
    little = f"Almost nothing was counted for {one.space.attribute_names[2]} here."
    assert [answer["says"] for answer in told[:4]] == [[], [said], [little], [said]]


def test_a_region_is_the_cell_under_the_click_and_tells_what_was_counted_there(explanation: Explanation) -> None:
    answer = pictures.region_answer(explanation, 0.999, 0.001)
    assert (answer["row"], answer["column"]) == (0, explanation.grid[1] - 1)
    x0, y0, x1, y1 = answer["box"]
    assert x0 < 0.999 <= x1
    assert y0 <= 0.001 < y1
    there = explanation.fused_evidence[:, answer["row"], answer["column"]]
    told = {one["attribute"]: one["counted"] for one in answer["attributes"]}
    assert told == {a: pytest.approx(float(there[a])) for a in told}
    sizes = [abs(counted) for counted in told.values()]
    assert sizes == sorted(sizes, reverse=True)
    assert answer["end"] == pytest.approx(np.abs(explanation.fused_evidence).max())
    assert all(size >= NOTHING * answer["end"] for size in sizes)
    empty = replace(explanation, evidence=explanation.evidence * (np.arange(explanation.grid[1]) > 0))
    assert pictures.region_answer(empty, 0.0, 0.5)["attributes"] == []


def test_overlay_has_the_photos_size_and_is_what_the_page_draws(explanation: Explanation) -> None:
    offer, geometry = explanation.offer_of("evidence"), explanation.geometry
    plain = pictures.MapView(1, smooth=False)
    words, picture = pictures.overlay_png(explanation, 0, offer, plain, 0.8)
    called = pictures.words.called(explanation, 0)
    assert words == f"{called} evidence {explanation.granularities[0].split(' ·')[0]}"
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == (geometry.width, geometry.height)
        assert image.format == "PNG"
        end = explanation.shown("evidence").end()
        expected = overlay(
            explanation.photo, explanation.layers("evidence", 0)[0], geometry, ColourScale(-end, end, True), 0.8
        )
        np.testing.assert_array_equal(np.asarray(image), expected)
    weakest = int(explanation.shown("evidence").peaks.heights.argmin())  # stretched, it looks otherwise
    views = [pictures.MapView(**given) for given in ({}, {"grey": True}, {"stretched": True}, {"layer": "special"})]
    seen = {pictures.overlay_png(explanation, weakest, offer, view, 0.8)[1] for view in (plain, *views)}
    assert len(seen) == 5
    for wrong in (9, -1, "all"):
        with pytest.raises(ConfigError, match=f"no map number {wrong}"):
            pictures.overlay_png(explanation, 0, offer, pictures.MapView(wrong), 0.8)


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
        (only,) = pictures.maps_answer(one, 1, one.offer_of(kind))["layers"]
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
        whole = tab.facts(explanation, {})["ranking"]
        for ranking in (facts["ranking"], whole):
            sources = ranking["why"].pop("sources")  # maps alone tell where a lead comes from
            assert (sources is None) is (ranking is not whole and "evidence" not in kinds)
        assert facts["ranking"] == whole
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
