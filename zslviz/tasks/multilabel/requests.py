"""What a visitor asks of labels, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zslviz.errors import ConfigError
from zslviz.tasks.base.requests import GAMMA_LIMIT, names_to_add, number
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.scoring import LabelRanking

if TYPE_CHECKING:
    from zslviz.tasks.multilabel.explainer import LabelExplainer


MAX_ADDED = 20


@dataclass(frozen=True)
class LabelRequest:
    """How labels are to be ranked.

    added: labels by name, besides the model's own. gamma: taken off seen labels' scores; threshold: the score from which a label
    counts as found; the checkpoint's if None. first: instead of a threshold, how many of the ranking count as found. strength:
    instead of a threshold, how strong labels that count as found are, 100 as the checkpoint has it (`StrengthScale`).
    """

    added: tuple[str, ...] = ()
    gamma: float | None = None
    threshold: float | None = None
    first: int | None = None
    unseen_only: bool = False
    strength: float | None = None

    @classmethod
    def parse(
        cls,
        added: Any = None,
        gamma: Any = None,
        threshold: Any = None,
        first: Any = None,
        unseen_only: Any = False,
        strength: Any = None,
    ) -> LabelRequest:
        """From JSON. Raises ConfigError."""
        added = names_to_add(
            added, "labels", MAX_ADDED, "Labels to add must be a list of words, such as ['lighthouse']."
        )
        if first is not None and number(first, "first") < 1:
            raise ConfigError("'first' must be at least 1: how many labels of the ranking count as found.")
        return cls(
            added,
            None if gamma is None else number(gamma, "gamma", GAMMA_LIMIT),
            None if threshold is None else number(threshold, "threshold", GAMMA_LIMIT),
            None if first is None else int(first),
            bool(unseen_only),
            None if strength is None else number(strength, "strength", GAMMA_LIMIT),
        )

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it adds to the model's own."""
        return self.added

    def added_to(self, explanation: LabelExplanation, explainer: LabelExplainer) -> LabelExplanation:
        """The explanation with the added labels; the network does not run. Raises TableError, DataError, ConfigError."""
        return explainer.add(explanation, *self.added) if self.added else explanation

    def rank(self, explanation: LabelExplanation) -> LabelRanking:
        """All labels (or the unseen ones), best first."""
        return explanation.rank(self.gamma, self.unseen_only, self.threshold, self.first, self.strength)
