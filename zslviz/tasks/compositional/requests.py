"""What a visitor asks of pairs, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.tasks.base.requests import GAMMA_LIMIT, number
from zslviz.tasks.compositional.explanation import CompositionExplanation, RankedPair

if TYPE_CHECKING:
    pass


MAX_ADDED = 10  # states, and as many objects


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
