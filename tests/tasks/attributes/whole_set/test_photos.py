"""Test photos as fused vectors: small, whole, of their checkpoint, and with the very figures that were measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT, SHIPPED, make_checkpoint
from tests.tasks.attributes.made import made_scores
from zslviz.errors import CheckpointError, ConfigError
from zslviz.files.bundle import read_bundle
from zslviz.runtime.places import TEST_PHOTOS
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.report import zero_shot_report
from zslviz.tasks.attributes.whole_set.photos import fused_bytes, fused_of, photos_digest, read_fused, write_fused

FIGURES = ("t1", "u", "s", "h")
LARGEST = {"awa2": 125_000, "cub": 3_100_000}
KEPT = [name for name in SHIPPED if (ROOT / "checkpoints" / name / TEST_PHOTOS).is_file()]


def test_models_come_with_their_test_photos() -> None:
    assert set(KEPT) == set(SHIPPED)


@pytest.mark.parametrize("name", KEPT)
def test_what_the_metrics_say_comes_out_of_the_vectors(name: str) -> None:
    folder = ROOT / "checkpoints" / name
    checkpoint = AttributeCheckpoint.load(folder)
    photos = fused_of(folder, checkpoint.space)
    assert photos is not None
    figures = photos.answers(checkpoint.space, checkpoint.rule, checkpoint.gamma).figures()
    told = {key: checkpoint.metrics[key] for key in FIGURES}
    assert figures == pytest.approx(told, rel=0, abs=1e-12), "not one answer differs: only how shares were added up"
    assert (folder / TEST_PHOTOS).stat().st_size < LARGEST[checkpoint.data]
    assert not photos.vectors.flags.writeable


@pytest.mark.parametrize("data", ["awa2", "cub"])
def test_models_of_the_same_data_have_the_same_photos(data: str) -> None:
    found = [
        fused_of(ROOT / "checkpoints" / name, AttributeCheckpoint.load(name).space) for name in KEPT if data in name
    ]
    assert len({photos.photos for photos in found if photos}) == bool(found)
    assert all(np.array_equal(photos.labels, found[0].labels) for photos in found if photos and found[0])


@pytest.mark.parametrize("system", ["mgmrn", "msdn"])
def test_what_was_written_is_read(system: str) -> None:
    checkpoint = make_checkpoint(system)
    scores = made_scores(checkpoint)
    content = fused_bytes(checkpoint, "a" * 64, scores, photos_digest(["one.jpg"]))
    photos = read_fused(content, checkpoint.space, "a" * 64)
    whole = np.concatenate([checkpoint.rule.fuse(scores.seen), checkpoint.rule.fuse(scores.unseen)])
    assert np.allclose(photos.vectors, whole, rtol=2**-11, atol=1e-7)
    assert np.array_equal(photos.labels, np.concatenate([scores.labels_seen, scores.labels_unseen]))
    report = zero_shot_report(checkpoint, scores).to_dict()
    found = photos.answers(checkpoint.space, checkpoint.rule, checkpoint.gamma).figures()
    assert found == {key: report[key] for key in FIGURES}


def test_photos_whose_answer_half_floats_would_change_keep_their_numbers() -> None:
    """Leads far below a half's precision, and numbers that no half can hold."""
    checkpoint = make_checkpoint("msdn")
    scores = made_scores(checkpoint)
    _, lengths = checkpoint.rule.undivided(checkpoint.space)
    space = checkpoint.space
    first, second = space.unseen_classes[:2]
    rows = checkpoint.rule.exact_rows(space)
    apart = rows[first] - rows[second]
    onto = rows.mean(axis=0) - (rows.mean(axis=0) @ apart) / (apart @ apart) * apart  # on the line between the two
    close = np.stack([onto + sign * 1e-6 * apart for sign in (1, -1) * 8]) * 37
    unseen = np.stack([close, close], axis=1)[:, : len(checkpoint.rule.weights)].astype(np.float32)
    unseen[3] *= 1e6
    tied = replace(scores, unseen=unseen, labels_unseen=np.array([first, second] * 8))
    photos = read_fused(content := fused_bytes(checkpoint, "", tied, ""), space)
    kept = read_bundle(content).parts["exact"]
    assert 1 <= len(kept) < len(photos)
    whole = checkpoint.rule.fuse(unseen)
    assert np.array_equal(photos.vectors[len(scores.seen) + 3], whole[3])
    report = zero_shot_report(checkpoint, tied).to_dict()
    found = photos.answers(space, checkpoint.rule, checkpoint.gamma).figures()
    assert found == {key: report[key] for key in FIGURES}
    assert len(lengths) == len(space.classes)


def made(folder: Path) -> tuple[AttributeCheckpoint, bytes]:
    """A checkpoint in a folder with its test photos."""
    checkpoint = make_checkpoint("msdn")
    checkpoint.save(folder)
    config = json.loads((folder / "config.json").read_text())["config_sha256"]
    content = fused_bytes(checkpoint, config, made_scores(checkpoint), "")
    write_fused(folder / TEST_PHOTOS, content)
    return checkpoint, content


def test_a_checkpoint_may_come_without(tmp_path: Path) -> None:
    checkpoint, _ = made(tmp_path)
    assert fused_of(tmp_path, checkpoint.space) is not None
    (tmp_path / TEST_PHOTOS).unlink()
    assert fused_of(tmp_path, checkpoint.space) is None


def test_a_file_of_another_training_is_refused(tmp_path: Path) -> None:
    checkpoint, _ = made(tmp_path)
    replace(checkpoint, gamma=checkpoint.gamma + 1).save(tmp_path)
    with pytest.raises(CheckpointError, match="another training of this model"):
        fused_of(tmp_path, checkpoint.space)


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    checkpoint, content = made(tmp_path)
    start = content.find(b'"parts"')
    for place in range(len(content) - 1500, len(content) - 16, 97):
        damaged = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        if place > start:
            with pytest.raises(ConfigError):
                read_fused(damaged, checkpoint.space)
    with pytest.raises(ConfigError, match="not as long"):
        read_fused(content[:-8], checkpoint.space)


def test_photos_of_other_classes_are_refused(tmp_path: Path) -> None:
    checkpoint, content = made(tmp_path)
    space = checkpoint.space
    with pytest.raises(ConfigError, match="not those of the model"):
        read_fused(content, space.take_classes(range(len(space.classes) - 1)))
    with pytest.raises(ConfigError, match="not those of the model"):
        read_fused(content, space.with_seen([0]))
