"""What a model tells besides scores and maps: it adds up, is kept, is read again, and is refused where it cannot be shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.twin.vectors import made_explanation, made_insights
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.apart import alone, apart_answer
from zslviz.tasks.attributes.attribute_lines import attribute_lines
from zslviz.tasks.attributes.bundle import model_bundle, read_explanation_bundle
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.insights import SHOWN, insights_answer
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import class_scores
from zslviz.tasks.attributes.sources import sources_of_lead
from zslviz.tasks.base.insights import ToldInsight

EDITS = RankRequest({0: 1.3, 2: -0.2}, {(1, 2): 0.9}, gamma=1.5)


@pytest.mark.parametrize("kind", ["dot", "cosine"])
@pytest.mark.parametrize("seed", [1, 2, 5])
def test_a_lead_is_what_places_the_rest_edits_and_the_handicap_make(kind: str, seed: int) -> None:
    x = made_explanation(kind, "plain", seed)  # type: ignore[arg-type]
    for request in (RankRequest(), EDITS):
        ranking = request.rank(x)
        first, second = (int(c) for c in ranking.order[:2])
        found = sources_of_lead(x, request, first, second)
        assert found is not None
        margin = x.contributions(first, second, request.gamma, request.image_edits, request.space(x))
        whole = found.places + found.rest + found.edits + margin.calibration
        assert whole == pytest.approx(margin.margin, abs=1e-4 * max(1, abs(margin.margin)))
        assert bool(found.edits) is bool(request.image_edits)
    assert sources_of_lead(replace(x, evidence=None, bias=None), RankRequest(), 0, 1) is None


def test_the_answers_alone_make_the_answer_of_all_by_their_shares() -> None:
    x = next(x for x in (made_explanation("dot", "plain", seed) for seed in range(20)) if len(x.granularities) == 3)
    x = replace(x, rule=replace(x.rule, weights=(0.5, 0.0, 1.5)))
    each = [class_scores(x.scores, x.space, alone(x.rule, g)).astype(np.float64) for g in range(3)]
    assert 0.25 * each[0] + 0.75 * each[2] == pytest.approx(class_scores(x.scores, x.space, x.rule), abs=1e-4)
    answer = apart_answer(x, EDITS)
    assert [one["share"] for one in answer["answers"]] == pytest.approx([0.25, 0, 0.75])
    first = int(EDITS.rank(x).order[0])
    assert answer["agree"] is all(one["classes"][0]["index"] == first for one in answer["answers"] if one["share"])
    assert answer["pair"][0] == first and (answer["agree"] or answer["pair"][1] != first)
    spreads = [max(one["values"]) - min(one["values"]) for one in answer["terms"]]
    assert spreads == sorted(spreads, reverse=True) and spreads[-1] > 0


def test_answers_that_a_photo_is_trusted_with_unalike_have_the_shares_that_they_have_there() -> None:
    x = next(
        x for x in (made_explanation("dot", "plain", seed) for seed in range(3, 80, 4)) if len(x.granularities) == 3
    )
    trusted = next(one for one in x.insights if one.told.term == "trust").values
    x = replace(x, rule=replace(x.rule, weights=(1.0, 1.0, 1.0)))
    told = [one["share"] for one in apart_answer(x, EDITS)["answers"]]
    assert told == pytest.approx(trusted.tolist(), abs=1e-3) and sum(told) == pytest.approx(1)


def test_what_is_told_is_kept_and_told_by_whoever_reads_a_bundle(tmp_path: Path) -> None:
    x = made_explanation("dot", "plain", 1)
    assert x.evidence_offer.rest and len(x.insights) == 5
    again = Explanation.load(x.save(tmp_path / "kept")[0])
    assert again.evidence_offer == x.evidence_offer and [one.told for one in again.insights] == [
        one.told for one in x.insights
    ]
    read = read_explanation_bundle(x.bundle())
    told = {one.told.name: one for one in (*read.insights, *read.model.insights)}
    assert {one.told.of for one in read.insights} == {"photo"} and len(told) == len(x.insights)
    for one, kept in zip(x.insights, again.insights, strict=True):
        np.testing.assert_array_equal(one.values, kept.values)
        assert told[one.told.name].told == one.told
        np.testing.assert_allclose(told[one.told.name].values, one.values, rtol=1e-3)
    plain = replace(x, insights=(), evidence_offer=replace(x.evidence_offer, held="", rest=""))
    for content in (plain.bundle(whole=False), model_bundle(plain)):
        head = content[:4000]
        assert not any(word in head for word in (b'"insights"', b'"held"', b'"rest"')), (
            "bundles without any stay as they were"
        )


def test_of_a_table_the_rows_are_of_the_attribute_that_is_asked_about_and_not_itself() -> None:
    x = made_explanation("dot", "plain", 1)
    table = next(one for one in x.insights if one.told.axes == ("attribute", "attribute"))
    for attribute in (0, 2):
        answer = insights_answer(x, attribute)[table.told.of]
        drawn = next(one for one in answer if one["name"] == table.told.name)
        row = table.values[attribute].astype(np.float16)
        order = [a for a in np.argsort(-row.astype(np.float64), kind="stable") if a != attribute][:SHOWN]
        assert drawn["about"] == attribute and [one["attribute"] for one in drawn["rows"]] == order
        others = table.values[~np.eye(len(table.values), dtype=bool)]
        assert drawn["spread"] == pytest.approx([others.min(), np.median(others), others.max()], rel=2e-3)
    lines = attribute_lines(x, 2, "evidence")
    assert sum(line.startswith("\nInsight ") for line in lines) == len(x.insights)
    assert any("one norm held as in this photo" in line for line in lines) and "learned correction" in lines[0]


def test_what_cannot_be_shown_is_refused_in_a_sentence() -> None:
    told = made_insights(4, np.random.default_rng(0))[0].told
    for changed in (
        {"axes": ("class",)},
        {"axes": ("named",)},
        {"at": (0.0, 1.0)},
        {"axes": ("at",), "at": (1.0, 1.0)},
        {"of": "page"},
    ):
        with pytest.raises(ConfigError, match="insight 0"):
            replace(told, **changed)  # type: ignore[arg-type]
    assert replace(told, names=()).letters == "A" and isinstance(told, ToldInsight)
