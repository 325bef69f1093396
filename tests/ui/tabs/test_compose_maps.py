"""The tab Compose: which pair is explained, its maps' scales, equal maps, and the threshold that the page begins with."""

# ruff: noqa: F811
from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.ui.tabs.test_compose import PairTab, asked, explanation, tab  # noqa: F401
from zslviz.tasks.compositional import pictures
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.feasibility import biting_threshold


def test_the_winner_of_the_world_that_is_on_is_explained_unless_a_pair_is_named(
    tab: PairTab, asked: dict[str, Any], explanation: CompositionExplanation
) -> None:
    seen = explanation.space.seen
    listed = explanation.space.candidates
    only_open = np.argwhere(~listed)[
        0
    ]  # a pair that wins in the open world alone: the bias lifts those never trained on
    logits = explanation.logits.pairs.copy()
    logits[tuple(only_open)] += 100.0
    lifted = replace(explanation, logits=replace(explanation.logits, pairs=logits))
    assert not seen[tuple(only_open)]
    handle = tab.service.store.put(lifted, "visitor")
    for world in (False, True):
        answer = tab.rank({"handle": handle, "open_world": world, "threshold": -1.0, "pair": None})
        winner = answer["ranking"]["pairs"][0]
        assert answer["pair"]["pair"] == [winner["state"], winner["object"]]
    assert answer["pair"]["pair"] == [explanation.space.states[only_open[0]], explanation.space.objects[only_open[1]]]
    named = tab.rank({"handle": handle, "open_world": True, "threshold": -1.0, "pair": ["state 0", "object 0"]})
    assert named["pair"]["pair"] == ["state 0", "object 0"]


def test_the_photo_has_one_scale_of_each_sort_of_map_and_weak_ones_are_stretched(
    explanation: CompositionExplanation,
) -> None:
    looked, counted = pictures.attention_scale(explanation), pictures.evidence_scale(explanation)
    states = pictures.multiples_answer(explanation, "states", [])
    assert states["legend"]["ticks"][2] == pytest.approx(looked.high)
    for pair in ((0, 0), (1, 1), (3, 4)):
        for p in pictures.pair_pictures(explanation, pair, (2, 2), stretch=False):
            assert p.scale == (counted if p.offer.signed else looked)
        own = pictures.pair_pictures(explanation, pair, (2, 2), stretch=True)
        signed = [p for p in own if p.offer.signed]
        assert {p.scale.high for p in signed} == {max(float(np.abs(p.values).max()) for p in signed)}
        for p in pictures.pair_pictures(explanation, pair, (2, 2)):
            assert p.stretched == (p.reach < 0.5)
            assert p.reach == pytest.approx(
                max(float(np.abs(q.values).max()) for q in own if q.offer is p.offer)
                / (counted if p.offer.signed else looked).high
            )


def test_equal_maps_are_one_picture_and_nothing_counted_has_no_legend(explanation: CompositionExplanation) -> None:
    assert explanation.state_attention is not None and explanation.refinement is not None
    one = explanation.state_attention[0]
    equal = replace(
        explanation,
        state_attention=np.repeat(one[None], len(explanation.space.states), axis=0),
        object_attention=np.repeat(one[None], len(explanation.space.objects), axis=0),
        refinement=np.zeros_like(explanation.refinement),
    )
    answer = pictures.pair_answer(equal, (0, 0), (1, 1))
    assert answer["same"]["pair"] == ["state", "object"] and "state" not in answer["maps"]
    assert answer["legends"]["evidence"] is None and answer["where"]["evidence"] == ""
    for kind, count in (("states", 4), ("objects", 5)):
        (group,) = pictures.multiples_answer(equal, kind, [])["maps"]
        assert len(group["things"]) == count


def test_the_threshold_that_the_page_begins_with_rules_out_a_quarter_of_the_unseen_pairs(
    tab: PairTab, asked: dict[str, Any], explanation: CompositionExplanation
) -> None:
    seen = explanation.space.seen
    unseen = explanation.feasibility[~seen]
    bites = biting_threshold(explanation.feasibility, seen)
    assert (unseen < bites).mean() == pytest.approx(0.25, abs=1 / unseen.size)
    assert biting_threshold(explanation.feasibility, np.ones_like(seen)) == 0.0
