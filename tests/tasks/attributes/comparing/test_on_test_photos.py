"""Two models over the test photos that they come with."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import ROOT
from zslviz.checkpoints.files import read_metrics
from zslviz.errors import CheckpointError, ConfigError
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.comparing.on_test_photos import (
    Measured,
    OnTestPhotos,
    photos_answer,
    photos_lines,
)
from zslviz.tasks.attributes.scoring import ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos

MODELS = ("eszsl-awa2", "dap-awa2")


def made(seed: int, photos: int = 60, attributes: int = 6) -> Measured:
    """A made model and its test photos: two seen and three unseen classes; the photos are the same for every seed."""
    rng, fixed = np.random.default_rng(seed), np.random.default_rng(99)
    labels = np.sort(fixed.integers(0, 5, photos))
    table = fixed.uniform(0, 1, (5, attributes)).astype(np.float32)
    seen = np.array([True, True, False, False, False])
    names = tuple(f"class {c}" for c in range(5))
    space = SemanticSpace(names, tuple(f"a{i}" for i in range(attributes)), ("all",) * attributes, table, seen)
    vectors = (table[labels] - 0.5 + rng.normal(0, 0.35, (photos, attributes))).astype(np.float32)
    fused = FusedPhotos(f"made-{seed}", "made", "c", "the same", vectors, labels, seen[labels])
    return Measured(f"M{seed}", space, ScoringRule("dot", (1.0,)), 0.1, fused)


@pytest.fixture(scope="module")
def shipped() -> OnTestPhotos:
    folders = [ROOT / "checkpoints" / name for name in MODELS]
    return OnTestPhotos(*(Measured.of(AttributeCheckpoint.load(f), f, f.name) for f in folders), replicates=50)


def test_leads_and_right_answers_are_those_of_every_photo_alone() -> None:
    model = made(1)
    for n in range(len(model.photos)):
        u, label = model.photos.vectors[n].astype(float), model.photos.labels[n]
        rows = model.space.table.astype(float) / np.linalg.norm(model.space.table.astype(float), axis=1, keepdims=True)
        scores = rows @ u - 0.1 * model.space.seen
        others = np.delete(scores, label)
        assert model.leads[n] == pytest.approx(scores[label] - others.max(), abs=1e-5)
        assert model.right[n] == (scores.argmax() == label)
    assert model.right.any()
    assert not model.right.all()


def test_who_alone_is_right_makes_the_difference_of_the_figures() -> None:
    compared = OnTestPhotos(made(1), made(2), replicates=200)
    one, other = (model.right for model in (compared.one, compared.other))
    figures = [model.answers.figures() for model in (compared.one, compared.other)]
    for found, figure in zip(compared.kinds, ("u", "s"), strict=True):
        chosen = compared.one.photos.of_seen == (found.kind == "seen")
        assert found.photos == chosen.sum() == sum(found.counts.values())
        assert found.counts["only_one"] == (one & ~other & chosen).sum()
        assert found.counts["only_other"] == (other & ~one & chosen).sum()
        assert found.counts["neither"] == (~other & ~one & chosen).sum()
        more = figures[1][figure] - figures[0][figure]
        assert found.difference.estimate == pytest.approx(more)
        assert found.shares["only_other"].estimate - found.shares["only_one"].estimate == pytest.approx(more)
        assert sum(share.estimate for share in found.shares.values()) == pytest.approx(1)
        for share in (*found.shares.values(), found.difference):
            assert share.low <= share.estimate <= share.high


def test_intervals_are_paired_and_tell_what_is_no_difference() -> None:
    same = OnTestPhotos(made(1), made(1), replicates=100)
    assert all((d.estimate, d.low, d.high) == (0, 0, 0) for d in same.differences.values())
    assert all("cannot be told" in sentence for sentence in same.sentences())
    worse = replace(made(2), photos=replace(made(2).photos, vectors=-made(2).photos.vectors))
    sentences = list(OnTestPhotos(made(1), worse, replicates=100).sentences())
    assert all("M1 is ahead by" in sentence for sentence in sentences)


def test_what_is_shipped_agrees_with_the_figures_of_the_cards(shipped: OnTestPhotos) -> None:
    answer = photos_answer(shipped)
    for which, name in zip(("one", "other"), MODELS, strict=True):
        metrics = read_metrics(ROOT / "checkpoints" / name)
        for figure, told in answer["figures"].items():
            assert told[which] == pytest.approx(metrics[figure], abs=1e-12)
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    right = np.array(answer["photos"]["leads"]) > 0
    who = np.array(answer["photos"]["who"])
    np.testing.assert_array_equal(np.where(right[0], np.where(right[1], 0, 1), np.where(right[1], 2, 3)), who)
    assert sum(
        line[name] for line in answer["classes"] for name in ("both", "only_one", "only_other", "neither")
    ) == len(who)


def test_lines_tell_the_same(shipped: OnTestPhotos) -> None:
    lines, answer = photos_lines(shipped, 3), photos_answer(shipped)
    assert lines[:2] == answer["sentences"]
    u = answer["figures"]["u"]
    assert any(line.startswith("U ") and f"{100 * u['estimate']:+.1f} ({100 * u['low']:+.1f}" in line for line in lines)
    first = answer["classes"][0]
    numbers = [first[key] for key in ("only_one", "only_other", "both", "neither")]
    assert any(line.startswith(first["name"]) and line.split()[-4:] == list(map(str, numbers)) for line in lines)


def test_what_cannot_be_compared_is_said() -> None:
    one = made(1)
    others = replace(made(2), photos=replace(made(2).photos, photos="others"))
    with pytest.raises(ConfigError, match="'made-1' and 'made-2' were not measured on the same test photos"):
        OnTestPhotos(one, others)
    folder = ROOT / "checkpoints" / "dap-awa2"
    checkpoint = AttributeCheckpoint.load(folder)
    with pytest.raises(CheckpointError, match="'dap-awa2' came without its test photos"):
        Measured.of(checkpoint, ROOT / "checkpoints", "DAP")
