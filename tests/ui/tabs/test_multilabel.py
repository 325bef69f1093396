"""The tab Multi-label and its endpoints: what the page is told about the labels of a photo, and what it may ask for."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from tests.ui.conftest import PhotoFile
from zslviz.errors import ConfigError, DataError, TableError, UnknownNameError, ZslvizError
from zslviz.tasks.multilabel import pictures, scales, tables
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.requests import LabelRequest
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.tabs import TABS
from zslviz.ui.tabs.multilabel import answers

LabelTab = Any  # its functions are asked for by name
OWN = 6  # labels of the made model
WORDS = ["lighthouse", "sea gull"]


@pytest.fixture(scope="module")
def tab(all_tasks: Service) -> LabelTab:
    return next(place for place in TABS if place.task == "multilabel").open(all_tasks, Downloads())


@pytest.fixture(scope="module")
def asked(all_tasks: Service, photo_file: PhotoFile) -> dict[str, Any]:
    """What the page asks with: the handle of a photo's explanation."""
    return {"handle": all_tasks.explain(photo_file(0), "made-biam")[0]}


@pytest.fixture(scope="module")
def explanation(tab: LabelTab, asked: dict[str, Any]) -> LabelExplanation:
    return tab.kept(asked["handle"])


# -- the ranking and what is found ---------------------------------------------------------------------------------------


def test_all_labels_are_ranked_and_found_ones_marked(tab: LabelTab, asked: dict[str, Any]) -> None:
    answer = tab.rank(asked | {"gamma": 0.0, "threshold": -1e3})
    assert [line["rank"] for line in answer["labels"]] == list(range(1, OWN + 1))
    assert (answer["found"], answer["found_unseen"]) == (OWN, 2)
    none = tab.rank(asked | {"threshold": 1e3})
    assert none["found"] == 0
    assert none["floor"] <= none["ceiling"]


def test_labels_never_trained_on_lead_whatever_the_trained_ones_score(tab: LabelTab, asked: dict[str, Any]) -> None:
    answer = tab.rank(asked | {"gamma": -1e3})  # every trained label before them
    unseen, seen = ([line["name"] for line in answer["labels"] if line["seen"] == is_seen] for is_seen in (False, True))
    assert answer["labels"][0]["seen"]
    assert answer["leading"] == {"unseen": unseen, "seen": seen[: answers.LEADING]}
    assert answer["small"] == [*unseen, *seen[: answers.SMALL_MAPS]]
    assert tab.explain({"first": True})["map"]["name"] in unseen


def test_the_first_of_the_ranking_count_as_found_whatever_their_scores(tab: LabelTab, asked: dict[str, Any]) -> None:
    answer = tab.rank(asked | {"first": 2, "threshold": None})
    assert [line["found"] for line in answer["labels"]] == [True, True, False, False, False, False]
    assert answer["threshold"] is None


def test_gamma_is_taken_from_seen_labels_and_unseen_only_leaves_them_out(tab: LabelTab, asked: dict[str, Any]) -> None:
    for line in tab.rank(asked | {"gamma": 0.7})["labels"]:
        assert line["calibrated"] == pytest.approx(line["score"] - 0.7 * line["seen"], abs=1e-6)
    assert [line["seen"] for line in tab.rank(asked | {"unseen_only": True})["labels"]] == [False, False]


def test_a_label_added_and_removed_leaves_the_ranking_as_it_was_bit_for_bit(
    tab: LabelTab, asked: dict[str, Any]
) -> None:
    before = json.dumps(tab.rank(asked))
    added = tab.add(asked | {"added": ["lighthouse"], "name": "  sea   gull "})
    assert added["added"] == WORDS
    assert [line["name"] for line in added["ranking"]["labels"] if line["added"]] in (WORDS, WORDS[::-1])
    assert not any(line["seen"] for line in added["ranking"]["labels"] if line["added"])
    assert (added["map"]["name"], added["map"]["added"]) == ("sea gull", True)
    assert len(added["kin"]["nearest"]) == 3
    likeness = [near["likeness"] for near in added["kin"]["nearest"]]
    assert likeness == sorted(likeness, reverse=True)
    assert json.dumps(tab.rank(asked)) == before


