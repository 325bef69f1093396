"""Pairs of made models that explain one made photo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.twin.vectors import made_explanation
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.scoring import ScoringRule


def made_pair(kind: str, temper: str, seed: int) -> tuple[Explanation, Explanation]:
    """A made explanation, and the same photo by a model of another rule, scale and handicap."""
    one = made_explanation(kind, temper, seed)
    rng = np.random.default_rng(seed + 1000)
    granularities = int(rng.integers(1, 4))
    rule = ScoringRule(("dot", "cosine")[seed % 2], tuple(rng.uniform(1, 8, granularities).tolist()))
    shape = (granularities, len(one.space.attributes))
    near = one.scale.to_values(one.scores) + rng.normal(0, 0.3, shape[1]).astype(np.float32) * (seed % 3 > 0)
    mean, std = rng.normal(0, 1, shape), rng.uniform(0.2, 2, shape)
    scores = mean + std * (near - one.scale.table_mean) / one.scale.table_std
    scale = replace(one.scale, mean=mean.astype(np.float32), std=std.astype(np.float32), shares=rule.shares)
    names = tuple(f"granularity {g}" for g in range(granularities))
    bare = {"bias": None, "evidence": None, "attention": None, "further": ()}
    gamma = float(rng.uniform(-1, 4))
    other = replace(
        one,
        model="other",
        rule=rule,
        scores=scores.astype(np.float32),
        scale=scale,
        granularities=names,
        gamma=gamma,
        **bare,
    )
    return one, other
