"""How sure a figure of attribute answers is: a bootstrap over test photos (`tasks.base.bootstrap`).

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

from zslviz.tasks.attributes.figures import Answers, Labels, mean_of_shares
from zslviz.tasks.base.bootstrap import LEVEL, REPLICATES, draw, method, percentiles, tails_of
from zslviz.tasks.base.curves import harmonic_mean

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

    All sets are resampled alike, so that differences between them are paired. Raises ConfigError without a replicate.
    """
    classes, photos = np.unique(labels, return_counts=True)
    counts = np.zeros((replicates, len(right), len(classes)), dtype=np.int64)
    for index, (c, count) in enumerate(zip(classes, photos, strict=True)):
        drawn = draw(int(count), replicates, random)
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
    found: dict[str, Any] = {name: percentiles(figures[name][:, 0], tails_of(level)) for name in FIGURES}
    return {**found, "method": method("test photos within classes", replicates, seed, level)}


def paired_differences(
    simpler: Answers, other: Answers, replicates: int = REPLICATES, level: float = LEVEL, seed: int = 0
) -> dict[str, Difference]:
    """What `other` has more of t1, u, s and h than `simpler`; both answered the same photos in the same order."""
    values = resampled_figures([simpler, other], replicates, seed)
    before, after, tails = simpler.figures(), other.figures(), tails_of(level)
    return {
        name: Difference(after[name] - before[name], *percentiles(values[name][:, 1] - values[name][:, 0], tails))
        for name in FIGURES
    }
