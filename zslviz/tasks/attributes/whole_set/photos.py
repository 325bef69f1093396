"""The fused vectors of a model's test photos, with their classes: all that is needed to rank them again, and no photo.

A class score is linear in the fused vector u [A] of a photo (`scoring`), so N x A numbers and N labels stand for the whole test
set, whatever is done to classes or gamma. They are written as half floats; a photo whose answer that would change keeps its float32
numbers beside them, so that the figures of the checkpoint come out as they were measured.

The file is a bundle (`files.bundle`), which the page reads as it lies there. It tells which checkpoint it is of, and has a digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import CheckpointError, ConfigError, DataError
from zslviz.files import is_there, read_bytes, read_json, replacing
from zslviz.files.bundle import MAX_BYTES, Bundle, write_bundle
from zslviz.files.typed import Count, typed
from zslviz.runtime.places import TEST_PHOTOS
from zslviz.tasks.attributes.figures import Answers, Labels, answers_at, predictions_at, predictions_within
from zslviz.tasks.attributes.scoring import ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base import bundle as base
from zslviz.tasks.base.arrays import frozen

if TYPE_CHECKING:
    from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
    from zslviz.tasks.attributes.variants import PhotoScores

FORMAT = 1
_KIND = "model's test photos"
_MOST_CLASSES = 2**16
_SHAPES = {"vectors": "f N A", "labels": "u N", "of_seen": "u N"}


@dataclass(frozen=True)
class _Told:
    """The head. config: `config_sha256` of the checkpoint. photos: a digest of which photos these are, in this order.

    digest: SHA-256 of the parts, one after the other.
    """

    bundle: str
    format: Count
    model: str
    data: str
    config: str
    photos: str
    digest: str


@dataclass(frozen=True, eq=False)
class FusedPhotos:
    """N test photos of a model. vectors: float32 [N, A], u of each photo. labels: int64 [N], class indices in the model's space.

    of_seen: bool [N], whether it is a test photo of a seen class. model, data, config: whose they are (`config_sha256`).
    photos: the same for two models that were measured on the same photos in the same order.
    """

    model: str
    data: str
    config: str
    photos: str
    vectors: NDArray[np.float32]
    labels: Labels
    of_seen: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)

    def scores(self, space: SemanticSpace, rule: ScoringRule) -> NDArray[np.float32]:
        """Class scores before calibration: float32 [N, K], worked out in float64 and rounded once, as the page does."""
        rows, lengths = rule.undivided(space)
        wide = self.vectors.astype(np.float64) @ rows.astype(np.float64).T
        return np.asarray(wide / lengths, dtype=np.float32)

    def answers(self, space: SemanticSpace, rule: ScoringRule, gamma: float) -> Answers:
        """Which photos are answered rightly at gamma; `Answers.figures` has T1, U, S, H."""
        scores, seen = self.scores(space, rule), self.of_seen
        return answers_at(scores[seen], self.labels[seen], scores[~seen], self.labels[~seen], space.seen, gamma)


def fused_bytes(checkpoint: AttributeCheckpoint, config: str, scores: PhotoScores, photos: str) -> bytes:
    """The file of a checkpoint's test photos. config: `config_sha256` of it. photos: `photos_digest`, seen classes first."""
    space, rule = checkpoint.space, checkpoint.rule
    if len(space.classes) > _MOST_CLASSES:
        raise DataError(f"The test photos of more than {_MOST_CLASSES:,} classes are not kept.")
    vectors = np.concatenate([rule.fuse(scores.seen), rule.fuse(scores.unseen)])
    labels = np.concatenate([scores.labels_seen, scores.labels_unseen])
    of_seen = np.arange(len(labels)) < len(scores.labels_seen)
    with np.errstate(over="ignore"):
        halves = vectors.astype(np.float16)
    whole = FusedPhotos(checkpoint.name, checkpoint.data, config, photos, vectors, labels, of_seen)
    rounded = FusedPhotos(checkpoint.name, checkpoint.data, config, photos, halves.astype(np.float32), labels, of_seen)
    as_measured = scores.under(rule, space)
    wanted = _answers_of(np.concatenate([as_measured[0], as_measured[2]]), whole, space, checkpoint.gamma)
    with np.errstate(invalid="ignore"):  # those that have no half are told in full
        found = _answers_of(rounded.scores(space, rule), whole, space, checkpoint.gamma)
    exact = np.flatnonzero((wanted != found).any(axis=0) | ~np.isfinite(halves).all(axis=1))
    parts: dict[str, NDArray[Any] | bytes] = {
        "vectors": np.where(np.isfinite(halves), halves, np.float16(0)),
        "labels": labels.astype(np.uint16),
        "of_seen": of_seen.astype(np.uint8),
    }
    if len(exact):  # numbers of photos in 16 bits and the next 16
        places = np.stack([exact & 0xFFFF, exact >> 16], axis=1).astype(np.uint16)
        parts |= {"exact": vectors[exact].astype(np.float32), "exact_places": places}
    told = _Told(_KIND, FORMAT, checkpoint.name, checkpoint.data, config, photos, _digest(parts.values()))
    return write_bundle(asdict(told), parts)


