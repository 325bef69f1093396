"""What is read again of the files of a compositional explanation: the arrays with their shapes, and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from numpy.typing import NDArray

from zslviz.files.typed import Finite, typed
from zslviz.models.refining import Refining
from zslviz.tasks.base.arrays import shaped
from zslviz.tasks.base.insights import ToldInsight, read_saved, saved_shapes
from zslviz.tasks.compositional.pair_parts import PairLogits, PairText
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.tasks.compositional.stages import StageMaps, Stages

SHAPES = {  # of what is saved: S states, O objects, D of a word vector, E of an embedding, n queries, H x W places
    "seen": "b S O", "candidates": "b S O", "state_vectors": "f S D", "object_vectors": "f O D", "embedding": "f E",
    "global_embedding": "f E", "query_attention": "f heads n H W", "state_attention": "f S H W", "object_attention": "f O H W",
    "refinement": "f E H W", "global_vector": "f C",
    **{f"{part}_{name}": shape for part in ("logits", "before", "apart")
       for name, shape in (("pairs", "f S O"), ("states", "f S"), ("objects", "f O"))},
    "text_pair_states": "f S E", "text_pair_objects": "f O E", "text_state_gates": "f S E", "text_object_gates": "f O E",
}  # fmt: skip
OF_STAGE = {"pair": "f S O H W", "state": "f S H W", "object": "f O H W"}
"""Of each stage that is told, by what its maps are of."""
MAPS = ("query_attention", "state_attention", "object_attention", "refinement")
SPACE = ("seen", "candidates", "state_vectors", "object_vectors")
"""Arrays of an explanation and of its space, by their names there."""
PartT = TypeVar("PartT")


@dataclass(frozen=True)
class Told:
    """What the readable part tells and is read again, beyond what every explanation's tells."""

    space: str
    words: str
    states: tuple[str, ...]
    objects: tuple[str, ...]
    scale: Finite
    bias: Finite
    threshold: Finite
    shift: Finite
    familiarity: tuple[Finite, Finite]
    turned: Finite = 0.0
    stages: tuple[str, ...] = ()
    refining: Refining | None = None
    insights: tuple[ToldInsight, ...] = ()


def fields_of(data: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """The fields of an explanation that not every task's has, from what was saved. Raises ConfigError."""
    told = typed(Told, data, "what it tells", known=None)
    stages = {name: f"f {name} h{name} w{name}" for name in arrays if name.startswith("features_")}
    maps = {f"{name}_{of}": shape for name in told.stages for of, shape in OF_STAGE.items()}
    maps |= saved_shapes(told.insights)
    arrays = shaped(arrays, {**SHAPES, **stages, **maps}, {"S": len(told.states), "O": len(told.objects)})
    tables: dict[str, Any] = {name: arrays[name] for name in SPACE}
    return {
        "space": CompositionSpace(told.states, told.objects, **tables, words=told.words, name=told.space),
        "logits": _part(arrays, "logits", PairLogits),
        "before": _part(arrays, "before", PairLogits),
        "text": _part(arrays, "text", PairText),
        "embedding": arrays["embedding"],
        "global_embedding": arrays["global_embedding"],
        **{name: arrays.get(name) for name in (*MAPS, "global_vector")},
        "by_stage": _stages(told, arrays),
        "called": told.refining,
        "insights": read_saved(told.insights, arrays),
        "features": tuple(arrays[f"features_{i}"] for i in range(len(stages))),
        **{name: getattr(told, name) for name in ("scale", "bias", "threshold", "shift", "familiarity")},
    }


def _stages(told: Told, arrays: Mapping[str, NDArray[Any]]) -> Stages | None:
    """The stages that are told; None of a network that does not add up by them."""
    if not told.stages:
        return None
    maps = tuple(StageMaps(name, *(arrays[f"{name}_{of}"] for of in OF_STAGE)) for name in told.stages)
    return Stages(maps, _part(arrays, "apart", PairLogits), told.turned)


def _part(arrays: Mapping[str, NDArray[Any]], prefix: str, part: type[PartT]) -> PartT:
    """A part whose fields are arrays of its own, named with a prefix."""
    return part(**{f.name: arrays[f"{prefix}_{f.name}"] for f in fields(part)})  # type: ignore[arg-type]
