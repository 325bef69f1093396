"""An edit to a new ranking: arithmetic alone, for the shipped birds and for a table of 20 000 classes.

.venv/bin/python benchmarks/ranking.py
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from common import interleaved, median_ms, record

from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.scoring import rank_classes
from zslviz.tasks.attributes.space import SemanticSpace


def edit_and_rank(checkpoint: Any, space: SemanticSpace, rounds: int) -> float:
    """Milliseconds (median) from an edit of one attribute to the full ranking."""
    rng = np.random.default_rng(0)
    scale, rule = checkpoint.scale, checkpoint.rule
    scores = (scale.mean + scale.std * rng.standard_normal(scale.mean.shape)).astype(np.float32)
    steps = iter(range(10**9))
    space.prototypes  # noqa: B018  (normalised once a table, not once an edit)

    def edit() -> None:
        step = next(steps)
        edited = scale.edit(scores, {step % scores.shape[1]: (step % 100) / 100})
        rank_classes(edited, space, rule, checkpoint.gamma)

    return median_ms(interleaved({"edit": edit}, rounds, warmup=5)["edit"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    arguments = parser.parse_args()
    rows = []
    for name in ("mgmrn-cub", "msdn-cub"):
        checkpoint = AttributeCheckpoint.load(name)
        own = checkpoint.space
        rng = np.random.default_rng(1)
        many = SemanticSpace(
            tuple(f"class {i}" for i in range(20_000)),
            own.attributes,
            own.groups,
            rng.random((20_000, len(own.attributes)), dtype=np.float32),
            rng.random(20_000) < 0.5,
        )
        size = f"{len(own.attributes)} x {len(own.classes)}"
        small, large = (edit_and_rank(checkpoint, space, arguments.rounds) for space in (own, many))
        rows.append({"what": f"{name}: edit to ranking, {size}", "figure": f"{small:.3f} ms", "goal": "at most 1 ms"})
        rows.append(
            {"what": f"{name}: edit to ranking, 20 000 classes", "figure": f"{large:.2f} ms", "goal": "at most 20 ms"}
        )
    record("ranking", "python benchmarks/ranking.py", rows)


if __name__ == "__main__":
    main()
