"""How well attributes are read: areas counted pair by pair, what is told of them, and where they are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import make_space
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.notebook import summary
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.retesting import TestedModel
from zslviz.tasks.attributes.sentence import hardly_said, sentence
from zslviz.tasks.attributes.show import ranking_lines
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.tables import edits_and_ranking
from zslviz.tasks.attributes.whole_set.attribute_auc import (
    KEY,
    Areas,
    areas,
    attribute_auc,
    auc_among,
    hardly_answer,
    hardly_marked,
    hardly_read,
    read_words,
    summary_words,
)
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos


def made() -> tuple[SemanticSpace, FusedPhotos]:
    """Four classes trained on and three others. All have attribute 2, and of those trained on none has attribute 1."""
    rows = ["101", "101", "001", "001", "101", "011", "011"]
    values = {(c, a): float(v) for c, row in enumerate(rows) for a, v in enumerate(row)}
    space = make_space(classes=7, attributes=3).with_values(values).with_seen(range(4))
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(7), [5, 6, 7, 8, 5, 6, 7])
    vectors = rng.integers(0, 6, (len(labels), 3)).astype(np.float32)  # many are equal
    return space, FusedPhotos("made", "made", "", "", vectors, labels, space.seen[labels])


def test_an_area_is_the_share_of_pairs_in_which_the_photo_with_it_scores_higher() -> None:
    space, photos = made()
    found = attribute_auc(photos, space)
    with_it, without = (photos.vectors[np.isin(photos.labels, part), 0] for part in ([0, 1], [2, 3]))
    pairs = [1.0 if p > q else 0.5 if p == q else 0.0 for p in with_it for q in without]
    assert found.seen.auc == (pytest.approx(np.mean(pairs), abs=5e-5), None, None)
    assert (found.seen.photos, found.seen.classes, found.seen.with_photos, found.seen.with_classes) == (
        26, 4, (11, 0, 26), (2, 0, 4),
    )  # fmt: skip
    assert (found.unseen.with_photos, found.unseen.with_classes) == ((5, 13, 18), (1, 2, 3))
    turned = attribute_auc(replace(photos, vectors=-photos.vectors), space)
    assert turned.seen.auc[0] == pytest.approx(1 - (found.seen.auc[0] or 0), abs=1e-4)


def test_it_is_told_in_words_with_photos_and_classes() -> None:
    space, photos = made()
    found = attribute_auc(photos, space)
    never = replace(found.unseen, auc=(0.846, 0.6449, None))
    found = replace(found, seen=replace(found.seen, auc=(0.97, None, None)), unseen=never)
    assert read_words(found, "spots", 0) == (
        "Spots is well read on photos of classes never trained on: in 85 of 100 pairs of a photo with it and one without, the one "
        "with it scored higher (5 photos of 1 class with it, 13 of 2 classes without). Of classes trained on: in 97 of 100 "
        "(11 photos of 2 classes with it, 15 of 2 classes without). By chance it would be 50."
    )
    assert "Stripes is hardly read" in read_words(found, "stripes", 1)
    assert "Of classes trained on none has it, so nothing can be told." in read_words(found, "stripes", 1)
    assert "no pair of one with it and one without" in read_words(found, "fur", 2)
    only_seen = replace(found, unseen=replace(never, auc=(None, None, None)))
    assert read_words(only_seen, "spots", 0).startswith(
        "Spots is well read on photos of classes trained on: in 97 of 100 pairs"
    )
    assert "Of classes never trained on all have it, so nothing" in read_words(only_seen, "spots", 0)
    assert summary_words(found).startswith(
        "Of 3 attributes, on photos of classes never trained on 1 are well read, 0 are partly read, 1 are hardly read and of 1"
    )


def test_attributes_that_decide_and_are_hardly_read_are_told() -> None:
    space, photos = made()
    found = attribute_auc(photos, space)
    found = replace(
        found,
        seen=replace(found.seen, auc=(0.51, 0.64, 0.9)),
        unseen=replace(found.unseen, auc=(0.65, None, 0.4949)),
    )
    metrics, names = {KEY: asdict(found)}, space.attribute_names
    read = areas(metrics, 3)
    assert [one.step for one in read] == ["partly", "hardly", "hardly"]
    assert [hardly_marked(read, a) for a in range(3)] == ["", " (hardly read)", " (hardly read)"]
    assert hardly_marked((), 1) == "" and areas({}, 3)[0].step is None
    assert hardly_read(read) == {1: 0.64, 2: 0.4949}  # of the second, photos of classes never trained on tell nothing
    assert hardly_answer(read, names, [0]) == {"attributes": [1, 2], "text": ""}
    assert hardly_answer(areas({}, 3), names, [1]) == {"attributes": [], "text": ""}
    rest = (
        "of 100 pairs of a test photo with it and one without, the one with it scored higher; by chance it would be 50."
    )
    one, both = (hardly_answer(read, names, named)["text"] for named in ([0, 1], [2, 1, 2]))
    assert one.casefold() == f"{names[1]} is hardly read: in 64 {rest}".casefold()
    assert both.casefold() == f"{names[2]} and {names[1]} are hardly read: in 49 and 64 {rest}".casefold()


def test_the_package_the_shell_and_a_notebook_tell_it_of_what_decides(
    explanation_of: Callable[..., Explanation], tmp_path: Path
) -> None:
    plain = explanation_of("made-mgmrn")
    named = [part.index for part in sentence(plain).parts if part.kind == "attribute"]
    read = tuple(Areas(0.9, 0.55 if a == named[0] else None) for a in range(len(plain.space.attributes)))
    explanation = replace(plain, areas=read)
    name = explanation.space.attribute_names[named[0] or 0]
    told = hardly_said(explanation, sentence(explanation))
    assert told.casefold().startswith(f"{name} is hardly read: in 55 of 100 pairs".casefold())
    assert hardly_said(plain, sentence(plain)) == "" and {one["read"] for one in plain.to_dict()["attributes"]} == {
        None
    }
    lines = ranking_lines(explanation, RankRequest(), 3)
    assert lines[-2:] == [f"\n{sentence(explanation).text}", told] and told not in ranking_lines(
        plain, RankRequest(), 3
    )
    assert edits_and_ranking(explanation, RankRequest())["hardly_read"] == told
    assert told in summary(explanation).html() and f"{name} (hardly read)" in summary(explanation).html()
    known = explanation.to_dict()["attributes"]
    assert known[named[0] or 0]["auc"] == {"seen": 0.9, "unseen": 0.55}
    assert [one["read"] for one in known] == ["hardly" if a == named[0] else "well" for a in range(len(known))]
    explanation.save(tmp_path / "seen.json")
    assert Explanation.load(tmp_path / "seen.npz").areas == read


def test_every_shipped_model_tells_it_in_its_metrics() -> None:
    for info in list_checkpoints(task="attributes"):
        tested = TestedModel.open(info.folder)
        attributes = len(tested.space.attributes)
        assert info.metrics[KEY] == json.loads(json.dumps(asdict(tested.attribute_auc()))), "python -m tools.documents"
        found = auc_among(info.metrics, attributes)
        assert found is not None and areas(info.metrics, attributes)[5].unseen == found.unseen.auc[5]
        assert auc_among(info.metrics, attributes + 1) is None
        assert auc_among({KEY: {"seen": 3}}, attributes) is None and areas({}, 2)[1] == Areas(None, None)