def test_labels_that_were_there_keep_their_scores_beside_added_ones(tab: LabelTab, asked: dict[str, Any]) -> None:
    alone = {line["name"]: line["score"] for line in tab.rank(asked)["labels"]}
    beside = {line["name"]: line["score"] for line in tab.rank(asked | {"added": WORDS})["labels"]}
    assert {name: beside[name] for name in alone} == alone


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"name": "xqwzzy"}, DataError, "“xqwzzy” is no word that is known here, so it cannot join the labels"),
        ({"name": "Label 1"}, TableError, "There is a label 'label 1' already"),
        ({"name": "  "}, TableError, "1 to 60 letters"),
        ({"name": "sea", "added": [f"word {i}" for i in range(20)]}, ConfigError, "At most 20 labels"),
        ({"name": "sea", "added": [3]}, ConfigError, "must be a list of words"),
    ],
)
def test_a_label_that_cannot_be_added_gets_one_sentence(
    tab: LabelTab, asked: dict[str, Any], change: dict[str, Any], error: type[ZslvizError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        tab.add(asked | change)


# -- maps, places, several labels ----------------------------------------------------------------------------------------


def test_the_outlined_regions_are_those_whose_mean_is_the_score(
    tab: LabelTab, asked: dict[str, Any], explanation: LabelExplanation
) -> None:
    answer = tab.map(asked | {"label": "label 4"})
    assert answer["score"] == pytest.approx(
        np.mean([explanation.region_scores[4][cell] for cell in explanation.counted_regions(4)]), abs=1e-6
    )
    assert answer["counted"] == len(answer["boxes"]) == 3
    columns = explanation.grid[1]
    for x0, y0, x1, y1 in answer["boxes"]:
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1
        assert x1 - x0 <= 1 / columns + 1e-6 + abs(explanation.shift) / explanation.geometry.size
    with pytest.raises(UnknownNameError, match="did you mean"):
        tab.map(asked | {"label": "label"})


def test_maps_share_one_scale_that_added_labels_do_not_change(tab: LabelTab, asked: dict[str, Any]) -> None:
    names = [f"label {i}" for i in range(OWN)]
    answers = [
        tab.map(asked | {"label": name, "added": added, "stretch": False})
        for name, added in (*((n, []) for n in names), *((n, WORDS) for n in [*names, *WORDS]))
    ]
    assert len({json.dumps(answer["legend"]) for answer in answers}) == 1


def test_a_place_names_its_region_and_the_labels_it_speaks_for(
    tab: LabelTab, asked: dict[str, Any], explanation: LabelExplanation
) -> None:
    answer = tab.region(asked | {"x": 0.5, "y": 0.5, "gamma": 0.0})
    there = explanation.region_scores[:, answer["row"], answer["column"]]
    low = scales.map_scale(explanation.region_scores, OWN).low
    standing_out = sorted((float(v) for v in there if v > low), reverse=True)
    assert [label["score"] for label in answer["labels"]] == standing_out  # no list of what was not counted
    assert all(0 < label["height"] <= 1 for label in answer["labels"])
    x0, y0, x1, y1 = answer["box"]
    assert x0 <= 0.5 <= x1
    assert y0 <= 0.5 <= y1
    assert tab.attention(asked | answer)["legend"]["ticks"][0] == 0.0
    with pytest.raises(ConfigError, match="no region"):
        tab.attention(asked | {"row": 9, "column": 0})


def test_several_labels_are_hatched_in_their_own_colours_and_directions(tab: LabelTab, asked: dict[str, Any]) -> None:
    names = [f"label {i}" for i in range(4)]
    answer = tab.outlines(asked | {"labels": names, "area": "half"})
    assert [label["name"] for label in answer["labels"]] == names
    assert (
        len({label["colour"] for label in answer["labels"]}) == len({label["angle"] for label in answer["labels"]}) == 4
    )
    for label in answer["labels"]:
        assert re.fullmatch(r"(M[-\d]+ [-\d]+(L[-\d]+ [-\d]+)+Z)+", label["path"])
    with pytest.raises(ConfigError, match="At most 4"):
        tab.outlines(asked | {"labels": [*names, "label 4"], "area": "half"})
    with pytest.raises(ConfigError, match="'half'"):
        tab.outlines(asked | {"labels": names, "area": "all"})


def test_the_hatched_area_is_half_way_to_the_top_of_the_map_or_the_counted_regions(
    explanation: LabelExplanation,
) -> None:
    shape = (explanation.geometry.height, explanation.geometry.width)
    for label in range(OWN):
        half = pictures.area_of(explanation, label, "half", shape)
        values = explanation.map_geometry.map_to_photo(explanation.region_scores[label])
        middle = (np.median(explanation.region_scores[label]) + explanation.region_scores[label].max()) / 2
        np.testing.assert_array_equal(half, values >= middle)
        counted = pictures.area_of(explanation, label, "counted", shape)
        rows, columns = explanation.grid
        assert counted.mean() == pytest.approx(explanation.counted / (rows * columns), abs=0.1)


def test_how_far_the_scene_opens_the_channels_is_told_like_what_other_models_tell(
    tab: LabelTab, asked: dict[str, Any], explanation: LabelExplanation
) -> None:
    (gate,), opened = tab.insights(asked)["photo"], explanation.scene_gate
    shares = [row["values"][0] for row in gate["rows"]]
    assert opened is not None and shares[-1] == pytest.approx(float((opened >= 0.8).mean()))
    assert len(shares) == 5 and sum(shares) == pytest.approx(1)
    assert tab.insights(asked)["model"] == [] and tab.facts(explanation, {})["tells"]["photo"] == [gate["title"]]


# -- to take away --------------------------------------------------------------------------------------------------------


def test_pictures_to_take_away_have_the_photos_size_and_show_something(
    tab: LabelTab, asked: dict[str, Any], explanation: LabelExplanation
) -> None:
    one = {"what": "overlay", "label": "lighthouse", "added": WORDS, "opacity": 0.8}
    several = {"what": "hatched", "labels": ["label 0", "lighthouse"], "area": "half", "added": WORDS}
    for question, name in ((one, "lighthouse.png"), (several, "label-0-lighthouse.png")):
        answer = tab.download(asked | question)
        assert answer["name"] == name
        with Image.open(answer["path"]) as picture:
            assert picture.size == (explanation.geometry.width, explanation.geometry.height)
            assert not np.array_equal(np.asarray(picture), explanation.photo)


def test_csv_and_json_have_all_labels(tab: LabelTab, asked: dict[str, Any]) -> None:
    question = asked | {"added": WORDS, "threshold": 0.0, "image": "harbour.jpg"}
    rows = list(csv.DictReader(io.StringIO(tab.download(question | {"what": "csv"})["text"])))
    assert len(rows) == OWN + 2
    assert {row["image"] for row in rows} == {"harbour.jpg"}
    assert {row["label"] for row in rows if row["added"] == "1"} == set(WORDS)
    assert sum(row["seen"] == "1" for row in rows) == 4
    assert all((float(row["calibrated"]) >= 0) == (row["found"] == "1") for row in rows)
    data = json.loads(tab.download(question | {"what": "json"})["text"])
    assert data["added"] == WORDS
    assert [line["name"] for line in data["ranking"]] == [row["label"] for row in rows]


# -- examples, endpoints -----------------------------------------------------------------------------------------------------


def test_an_example_names_those_of_its_labels_that_the_model_knows(tab: LabelTab) -> None:
    answer = tab.explain({"first": True})
    assert answer["there"] == ["label 1", "label 5"]
    assert answer["map"]["name"] == answer["ranking"]["leading"]["unseen"][0]
    small = tab.thumbnails({"handle": answer["handle"], "labels": answer["ranking"]["small"]})["thumbnails"]
    assert sorted(name for one in small for name in one["names"]) == sorted(answer["ranking"]["small"])


def test_labels_and_rank_labels_answer_what_the_package_computes(
    all_tasks_api: Client, all_tasks: Service, photo_file: PhotoFile
) -> None:
    answer = all_tasks_api.predict(handle_file(photo_file(1)), "made-biam", 3, WORDS, api_name="/labels")
    explainer = all_tasks.explainer("made-biam")
    here = explainer.add(explainer.explain(photo_file(1)), *WORDS)
    assert answer["ranking"] == json.loads(json.dumps(here.to_dict(top=3)["ranking"]))
    assert answer["labels"] == list(here.space.labels)
    ranked = all_tasks_api.predict(answer["handle"], 0.5, 0.1, True, ["lighthouse"], 2, api_name="/rank_labels")
    expected = explainer.add(explainer.explain(photo_file(1)), "lighthouse").rank(0.5, True, 0.1)[:2]
    assert [line["name"] for line in ranked["ranking"]] == [line.name for line in expected]
    assert [line["found"] for line in ranked["ranking"]] == [line.found for line in expected]
    assert (ranked["gamma"], ranked["threshold"], ranked["added"]) == (0.5, 0.1, ["lighthouse"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"add": ["xqwzzy"]}, "There is no vector for 'xqwzzy'"),
        ({"add": "lighthouse"}, "must be a list of words"),
        ({"gamma": "high"}, "The value for 'gamma' must be a number"),
    ],
)
def test_bad_requests_get_one_sentence(
    all_tasks_api: Client, asked: dict[str, Any], arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AppError) as error:
        all_tasks_api.predict(**(asked | arguments), api_name="/rank_labels")
    assert sentence in str(error.value)


