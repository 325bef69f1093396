"""An explanation as one bundle for the browser (docs/bundle.md): everything that its arithmetic and its maps need, and no more.

Two parts. The *model part* is the same for all photos of a model: names, class table, rule and scale. It is known by its digest, so
that it travels once. The *photo part* has scores, maps and the photo. A bundle is written whole, or as the photo part alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zslviz.errors import ConfigError, ZslvizError
from zslviz.files.bundle import Bundle, read_bundle, write_bundle
from zslviz.files.typed import Count, Finite, typed
from zslviz.photos.geometry import Geometry
from zslviz.photos.heatmaps import shrink, webp
from zslviz.tasks.attributes.maps import ShownMaps
from zslviz.tasks.attributes.scoring import AttributeScale, ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.arrays import shaped
from zslviz.tasks.base.photo import MapOffer

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

FORMAT = 1
PHOTO_WIDTH = 640
PHOTO_QUALITY = 80
_MODEL, _PHOTO = "attribute model", "explanation by attributes"
_SCALE = tuple(field.name for field in fields(AttributeScale))
_MODEL_SHAPES = {
    "table": "f K A", "seen": "u K", "mean": "f G A", "std": "f G A", "table_mean": "f A", "table_std": "f A", "shares": "f G",
}  # fmt: skip


@dataclass(frozen=True)
class About:
    """What an explanation does not know of itself and people are told.

    model_title, terms: of the model and of the data it was trained on. photo_title, credits: of the photo, author and licence.
    truth: index of the true class.
    """

    model_title: str = ""
    photo_title: str = ""
    truth: int | None = None
    credits: str = ""
    terms: str = ""


@dataclass(frozen=True)
class _ToldOfModel:
    """The head of a model part."""

    bundle: str
    format: Count
    model: str
    title: str
    terms: str
    space: str
    classes: tuple[str, ...]
    class_names: tuple[str, ...]
    attributes: tuple[str, ...]
    attribute_names: tuple[str, ...]
    groups: tuple[str, ...]
    granularities: tuple[str, ...]
    rule: ScoringRule
    gamma: Finite


@dataclass(frozen=True)
class _ToldOfMaps:
    """One sort of map. shares: how much each granularity brings to them."""

    offer: MapOffer
    shares: tuple[Finite, ...]


@dataclass(frozen=True)
class _ToldOfPhoto:
    """The head of a photo part. width, height: of the photo as it was explained; that in the bundle may be smaller."""

    bundle: str
    format: Count
    model: str
    digest: str
    title: str
    credits: str
    truth: Annotated[int, Field(ge=0)] | None
    geometry: Geometry
    maps: tuple[_ToldOfMaps, ...]


@dataclass(frozen=True, eq=False)
class BundledModel:
    """A model part, read again: `told` is its head."""

    told: _ToldOfModel
    space: SemanticSpace
    scale: AttributeScale
    digest: str

    @property
    def rule(self) -> ScoringRule:
        return self.told.rule


@dataclass(frozen=True, eq=False)
class BundledMaps:
    """One sort of map of every attribute, all granularities together, in 8 bits.

    levels: int8 or uint8 [A, H, W]. steps: float32 [A], what one level of an attribute's map means. bias: float32 [G, A] of exact
    maps, the part of the raw scores that comes from no place.
    """

    offer: MapOffer
    levels: NDArray[Any]
    steps: NDArray[np.float32]
    bias: NDArray[np.float32] | None

    def values(self, attribute: int) -> NDArray[np.float32]:
        """The map of one attribute: float32 [H, W]."""
        return np.asarray(self.levels[attribute] * self.steps[attribute], dtype=np.float32)


@dataclass(frozen=True, eq=False)
class BundledPhoto:
    """A photo part, read again, with its model. scores: float32 [G, A]. photo: WebP."""

    told: _ToldOfPhoto
    model: BundledModel
    scores: NDArray[np.float32]
    maps: tuple[BundledMaps, ...]
    photo: bytes


# -- writing ------------------------------------------------------------------------------------------------------------


def model_bundle(explanation: Explanation, about: About | None = None) -> bytes:
    """The model part of an explanation's bundle: the same bytes for every photo of a model."""
    about, space = about or About(), explanation.space
    told = _ToldOfModel(
        _MODEL,
        FORMAT,
        explanation.model,
        about.model_title,
        about.terms,
        space.name,
        space.classes,
        space.class_names,
        space.attributes,
        space.attribute_names,
        space.groups,
        explanation.granularities,
        explanation.rule,
        explanation.gamma,
    )
    scale = {name: getattr(explanation.scale, name) for name in _SCALE} | {"shares": explanation.scale.weights}
    head = asdict(told) | {"rule": explanation.rule.to_dict()}
    return write_bundle(head, {"table": space.table, "seen": space.seen.astype(np.uint8), **scale})


def explanation_bundle(explanation: Explanation, about: About | None = None, whole: bool = True) -> bytes:
    """An explanation as a bundle. whole: with its model part, else with the digest of that alone."""
    about, model = about or About(), model_bundle(explanation, about)
    maps = [explanation.shown(offer.name) for offer in explanation.offers() if offer.of == "attribute"]
    told = _ToldOfPhoto(
        _PHOTO,
        FORMAT,
        explanation.model,
        _digest(model),
        about.photo_title,
        about.credits,
        about.truth,
        explanation.geometry,
        tuple(_ToldOfMaps(shown.own.offer, tuple(shown.shares.tolist())) for shown in maps),
    )
    parts: dict[str, NDArray[Any] | bytes] = {"scores": explanation.scores}
    for number, shown in enumerate(maps):
        parts |= {f"map {number} {name}": array for name, array in _levels(shown).items()}
    parts["photo"] = webp(shrink(explanation.photo, PHOTO_WIDTH), PHOTO_QUALITY)
    return write_bundle(asdict(told), {**parts, "model": model} if whole else parts)


