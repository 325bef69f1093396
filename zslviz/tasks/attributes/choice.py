"""What is chosen on pseudo-unseen classes: the epoch, the fusion of sub-nets and gamma."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.figures import sweep_gamma, t1_accuracy
from zslviz.tasks.attributes.problems import Problem
from zslviz.tasks.attributes.scoring import ScoringRule, class_scores
from zslviz.training.recipe import Recipe

SELECTION_STEP = 0.05  # of gamma; the choice is a plateau a few tenths wide, and there are eleven fusions an epoch
FUSION_GRID = tuple(round(0.1 * i, 1) for i in range(11))


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

    def to_dict(self) -> dict[str, Any]:
        """Plain values, without what only the selection needs."""
        values = asdict(self)
        del values["candidate"]
        return {**values, "rule": self.rule.to_dict()}


def candidate_rules(recipe: Recipe, granularities: int) -> list[ScoringRule]:
    """Mg-MRN: the paper's sum of scaled cosines. MSDN: alpha z_1 + (1 - alpha) z_2 for each alpha of a grid."""
    if recipe.system == "mgmrn":
        return [ScoringRule("cosine", (_scale(recipe),) * granularities)]
    return [ScoringRule("dot", (alpha, round(1 - alpha, 1))) for alpha in FUSION_GRID]


def rules_alone(recipe: Recipe, granularities: int) -> list[ScoringRule]:
    """Each granularity alone, where the candidates are only their sum (MSDN's candidates hold alpha = 0 and 1 already)."""
    if recipe.system != "mgmrn":
        return []
    return [
        ScoringRule("cosine", tuple(_scale(recipe) if i == only else 0.0 for i in range(granularities)))
        for only in range(granularities)
    ]


def _scale(recipe: Recipe) -> float:
    return float(recipe.loss.get("scale", 20.0))


def measure(
    recipe: Recipe,
    problem: Problem,
    seen_scores: NDArray[np.float32],
    unseen_scores: NDArray[np.float32],
    epoch: int,
) -> list[Choice]:
    """Every fusion at its best gamma, for attribute scores [N, G, A] of the problem's two test parts."""
    granularities = seen_scores.shape[1]
    chosen_from = [(rule, True) for rule in candidate_rules(recipe, granularities)]
    reported = [(rule, False) for rule in rules_alone(recipe, granularities)]
    return [
        replace(measure_rule(rule, problem, seen_scores, unseen_scores, epoch), candidate=candidate)
        for rule, candidate in chosen_from + reported
    ]


def best_on_average(repeats: list[list[Choice]]) -> Choice:
    """The epoch and fusion that are best on average over the held-out sets of classes; gamma is averaged too.

    repeats: for each held-out set, all its candidates in the same order.
    """
    candidates = [choice for choice in averages(repeats) if choice.candidate]
    return max(candidates, key=lambda choice: choice.merit)


def averages(repeats: list[list[Choice]]) -> list[Choice]:
    """Every candidate, averaged over the held-out sets of classes."""
    return [_average(same) for same in zip(*repeats, strict=True)]


def alone(repeats: list[list[Choice]], epoch: int) -> list[Choice]:
    """Each granularity or sub-net alone at an epoch, as validation measured it."""
    return [c for c in averages(repeats) if c.epoch == epoch and np.count_nonzero(c.rule.weights) == 1]


def _average(same: tuple[Choice, ...]) -> Choice:
    means = {f: fmean(getattr(c, f) for c in same) for f in ("gamma", "t1", "u", "s", "h")}
    return Choice(same[0].epoch, same[0].rule, candidate=same[0].candidate, **means)


def measure_rule(rule: ScoringRule, problem: Problem, seen_scores: Any, unseen_scores: Any, epoch: int) -> Choice:
    """One rule at its best gamma, for attribute scores [N, G, A] of the problem's two test parts."""
    space = problem.space
    of_seen, of_unseen = class_scores(seen_scores, space, rule), class_scores(unseen_scores, space, rule)
    labels_seen, labels_unseen = problem.labels[problem.test_seen], problem.labels[problem.test_unseen]
    sweep = sweep_gamma(of_seen, labels_seen, of_unseen, labels_unseen, np.asarray(space.seen), SELECTION_STEP)
    best = plateau(sweep.gammas, sweep.harmonic)
    return Choice(
        epoch,
        rule,
        float(sweep.gammas[best]),
        t1_accuracy(of_unseen, labels_unseen, space.unseen_classes),
        float(sweep.unseen[best]),
        float(sweep.seen[best]),
        float(sweep.harmonic[best]),
    )


def plateau(gammas: NDArray[np.float64], harmonic: NDArray[np.float64], width: float = 0.01) -> int:
    """The middle of the gammas whose H is within `width` of the best: steadier than the very highest point."""
    good = np.flatnonzero(harmonic >= harmonic.max() - width)
    ordered = good[np.argsort(gammas[good])]
    return int(ordered[len(ordered) // 2])