def test_a_model_of_attributes_is_refused(all_tasks_api: Client, photo_file: PhotoFile) -> None:
    with pytest.raises(AppError, match="does not score labels"):
        all_tasks_api.predict(handle_file(photo_file(1)), "made-msdn", 3, [], api_name="/labels")


def test_requests_are_the_same_by_any_door(explanation: LabelExplanation) -> None:
    ranked = tables.ranked_labels(explanation, LabelRequest.parse([], 0.25, 0.5))
    assert ranked["ranking"] == explanation.to_dict()["ranking"]


def test_a_weak_map_is_stretched_and_says_how_often_and_any_may_be(explanation: LabelExplanation) -> None:
    scores, own = explanation.region_scores.copy(), len(explanation.space)
    scores[0] -= scores.max() - scores.min() + 1.0  # nothing of it reaches what any other label's places reach
    common = scales.map_scale(scores, own)
    strongest = int(scores.max(axis=(1, 2)).argmax())
    plain, asked = (scales.label_scale(scores, strongest, own, stretch) for stretch in (None, True))
    assert (plain.scale, plain.weak, plain.stretched) == (common, False, False)
    assert asked.stretched and asked.scale == scales.own_scale(scores[strongest])
    low = scales.label_scale(scores, 0, own)
    assert low.weak and low.stretched and low.scale.low == pytest.approx(np.median(scores[0]))
    assert scales.label_scale(scores, 0, own, stretch=False).scale == common
    moved = replace(explanation, region_scores=scores)  # holds these very numbers
    assert pictures.map_answer(moved, 0, own)["reach"] < 0  # it would not show at all
    scores[0] += common.low + 0.25 * (common.high - common.low) - scores[0].max()
    weak = pictures.map_answer(moved, 0, own)
    again = scales.map_scale(scores, own)
    reach = (scores[0].max() - again.low) / (again.high - again.low)
    assert weak["weak"] and weak["stretched"] and weak["reach"] == pytest.approx(reach)


def test_a_flat_map_has_no_legend_and_no_contours(explanation: LabelExplanation) -> None:
    scores = explanation.region_scores.copy()
    scores[0] = scores.min() - 1.0
    answer = pictures.map_answer(replace(explanation, region_scores=scores), 0, len(explanation.space))
    assert answer["legend"] is None and answer["where"] == "" and answer["contours"]["lines"] == []


def test_labels_whose_maps_are_the_same_have_one_small_picture(explanation: LabelExplanation) -> None:
    scores = explanation.region_scores.copy()
    scores[1] = 2 * scores[0] + 0.5
    names = explanation.space.labels
    assert explanation.space.seen[0] == explanation.space.seen[1]
    told = pictures.thumbnails_answer(replace(explanation, region_scores=scores), [0, 1, 2], len(names))
    found = [one["names"] for one in told["thumbnails"]]
    assert found[0] == [names[0], names[1]] and sorted(n for one in found for n in one) == sorted(names[:3])
