"""What is read again of the files of a multi-label explanation: the arrays with their shapes, and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass

from zslviz.files.typed import Count, Finite
from zslviz.tasks.base.insights import ToldInsight

SHAPES = {  # of what is saved: K labels, D of a label's vector, R regions, E of an embedding, C channels, H x W regions, P parts
    "region_scores": "f K H W", "embeddings": "f R E", "region_attention": "f heads R R", "scene_gate": "f C", "seen": "b K",
    "vectors": "f K D", "part_scores": "f P K H W", "part_embeddings": "f P R E",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What the readable part tells and is read again, beyond what every explanation's tells."""

    space: str
    words: str
    labels: tuple[str, ...]
    counted: Count
    shift: Finite
    gamma: Finite
    threshold: Finite
    unseen_threshold: Finite | None = None  # of files that know one threshold: the same
    insights: tuple[ToldInsight, ...] = ()
