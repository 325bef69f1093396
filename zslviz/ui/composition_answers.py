"""Answers about pairs of states and objects in one photo: the matrix, the ranking, what a pair's score is made of, as JSON."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zslviz.composition_explanation import CompositionExplanation, RankedPair
from zslviz.errors import ConfigError
from zslviz.ui.requests import GAMMA_LIMIT, number

if TYPE_CHECKING:
    from zslviz.explainers.compositions import CompositionExplainer

MAX_ADDED = 10  # states, and as many objects
SHOWN_PAIRS = 10
KEPT_ADDITIONS = 32
Pair = tuple[int, int]


@dataclass(frozen=True)
class PairRequest:
    """How pairs are to be ranked.

    states, objects: added by name, besides the model's own. open_world: every feasible pair competes instead of the listed ones.
    threshold: of feasibility; bias: added to unseen pairs; the checkpoint's if None. before: with the embedding before refinement.
    """

    states: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    open_world: bool = False
    threshold: float | None = None
    bias: float | None = None
    before: bool = False

    @classmethod
    def parse(
        cls,
        states: Any = None,
        objects: Any = None,
        open_world: Any = False,
        threshold: Any = None,
        bias: Any = None,
        before: Any = False,
    ) -> PairRequest:
        """From JSON. Raises ConfigError."""
        return cls(
            _names(states, "states"),
            _names(objects, "objects"),
            bool(open_world),
            None if threshold is None else number(threshold, "threshold"),
            None if bias is None else number(bias, "bias", GAMMA_LIMIT),
            bool(before),
        )

    def rank(self, explanation: CompositionExplanation, top: int | None = None) -> list[RankedPair]:
        """The competing pairs, best first."""
        return explanation.rank(self.open_world, self.threshold, self.bias, self.before, top)

    def competing(self, explanation: CompositionExplanation) -> NDArray[np.bool_]:
        """bool [S, O]."""
        return explanation.competing(self.open_world, self.threshold)


class Additions:
    """Explanations with the states and objects that visitors added; the latest are kept, so that a slider runs no network."""

    def __init__(self, kept: int = KEPT_ADDITIONS) -> None:
        self._most = kept
        self._kept: OrderedDict[tuple[str, PairRequest], CompositionExplanation] = OrderedDict()
        self._lock = threading.Lock()

    def to(
        self, handle: str, explanation: CompositionExplanation, explainer: CompositionExplainer, request: PairRequest
    ) -> CompositionExplanation:
        """The explanation behind a handle with a request's additions. Raises TableError, DataError, ConfigError."""
        if not request.states and not request.objects:
            return explanation
        key = handle, PairRequest(request.states, request.objects)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        added = explainer.add(explanation, request.states, request.objects)
        with self._lock:
            self._kept[key] = added
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return added


def _names(given: Any, kind: str) -> tuple[str, ...]:
    given = [] if given is None else given
    if not isinstance(given, Sequence) or isinstance(given, str) or not all(isinstance(n, str) for n in given):
        raise ConfigError(f"The {kind} to add must be a list of words.")
    if len(given) > MAX_ADDED:
        raise ConfigError(f"At most {MAX_ADDED} {kind} can be added to a photo; remove one first.")
    return tuple(given)


def pair_at(explanation: CompositionExplanation, names: Any) -> Pair:
    """A pair by the names of its state and its object. Raises ConfigError, UnknownNameError."""
    if not isinstance(names, Sequence) or isinstance(names, str) or len(names) != 2:
        raise ConfigError("A pair must be named by its state and its object, such as ['red', 'shirts'].")
    space = explanation.space
    return space.state_index(str(names[0])), space.object_index(str(names[1]))


