"""What is read again of the files of an attribute explanation: the arrays with their shapes, and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.files.typed import Finite, typed
from zslviz.tasks.attributes.maps import EVIDENCE, AttributeMaps
from zslviz.tasks.attributes.scoring import AttributeScale, ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.unlike.shown import Strangeness
from zslviz.tasks.attributes.whole_set.attribute_auc import Areas
from zslviz.tasks.base.arrays import shaped
from zslviz.tasks.base.insights import ToldInsight, read_saved, saved_shapes
from zslviz.tasks.base.photo import MapOffer

SHAPES = {  # of what is saved: G granularities, A attributes, K classes, D of a word vector, P parts, H x W places
    "scores": "f G A", "bias": "f G A", "attention": "f G A H W", "evidence": "f G A H W", "attention_context": "f G A H W",
    "parts": "f G P h w", "table": "f K A", "seen": "b K", "word_vectors": "f A D", "mean": "f G A", "std": "f G A",
    "table_mean": "f A", "table_std": "f A", "shares": "f G",
}  # fmt: skip
SCALE_FIELDS = tuple(f.name for f in fields(AttributeScale))
OPTIONAL = ("attention", "evidence", "bias")  # arrays that a system may lack; the readable part says so

UNTOLD = ("attention_context", "parts")
"""Arrays that there may not be, and of which the readable part says nothing."""


@dataclass(frozen=True)
class Attribute:
    """What the readable part tells of an attribute and is read again."""

    name: str
    group: str
    auc: Areas = field(default_factory=Areas)


@dataclass(frozen=True)
class Told:
    """What the readable part tells and is read again, beyond what every explanation's tells."""

    space: str
    granularities: tuple[str, ...]
    classes: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    rule: ScoringRule
    gamma: Finite
    without: tuple[str, ...] = ()
    further: tuple[MapOffer, ...] = ()
    strangeness: Strangeness | None = None
    evidence_offer: MapOffer = EVIDENCE
    insights: tuple[ToldInsight, ...] = ()


def fields_of(data: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """The fields of an explanation that not every task's has, from what was saved. Raises ConfigError."""
    told = typed(Told, data, "what it tells", known=None)
    further = {f"further_{i}": "f G A H W" for i in range(len(told.further))}
    further |= {f"{name}_bias": "f G A" for name in further}
    further |= saved_shapes(told.insights)
    sizes = {"G": len(told.granularities), "A": len(told.attributes), "K": len(told.classes)}
    arrays = shaped(arrays, {**SHAPES, **further}, sizes)
    if any(offer.of != "attribute" for offer in (*told.further, told.evidence_offer)):
        raise ConfigError("it tells of further maps that are of no attributes.")
    if len(told.rule.weights) != sizes["G"]:
        raise ConfigError("its scoring rule is of another model.")
    space = SemanticSpace(
        told.classes,
        tuple(a.name for a in told.attributes),
        tuple(a.group for a in told.attributes),
        arrays["table"],
        arrays["seen"],
        arrays.get("word_vectors"),
        name=told.space,
    )
    told.rule.rows(space)  # raises for thresholds of another table
    return {
        "granularities": told.granularities,
        "space": space,
        "scores": arrays["scores"],
        **{name: None if name in told.without else arrays[name] for name in OPTIONAL},
        **{name: arrays.get(name) for name in UNTOLD},
        "rule": told.rule,
        "scale": AttributeScale(**{name: arrays[name] for name in SCALE_FIELDS if name in arrays}),
        "gamma": told.gamma,
        "strangeness": told.strangeness,
        "evidence_offer": told.evidence_offer,
        "areas": tuple(a.auc for a in told.attributes),
        "insights": read_saved(told.insights, arrays),
        "further": tuple(
            AttributeMaps(offer, arrays[f"further_{i}"], arrays.get(f"further_{i}_bias"))
            for i, offer in enumerate(told.further)
        ),
    }
