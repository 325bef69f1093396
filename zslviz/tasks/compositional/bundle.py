"""An explanation of pairs as one bundle for the browser (docs/bundle.md): what its arithmetic and its maps need, and no more.

The model part has names, word vectors, which pairs were seen and compete, their feasibility and familiarity; the photo part all
logits, what places added to them, maps, and the photo. Evidence is written pair by pair, in 8 bits: the embedding's refinement in
8 bits would make maps that are wrong by some per cent, and as it is it is larger than all maps of some hundred pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zslviz.errors import ConfigError
from zslviz.files.bundle import Bundle, write_bundle
from zslviz.files.typed import Count, Finite
from zslviz.models.refining import Refining
from zslviz.photos.geometry import Geometry
from zslviz.tasks.base import bundle as base
from zslviz.tasks.base import insights
from zslviz.tasks.base.arrays import shaped
from zslviz.tasks.base.bundle import About, Sprites
from zslviz.tasks.base.insights import Insight, ToldInsight
from zslviz.tasks.base.ranking import best_first
from zslviz.tasks.compositional.pair_parts import PairLogits
from zslviz.tasks.compositional.scoring import PairRanking, biased_scores
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.tasks.compositional.stages import StageMaps

if TYPE_CHECKING:
    from zslviz.tasks.compositional.explanation import CompositionExplanation

FORMAT = 1
MOST_MAPS = 2000
"""Of evidence: of a model of more pairs, only the highest ones of the open world have a map in the bundle."""
_MODEL, _PHOTO = "pair model", "explanation by pairs"
_TABLES = {"seen": "u S O", "candidates": "u S O", "feasibility": "f S O", "familiarity": "f S O"}
_VECTORS = {"state_vectors": "f S D", "object_vectors": "f O D"}
_LOGITS = {"pairs": "f S O", "states": "f S", "objects": "f O"}
_MAPS = {"evidence": "M H W", "state": "S H W", "object": "O H W", "queries": "n H W"}
_STAGE_MAPS = {"pair": "M H W", "state": "S H W", "object": "O H W"}
_OF_STAGE = " places"  # what follows a stage's name in that of the table by which it is known
Index = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, kw_only=True)
class _ToldOfModel(base.ToldOfModel):
    """The head of a model part. familiar: whether familiarity counts. refining: what the model calls its two answers, None of one
    that answers once. remark: as `About.remark`.
    """

    states: tuple[str, ...]
    objects: tuple[str, ...]
    state_names: tuple[str, ...] = ()  # in older bundles they are the own names
    object_names: tuple[str, ...] = ()
    words: str
    bias: Finite
    threshold: Finite
    familiar: bool
    refining: Refining | None = None
    remark: str = ""
    insights: tuple[ToldInsight, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _ToldOfPhoto(base.ToldOfPhoto):
    """The head of a photo part.

    own: how many states and objects are the model's; those after them were added by name. moved: how far the refinement turned the
    embedding, or the texts. mapped: pairs with a map of evidence, as flat indices; None: all.
    """

    truth: tuple[Index, Index] | None
    own: tuple[Count, Count]
    map_geometry: Geometry
    moved: Finite
    mapped: tuple[Index, ...] | None
    insights: tuple[ToldInsight, ...] = ()


@dataclass(frozen=True, eq=False)
class BundledModel:
    """A model part, read again: `told` is its head. feasibility, familiarity: float32 [S, O]."""

    told: _ToldOfModel
    space: CompositionSpace
    feasibility: NDArray[np.float32]
    familiarity: NDArray[np.float32]
    digest: str
    insights: tuple[Insight, ...] = ()


@dataclass(frozen=True, eq=False)
class BundledPhoto:
    """A photo part, read again, with its model.

    logits, before: with and without the refinement. places: float32 [S, O], what all places together added to each pair's logit,
    None where no evidence is written; stages: likewise of each stage by its name, where a network adds up by stages.
    maps: by name, those that the model has. photo: WebP.
    """

    told: _ToldOfPhoto
    model: BundledModel
    logits: PairLogits
    before: PairLogits
    places: NDArray[np.float32] | None
    stages: Mapping[str, NDArray[np.float32]]
    maps: Mapping[str, Sprites]
    photo: bytes
    insights: tuple[Insight, ...] = ()

    def rank(self) -> PairRanking:
        """The pairs of the closed world, best first, as the checkpoint would have it."""
        model, space = self.model, self.model.space
        fused = self.logits.fused
        biased = biased_scores(fused + model.familiarity, space.seen, model.told.bias)
        order = best_first(biased, space.candidates)
        return PairRanking(fused, space.candidates, order, biased, model.feasibility, space)


# -- writing ------------------------------------------------------------------------------------------------------------


def model_bundle(explanation: CompositionExplanation, about: About | None = None) -> bytes:
    """The model part: the same bytes for every photo of a model, and of a model with the same words added."""
    space, about = explanation.space, about or About()
    told = _ToldOfModel(
        **base.of_model(explanation, about, _MODEL, FORMAT),
        states=space.states,
        objects=space.objects,
        state_names=space.state_names,
        object_names=space.object_names,
        words=space.words,
        bias=float(explanation.bias),
        threshold=float(explanation.threshold),
        familiar=any(explanation.familiarity),
        refining=explanation.refining,
        remark=about.remark,
    )
    tables = {name: getattr(space, name).astype(np.uint8) for name in ("seen", "candidates")}
    tables |= {"feasibility": explanation.feasibility, "familiarity": explanation.familiarity_table}
    head, parts = insights.told_in(asdict(told), explanation.insights, "model")
    return write_bundle(head, {**tables, **{name: getattr(space, name) for name in _VECTORS}, **parts})


def explanation_bundle(
    explanation: CompositionExplanation,
    about: About | None = None,
    whole: bool = True,
    own: tuple[int, int] | None = None,
) -> bytes:
    """An explanation as a bundle. whole: with its model part, else with the digest of that alone.

    own: how many of its states and objects are the model's own, if some were added.
    """
    about = about or About()
    model = model_bundle(explanation, about)
    mapped = _mapped(explanation)
    told = _ToldOfPhoto(
        **base.of_photo(explanation, about, model, _PHOTO, FORMAT),
        truth=about.truth,
        own=own or explanation.space.shape,
        map_geometry=explanation.map_geometry,
        moved=explanation.moved,
        mapped=None if mapped is None else tuple(mapped.tolist()),
    )
    parts: dict[str, NDArray[Any] | bytes] = {
        **_logits("", explanation.logits),
        **_logits("before ", explanation.before),
    }
    if explanation.refinement is not None or explanation.stages:
        flat = range(explanation.space.seen.size) if mapped is None else mapped.tolist()
        pairs = [divmod(index, explanation.space.shape[1]) for index in flat]
        evidence = np.stack([explanation.pair_evidence(*pair) for pair in pairs])
        parts |= {"places": explanation.place_sums, **base.sprites("evidence", evidence, signed=True)}
        for stage in explanation.stages:
            parts |= _stage_parts(stage, pairs)
    if explanation.state_attention is not None and explanation.object_attention is not None:
        parts |= base.sprites("state", explanation.state_attention)
        parts |= base.sprites("object", explanation.object_attention)
    if explanation.query_attention is not None:
        parts |= base.sprites("queries", explanation.query_maps())
    parts["photo"] = base.photo_part(explanation)
    head, own_parts = insights.told_in(asdict(told), explanation.insights, "photo")
    parts |= own_parts
    return write_bundle(head, {**parts, "model": model} if whole else parts)


def _stage_parts(stage: StageMaps, pairs: Sequence[tuple[int, int]]) -> dict[str, NDArray[Any]]:
    """What the places of a stage added to some pairs, to every state and object, and all of them together to every pair."""
    parts: dict[str, NDArray[Any]] = {f"{stage.name}{_OF_STAGE}": stage.sums.pairs}
    for of, maps in {**stage.by_thing, "pair": np.stack([stage.pairs[pair] for pair in pairs])}.items():
        parts |= base.sprites(f"{stage.name} {of}", maps, signed=True)
    return parts


def _mapped(explanation: CompositionExplanation) -> NDArray[np.intp] | None:
    """The pairs whose evidence is written, as flat indices; None: all of them."""
    if explanation.space.seen.size <= MOST_MAPS:
        return None
    return best_first(explanation.scores(), np.ones_like(explanation.space.seen), MOST_MAPS)


def _logits(prefix: str, logits: PairLogits) -> dict[str, NDArray[np.float32]]:
    return {prefix + name: getattr(logits, name) for name in _LOGITS}


def truth_of(space: CompositionSpace, told: Mapping[str, str]) -> tuple[int, int] | None:
    """`About.truth` of a photo by what is told of it (`state`, `object`); None if it is no pair of the space."""
    state, object_ = space.named_states.find(told.get("state", "")), space.named_objects.find(told.get("object", ""))
    return None if state is None or object_ is None else (state, object_)


# -- reading ------------------------------------------------------------------------------------------------------------


def read_model_bundle(content: bytes) -> BundledModel:
    """A model part. Raises ConfigError with one sentence if these bytes are none that can be used."""
    bundle, told = base.open_model(content, _MODEL, FORMAT, _ToldOfModel)
    with base.usable():
        base.check_names(told.states, told.state_names)
        base.check_names(told.objects, told.object_names)
        arrays = base.all_of(bundle, {**_TABLES, **_VECTORS}, {"S": len(told.states), "O": len(told.objects)})
        tables: dict[str, Any] = {name: arrays[name] for name in _VECTORS}
        tables |= {name: arrays[name].astype(bool) for name in ("seen", "candidates")}
        space = CompositionSpace(told.states, told.objects, **tables, words=told.words, name=told.space)
        further = insights.read(bundle, told.insights, {})
    return BundledModel(told, space, arrays["feasibility"], arrays["familiarity"], base.digest(content), further)


def read_explanation_bundle(content: bytes, model: bytes | BundledModel | None = None) -> BundledPhoto:
    """An explanation. model: its model part, where the bundle was not written whole. Raises ConfigError with one sentence."""
    opened = base.open_photo(content, _PHOTO, FORMAT, _ToldOfPhoto, model, read_model_bundle)
    bundle, told, known = opened.bundle, opened.told, opened.model
    with base.usable():
        states, objects = known.space.shape
        if any(own > all_ for own, all_ in zip(told.own, (states, objects), strict=True)):
            raise ConfigError("it names states or objects that its model lacks.")
        if told.truth is not None and (told.truth[0] >= states or told.truth[1] >= objects):
            raise ConfigError("its true pair is none of its model.")
        sizes = {"S": states, "O": objects}
        found = base.all_of(
            bundle, {f"{by}{name}": shape for by in ("", "before ") for name, shape in _LOGITS.items()}, sizes
        )
        logits, before = (PairLogits(*(found[by + name] for name in _LOGITS)) for by in ("", "before "))
        places = shaped(bundle.parts, {"places": "f S O"}, sizes).get("places")
        names = [name.removesuffix(_OF_STAGE) for name in bundle.parts if name.endswith(_OF_STAGE)]
        stages = base.all_of(bundle, {f"{name}{_OF_STAGE}": "f S O" for name in names}, sizes)
        maps = _maps(bundle, told.mapped, sizes, names)
        further = insights.read(bundle, told.insights, {})
    by_stage = {name: stages[f"{name}{_OF_STAGE}"] for name in names}
    return BundledPhoto(told, known, logits, before, places, by_stage, maps, opened.photo, further)


def _maps(
    bundle: Bundle, mapped: tuple[int, ...] | None, sizes: Mapping[str, int], stages: Sequence[str]
) -> dict[str, Sprites]:
    """Maps by name; all have one grid. Raises ConfigError."""
    count = sizes["S"] * sizes["O"]
    if mapped is not None and any(pair >= count for pair in mapped):
        raise ConfigError("it has maps of pairs that its model lacks.")
    known = {**sizes, "M": count if mapped is None else len(mapped)}
    found = {}
    of_stages = {f"{stage} {of}": letters for stage in stages for of, letters in _STAGE_MAPS.items()}
    for name, letters in {**_MAPS, **of_stages}.items():
        if f"{name} levels" in bundle.parts:
            found[name] = Sprites.of(bundle, name, letters, known)
            known |= dict(zip("HW", found[name].levels.shape[1:], strict=True))
    return found
