"""What is chosen on validation photos of a compositional data set: epoch, bias of unseen pairs, feasibility threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.compositional.data import CompositionalDataset, Part
from zslviz.tasks.compositional.feasibility import feasibility_table
from zslviz.tasks.compositional.figures import (
    Contest,
    PairScores,
    choose_bias,
    choose_familiarity,
    choose_threshold,
    open_contest,
    with_familiarity,
)

Floats = NDArray[np.float32]
MERIT = "closed-world AUC"
OF_SEEDS = ("closed.s", "closed.u", "closed.h", "closed.auc", "open.s", "open.u", "open.h", "open.auc")


@dataclass(frozen=True)
class EpochFigures:
    """An epoch on validation photos, closed world: best seen, unseen and harmonic mean over biases, area under the curve."""

    epoch: int
    s: float
    u: float
    h: float
    auc: float


def merit_of(validation: Mapping[str, Any]) -> float:
    """What the epoch of a checkpoint's `metrics["validation"]` was kept for. Raises KeyError if it is no choice."""
    return float(validation["auc"])


def part_scores(dataset: CompositionalDataset, part: Part, scores: Floats) -> PairScores:
    """Scores [N, S, O] of `dataset.photos_of(part)` with what those photos show."""
    photos = dataset.photos_of(part)
    return PairScores(scores, dataset.states[photos], dataset.objects[photos])


def closed_figures(dataset: CompositionalDataset, scores: Floats, epoch: int) -> EpochFigures:
    """scores: [N, S, O] of the validation photos."""
    space = dataset.space_for("val")
    sweep = Contest.of(part_scores(dataset, "val", scores), space.seen, space.candidates).sweep()
    return EpochFigures(
        epoch, float(sweep.seen.max()), float(sweep.unseen.max()), float(sweep.harmonic.max()), sweep.auc
    )


def validation_summary(
    dataset: CompositionalDataset, scores: Floats, chosen: Mapping[str, Any], trace: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Everything chosen, as plain values: epoch and its figures (without familiarity), `familiarity`, `bias` and `closed` with it,
    `open` with threshold, bias and AUC; and the trace.

    scores: [N, S, O] of the validation photos by the chosen network. chosen, trace: `EpochFigures` as plain values.
    """
    space, photos = dataset.space_for("val"), part_scores(dataset, "val", scores)
    weights = choose_familiarity(photos, space)
    photos = with_familiarity(photos, space.seen, weights)
    closed = Contest.of(photos, space.seen, space.candidates)
    table = feasibility_table(space.state_vectors, space.object_vectors, space.seen)
    choice = choose_threshold(photos, space.seen, table)
    opened = open_contest(photos, space.seen, table, choice.threshold)
    return {
        **chosen,
        "familiarity": list(weights),
        "bias": choose_bias(closed),
        "closed": {"auc": closed.sweep().auc},
        "open": {"threshold": choice.threshold, "bias": choose_bias(opened), "auc": float(choice.aucs.max())},
        "trace": list(trace),
    }
