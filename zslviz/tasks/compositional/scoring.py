"""One score for every pair of a state and an object, from three logits; and pairs in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.base.ranking import Ranking, best_first
from zslviz.tasks.compositional.space import CompositionSpace

Floats = NDArray[np.floating[Any]]

EXPERTS = 0.5
"""Weight of the state's and the object's log probabilities in a pair's score."""


@dataclass(frozen=True)
class RankedPair:
    """One line of a ranking. score: the pair's own; biased: with the bias if it is unseen; feasibility: -1 to 1, 1 if seen."""

    state: int
    object: int
    name: str
    seen: bool
    rank: int
    score: float
    biased: float
    feasibility: float


@dataclass(frozen=True, eq=False)
class PairRanking(Ranking[RankedPair]):
    """The competing pairs of a photo, best first; `ranks` is the table of all S x O pairs, 0 where a pair does not stand in it.

    scores: float32 [S, O]. biased: float32 [S, O], with the bias (and familiarity) of unseen pairs: what pairs compete with.
    competing: bool [S, O]. order: flat indices, state by state. feasibility: float32 [S, O].
    """

    biased: NDArray[np.float32]
    feasibility: NDArray[np.float32]
    space: CompositionSpace

    @property
    def names(self) -> list[str]:
        states, objects = self.space.shape
        return [self.space.pair_name(s, o) for s in range(states) for o in range(objects)]

    @property
    def seen(self) -> NDArray[np.bool_]:
        return self.space.seen

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """(state, object) of every line."""
        return [divmod(flat, self.space.shape[1]) for flat in self.order.tolist()]

    def _lines(self, indices: NDArray[np.intp], ranks: Sequence[int]) -> list[RankedPair]:
        at = np.unravel_index(indices, self.space.shape)
        tables = (self.seen, self.scores, self.biased, self.feasibility)
        rows = zip(*(axis.tolist() for axis in at), ranks, *(table[at].tolist() for table in tables), strict=True)
        return [
            RankedPair(s, o, self.space.pair_name(s, o), seen, rank, score, biased, feasibility)
            for s, o, rank, seen, score, biased, feasibility in rows
        ]


def fused_scores(pairs: Floats, states: Floats, objects: Floats) -> Floats:
    """z_so + 0.5 (log softmax(z_s)[s] + log softmax(z_o)[o]): pairs [..., S, O], states [..., S], objects [..., O] -> [..., S, O].

    Three experts multiplied (Hinton 2002): a pair that one of them rules out cannot win. A product of probabilities added to z_so,
    as in the nearest published relatives, moves no pair by more than 1; it was better on validation photos in none of the networks
    tried.
    """
    return pairs + EXPERTS * (_log_softmax(states)[..., :, None] + _log_softmax(objects)[..., None, :])


def published_scores(pairs: Any, states: Any, objects: Any, weights: tuple[float, float, float]) -> Any:
    """w_p z_so + (w_s softmax(z_s)[s]) (w_o softmax(z_o)[o]), as the nearest published systems fuse them; a weight of 0 makes its
    factor 1. Tensors [..., S, O], [..., S], [..., O].

    The published test script of MSCI gives each softmax every state and object several times over (once for every 1024 pairs),
    which shrinks the product; here each stands in it once.
    """
    of_pair, of_state, of_object = weights
    state = (of_state * states.softmax(-1) if of_state else states.new_ones(states.shape))[..., :, None]
    object_ = (of_object * objects.softmax(-1) if of_object else objects.new_ones(objects.shape))[..., None, :]
    return (of_pair * pairs if of_pair else 1.0) + state * object_


def biased_scores(fused: Floats, seen: NDArray[np.bool_], bias: float) -> NDArray[np.float32]:
    """Scores [S, O] with the bias added to those of unseen pairs."""
    return np.where(seen, fused, fused + np.float32(bias)).astype(np.float32)


def best_pairs(biased: Floats, competing: NDArray[np.bool_], count: int | None = None) -> list[tuple[int, int]]:
    """The competing pairs (state, object), best first; of equals the one listed first."""
    return [divmod(flat, biased.shape[1]) for flat in best_first(biased, competing, count).tolist()]


def _log_softmax(logits: Floats) -> Floats:
    moved = logits - logits.max(axis=-1, keepdims=True)
    shares: Floats = moved - np.log(np.exp(moved).sum(axis=-1, keepdims=True))
    return shares
