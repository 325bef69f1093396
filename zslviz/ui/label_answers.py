"""Answers about several labels in one photo: the ranking, what is found, what a place speaks for, as JSON for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.label_explanation import LabelExplanation, RankedLabel
from zslviz.ui.requests import GAMMA_LIMIT, number

if TYPE_CHECKING:
    from zslviz.explainers.labels import LabelExplainer

MAX_ADDED = 20
SHOWN_MAPS = 8
REGION_LABELS = 8
GATE_BINS = 20


@dataclass(frozen=True)
class LabelRequest:
    """How labels are to be ranked.

    added: labels by name, besides the model's own. gamma: taken off seen labels' scores; threshold: the score from which a label
    counts as found; the checkpoint's if None. first: instead of a threshold, how many of the ranking count as found.
    """

    added: tuple[str, ...] = ()
    gamma: float | None = None
    threshold: float | None = None
    first: int | None = None
    unseen_only: bool = False

    @classmethod
    def parse(
        cls, added: Any = None, gamma: Any = None, threshold: Any = None, first: Any = None, unseen_only: Any = False
    ) -> LabelRequest:
        """From JSON. Raises ConfigError."""
        added = [] if added is None else added
        if not isinstance(added, Sequence) or isinstance(added, str) or not all(isinstance(n, str) for n in added):
            raise ConfigError("Labels to add must be a list of words, such as ['lighthouse'].")
        if len(added) > MAX_ADDED:
            raise ConfigError(f"At most {MAX_ADDED} labels can be added to a photo; remove one first.")
        if first is not None and number(first, "first") < 1:
            raise ConfigError("'first' must be at least 1: how many labels of the ranking count as found.")
        return cls(
            tuple(added),
            None if gamma is None else number(gamma, "gamma", GAMMA_LIMIT),
            None if threshold is None else number(threshold, "threshold", GAMMA_LIMIT),
            None if first is None else int(first),
            bool(unseen_only),
        )

    def added_to(self, explanation: LabelExplanation, explainer: LabelExplainer) -> LabelExplanation:
        """The explanation with the added labels; the network does not run. Raises TableError, DataError, ConfigError."""
        return explainer.add(explanation, *self.added) if self.added else explanation

    def rank(self, explanation: LabelExplanation) -> list[RankedLabel]:
        """All labels (or the unseen ones), best first."""
        lines = explanation.rank(self.gamma, self.unseen_only, self.threshold)
        if self.first is None:
            return lines
        return [replace(line, found=line.rank <= self.first) for line in lines]


def ranking_answer(explanation: LabelExplanation, request: LabelRequest) -> dict[str, Any]:
    """Every label's line; how many are found; and the labels whose maps are worth a look, strongest first.

    floor, ceiling: the ends of the bars' axis, from the middle label (or the threshold, if that is lower) to the best.
    """
    lines = request.rank(explanation)
    own = len(explanation.space) - len(request.added)
    competing = explanation.calibrated(request.gamma)[[line.index for line in lines]]
    threshold = explanation.threshold if request.threshold is None else request.threshold
    floor, ceiling = float(np.median(competing)), float(competing.max())
    return {
        "labels": [asdict(line) | {"added": line.index >= own} for line in lines],
        "found": sum(line.found for line in lines),
        "found_unseen": sum(line.found and not line.seen for line in lines),
        "strongest": [line.name for line in lines[:SHOWN_MAPS]],
        "floor": min(floor, threshold) if request.first is None and threshold < ceiling else floor,
        "ceiling": ceiling,
        "gamma": explanation.gamma if request.gamma is None else request.gamma,
        "threshold": None if request.first is not None else threshold,
        "first": request.first,
    }


def region_labels(explanation: LabelExplanation, row: int, column: int, gamma: float | None) -> list[dict[str, Any]]:
    """What a region speaks most for: labels with what it gives to them (less gamma, if seen)."""
    return [
        {"name": explanation.space.labels[i], "seen": bool(explanation.space.seen[i]), "score": score}
        for i, score in explanation.region_labels(row, column, REGION_LABELS, gamma)
    ]


def gate_answer(explanation: LabelExplanation) -> dict[str, Any]:
    """How far the scene opens the channels: how many of them lie in each of `GATE_BINS` steps from shut (0) to open (1)."""
    if explanation.scene_gate is None:
        raise ConfigError("This model has no gate that the scene opens.")
    gate = explanation.scene_gate
    counts, _ = np.histogram(gate, bins=GATE_BINS, range=(0.0, 1.0))
    return {
        "counts": [int(c) for c in counts],
        "channels": len(gate),
        "mean": float(gate.mean()),
        "shut": int((gate < 0.1).sum()),
        "open": int((gate > 0.9).sum()),
    }
