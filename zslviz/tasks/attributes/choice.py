"""What is chosen on pseudo-unseen classes: the epoch, the fusion of sub-nets and gamma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.models.registry import MODELS
from zslviz.tasks.attributes.figures import sweep_gamma, t1_accuracy
from zslviz.tasks.attributes.problems import Problem
from zslviz.tasks.attributes.scoring import ScoringRule, class_scores
from zslviz.tasks.base.choice import averages, best, plateau

SELECTION_STEP = 0.05  # of gamma; the choice is a plateau a few tenths wide, and there are eleven fusions an epoch
PLATEAU = 0.01  # of H
MERIT = "(T1 + H) / 2"
OF_SEEDS = ("t1", "u", "s", "h", "ausuc", "gamma")


@dataclass(frozen=True)
class Choice:
    """One candidate measured on validation: fractions t1 and h, at the gamma that is best there."""

    epoch: int
    rule: ScoringRule
    gamma: float
    t1: float
    u: float
    s: float
    h: float
    candidate: bool = True  # False: one granularity alone, measured to be reported and never chosen

    @property
    def merit(self) -> float:
        """What is maximised: conventional and generalised accuracy count alike."""
        return (self.t1 + self.h) / 2

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Choice:
        """A choice from plain values, such as a checkpoint's `metrics["validation"]`. Raises ConfigError if it is none."""
        try:
            rule = ScoringRule.from_dict(values["rule"])
            return cls(
                **{**{k: v for k, v in values.items() if k not in ("alone", "gammas", "settings")}, "rule": rule}
            )
        except (KeyError, TypeError):
            raise ConfigError(
                "This is no choice made on validation: it lacks the epoch, the fusion or gamma."
            ) from None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, without what only the selection needs."""
        values = asdict(self)
        del values["candidate"]
        return {**values, "rule": self.rule.to_dict()}


def merit_of(validation: Mapping[str, Any]) -> float:
    """The merit of a checkpoint's `metrics["validation"]`. Raises ConfigError if it is no choice."""
    return Choice.from_dict(validation).merit


def candidate_rules(system: str, loss: Mapping[str, Any], granularities: int) -> list[ScoringRule]:
    """The fusions of a system to choose from: its own (`System.fusions`), or the plain sum of granularities.

    loss: the recipe's settings of the loss.
    """
    fusions = MODELS[system].fusions
    listed = [("dot", (1.0,) * granularities)] if fusions is None else fusions(granularities, loss)
    return [ScoringRule(kind, weights) for kind, weights in listed]  # type: ignore[arg-type]


def rules_alone(candidates: Sequence[ScoringRule]) -> list[ScoringRule]:
    """Each granularity alone, where the candidates are only sums, weighed as in the first of them."""
    there = {rule.only for rule in candidates}
    first = candidates[0]
    return [
        replace(first, weights=tuple(w if i == index else 0.0 for i, w in enumerate(first.weights)))
        for index in range(len(first.weights))
        if index not in there
    ]


def measure(
    system: str,
    loss: Mapping[str, Any],
    problem: Problem,
    seen_scores: NDArray[np.float32],
    unseen_scores: NDArray[np.float32],
    epoch: int,
) -> list[Choice]:
    """Every fusion at its best gamma, for attribute scores [N, G, A] of the problem's two test parts."""
    candidates = candidate_rules(system, loss, seen_scores.shape[1])
    listed = [(rule, True) for rule in candidates] + [(rule, False) for rule in rules_alone(candidates)]
    return [
        replace(measure_rule(rule, problem, seen_scores, unseen_scores, epoch), candidate=candidate)
        for rule, candidate in listed
    ]


def best_on_average(problems: Sequence[Sequence[Choice]]) -> Choice:
    """The epoch and fusion that are best on average over the held-out sets of classes; gamma is averaged too.

    problems: for each held-out set, all its candidates in the same order.
    """
    return best([choice for choice in averages(problems) if choice.candidate])


def alone(problems: Sequence[Sequence[Choice]], epoch: int) -> list[Choice]:
    """Each granularity or sub-net alone at an epoch, as validation measured it, in their order."""
    found = {choice.rule.only: choice for choice in averages(problems) if choice.epoch == epoch}
    return [found[index] for index in sorted(i for i in found if i is not None)]


def gammas_of(problems: Sequence[Sequence[Choice]], best: Choice) -> list[float]:
    """The gamma of each held-out set by itself, for what is best on average: how far apart they lie tells how sure the mean is."""
    index = averages(problems).index(best)
    return [choices[index].gamma for choices in problems]


def measure_rule(rule: ScoringRule, problem: Problem, seen_scores: Any, unseen_scores: Any, epoch: int) -> Choice:
    """One rule at its best gamma, for attribute scores [N, G, A] of the problem's two test parts."""
    space = problem.space
    of_seen, of_unseen = class_scores(seen_scores, space, rule), class_scores(unseen_scores, space, rule)
    labels_seen, labels_unseen = problem.labels[problem.test_seen], problem.labels[problem.test_unseen]
    sweep = sweep_gamma(of_seen, labels_seen, of_unseen, labels_unseen, np.asarray(space.seen), SELECTION_STEP)
    middle = plateau(sweep.gammas, sweep.harmonic, PLATEAU)
    return Choice(
        epoch,
        rule,
        float(sweep.gammas[middle]),
        t1_accuracy(of_unseen, labels_unseen, space.unseen_classes),
        float(sweep.unseen[middle]),
        float(sweep.seen[middle]),
        float(sweep.harmonic[middle]),
    )
