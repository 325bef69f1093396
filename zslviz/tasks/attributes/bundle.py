"""An explanation as one bundle for the browser (docs/bundle.md): everything that its arithmetic and its maps need, and no more.

The model part has names, class table, rule and scale; the photo part scores, maps and the photo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zslviz.errors import ConfigError
from zslviz.files.bundle import Bundle, write_bundle
from zslviz.files.typed import Finite
from zslviz.tasks.attributes.map_truth import map_truth
from zslviz.tasks.attributes.scoring import AttributeScale, ClassRanking, ScoringRule, rank_classes
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.unlike.told import unlike_sentence
from zslviz.tasks.attributes.whole_set.attribute_auc import AttributeAuc, auc_among, is_of
from zslviz.tasks.base import bundle as base
from zslviz.tasks.base import insights
from zslviz.tasks.base.arrays import shaped
from zslviz.tasks.base.bundle import About as About
from zslviz.tasks.base.insights import Insight, ToldInsight
from zslviz.tasks.base.photo import MapOffer

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation
    from zslviz.tasks.attributes.maps import ShownMaps

FORMAT = 1
_MODEL, _PHOTO = "attribute model", "explanation by attributes"
_SCALE = tuple(field.name for field in fields(AttributeScale))
_MODEL_SHAPES = {
    "table": "f K A", "seen": "u K", "visible": "u A",
    "mean": "f G A", "std": "f G A", "table_mean": "f A", "table_std": "f A", "shares": "f G",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _ToldOfModel(base.ToldOfModel):
    """The head of a model part."""

    classes: tuple[str, ...]
    class_names: tuple[str, ...]
    attributes: tuple[str, ...]
    attribute_names: tuple[str, ...]
    groups: tuple[str, ...]
    granularities: tuple[str, ...]
    rule: ScoringRule
    gamma: Finite
    maps_worth: str = ""  # what its maps have been measured to be worth
    attribute_auc: AttributeAuc | None = None  # how well attributes are read on its test photos
    insights: tuple[ToldInsight, ...] = ()


@dataclass(frozen=True)
class _ToldOfMaps:
    """One sort of map. shares: how much each granularity brings to them."""

    offer: MapOffer
    shares: tuple[Finite, ...]


@dataclass(frozen=True, kw_only=True)
class _ToldOfPhoto(base.ToldOfPhoto):
    """The head of a photo part."""

    truth: Annotated[int, Field(ge=0)] | None
    maps: tuple[_ToldOfMaps, ...]
    unlike: str = ""  # that it looks like nothing the model was shown, in words, "" where it does not
    insights: tuple[ToldInsight, ...] = ()


@dataclass(frozen=True, eq=False)
class BundledModel:
    """A model part, read again: `told` is its head."""

    told: _ToldOfModel
    space: SemanticSpace
    scale: AttributeScale
    digest: str
    insights: tuple[Insight, ...] = ()

    @property
    def rule(self) -> ScoringRule:
        return self.told.rule


@dataclass(frozen=True, eq=False)
class BundledMaps(base.Sprites):
    """One sort of map [H, W] of every attribute, all granularities together.

    bias: float32 [G, A] of exact maps, the part of the raw scores that comes from no place.
    """

    offer: MapOffer
    bias: NDArray[np.float32] | None


@dataclass(frozen=True, eq=False)
class BundledPhoto:
    """A photo part, read again, with its model. scores: float32 [G, A]. photo: WebP."""

    told: _ToldOfPhoto
    model: BundledModel
    scores: NDArray[np.float32]
    maps: tuple[BundledMaps, ...]
    photo: bytes
    insights: tuple[Insight, ...] = ()

    def rank(self) -> ClassRanking:
        """The classes, best first, as the checkpoint would have it."""
        return rank_classes(self.scores, self.model.space, self.model.rule, self.model.told.gamma)


# -- writing ------------------------------------------------------------------------------------------------------------


def model_bundle(explanation: Explanation, about: About | None = None) -> bytes:
    """The model part of an explanation's bundle: the same bytes for every photo of a model."""
    about, space = about or About(), explanation.space
    told = _ToldOfModel(
        **base.of_model(explanation, about, _MODEL, FORMAT),
        classes=space.classes,
        class_names=space.class_names,
        attributes=space.attributes,
        attribute_names=space.attribute_names,
        groups=space.groups,
        granularities=explanation.granularities,
        rule=explanation.rule,
        gamma=explanation.gamma,
        maps_worth=map_truth(about.metrics),
        attribute_auc=auc_among(about.metrics, len(space.attributes)),
    )
    scale = {name: getattr(explanation.scale, name) for name in _SCALE} | {"shares": explanation.scale.weights}
    head, parts = insights.told_in(asdict(told) | {"rule": explanation.rule.to_dict()}, explanation.insights, "model")
    visible = np.array(space.visible, dtype=np.uint8)
    return write_bundle(
        head,
        {"table": space.table, "seen": space.seen.astype(np.uint8), "visible": visible, **scale, **parts},
    )


