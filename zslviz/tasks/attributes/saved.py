"""What is read again of the files of an attribute explanation: the arrays with their shapes, and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass

from zslviz.files.typed import Finite
from zslviz.tasks.attributes.scoring import ScoringRule
from zslviz.tasks.attributes.unlike.shown import Strangeness
from zslviz.tasks.base.photo import MapOffer

SHAPES = {  # of what is saved: G granularities, A attributes, K classes, D of a word vector, P parts, H x W places
    "scores": "f G A", "bias": "f G A", "attention": "f G A H W", "evidence": "f G A H W", "attention_context": "f G A H W",
    "parts": "f G P h w", "trust": "f G", "table": "f K A", "seen": "b K", "word_vectors": "f A D", "mean": "f G A", "std": "f G A",
    "table_mean": "f A", "table_std": "f A", "shares": "f G",
}  # fmt: skip

UNTOLD = ("attention_context", "parts", "trust")
"""Arrays that there may not be, and of which the readable part says nothing."""


@dataclass(frozen=True)
class Attribute:
    """What the readable part tells of an attribute and is read again."""

    name: str
    group: str


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
