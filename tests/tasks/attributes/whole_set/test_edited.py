"""What edits do to test photos: counted again photo by photo, in the plainest way."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.conftest import make_checkpoint
from tests.tasks.attributes.made import made_scores
from zslviz.errors import CheckpointError, ConfigError, UnknownNameError
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.retesting import TestedModel
from zslviz.tasks.attributes.scoring import calibrate
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.whole_set.edited import curve, retest
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos, fused_bytes, read_fused


def made(system: str = "msdn") -> tuple[AttributeCheckpoint, FusedPhotos]:
    checkpoint = make_checkpoint(system)
    return checkpoint, read_fused(fused_bytes(checkpoint, "", made_scores(checkpoint), ""), checkpoint.space)


def called(checkpoint: AttributeCheckpoint, photos: FusedPhotos, space: SemanticSpace, gamma: float) -> list[int]:
    """One photo after the other, by the table's rows."""
    rows = checkpoint.rule.exact_rows(space)
    scores = (np.array([row @ vector for row in rows]) for vector in photos.vectors.astype(np.float64))
    return [int(calibrate(each.astype(np.float32), space.seen, gamma).argmax()) for each in scores]


@pytest.mark.parametrize("system", ["mgmrn", "msdn"])
@pytest.mark.parametrize("seed", range(4))
def test_every_count_is_the_count_of_photos(system: str, seed: int) -> None:
    checkpoint, photos = made(system)
    rng, space = np.random.default_rng(seed), checkpoint.space
    edits = {(int(rng.integers(6)), int(rng.integers(5))): float(rng.uniform(0, 1)) for _ in range(3)}
    edited = space.with_values(edits).with_class("new", rng.uniform(0, 1, 5).astype(np.float32))
    gamma = checkpoint.gamma + float(rng.normal())
    found = retest(photos, space, checkpoint.rule, checkpoint.gamma, edited, gamma)
    was, now = called(checkpoint, photos, space, checkpoint.gamma), called(checkpoint, photos, edited, gamma)
    labels = photos.labels.tolist()
    assert found.changed == sum(p != q for p, q in zip(was, now, strict=True)) > 0
    rows = list(zip(was, now, labels, strict=True))
    assert found.gained == sum(q == c != p for p, q, c in rows)
    assert found.lost == sum(p == c != q for p, q, c in rows)
    assert {(m.source, m.target): m.photos for m in found.moves}.items() <= Counter(
        (p, q) for p, q, _ in rows if p != q
    ).items()
    assert found.edited == (*sorted({row for row, _ in edits}), 6)
    for one in found.classes:
        assert one.photos == labels.count(one.index)
        assert one.called == (was.count(one.index), now.count(one.index))
        assert one.right == tuple(sum(a == c == one.index for a, c in zip(r, labels, strict=True)) for r in (was, now))
    per_class = [
        np.mean([q == c for _, q, c in rows if c == k]) for k in range(6) if space.seen[k]
    ]  # S, in its plainest form
    assert found.after["s"] == pytest.approx(float(np.mean(per_class)))


def test_nothing_edited_is_nothing_changed() -> None:
    checkpoint, photos = made()
    found = retest(photos, checkpoint.space, checkpoint.rule, checkpoint.gamma)
    assert (found.changed, found.edited, found.classes, found.moves) == (0, (), (), ())
    assert found.before == found.after
    assert found.sentence.text == "None of 36 test photos is called otherwise."


def test_the_curve_passes_the_models_own_point() -> None:
    checkpoint, photos = made()
    points = curve(photos, checkpoint.space, checkpoint.rule)
    assert points["unseen"][0] == 0
    assert points["seen"][-1] == 0
    assert (np.diff(points["seen"]) <= 0).all()
    nearest = int(np.abs(np.array(points["gamma"]) - checkpoint.gamma).argmin())
    figures = retest(photos, checkpoint.space, checkpoint.rule, points["gamma"][nearest]).after
    assert (points["seen"][nearest], points["unseen"][nearest]) == (figures["s"], figures["u"])


def test_a_table_in_another_order_is_the_same_table_and_one_that_lacks_a_class_is_refused() -> None:
    checkpoint, photos = made()
    space = checkpoint.space
    turned = space.take_classes(range(5, -1, -1))
    assert retest(photos, space, checkpoint.rule, checkpoint.gamma, turned).changed == 0
    with pytest.raises(ConfigError, match="lacks the class 'class_5'"):
        retest(photos, space, checkpoint.rule, checkpoint.gamma, space.take_classes(range(5)))
    with pytest.raises(ConfigError, match="finite"):
        retest(photos, space, checkpoint.rule, checkpoint.gamma, edited_gamma=float("nan"))


def test_a_shipped_model_is_asked_by_name() -> None:
    tested = TestedModel.open("msdn-awa2")
    found = tested.retest({"giraffe": {"spots": 0}})
    assert found.after["u"] < found.before["u"]
    said = "13 of 704 test photos are called otherwise: 2 right now, 9 right before. Giraffe: 2 of its 28 photos found"
    assert found.sentence.text.startswith(said)
    with pytest.raises(UnknownNameError, match="Giraffe"):
        tested.retest({"girafe": {"spots": 0}})


def test_a_model_without_test_photos_says_how_to_get_them(tmp_path: object) -> None:
    folder = tmp_path / "bare"  # type: ignore[operator]
    make_checkpoint("msdn").save(folder)
    with pytest.raises(CheckpointError, match="zslviz evaluate --vectors"):
        TestedModel.open(folder)