def explanation_bundle(explanation: Explanation, about: About | None = None, whole: bool = True) -> bytes:
    """An explanation as a bundle. whole: with its model part, else with the digest of that alone."""
    about, model = about or About(), model_bundle(explanation, about)
    maps = [explanation.shown(offer.name) for offer in explanation.offers() if offer.of == "attribute"]
    told = _ToldOfPhoto(
        **base.of_photo(explanation, about, model, _PHOTO, FORMAT),
        truth=about.truth,
        maps=tuple(_ToldOfMaps(shown.own.offer, tuple(shown.shares.tolist())) for shown in maps),
        unlike=unlike_sentence(explanation.strangeness),
    )
    parts: dict[str, NDArray[Any] | bytes] = {"scores": explanation.scores}
    for number, shown in enumerate(maps):
        signed = shown.own.offer.signed or bool((shown.fused < 0).any())
        parts |= base.sprites(f"map {number}", shown.fused, signed)
        parts |= _drawn_parts(f"map {number}", shown, signed)
        if shown.own.offer.exact and shown.own.bias is not None:
            parts[f"map {number} bias"] = shown.own.bias
    if explanation.parts is not None:
        parts |= base.sprites("parts", explanation.parts.reshape(-1, *explanation.parts.shape[2:]))
    parts["photo"] = base.photo_part(explanation)
    maps_told = [{"offer": one.offer.told(), "shares": one.shares} for one in told.maps]
    head, own = insights.told_in(asdict(told) | {"maps": maps_told}, explanation.insights, "photo")
    parts |= own
    return write_bundle(head, {**parts, "model": model} if whole else parts)


def _drawn_parts(name: str, shown: ShownMaps, signed: bool) -> dict[str, NDArray[Any]]:
    """What is needed to draw one sort of map and to say what it shows: how high the maps are, and those of each granularity."""
    peaks, layers = shown.peaks, shown.layers(slice(None)).swapaxes(0, 1)
    several = layers.shape[1] > 1  # else they would be the same maps again
    own = base.sprites(f"{name} layers", layers.reshape(-1, *layers.shape[2:]), signed) if several else {}
    heights = {f"{name} heights": peaks.heights, f"{name} special": peaks.special}
    return {**own, **heights, f"{name} common": peaks.common.astype(np.uint8)}


def truth_of(space: SemanticSpace, told: Mapping[str, str]) -> int | None:
    """`About.truth` of a photo by what is told of it (`true_class`). Raises UnknownNameError for a class that there is not."""
    return space.class_index(told["true_class"]) if told.get("true_class") else None


# -- reading ------------------------------------------------------------------------------------------------------------


def read_model_bundle(content: bytes) -> BundledModel:
    """A model part. Raises ConfigError with one sentence if these bytes are none that can be used."""
    bundle, told = base.open_model(content, _MODEL, FORMAT, _ToldOfModel)
    with base.usable():
        sizes = {"G": len(told.granularities), "A": len(told.attributes), "K": len(told.classes)}
        arrays = base.all_of(bundle, _MODEL_SHAPES, sizes)
        for name in ("std", "table_std"):
            if (arrays[name] <= 0).any():
                raise ConfigError(f"its '{name}' holds a number that is not above 0.")
        if len(told.rule.weights) != sizes["G"]:
            raise ConfigError("its scoring rule is of another model.")
        if (len(told.class_names), len(told.attribute_names)) != (sizes["K"], sizes["A"]):
            raise ConfigError("it does not name every class and attribute.")
        if told.attribute_auc is not None and not is_of(told.attribute_auc, sizes["A"]):
            raise ConfigError("it does not tell of every attribute how well it is read.")
        seen = arrays["seen"].astype(bool)
        space = SemanticSpace(told.classes, told.attributes, told.groups, arrays["table"], seen, name=told.space)
        told.rule.rows(space)  # raises for thresholds of another table
        further = insights.read(bundle, told.insights, sizes)
    scale = AttributeScale(**{name: arrays[name] for name in _SCALE})
    return BundledModel(told, space, scale, base.digest(content), further)


def read_explanation_bundle(content: bytes, model: bytes | BundledModel | None = None) -> BundledPhoto:
    """An explanation. model: its model part, where the bundle was not written whole. Raises ConfigError with one sentence."""
    opened = base.open_photo(content, _PHOTO, FORMAT, _ToldOfPhoto, model, read_model_bundle)
    bundle, told, known = opened.bundle, opened.told, opened.model
    with base.usable():
        if told.truth is not None and told.truth >= len(known.space.classes):
            raise ConfigError("its true class is none of its model.")
        sizes = {"G": len(known.told.granularities), "A": len(known.space.attributes)}
        scores = base.all_of(bundle, {"scores": "f G A"}, sizes)["scores"]
        maps = tuple(_maps(bundle, number, each, sizes) for number, each in enumerate(told.maps))
        further = insights.read(bundle, told.insights, sizes)
    return BundledPhoto(told, known, scores, maps, opened.photo, further)


def _maps(bundle: Bundle, number: int, told: _ToldOfMaps, sizes: Mapping[str, int]) -> BundledMaps:
    if len(told.shares) != sizes["G"]:
        raise ConfigError("it does not tell the share of every granularity.")
    sprites = base.Sprites.of(bundle, f"map {number}", "A H W", sizes)
    bias = shaped(bundle.parts, {f"map {number} bias": "f G A"}, sizes).get(f"map {number} bias")
    return BundledMaps(sprites.levels, sprites.steps, told.offer, bias)
