"""CompositionExplanation: every pair's score in one photo, with maps per query, state, object and pair. Frozen, numpy inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.models.refining import Refining
from zslviz.photos.geometry import Geometry
from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.base.bundle import About
from zslviz.tasks.base.insights import Insight, saved, saved_arrays
from zslviz.tasks.base.photo import ExplainedPhoto, Map, MapOffer
from zslviz.tasks.base.ranking import best_first
from zslviz.tasks.compositional.bundle import explanation_bundle
from zslviz.tasks.compositional.familiarity import familiarity_table
from zslviz.tasks.compositional.feasibility import feasible_pairs
from zslviz.tasks.compositional.offers import ATTENTION, EVIDENCE, OBJECT, QUERIES, STATE
from zslviz.tasks.compositional.pair_parts import PairLogits, PairText
from zslviz.tasks.compositional.saved import MAPS, SPACE, fields_of
from zslviz.tasks.compositional.scoring import PairRanking, biased_scores
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.tasks.compositional.stages import StageMaps, Stages

Floats = NDArray[np.float32]
_OFFERS = {offer.name: offer for offer in (EVIDENCE, ATTENTION, STATE, OBJECT, QUERIES)}


@dataclass(frozen=True, eq=False)
class CompositionExplanation(ExplainedPhoto):
    """What a compositional model saw in one photo: S states, O objects, maps on a grid H x W.

    logits: with the refined embedding. before: with the global embedding alone. embedding, global_embedding: float32 [E].
    query_attention: float32 [heads, n, H, W], where each query looked; sums to 1 over places. state_attention [S, H, W] and
        object_attention [O, H, W]: where the text of each looked, likewise. refinement [E, H, W]: what each place adds to the
        embedding; global_embedding + its sum = embedding. None where the network lacks the part.
    by_stage: of a network that adds up by stages, in the place of all these maps. called: what its system calls its two answers,
        before and after it refines, None where it has none for them. insights: what else the system tells.
    text: of all pairs. scale: exp(tau). features: the backbone's stages; global_vector: the encoder's: for words that come later.
    bias: added to unseen pairs. familiarity: weights of a state's and an object's familiarity, added to unseen pairs as well.
    threshold: of feasibility, in the open world. shift: pixels of the input by which places see further right and down than drawn.
    """

    task = "compositional"
    space: CompositionSpace
    logits: PairLogits
    before: PairLogits
    embedding: Floats
    global_embedding: Floats
    query_attention: Floats | None
    state_attention: Floats | None
    object_attention: Floats | None
    refinement: Floats | None
    text: PairText
    scale: float
    features: tuple[Floats, ...]
    global_vector: Floats | None
    bias: float
    familiarity: tuple[float, float]
    threshold: float
    shift: float
    by_stage: Stages | None = None
    called: Refining | None = None
    insights: tuple[Insight, ...] = ()

    @property
    def stages(self) -> tuple[StageMaps, ...]:
        """Of a network that adds up by stages; none of others."""
        return () if self.by_stage is None else self.by_stage.maps

    @property
    def grid(self) -> tuple[int, int] | None:
        """(rows, columns) of the maps; None of a model without maps."""
        for maps in (self.state_attention, self.query_attention, *(stage.pairs for stage in self.stages)):
            if maps is not None:
                return maps.shape[-2], maps.shape[-1]
        return None

    @property
    def map_geometry(self) -> Geometry:
        """How the maps lie over the photo: moved to where their places saw."""
        return self.geometry.shifted(self.shift)

    @property
    def feasibility(self) -> Floats:
        """Feasibility of every pair by the word vectors, -1 to 1, 1 for seen pairs: float32 [S, O]; the space's own."""
        return self.space.feasibility

    @property
    def refining(self) -> Refining | None:
        """What its two answers are called; None of a network that answers once."""
        twice = self.query_attention is not None or bool(self.stages)
        return (self.called or Refining()) if twice else None

    @property
    def moved(self) -> float:
        """How far the refinement turned the photo's embedding, or the texts of pairs: 1 - cosine, 0 (not at all) to 2."""
        if self.by_stage is not None:
            return self.by_stage.turned
        lengths = float(np.linalg.norm(self.embedding) * np.linalg.norm(self.global_embedding))
        return 1.0 - float(self.embedding @ self.global_embedding) / max(lengths, 1e-12)

    def competing(self, open_world: bool = False, threshold: float | None = None) -> NDArray[np.bool_]:
        """Pairs that compete: the listed ones (closed world), or all feasible ones (open world): bool [S, O]."""
        if not open_world:
            return self.space.candidates
        threshold = self.threshold if threshold is None else threshold
        return feasible_pairs(self.feasibility, self.space.seen, threshold)

    def scores(self, bias: float | None = None, before: bool = False) -> Floats:
        """Score of every pair: float32 [S, O]; unseen ones with the bias and their familiarity.

        before: with the embedding before its refinement.
        """
        bias = self.bias if bias is None else bias
        fused = (self.before if before else self.logits).fused
        return biased_scores(fused + self.familiarity_table, self.space.seen, bias)

    @cached_property
    def familiarity_table(self) -> Floats:
        """What is added to unseen pairs for how familiar their state and object are: float32 [S, O]."""
        return familiarity_table(self.space.seen, *self.familiarity)

    def rank(
        self,
        open_world: bool = False,
        threshold: float | None = None,
        bias: float | None = None,
        before: bool = False,
        top: int | None = None,
    ) -> PairRanking:
        """The competing pairs, best first; the `top` of them if it is given. No network runs.

        Raises ConfigError if the bias or the threshold is NaN or infinite.
        """
        if not np.isfinite([bias or 0.0, threshold or 0.0]).all():
            raise ConfigError("bias and threshold must be finite numbers.")
        biased = self.scores(bias, before)
        competing = self.competing(open_world, threshold)
        fused = (self.before if before else self.logits).fused
        order = best_first(biased, competing, top)
        return PairRanking(fused, competing, order, biased, self.feasibility, self.space)

    def pair_name(self, state: int, object_: int) -> str:
        """ "navy blue track pants"."""
        return self.space.pair_name(state, object_)

    # -- maps -------------------------------------------------------------------------------------------------------

    def offers(self) -> tuple[MapOffer, ...]:
        """Maps of a pair, of its words, and of the queries, as far as the network has the parts that make them."""
        of_queries = self.query_attention is not None
        of_texts = self.state_attention is not None and self.object_attention is not None
        there = {
            EVIDENCE: self.refinement is not None or bool(self.stages),
            ATTENTION: of_texts,
            STATE: of_texts,
            OBJECT: of_texts,
            QUERIES: of_queries,
        }
        of_stages = () if self.by_stage is None else self.by_stage.offers()
        return (*(offer for offer, is_there in there.items() if is_there), *(offer for offer, _ in of_stages))

    def map(self, offer: str, what: Any) -> Map:
        """The map of a pair (state, object), or of one state, object or query, by index. Raises ConfigError."""
        chosen = _OFFERS.get(offer) or self.offer_of(offer)  # one that is not offered says below which part it takes
        if chosen is EVIDENCE:
            values = self.pair_evidence(*what)
            together = float(values.sum(dtype=np.float64)) + self.pair_bias(*what)
            scale = ColourScale.shared([values], chosen.signed)
            return Map(chosen, values, self.map_geometry, scale, self._logit("pair", what), together)
        if self.by_stage is not None and (of_stage := self.by_stage.map(chosen, what)):
            scale = ColourScale.shared([of_stage[0]], chosen.signed)
            return Map(chosen, of_stage[0], self.map_geometry, scale, self._logit(chosen.of, what), of_stage[1])
        if chosen is ATTENTION:
            values = self.pair_map(*what)
        elif chosen is QUERIES:
            values = self.query_maps()[what]
        else:
            values = self.state_map(what) if chosen is STATE else self.object_map(what)
        return Map(chosen, values, self.map_geometry, ColourScale.shared([values]))

    def _logit(self, of: str, what: Any) -> float:
        return float({"pair": self.logits.pairs, "state": self.logits.states, "object": self.logits.objects}[of][what])

    def query_maps(self) -> Floats:
        """Where each query looked, mean over heads: float32 [n, H, W], each summing to 1. Raises ConfigError."""
        mean: Floats = self._asked(self.query_attention, "queries").mean(axis=0)
        return mean

    def state_map(self, state: int) -> Floats:
        """Where the text of a state looked: float32 [H, W], sums to 1. Raises ConfigError."""
        return self._asked(self.state_attention, "image-to-text mapping")[state]

    def object_map(self, object_: int) -> Floats:
        """Where the text of an object looked: float32 [H, W], sums to 1. Raises ConfigError."""
        return self._asked(self.object_attention, "image-to-text mapping")[object_]

    def pair_map(self, state: int, object_: int) -> Floats:
        """Where the text of a pair looked: the mean of its state's and its object's map, [H, W], sums to 1. Raises ConfigError."""
        return (self.state_map(state) + self.object_map(object_)) / np.float32(2)

    def pair_evidence(self, state: int, object_: int) -> Floats:
        """What each place adds to the logit of a pair, through the refinement or all stages: float32 [H, W]; with `pair_bias` it
        sums to it. Raises ConfigError."""
        if self.by_stage is not None:
            return self.by_stage.pair_evidence(state, object_)
        refinement = self._asked(self.refinement, "queries")
        return np.einsum("e,ehw->hw", self._direction(state, object_), refinement).astype(np.float32)

    def pair_bias(self, state: int, object_: int) -> float:
        """The part of the logit of a pair that comes from no place: of the global embedding, or of the text itself."""
        if self.by_stage is not None:
            return float(self.by_stage.apart.pairs[state, object_])
        return float(self._direction(state, object_) @ self.global_embedding)

    @property
    def place_sums(self) -> Floats:
        """What all places together added to the logit of every pair: float32 [S, O], each the sum of a `pair_evidence`.

        Raises ConfigError.
        """
        if self.by_stage is not None:
            return self.by_stage.place_sums
        summed = self._asked(self.refinement, "queries").sum(axis=(1, 2), dtype=np.float64)
        states, objects = self.space.shape
        return np.array(
            [[self._direction(s, o) @ summed for o in range(objects)] for s in range(states)], dtype=np.float32
        )

    def difference(self, first: tuple[int, int], second: tuple[int, int]) -> Floats:
        """Which places tell two pairs apart: evidence for the first less that for the second, float32 [H, W]."""
        return self.pair_evidence(*first) - self.pair_evidence(*second)

    def _direction(self, state: int, object_: int) -> Floats:
        """What the embedding is multiplied with to give the logit of a pair: [E]."""
        text = self.text.pair(state, object_)
        lengths = np.linalg.norm(text) * np.linalg.norm(self.embedding)
        direction: Floats = (text * (self.scale / max(float(lengths), 1e-12))).astype(np.float32)
        return direction

    def _asked(self, maps: Floats | None, part: str) -> Floats:
        if maps is None:
            raise ConfigError(f"'{self.model}' has no {part}, so it has no such map.")
        return maps

    # -- the browser, memory, files ---------------------------------------------------------------------------------

    def bundle(self, about: About | None = None, whole: bool = True, own: tuple[int, int] | None = None) -> bytes:
        """As every explanation's. own: how many of its states and objects are the model's own, if some were added."""
        return explanation_bundle(self, about, whole, own)

    @property
    def derived_size(self) -> int:
        """Bytes of what familiarity adds to every pair."""
        return self.space.seen.size * np.dtype(np.float32).itemsize

    def to_dict(self, top: int = 10) -> dict[str, Any]:
        """The readable part, fit for JSON: the best pairs of both worlds; arrays stay in the npz."""
        return self._readable(
            {
                "grid": None if self.grid is None else list(self.grid),
                "scale": self.scale,
                **({"turned": self.moved, "stages": [stage.name for stage in self.stages]} if self.stages else {}),
                "shift": self.shift,
                "bias": self.bias,
                "familiarity": list(self.familiarity),
                "threshold": self.threshold,
                "moved": self.moved,
                **({} if self.refining is None else {"refining": asdict(self.refining)}),
                **saved(self.insights),
            },
            {
                "words": self.space.words,
                "closed": [asdict(line) for line in self.rank(top=top)],
                "open": [asdict(line) for line in self.rank(open_world=True, top=top)],
                "before": [asdict(line) for line in self.rank(before=True, top=top)],
                "states": list(self.space.states),
                "objects": list(self.space.objects),
            },
        )

    def _arrays(self) -> dict[str, NDArray[Any] | None]:
        own = ("embedding", "global_embedding", *MAPS, "global_vector")
        arrays: dict[str, NDArray[Any] | None] = {name: getattr(self, name) for name in own}
        arrays |= {name: getattr(self.space, name) for name in SPACE}
        parts: dict[str, PairLogits | PairText] = {"logits": self.logits, "before": self.before, "text": self.text}
        parts |= {} if self.by_stage is None else {"apart": self.by_stage.apart}
        arrays |= {f"{s.name}_{of}": maps for s in self.stages for of, maps in s.by_thing.items()}
        for prefix, part in parts.items():
            arrays |= {f"{prefix}_{f.name}": getattr(part, f.name) for f in fields(part)}
        return arrays | saved_arrays(self.insights) | {f"features_{i}": stage for i, stage in enumerate(self.features)}

    @classmethod
    def _fields(cls, data: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
        return fields_of(data, arrays)
