"""How sure a figure is: percentile bootstrap over test photos (Efron and Tibshirani 1993, chapter 13).

Photos are drawn with replacement within every class, as many as the class has, because the figures are means of per-class
accuracies: a class must neither vanish from a replicate nor change its weight. The intervals tell what other test photos of
the same classes would change; not what other classes would, nor another seed of the training. A class with a single photo
adds no spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.figures import Answers, Labels, mean_of_shares
from zslviz.tasks.base.curves import harmonic_mean

REPLICATES = 1000
LEVEL = 0.95
FIGURES = ("t1", "u", "s", "h")


@dataclass(frozen=True)
class Difference:
    """What one model has more than another on the same photos (fractions), with its interval."""

    estimate: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 or -1 where the interval leaves 0 out, else 0."""
        return int(self.low > 0) - int(self.high < 0)


def resampled_accuracy(
    right: NDArray[np.bool_], labels: Labels, random: np.random.Generator, replicates: int
) -> NDArray[np.float64]:
    """Mean per-class accuracy of M sets of answers to the same N photos in every replicate: right [M, N] -> [replicates, M].

    All sets are resampled alike, so that differences between them are paired.
    """
    if replicates < 1:
        raise ConfigError("A bootstrap needs at least one replicate.")
    classes, photos = np.unique(labels, return_counts=True)
    counts = np.zeros((replicates, len(right), len(classes)), dtype=np.int64)
    for index, (c, count) in enumerate(zip(classes, photos, strict=True)):
        drawn = random.integers(count, size=(replicates, count))
        counts[:, :, index] = right[:, labels == c][:, drawn].sum(axis=2).T
    return mean_of_shares(counts, photos)


def resampled_figures(
    answers: list[Answers], replicates: int = REPLICATES, seed: int = 0
) -> dict[str, NDArray[np.float64]]:
    """t1, u, s, h of M models on the same photos in every replicate: each [replicates, M]."""
    random = np.random.default_rng(seed)
    first = answers[0]
    both = np.stack([*(a.t1 for a in answers), *(a.u for a in answers)])
    of_unseen = resampled_accuracy(both, first.labels_unseen, random, replicates)
    of_seen = resampled_accuracy(np.stack([a.s for a in answers]), first.labels_seen, random, replicates)
    t1, u = of_unseen[:, : len(answers)], of_unseen[:, len(answers) :]
    return {"t1": t1, "u": u, "s": of_seen, "h": harmonic_mean(of_seen, u)}


def intervals(
    answers: Answers, replicates: int = REPLICATES, level: float = LEVEL, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Percentile intervals of T1, U, S and H: `{"t1": [low, high], ...}` with how they were made under "method"."""
    figures = resampled_figures([answers], replicates, seed)
    found: dict[str, Any] = {name: list(_interval(figures[name][:, 0], level)) for name in FIGURES}
    method = {
        "level": level,
        "replicates": replicates,
        "seed": seed,
        "kind": "percentile bootstrap over test photos within classes",
    }
    return {**found, "method": method}


def paired_differences(
    simpler: Answers, other: Answers, replicates: int = REPLICATES, level: float = LEVEL, seed: int = 0
) -> dict[str, Difference]:
    """What `other` has more of t1, u, s and h than `simpler`; both answered the same photos in the same order."""
    values = resampled_figures([simpler, other], replicates, seed)
    before, after = simpler.figures(), other.figures()
    return {
        name: Difference(after[name] - before[name], *_interval(values[name][:, 1] - values[name][:, 0], level))
        for name in FIGURES
    }


def _interval(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