def space_answer(explanation: CompositionExplanation, own: tuple[int, int]) -> dict[str, Any]:
    """Heads of the matrix, and what is known of each pair whatever the photo. own: how many states and objects are the model's."""
    space = explanation.space
    return {
        "states": [{"name": name, "added": i >= own[0]} for i, name in enumerate(space.states)],
        "objects": [{"name": name, "added": i >= own[1]} for i, name in enumerate(space.objects)],
        "seen": space.seen.astype(int).tolist(),
        "listed": space.candidates.astype(int).tolist(),
        "feasibility": np.round(explanation.feasibility.astype(float), 3).tolist(),
    }


def ranking_answer(explanation: CompositionExplanation, request: PairRequest) -> dict[str, Any]:
    """The matrix of scores with every pair's rank, and the best pairs.

    scores [S][O]: with the bias. ranks, other_ranks [S][O]: 0 where a pair does not compete; the other ones are those before the
    refinement, or after it if `before` is asked for. floor, ceiling: the ends of the colour scale and of the bars, the same before
    and after: from the middle one of the competing pairs to the highest.
    """
    competing = request.competing(explanation)
    if not competing.any():  # cannot be: pairs trained on always compete
        raise ConfigError("No pair competes; lower the feasibility threshold.")
    shown = explanation.scores(request.bias, request.before)
    other = explanation.scores(request.bias, not request.before)
    ranks, other_ranks = _ranks(shown, competing), _ranks(other, competing)
    both = np.concatenate([shown[competing], other[competing]])
    return {
        "scores": np.round(shown.astype(float), 4).tolist(),
        "ranks": ranks.tolist(),
        "other_ranks": other_ranks.tolist(),
        "pairs": [
            asdict(line)
            | {
                "state": explanation.space.states[line.state],
                "object": explanation.space.objects[line.object],
                "other_rank": int(other_ranks[line.state, line.object]),
            }
            for line in request.rank(explanation, SHOWN_PAIRS)
        ],
        "competing": int(competing.sum()),
        "competing_unseen": int((competing & ~explanation.space.seen).sum()),
        "floor": float(np.median(both)),
        "ceiling": float(both.max()),
        "open_world": request.open_world,
        "threshold": explanation.threshold if request.threshold is None else request.threshold,
        "bias": explanation.bias if request.bias is None else request.bias,
        "before": request.before,
    }


def rival_of(explanation: CompositionExplanation, request: PairRequest, pair: Pair) -> Pair | None:
    """The best competing pair besides this one; None if there is none."""
    best = [(line.state, line.object) for line in request.rank(explanation, 2)]
    return next((other for other in best if other != pair), None)


def terms(explanation: CompositionExplanation, request: PairRequest, pair: Pair) -> dict[str, float]:
    """What the score of a pair (with the refined embedding) is made of.

    places + rest = logit; logit + heads + familiarity + bias = score. places: through the refinement, summed over the photo (0 of a
    model without queries); rest: from the global embedding; heads: what the state's and the object's logits add
    (`composition_scoring.fused_scores`); familiarity and bias: of unseen pairs alone.
    """
    bias = explanation.bias if request.bias is None else request.bias
    logit, fused = float(explanation.logits.pairs[pair]), float(explanation.logits.fused[pair])
    places = 0.0 if explanation.refinement is None else float(explanation.pair_evidence(*pair).sum(dtype=np.float64))
    familiar = float(explanation.familiarity_table[pair])
    added = 0.0 if explanation.space.seen[pair] else bias
    return {
        "places": places,
        "rest": logit - places,
        "logit": logit,
        "heads": fused - logit,
        "familiarity": familiar,
        "bias": added,
        "score": fused + familiar + added,
        "before": float(explanation.before.fused[pair]) + familiar + added,
    }


def _ranks(scores: NDArray[np.float32], competing: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The rank of every competing pair, 1 for the best, 0 for those that do not compete: [S, O]."""
    ranks = np.zeros(scores.size, dtype=np.int64)
    order = np.argsort(-np.where(competing, scores, -np.inf), axis=None, kind="stable")[: int(competing.sum())]
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks.reshape(scores.shape)
