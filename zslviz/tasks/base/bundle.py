"""What bundles of all tasks share (docs/bundle.md): what they tell of model and photo, maps in 8 bits, and how they are read.

A bundle has two parts. The *model part* is the same for all photos of a model. It is known by its digest, so that it travels once.
The *photo part* has what the model found in one photo, and the photo. A bundle is written whole, or as the photo part alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError, ZslvizError
from zslviz.files.bundle import Bundle, read_bundle
from zslviz.files.typed import Count, typed
from zslviz.models.registry import MODELS
from zslviz.photos.geometry import Geometry
from zslviz.photos.heatmaps import shrink, webp
from zslviz.tasks.base.arrays import shaped
from zslviz.tasks.base.photo import ExplainedPhoto

PHOTO_WIDTH = 640
PHOTO_QUALITY = 80


class Trained(Protocol):
    """What is known of a model: a checkpoint, or what is listed of one."""

    @property
    def title(self) -> str: ...
    @property
    def metrics(self) -> Mapping[str, Any]: ...
    @property
    def system(self) -> str: ...


@dataclass(frozen=True)
class About:
    """What an explanation does not know of itself and people are told.

    model_title, terms: of the model and of the data it was trained on. photo_title, credits: of the photo, author and licence.
    truth: what is in it, as its task counts: the index of the class; indices of labels; (state, object). metrics: of the model, of
    which its task tells what a reader of its bundles has to know. remark: on what is not as usual in its system.
    """

    model_title: str = ""
    photo_title: str = ""
    truth: Any = None
    credits: str = ""
    terms: str = ""
    metrics: Mapping[str, Any] = field(default_factory=dict)
    remark: str = ""

    @classmethod
    def of(cls, model: Trained, photo_title: str = "", truth: Any = None, photo_credits: str = "") -> About:
        """With what is told of a model wherever its bundles are written, so that its part is the same everywhere."""
        terms = str(model.metrics.get("terms", ""))
        remark = MODELS[model.system].about
        return cls(model.title, photo_title, truth, photo_credits, terms, model.metrics, remark)


@dataclass(frozen=True, kw_only=True)
class ToldOfModel:
    """What the head of every model part tells. space: the data set."""

    bundle: str
    format: Count
    model: str
    title: str
    terms: str
    space: str


@dataclass(frozen=True, kw_only=True)
class ToldOfPhoto:
    """What the head of every photo part tells. digest: of its model part.

    geometry: of the photo as it was explained; that in the bundle may be smaller.
    """

    bundle: str
    format: Count
    model: str
    digest: str
    title: str
    credits: str
    geometry: Geometry


Head = TypeVar("Head", bound=ToldOfModel)
PhotoHead = TypeVar("PhotoHead", bound=ToldOfPhoto)
ModelPart = TypeVar("ModelPart", bound="Read")


# -- writing ------------------------------------------------------------------------------------------------------------


def of_model(explanation: ExplainedPhoto, about: About, kind: str, number: int) -> dict[str, Any]:
    """The fields of `ToldOfModel`. kind: of bundle; number: of its format."""
    return {
        "bundle": kind,
        "format": number,
        "model": explanation.model,
        "title": about.model_title,
        "terms": about.terms,
        "space": explanation.space.name,
    }


def of_photo(explanation: ExplainedPhoto, about: About, model: bytes, kind: str, number: int) -> dict[str, Any]:
    """The fields of `ToldOfPhoto`. model: its model part."""
    return {
        "bundle": kind,
        "format": number,
        "model": explanation.model,
        "digest": digest(model),
        "title": about.photo_title,
        "credits": about.credits,
        "geometry": explanation.geometry,
    }


def check_names(own: Sequence[str], shown: Sequence[str]) -> None:
    """Raises ConfigError if readable names are not those of the names; older bundles have none."""
    if shown and len(shown) != len(own):
        raise ConfigError("its readable names are not as many as its names.")


def photo_part(explanation: ExplainedPhoto) -> bytes:
    """The photo as WebP, at most `PHOTO_WIDTH` pixels wide."""
    return webp(shrink(explanation.photo, PHOTO_WIDTH), PHOTO_QUALITY)


def in_levels(maps: NDArray[np.float32], signed: bool) -> dict[str, NDArray[Any]]:
    """Maps [N, ...] in 8 bits, each on a scale of its own: `levels` [N, ...], and `steps` [N], what one level of a map means.

    A value is right to half a step; none changes its sign, zero stays zero, and what is below half a step becomes zero.
    """
    places = tuple(range(1, maps.ndim))
    steps = np.abs(maps).max(axis=places) / np.float32(127 if signed else 255)
    divided = maps / np.where(steps > 0, steps, 1).reshape(-1, *(1 for _ in places))
    return {"levels": np.rint(divided).astype(np.int8 if signed else np.uint8), "steps": steps.astype(np.float32)}


def digest(model: bytes) -> str:
    """What a model part is known by."""
    return hashlib.sha256(model).hexdigest()


# -- reading ------------------------------------------------------------------------------------------------------------


def opened(content: bytes, kind: str, newest: int) -> Bundle:
    """The bundle in some bytes, which must be of this kind and of no newer format than `newest`. Raises ConfigError."""
    bundle = read_bundle(content)
    if bundle.head.get("bundle") != kind:
        article = "an" if kind[0] in "aeiou" else "a"
        raise ConfigError(f"The bundle is not what is needed here, which is one of {article} {kind}.")
    number = bundle.head.get("format")
    if isinstance(number, int) and number > newest:
        raise ConfigError(f"The bundle is of format {number}, and this zslviz reads formats up to {newest}; update it.")
    return bundle


@contextmanager
def usable() -> Iterator[None]:
    """What is found wrong within becomes one sentence about the bundle."""
    try:
        yield
    except ZslvizError as problem:
        raise ConfigError(f"The bundle cannot be used: {problem}") from None


class Read(Protocol):
    """A model part that was read. digest: what it is known by."""

    @property
    def digest(self) -> str: ...


def open_model(content: bytes, kind: str, newest: int, head: type[Head]) -> tuple[Bundle, Head]:
    """A model part and what its head tells. kind, newest: of `opened`. Raises ConfigError with one sentence."""
    bundle = opened(content, kind, newest)
    with usable():
        return bundle, typed(head, bundle.head, "the bundle's head", known=None)


@dataclass(frozen=True, eq=False)
class OpenedPhoto(Generic[PhotoHead, ModelPart]):
    """A photo part with its model, of which what its task has in it is still to be read. photo: WebP."""

    bundle: Bundle
    told: PhotoHead
    model: ModelPart
    photo: bytes


def open_photo(
    content: bytes,
    kind: str,
    newest: int,
    head: type[PhotoHead],
    model: bytes | ModelPart | None,
    read: Callable[[bytes], ModelPart],
) -> OpenedPhoto[PhotoHead, ModelPart]:
    """A photo part. kind, newest: of `opened`.

    model: its model part, read or as bytes; None where the bundle was written whole. read: reads one. Raises ConfigError with one
    sentence: for bytes that are no such bundle, a model part that is missing or another one, a photo without a size.
    """
    bundle = opened(content, kind, newest)
    if model is None and "model" not in bundle.parts:
        raise ConfigError("The bundle is of a photo alone; its model part is needed as well.")
    own = bundle.parts["model"].tobytes() if model is None else model
    known = read(own) if isinstance(own, bytes) else own
    with usable():
        told = typed(head, bundle.head, "the bundle's head", known=None)
        if told.digest != known.digest:
            raise ConfigError("its model part is of another model.")
        if min(told.geometry.width, told.geometry.height, told.geometry.size) < 1:
            raise ConfigError("its photo has no size.")
        photo = all_of(bundle, {"photo": "u n"}, {})["photo"].tobytes()
    return OpenedPhoto(bundle, told, known, photo)


def all_of(bundle: Bundle, shapes: Mapping[str, str], sizes: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """Parts that must be there, by their shapes (`tasks.base.arrays.shaped`). Raises ConfigError."""
    if missing := [name for name in shapes if name not in bundle.parts]:
        raise ConfigError(f"it has no '{missing[0]}'.")
    return shaped(bundle.parts, shapes, sizes)


@dataclass(frozen=True, eq=False)
class Sprites:
    """Maps in 8 bits. levels: int8 or uint8 [N, ...]. steps: float32 [N], what one level of a map means."""

    levels: NDArray[Any]
    steps: NDArray[np.float32]

    @classmethod
    def of(cls, bundle: Bundle, name: str, letters: str, sizes: Mapping[str, int]) -> Sprites:
        """Those of a bundle by name; letters: their shape, such as "A H W". Raises ConfigError."""
        levels = bundle.parts.get(f"{name} levels")
        kind = "i" if levels is not None and levels.dtype.kind == "i" else "u"
        shapes = {f"{name} levels": f"{kind} {letters}", f"{name} steps": f"f {letters.split()[0]}"}
        found = all_of(bundle, shapes, sizes)
        return cls(found[f"{name} levels"], found[f"{name} steps"])

    def values(self, index: int) -> NDArray[np.float32]:
        """One map: float32 [...]."""
        return np.asarray(self.levels[index] * self.steps[index], dtype=np.float32)


def sprites(name: str, maps: NDArray[np.float32], signed: bool = False) -> dict[str, NDArray[Any]]:
    """The parts of a bundle that `Sprites.of` reads."""
    return {f"{name} {which}": array for which, array in in_levels(maps, signed).items()}
