"""States of an explanation that what is said of it is held to, and their numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.twin.vectors import random_request
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest

Doubles = NDArray[np.float64]
NEAR = 2e-5  # of sums of float32 numbers, beside their size
EDITED = 6  # states of a photo, besides the unedited one


def states_of(x: Explanation, rng: np.random.Generator, count: int = EDITED) -> list[RankRequest]:
    """The unedited state and random ones in which something competes."""
    found = [RankRequest()]
    while len(found) <= count:
        request = random_request(x, rng, tame=True)
        try:
            request.rank(x)
        except ConfigError:
            continue
        found.append(request)
    return found


class State:
    """A state's numbers in float64, from the raw scores, the table and the maps."""

    def __init__(self, x: Explanation, request: RankRequest, truth: int | None) -> None:
        self.x, self.request, self.truth, self.seen = x, request, truth, x.space.seen
        self.gamma = x.gamma if request.gamma is None else request.gamma
        table = x.space.table.astype(float)
        for at, value in request.class_edits.items():
            table[at] = np.float32(value)
        if x.rule.kind in ("dot", "cosine"):
            lengths = np.linalg.norm(table, axis=1)
            table /= np.where(lengths > 0, lengths, 1)[:, None]
        elif x.rule.kind == "binary":
            table = (table > np.float32(x.rule.thresholds)).astype(float)
        self.rows = table
        self.competing = ~self.seen if request.unseen_only else np.ones(len(table), dtype=bool)
        self.competing[list(request.without)] = False
        self.by, self.fused = self.read_with(request.image_edits)
        self.raw = self.rows @ self.fused
        self.calibrated = self.calibrated_with(request.image_edits)
        self.alone = np.where(self.competing, self.raw, -np.inf)
        self.near = NEAR * max(1.0, np.abs(self.calibrated[self.competing]).max(), np.abs(self.raw).max())

    def read_with(self, edits: Mapping[int, float]) -> tuple[Doubles, Doubles]:
        """What each granularity counts, and the fused score of every attribute, after edits of the photo."""
        x, scores, scale = self.x, self.x.scores.astype(float), self.x.scale
        for attribute, value in edits.items():
            now = float((scale.weights * ((x.scores - scale.mean) / scale.std)[:, attribute]).sum())
            wanted = (value - float(scale.table_mean[attribute])) / float(scale.table_std[attribute])
            scores[:, attribute] += (wanted - now) * scale.std[:, attribute]
        lengths = np.maximum(np.linalg.norm(scores, axis=1), 1e-12) if x.rule.kind == "cosine" else 1.0
        by = np.asarray(x.rule.weights) / lengths
        return by, by @ scores

    def calibrated_with(self, edits: Mapping[int, float]) -> Doubles:
        """Class scores after edits of the photo, in the same table; minus infinity of what does not compete."""
        raw = self.rows @ self.read_with(edits)[1]
        return np.where(self.competing, raw - self.gamma * self.seen, -np.inf)

    def is_size(self, text: str, value: float) -> None:
        """That a number which is told is a value's size."""
        if text.startswith("less than "):
            assert abs(value) < 0.001 + self.near
        else:
            half = 0.5000001 * 10 ** -len(text.partition(".")[2])
            assert float(text) > 0
            assert float(text) == pytest.approx(abs(value), abs=half + self.near)