def _levels(shown: ShownMaps) -> dict[str, NDArray[Any]]:
    """Maps in 8 bits, each attribute's on a scale of its own: none changes its sign, zero stays zero, and what is below half a step
    becomes zero."""
    values, signed = shown.fused, shown.own.offer.signed or bool((shown.fused < 0).any())
    steps = np.abs(values).max(axis=(1, 2)) / np.float32(127 if signed else 255)
    levels = np.rint(values / np.where(steps > 0, steps, 1)[:, None, None]).astype(np.int8 if signed else np.uint8)
    exact = {"bias": shown.own.bias} if shown.own.offer.exact and shown.own.bias is not None else {}
    return {"levels": levels, "steps": steps, **exact}


def _digest(model: bytes) -> str:
    return hashlib.sha256(model).hexdigest()


# -- reading ------------------------------------------------------------------------------------------------------------


def read_model_bundle(content: bytes) -> BundledModel:
    """A model part. Raises ConfigError with one sentence if these bytes are none that can be used."""
    bundle = _opened(content, _MODEL)
    try:
        told = typed(_ToldOfModel, bundle.head, "the bundle's head", known=None)
        sizes = {"G": len(told.granularities), "A": len(told.attributes), "K": len(told.classes)}
        arrays = _all_of(bundle, _MODEL_SHAPES, sizes)
        for name in ("std", "table_std"):
            if (arrays[name] <= 0).any():
                raise ConfigError(f"its '{name}' holds a number that is not above 0.")
        if len(told.rule.weights) != sizes["G"]:
            raise ConfigError("its scoring rule is of another model.")
        if (len(told.class_names), len(told.attribute_names)) != (sizes["K"], sizes["A"]):
            raise ConfigError("it does not name every class and attribute.")
        seen = arrays["seen"].astype(bool)
        space = SemanticSpace(told.classes, told.attributes, told.groups, arrays["table"], seen, name=told.space)
        told.rule.rows(space)  # raises for thresholds of another table
    except ZslvizError as problem:
        raise ConfigError(f"The bundle cannot be used: {problem}") from None
    return BundledModel(told, space, AttributeScale(**{name: arrays[name] for name in _SCALE}), _digest(content))


def read_explanation_bundle(content: bytes, model: bytes | BundledModel | None = None) -> BundledPhoto:
    """An explanation. model: its model part, where the bundle was not written whole. Raises ConfigError with one sentence."""
    bundle = _opened(content, _PHOTO)
    if model is None:
        if "model" not in bundle.parts:
            raise ConfigError("The bundle is of a photo alone; its model part is needed as well.")
        model = bundle.parts["model"].tobytes()
    model = model if isinstance(model, BundledModel) else read_model_bundle(model)
    try:
        told = typed(_ToldOfPhoto, bundle.head, "the bundle's head", known=None)
        if told.digest != model.digest:
            raise ConfigError("its model part is of another model.")
        if told.truth is not None and told.truth >= len(model.space.classes):
            raise ConfigError("its true class is none of its model.")
        sizes = {"G": len(model.told.granularities), "A": len(model.space.attributes)}
        scores = _all_of(bundle, {"scores": "f G A"}, sizes)["scores"]
        photo = _all_of(bundle, {"photo": "u n"}, {})["photo"].tobytes()
        maps = tuple(_maps(bundle, number, each, sizes) for number, each in enumerate(told.maps))
    except ZslvizError as problem:
        raise ConfigError(f"The bundle cannot be used: {problem}") from None
    return BundledPhoto(told, model, scores, maps, photo)


def _maps(bundle: Bundle, number: int, told: _ToldOfMaps, sizes: Mapping[str, int]) -> BundledMaps:
    if len(told.shares) != sizes["G"]:
        raise ConfigError("it does not tell the share of every granularity.")
    at, levels = f"map {number} ", bundle.parts.get(f"map {number} levels")
    kind = "i" if levels is not None and levels.dtype.kind == "i" else "u"
    found = _all_of(bundle, {at + "levels": f"{kind} A H W", at + "steps": "f A"}, sizes)
    bias = shaped(bundle.parts, {at + "bias": "f G A"}, sizes).get(at + "bias")
    return BundledMaps(told.offer, found[at + "levels"], found[at + "steps"], bias)


def _opened(content: bytes, kind: str) -> Bundle:
    bundle = read_bundle(content)
    if bundle.head.get("bundle") != kind:
        raise ConfigError(f"The bundle is not what is needed here, which is one of an {kind}.")
    number = bundle.head.get("format")
    if isinstance(number, int) and number > FORMAT:
        raise ConfigError(f"The bundle is of format {number}, and this zslviz reads formats up to {FORMAT}; update it.")
    return bundle


def _all_of(bundle: Bundle, shapes: Mapping[str, str], sizes: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """Parts that must be there. Raises ConfigError."""
    if missing := [name for name in shapes if name not in bundle.parts]:
        raise ConfigError(f"it has no '{missing[0]}'.")
    return shaped(bundle.parts, shapes, sizes)
