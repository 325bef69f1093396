"""What a visitor asks of pairs, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zslviz.errors import ConfigError
from zslviz.tasks.base.requests import GAMMA_LIMIT, names_to_add, number
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.scoring import PairRanking

if TYPE_CHECKING:
    from zslviz.tasks.compositional.explainer import CompositionExplainer


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
            _added(states, "states"),
            _added(objects, "objects"),
            bool(open_world),
            None if threshold is None else number(threshold, "threshold"),
            None if bias is None else number(bias, "bias", GAMMA_LIMIT),
            bool(before),
        )

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """The words that it adds to the model's own, and what each is to be."""
        return (*(("state", name) for name in self.states), *(("object", name) for name in self.objects))

    def added_to(self, explanation: CompositionExplanation, explainer: CompositionExplainer) -> CompositionExplanation:
        """The explanation with the added words; the backbone does not run. Raises TableError, DataError, ConfigError."""
        return explainer.add(explanation, self.states, self.objects)

    def rank(self, explanation: CompositionExplanation, top: int | None = None) -> PairRanking:
        """The competing pairs, best first; the `top` of them if it is given."""
        return explanation.rank(self.open_world, self.threshold, self.bias, self.before, top)

    @property
    def other(self) -> PairRequest:
        """The same without the refinement, or with it if `before` was asked for."""
        return replace(self, before=not self.before)


def _added(given: Any, things: str) -> tuple[str, ...]:
    return names_to_add(given, things, MAX_ADDED, f"The {things} to add must be a list of words.")


def pair_at(explanation: CompositionExplanation, names: Any) -> Pair:
    """A pair by the names of its state and its object. Raises ConfigError, UnknownNameError."""
    if not isinstance(names, Sequence) or isinstance(names, str) or len(names) != 2:
        raise ConfigError("A pair must be named by its state and its object, such as ['red', 'shirts'].")
    space = explanation.space
    return space.state_index(str(names[0])), space.object_index(str(names[1]))
