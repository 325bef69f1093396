"""Other ways to make class scores from the same attribute scores: one granularity alone, the plain sum, the fixed bias.

None of them is the model; they stand beside it so that one can see what the fusion and the calibration are worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.models.registry import MODELS
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.figures import Labels, answers_at, evaluate_zero_shot, fixed_bias_gzsl
from zslviz.tasks.attributes.scoring import ScoringRule, class_scores
from zslviz.tasks.attributes.space import SemanticSpace


@dataclass(frozen=True, eq=False)
class PhotoScores:
    """Raw attribute scores of the test photos of seen classes [N_s, G, A] and of unseen ones [N_u, G, A], with labels."""

    seen: NDArray[np.float32]
    labels_seen: Labels
    unseen: NDArray[np.float32]
    labels_unseen: Labels

    def under(
        self, rule: ScoringRule, space: SemanticSpace
    ) -> tuple[NDArray[np.float32], Labels, NDArray[np.float32], Labels, NDArray[np.bool_]]:
        """Class scores under a rule, as the functions of `zero_shot` take them."""
        of_seen, of_unseen = (class_scores(scores, space, rule) for scores in (self.seen, self.unseen))
        return of_seen, self.labels_seen, of_unseen, self.labels_unseen, np.asarray(space.seen)


def variants_of(checkpoint: AttributeCheckpoint, scores: PhotoScores) -> list[dict[str, Any]]:
    """Each granularity alone and the plain sum, for models that have several; an empty list for the others.

    U, S, H need a gamma from validation: that of `metrics["validation"]["alone"]` (a list of `{"rule", "gamma"}`) and, for the sum,
    the checkpoint's own where its rule is that sum. Without one only T1, AUSUC and the oracle are given. `oracle` is the figure at
    the gamma best on the test photos.
    """
    weights = checkpoint.rule.weights
    if len(weights) < 2:
        return []
    names = MODELS[checkpoint.system].granularities
    alone, unit = _gammas_alone(checkpoint, len(weights)), _unit(weights)
    found = []
    for index, name in enumerate(names):
        single = replace(checkpoint.rule, weights=tuple(unit * (i == index) for i in range(len(weights))))
        rule, gamma = alone[index] if alone else (single, None)
        found.append(_measured(f"{name} alone", "alone", rule, gamma, checkpoint, scores))
    plain = replace(checkpoint.rule, weights=(unit,) * len(weights))
    gamma = checkpoint.gamma if checkpoint.rule == plain else None
    found.append(_measured(f"sum of {len(weights)}", "sum", plain, gamma, checkpoint, scores))
    return found


def fixed_bias_of(checkpoint: AttributeCheckpoint, scores: PhotoScores) -> list[dict[str, Any]]:
    """The protocol of authors who lift unseen over seen classes by a fixed margin (MSDN's: -1 on seen, +1 on unseen), uncalibrated.

    Once with the fusion chosen on validation and once with the published one, where the data set has one; none for other systems.
    """
    rule, system = checkpoint.rule, MODELS[checkpoint.system]
    if not system.fixed_margin:
        return []
    fusions = [("validation", rule.weights)]
    if checkpoint.data in system.published:
        fusions.append(("published", system.published[checkpoint.data].weights))
    half, found = system.fixed_margin / 2, []
    for source, weights in fusions:
        of_seen, labels_seen, of_unseen, labels_unseen, seen = scores.under(
            replace(rule, weights=weights), checkpoint.space
        )
        biased = np.concatenate([of_seen, of_unseen]) + np.where(seen, -half, half).astype(np.float32)
        s, u, h, t1 = fixed_bias_gzsl(biased, np.concatenate([labels_seen, labels_unseen]), seen)
        found.append(
            {"fusion": list(weights), "from": source, "margin": system.fixed_margin, "t1": t1, "u": u, "s": s, "h": h}
        )
    return found


def _measured(
    name: str, kind: str, rule: ScoringRule, gamma: float | None, checkpoint: AttributeCheckpoint, scores: PhotoScores
) -> dict[str, Any]:
    arguments = scores.under(rule, checkpoint.space)
    report = evaluate_zero_shot(*arguments, 0.0 if gamma is None else gamma).to_dict()
    answers = answers_at(*arguments, 0.0)
    if gamma is None:
        for key in ("u", "s", "h", "gamma"):
            report[key] = None
    described = {"name": name, "kind": kind, "rule": rule.to_dict()}
    return {**described, **report, "t1_answers": answers.t1}


def _gammas_alone(checkpoint: AttributeCheckpoint, count: int) -> list[tuple[ScoringRule, float]]:
    """Rules and gammas of the granularities alone in their order, as validation chose them; empty if it did not.

    Which granularity an entry is of, its rule says: older trainings listed MSDN's sub-nets by alpha, the second one first.
    """
    validation = checkpoint.metrics.get("validation")
    listed = validation.get("alone") if isinstance(validation, Mapping) else None
    found: dict[int, tuple[ScoringRule, float]] = {}
    for entry in listed or []:
        rule = ScoringRule.from_dict(entry["rule"])
        if rule.only is not None:
            found[rule.only] = rule, float(entry["gamma"])
    return [found[index] for index in range(count)] if set(found) >= set(range(count)) else []


def _unit(weights: tuple[float, ...]) -> float:
    """The weight of one granularity in the plain sum: theirs if all are alike (Mg-MRN's scale), else 1."""
    return float(weights[0]) if len(set(weights)) == 1 else 1.0
