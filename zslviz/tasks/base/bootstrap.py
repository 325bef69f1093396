"""How sure a figure is: the percentile bootstrap (Efron and Tibshirani 1993, chapter 13).

What is drawn (photos, photos within their class, scenes) is a task's own choice; how it is drawn, and how replicates become an
interval, is here. The same seed draws the same replicates.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zslviz.errors import ConfigError

REPLICATES = 1000
LEVEL = 0.95
TAILS = (0.025, 0.975)
"""Those of 95 % as they are written. `tails_of(0.95)` begins at 0.025000000000000022, which moves an interval in its last digits;
every figure keeps the one that it was published with."""


def draw(count: int, replicates: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Which of `count` things are drawn, with replacement and as many as there are, in every replicate: [replicates, count]."""
    _check(replicates)
    return random.integers(count, size=(replicates, count))


def draw_weights(count: int, replicates: int = REPLICATES, seed: int = 0) -> NDArray[np.float64]:
    """The same as how often each thing is drawn: [replicates, count]; for figures that are sums over things."""
    _check(replicates)
    share = np.full(count, 1 / count)
    return np.random.default_rng(seed).multinomial(count, share, size=replicates).astype(np.float64)


def tails_of(level: float) -> tuple[float, float]:
    """The two quantiles of replicates between which an interval of a level lies: (0.025, 0.975) of 0.95."""
    tail = (1 - level) / 2
    return tail, 1 - tail


def percentiles(values: ArrayLike, tails: tuple[float, float]) -> list[Any]:
    """The ends of the interval of a figure's values in all replicates, [low, high]: of [R] two numbers, of [R, F] two lists of F.

    Replicates in which the figure does not exist (NaN) are left out.
    """
    return [end.tolist() for end in np.nanquantile(np.asarray(values, dtype=np.float64), tails, axis=0)]


def method(kind: str, replicates: int, seed: int, level: float = LEVEL) -> dict[str, Any]:
    """How intervals were made, to be written beside them under "method". kind: what was drawn, in words."""
    return {"level": level, "replicates": replicates, "seed": seed, "kind": f"percentile bootstrap over {kind}"}


def _check(replicates: int) -> None:
    if replicates < 1:
        raise ConfigError("A bootstrap needs at least one replicate.")