def fused_of_scores(checkpoint: AttributeCheckpoint, scores: PhotoScores) -> FusedPhotos:
    """The test photos as `read_fused` will find them, of what has just been measured."""
    return read_fused(fused_bytes(checkpoint, "", scores, ""), checkpoint.space)


def _answers_of(
    scores: NDArray[np.float32], photos: FusedPhotos, space: SemanticSpace, gamma: float
) -> NDArray[np.intp]:
    """The classes that photos are taken for, [2, N]: when all compete at gamma, and among the classes of their own kind."""
    own = np.empty(len(photos), dtype=np.intp)
    for kind in (True, False):
        of_kind = photos.of_seen == kind
        own[of_kind] = predictions_within(scores[of_kind], np.flatnonzero(space.seen == kind))
    return np.stack([predictions_at(scores, space.seen, gamma), own])


def photos_digest(names: Iterable[str]) -> str:
    """Which photos these are, by their files' names in order: SHA-256."""
    return hashlib.sha256("\n".join(names).encode("utf-8", "surrogateescape")).hexdigest()


def write_fused(path: Path, content: bytes) -> None:
    """Writes the file whole or not at all. Raises ConfigError."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def read_fused(content: bytes, space: SemanticSpace, config: str | None = None) -> FusedPhotos:
    """What `fused_bytes` wrote. space: of the model. config: `config_sha256` of the checkpoint that it must be of.

    Raises ConfigError with one sentence if these bytes are damaged, or of another model or version of it.
    """
    bundle = base.opened(content, _KIND, FORMAT)
    with base.usable():
        told = typed(_Told, bundle.head, "the bundle's head", known=None)
        if _digest(bundle.parts.values()) != told.digest:
            raise ConfigError("it is damaged: its digest differs.")
        if config is not None and told.config != config:
            raise ConfigError(
                "it is of another training of this model; write it again with 'zslviz evaluate --vectors'."
            )
        found = base.all_of(bundle, _SHAPES, {"A": len(space.attributes)})
        vectors, labels, of_seen = (found[name] for name in _SHAPES)
        labels, of_seen = labels.astype(np.int64), of_seen.astype(bool)
        if labels.max() >= len(space.classes) or (space.seen[labels] != of_seen).any():
            raise ConfigError("its classes are not those of the model.")
        vectors = _with_exact(np.array(vectors), bundle)
    return FusedPhotos(
        told.model,
        told.data,
        told.config,
        told.photos,
        frozen(vectors, np.float32),
        frozen(labels, np.int64),
        frozen(of_seen, np.bool_),
    )


def _with_exact(vectors: NDArray[np.float32], bundle: Bundle) -> NDArray[np.float32]:
    if "exact" not in bundle.parts:
        return vectors
    shapes = {"exact": "f E A", "exact_places": "u E 2"}
    found = base.all_of(bundle, shapes, {"A": vectors.shape[1]})
    places = found["exact_places"].astype(np.int64) @ [1, 2**16]
    if places.max() >= len(vectors):
        raise ConfigError("it names a photo that it does not have.")
    vectors[places] = found["exact"]
    return vectors


def fused_of(folder: Path, space: SemanticSpace) -> FusedPhotos | None:
    """The test photos of a checkpoint by its folder; None if it came without. space: its own. Raises CheckpointError."""
    content = fused_content(folder)
    if content is None:
        return None
    config = read_json(folder / "config.json", CheckpointError).get("config_sha256")
    try:
        return read_fused(content, space, str(config))
    except ConfigError as problem:
        raise CheckpointError(f"'{TEST_PHOTOS}' of '{folder.name}': {problem}") from None


def fused_content(folder: Path) -> bytes | None:
    """The file as it is; None if there is none. Raises CheckpointError."""
    return read_bytes(folder / TEST_PHOTOS, CheckpointError, MAX_BYTES) if is_there(folder / TEST_PHOTOS) else None


def handed_on(content: bytes, model: str, config: str) -> bytes:
    """The file for a checkpoint of the same network that has classes more, after the old ones: the photos stay as they are.

    model, config: its name and its `config_sha256`. Raises ConfigError as `read_fused`.
    """
    bundle = base.opened(content, _KIND, FORMAT)
    with base.usable():
        told = typed(_Told, bundle.head, "the bundle's head", known=None)
    return write_bundle(asdict(replace(told, model=model, config=config)), bundle.parts)


def _digest(parts: Iterable[NDArray[Any] | bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()
