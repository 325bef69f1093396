"""What is read again of the files of a compositional explanation: the arrays with their shapes, and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass

from zslviz.files.typed import Finite

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
