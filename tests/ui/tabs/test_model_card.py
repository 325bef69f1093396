"""The model's card on the page is made of the files that a checkpoint ships."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from zslviz.checkpoints.listing import list_checkpoints
from zslviz.tasks.attributes.retesting import TestedModel
from zslviz.tasks.attributes.scoring import calibrate
from zslviz.ui.tabs.explain.model_card import WORST, card_answer


def test_the_worst_classes_are_those_whose_photos_are_found_least() -> None:
    info = next(one for one in list_checkpoints(task="attributes") if one.name == "mgmrn-awa2")
    tested = TestedModel.open(info.folder)
    card = card_answer(info, tested)
    scores = tested.photos.scores(tested.space, tested.rule)
    called = calibrate(scores, tested.space.seen, tested.gamma).argmax(axis=1)
    shares = {
        name: float((called[tested.photos.labels == c] == c).mean())
        for c, name in enumerate(tested.space.class_names)
        if (tested.photos.labels == c).any()
    }
    told = [one["right"] / one["photos"] for one in card["worst"]]
    assert np.allclose(told, sorted(shares.values())[:WORST])
    assert all(np.isclose(shares[one["name"]], one["right"] / one["photos"]) for one in card["worst"])
    assert [figure["name"] for figure in card["figures"]] == ["T1", "U", "S", "H"]
    assert all(figure["interval"][0] <= figure["value"] <= figure["interval"][1] for figure in card["figures"])
    assert card["terms"] and card["maps"] and not card["about"]
    assert card_answer(info, None)["worst"] == []
    wider = replace(info, metrics={"extended": {"classes": ["okapi"]}})
    assert card_answer(wider, None)["about"].startswith("'okapi' came after training, by description alone.")
    ours = next(one for one in list_checkpoints() if one.name == "refiner-fashion")
    assert (
        card_answer(ours, None)["about"].endswith("this is our construction of it.")
        and card_answer(info, None)["read"] is None
    )
    read = card["read"]["attributes"]
    assert sorted(one["name"] for one in read) == sorted(tested.space.attribute_names)
    assert card["read"]["says"].startswith(f"Of {len(read)} attributes")
    known = [next((area["auc"] for area in one["areas"] if area["auc"] is not None), 2.0) for one in read]
    assert known == sorted(known), "the worst read first, those of which nothing is known last"
