"""A photo that looks like nothing the model was shown: the rule, its limit, its file, and what shipped models say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.conftest import ROOT, SHIPPED, make_checkpoint
from zslviz.errors import CheckpointError
from zslviz.explainer import Explainer
from zslviz.files.bundle import read_bundle, write_bundle
from zslviz.runtime.places import TRAINING_PHOTOS
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.unlike import shown as rule
from zslviz.tasks.attributes.unlike.saved import Seen, read_shown, shown_bytes, shown_of
from zslviz.tasks.attributes.unlike.shown import ALARMS, Strangeness, fitted, validated
from zslviz.tasks.attributes.unlike.told import unlike_sentence

SEEN = Seen("made", "tiny", 96)
CLASSES, CHANNELS = 12, 40


def photos(seed: int = 0, each: int = 30) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Classes that are points in ten of forty channels, and photos around them."""
    rng = np.random.default_rng(seed)
    middles = np.zeros((CLASSES, CHANNELS))
    middles[:, :10] = 3 * np.random.default_rng(1).normal(size=(CLASSES, 10))
    labels = np.repeat(np.arange(CLASSES), each)
    return (5 + middles[labels] + 0.3 * rng.normal(size=(len(labels), CHANNELS))).astype(np.float32), labels


def test_the_distance_is_as_its_formula_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "AXES", 8)
    pooled, labels = photos()
    shown = fitted(pooled, labels)
    x = pooled[7].astype(np.float64) - pooled.mean(axis=0, dtype=np.float64)
    _, _, axes = np.linalg.svd(pooled.astype(np.float64) - pooled.mean(axis=0, dtype=np.float64), full_matrices=False)
    outside = 1 - np.square(axes[:8] @ x).sum() / (x @ x)
    means = np.stack([pooled[labels == c].mean(axis=0) for c in range(CLASSES)]) - pooled.mean(axis=0)
    nearest = (means @ x / np.linalg.norm(means, axis=1) / np.linalg.norm(x)).max()
    assert shown.distances(pooled[7:8])[0] == pytest.approx(outside + 1 - nearest, abs=2e-3)  # half floats


def test_few_photos_are_fitted_as_many_are() -> None:
    """Fewer photos than channels are solved for by the product of photos: the axes are the same."""
    pooled, labels = photos(each=2)
    few = fitted(pooled, labels)
    moved = pooled.astype(np.float64) - few.mean
    _, _, axes = np.linalg.svd(moved, full_matrices=False)
    assert np.abs(np.abs(np.einsum("rc,rc->r", few.axes[:5], axes[:5])) - 1).max() < 1e-2


@pytest.mark.parametrize("each", [2, 30])
def test_the_first_axes_alone_are_those_among_all(each: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "AXES", 4)
    pooled, labels = photos(each=each)
    assert min(pooled.shape) > rule._MANY * rule.AXES
    alone = validated(pooled, labels)
    monkeypatch.setattr(rule, "_MANY", 100)
    among = validated(pooled, labels)
    assert alone is not None and among is not None
    assert alone.limit == pytest.approx(among.limit, abs=1e-9)
    assert np.abs(alone.distances(pooled) - among.distances(pooled)).max() < 1e-6


def test_no_more_than_said_lie_beyond_the_limit_and_what_is_foreign_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "AXES", 8)
    shown = validated(*photos())
    assert shown is not None
    assert shown.trained <= ALARMS and 0 < shown.held_out <= ALARMS
    foreign = 5 + np.zeros((50, CHANNELS), dtype=np.float32)
    foreign[:, 20:30] += 3 * np.random.default_rng(2).normal(size=(50, 10)).astype(np.float32)
    assert (shown.distances(foreign) > shown.limit).mean() > 0.9
    again, _ = photos(seed=3)
    assert (shown.distances(again) > shown.limit).mean() <= ALARMS
    assert [one.unlike for one in shown.of(foreign)] == (shown.distances(foreign) > shown.limit).tolist()
    louder = 5 + 4 * (again - 5)  # stronger features of the same directions, but for the mean's share
    assert (shown.distances(shown.mean + 4 * (again - shown.mean)) - shown.distances(again)).max() < 1e-6
    assert len(louder)


def test_too_few_photos_or_classes_have_no_limit() -> None:
    pooled, labels = photos()
    assert validated(pooled, np.zeros_like(labels)) is None
    assert validated(pooled[::60], labels[::60]) is None


def test_the_sentence_tells_how_often_it_is_wrong() -> None:
    said = unlike_sentence(Strangeness(1.6, 1.5, 0.004, 0.049))
    assert said.startswith("This looks like nothing the model was shown:")
    assert "fewer than 1 in 100 photos of classes trained on, and of 5 in 100" in said
    assert unlike_sentence(Strangeness(1.4, 1.5, 0.0, 0.049)) == unlike_sentence(None) == ""


def test_the_file_comes_back_as_it_was_and_is_no_other_models(tmp_path: Path) -> None:
    shown = validated(*photos())
    assert shown is not None
    content = shown_bytes(shown, SEEN)
    again, of = read_shown(content)
    assert of == SEEN
    for name in ("mean", "axes", "directions"):
        assert np.array_equal(getattr(again, name), getattr(shown, name))
    assert (again.limit, again.trained, again.held_out, again.photos) == (
        shown.limit, shown.trained, shown.held_out, shown.photos,
    )  # fmt: skip
    (tmp_path / TRAINING_PHOTOS).write_bytes(content)
    assert shown_of(tmp_path, SEEN) is not None
    assert shown_of(tmp_path, replace(SEEN, size=128)) is None  # another model left it there
    bundle = read_bundle(content)
    (tmp_path / TRAINING_PHOTOS).write_bytes(
        write_bundle(bundle.head, {**bundle.parts, "mean": bundle.parts["mean"][1:]})
    )
    with pytest.raises(CheckpointError, match=TRAINING_PHOTOS):
        shown_of(tmp_path, SEEN)
    (tmp_path / TRAINING_PHOTOS).unlink()
    assert shown_of(tmp_path, SEEN) is None


def test_a_checkpoint_takes_it_along_and_forgets_it(tmp_path: Path) -> None:
    checkpoint = make_checkpoint("msdn")
    shown = validated(*photos())
    replace(checkpoint, shown=shown).save(tmp_path)
    loaded = AttributeCheckpoint.load(tmp_path)
    assert loaded.shown is not None and loaded.shown.limit == shown.limit  # type: ignore[union-attr]
    replace(loaded, shown=None).save(tmp_path)
    assert AttributeCheckpoint.load(tmp_path).shown is None


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_model_knows_what_it_was_shown(name: str) -> None:
    checkpoint = AttributeCheckpoint.load(ROOT / "checkpoints" / name)
    shown = checkpoint.shown
    assert shown is not None and len(shown.directions) == int(checkpoint.space.seen.sum())
    assert 0 < shown.held_out <= ALARMS and shown.trained <= ALARMS
    assert (ROOT / "checkpoints" / name / TRAINING_PHOTOS).stat().st_size < 650_000


def test_a_horse_is_nothing_a_model_of_birds_was_shown_and_a_bird_is() -> None:
    photos = ROOT / "assets" / "examples"
    explainer = Explainer.from_pretrained("msdn-cub-grounded", "cpu")
    horse, bird = (explainer.explain(photos / f"{name}.jpg") for name in ("horse", "kingfisher"))
    assert horse.strangeness.unlike and not bird.strangeness.unlike
    edited = horse.rank(image_edits={0: 1.0})  # an edit ranks anew and leaves the photo what it is
    assert len(edited) and unlike_sentence(horse.strangeness)
