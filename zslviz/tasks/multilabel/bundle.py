"""An explanation of labels as one bundle for the browser (docs/bundle.md): what its arithmetic and its maps need, and no more.

The model part has names, word vectors and calibration; the photo part the score of every region for every label, and the photo.
Region scores are written as they are, not in 8 bits: labels' scores are means of them, and a region is asked what it speaks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zslviz.errors import ConfigError
from zslviz.files.bundle import write_bundle
from zslviz.files.typed import Count, Finite
from zslviz.photos.geometry import Geometry
from zslviz.tasks.base import bundle as base
from zslviz.tasks.base import insights
from zslviz.tasks.base.arrays import shaped
from zslviz.tasks.base.bundle import About, Sprites
from zslviz.tasks.base.insights import Insight, ToldInsight
from zslviz.tasks.multilabel.scoring import LabelRanking, rank_labels, region_means
from zslviz.tasks.multilabel.space import LabelSpace

if TYPE_CHECKING:
    from zslviz.tasks.multilabel.explanation import LabelExplanation

FORMAT = 1
_MODEL, _PHOTO = "label model", "explanation by labels"


@dataclass(frozen=True, kw_only=True)
class _ToldOfModel(base.ToldOfModel):
    """The head of a model part. counted: how many of a label's highest regions are averaged. remark: as `About.remark`."""

    labels: tuple[str, ...]
    label_names: tuple[str, ...] = ()  # in older bundles they are the own names
    words: str
    counted: Count
    gamma: Finite
    threshold: Finite
    unseen_threshold: Finite | None = None  # of older bundles, which know one threshold
    remark: str = ""
    insights: tuple[ToldInsight, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _ToldOfPhoto(base.ToldOfPhoto):
    """The head of a photo part. own: how many of the labels are the model's; those after them were added by name."""

    truth: tuple[Annotated[int, Field(ge=0)], ...]
    own: Count
    map_geometry: Geometry
    insights: tuple[ToldInsight, ...] = ()


@dataclass(frozen=True, eq=False)
class BundledModel:
    """A model part, read again: `told` is its head."""

    told: _ToldOfModel
    space: LabelSpace
    digest: str
    insights: tuple[Insight, ...] = ()


@dataclass(frozen=True, eq=False)
class BundledPhoto:
    """A photo part, read again, with its model.

    region_scores: float32 [K, H, W]. attention: where each region looked, mean over heads, [R, R], None without.
    embeddings: float32 [R, E], what an added label's classifier is multiplied with, None if they were
    left out. part_scores: float32 [P, K, H, W] of a model whose scores are sums of parts; part_embeddings: float32 [P, R, E], with
    `embeddings` alone. photo: WebP.
    """

    told: _ToldOfPhoto
    model: BundledModel
    region_scores: NDArray[np.float32]
    attention: Sprites | None
    embeddings: NDArray[np.float32] | None
    part_scores: NDArray[np.float32] | None
    part_embeddings: NDArray[np.float32] | None
    photo: bytes
    insights: tuple[Insight, ...] = ()

    @property
    def scores(self) -> NDArray[np.float32]:
        """Score of every label: float32 [K]."""
        return region_means(self.region_scores, self.model.told.counted)

    def rank(self) -> LabelRanking:
        """All labels, best first, as the checkpoint would have it."""
        told = self.model.told
        return rank_labels(
            self.scores, self.model.space, told.gamma, told.threshold, unseen_threshold=told.unseen_threshold
        )


# -- writing ------------------------------------------------------------------------------------------------------------


def model_bundle(explanation: LabelExplanation, about: About | None = None) -> bytes:
    """The model part: the same bytes for every photo of a model, and of a model with the same words added."""
    space, about = explanation.space, about or About()
    told = _ToldOfModel(
        **base.of_model(explanation, about, _MODEL, FORMAT),
        labels=space.labels,
        label_names=space.label_names,
        words=space.words,
        counted=explanation.counted,
        gamma=float(explanation.gamma),
        threshold=float(explanation.threshold),
        unseen_threshold=float(explanation.unseen_threshold),
        remark=about.remark,
    )
    head, parts = insights.told_in(asdict(told), explanation.insights, "model")
    return write_bundle(head, {"vectors": space.vectors, "seen": space.seen.astype(np.uint8), **parts})


def explanation_bundle(
    explanation: LabelExplanation,
    about: About | None = None,
    whole: bool = True,
    own: int | None = None,
    embeddings: bool = False,
) -> bytes:
    """An explanation as a bundle. whole: with its model part, else with the digest of that alone.

    own: how many of its labels are the model's own, if some were added. embeddings: with what labels that are added later are
    scored by.
    """
    about = about or About()
    model = model_bundle(explanation, about)
    told = _ToldOfPhoto(
        **base.of_photo(explanation, about, model, _PHOTO, FORMAT),
        truth=tuple(about.truth or ()),
        own=len(explanation.space) if own is None else own,
        map_geometry=explanation.map_geometry,
    )
    parts: dict[str, NDArray[Any] | bytes] = {"region_scores": explanation.region_scores}
    if explanation.region_attention is not None:
        parts |= base.sprites("attention", explanation.region_attention.mean(axis=0))
    if explanation.part_scores is not None:
        parts["part_scores"] = explanation.part_scores
    if embeddings:
        parts["embeddings"] = explanation.embeddings
        if explanation.part_embeddings is not None:
            parts["part_embeddings"] = explanation.part_embeddings
    parts["photo"] = base.photo_part(explanation)
    head, own_parts = insights.told_in(asdict(told), explanation.insights, "photo")
    parts |= own_parts
    return write_bundle(head, {**parts, "model": model} if whole else parts)


def truth_of(space: LabelSpace, told: Mapping[str, str]) -> tuple[int, ...]:
    """`About.truth` of a photo by what is told of it (`labels`, with semicolons); labels that the space lacks are left out."""
    names = [name.strip() for name in told.get("labels", "").split(";")]
    return tuple(space.label_index(name) for name in names if name in space)


# -- reading ------------------------------------------------------------------------------------------------------------


def read_model_bundle(content: bytes) -> BundledModel:
    """A model part. Raises ConfigError with one sentence if these bytes are none that can be used."""
    bundle, told = base.open_model(content, _MODEL, FORMAT, _ToldOfModel)
    with base.usable():
        base.check_names(told.labels, told.label_names)
        arrays = base.all_of(bundle, {"vectors": "f K D", "seen": "u K"}, {"K": len(told.labels)})
        seen = arrays["seen"].astype(bool)
        space = LabelSpace(told.labels, seen, arrays["vectors"], told.words, name=told.space)
        further = insights.read(bundle, told.insights, {})
    return BundledModel(told, space, base.digest(content), further)


def read_explanation_bundle(content: bytes, model: bytes | BundledModel | None = None) -> BundledPhoto:
    """An explanation. model: its model part, where the bundle was not written whole. Raises ConfigError with one sentence."""
    opened = base.open_photo(content, _PHOTO, FORMAT, _ToldOfPhoto, model, read_model_bundle)
    bundle, told, known = opened.bundle, opened.told, opened.model
    with base.usable():
        labels = len(known.space)
        if told.own > labels or any(label >= labels for label in told.truth):
            raise ConfigError("it names labels that its model lacks.")
        scores = base.all_of(bundle, {"region_scores": "f K H W"}, {"K": labels})["region_scores"]
        regions = {"R": scores[0].size}
        if known.told.counted > regions["R"]:
            raise ConfigError("more regions of it count than there are.")
        shapes = {"embeddings": "f R E", "part_scores": "f P K H W", "part_embeddings": "f P R E"}
        height, width = scores.shape[1:]
        further = shaped(bundle.parts, shapes, regions | {"K": labels, "H": height, "W": width})
        attention = None
        if "attention levels" in bundle.parts:
            attention = Sprites.of(bundle, "attention", "R R", regions)
        told_of = insights.read(bundle, told.insights, {})
    embeddings, parts, part_embeddings = (further.get(name) for name in shapes)
    return BundledPhoto(told, known, scores, attention, embeddings, parts, part_embeddings, opened.photo, told_of)
