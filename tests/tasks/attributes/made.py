"""Made test photos: random attribute scores of a made checkpoint that mostly point to the right class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.conftest import make_checkpoint
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.report import zero_shot_report
from zslviz.tasks.attributes.variants import PhotoScores

VALIDATION = {"epoch": 2, "gamma": 0.25, "t1": 0.6, "u": 0.5, "s": 0.6, "h": 0.55}


def made_scores(
    checkpoint: AttributeCheckpoint, photos_per_class: int = 6, seed: int = 0, noise: float = 0.35
) -> PhotoScores:
    """Every class has a few photos; a photo's scores are its class's row with noise, in every granularity."""
    random = np.random.default_rng(seed)
    space, count = checkpoint.space, len(checkpoint.rule.weights)
    parts = []
    for classes in (space.seen_classes, space.unseen_classes):
        labels = random.permutation(np.repeat(classes, photos_per_class)).astype(np.int64)
        rows = np.asarray(space.table)[labels][:, None]
        scores = rows + noise * random.normal(size=(len(labels), count, rows.shape[-1]))
        parts += [scores.astype(np.float32), labels]
    return PhotoScores(*parts)


def measured_checkpoint(system: str, scores: PhotoScores | None = None, **changes: object) -> AttributeCheckpoint:
    """A made checkpoint whose metrics are those of its scores on the made photos, as training writes them."""
    checkpoint = replace(make_checkpoint(system), **changes)  # type: ignore[arg-type]
    report = zero_shot_report(checkpoint, made_scores(checkpoint) if scores is None else scores)
    metrics = {
        **report.to_dict(),
        "command": "zslviz train made",
        "seed": 0,
        "validation": VALIDATION,
        "terms": "Made photos.",
    }
    return replace(checkpoint, metrics=metrics)
