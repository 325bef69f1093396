"""Everything that is told of a model on its test photos, as plain values: what `zslviz evaluate` writes and documents read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError
from zslviz.tasks.attributes.bootstrap import intervals
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.figures import (
    Answers,
    GammaSweep,
    Labels,
    ZeroShotReport,
    answers_at,
    evaluate_zero_shot,
    predictions_at,
    predictions_within,
    sweep_gamma,
)
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.variants import PhotoScores, fixed_bias_of, variants_of
from zslviz.tasks.base.report import Report

CURVE_POINTS = 200


@dataclass(frozen=True, eq=False)
class FullReport(Report):
    """content: see `full_report`. sweep: the whole seen-unseen curve. fuse: makes the file of `whole_set.photos`."""

    sweep: GammaSweep
    fuse: Callable[[], bytes] | None = None


def zero_shot_report(checkpoint: AttributeCheckpoint, scores: PhotoScores) -> ZeroShotReport:
    """T1, U, S, H at the checkpoint's gamma with intervals, AUSUC and the oracle."""
    arguments = scores.under(checkpoint.rule, checkpoint.space)
    found = evaluate_zero_shot(*arguments, checkpoint.gamma).to_dict()
    return ZeroShotReport(**found, intervals=intervals(answers_at(*arguments, checkpoint.gamma)))


def full_report(checkpoint: AttributeCheckpoint, scores: PhotoScores, label: str = "") -> FullReport:
    """Figures with intervals, variants, per-class accuracy and the curve of one model on its test photos.

    label: what sets this training apart ("official grouping"). The keys of content: model, label, system, title, data, backbone,
    seed, command, rule, photos, the keys of `ZeroShotReport`, validation, variants, fixed_bias, per_class, curve, answers. All
    accuracies are fractions.
    """
    arguments = scores.under(checkpoint.rule, checkpoint.space)
    metrics = checkpoint.metrics
    sweep = sweep_gamma(*arguments)
    answers = answers_at(*arguments, checkpoint.gamma)
    variants = variants_of(checkpoint, scores)
    for variant in variants:
        variant["t1_answers"] = _packed(variant["t1_answers"], answers.labels_unseen)
    content = {
        "model": checkpoint.name,
        "label": label,
        "system": checkpoint.system,
        "title": checkpoint.title,
        "data": checkpoint.data,
        "backbone": {"name": checkpoint.backbone, "size": checkpoint.size, "trained": list(checkpoint.trained)},
        "seed": metrics.get("seed"),
        "command": metrics.get("command"),
        "rule": checkpoint.rule.to_dict(),
        "photos": {"seen": len(scores.labels_seen), "unseen": len(scores.labels_unseen)},
        **zero_shot_report(checkpoint, scores).to_dict(),
        "validation": metrics.get("validation"),
        "variants": variants,
        "fixed_bias": fixed_bias_of(checkpoint, scores),
        "per_class": per_class_rows(checkpoint.space, scores, arguments, checkpoint.gamma),
        "curve": thinned(sweep),
        "answers": {
            "t1": _packed(answers.t1, answers.labels_unseen),
            "u": _packed(answers.u, answers.labels_unseen),
            "s": _packed(answers.s, answers.labels_seen),
        },
    }
    return FullReport(content, sweep)


def per_class_rows(space: SemanticSpace, scores: PhotoScores, arguments: Any, gamma: float) -> list[dict[str, Any]]:
    """A row for each class with test photos, seen ones first, in the order of the table.

    t1_accuracy: only classes of its own kind (seen or unseen) compete. gzsl_accuracy: all compete at gamma.
    most_confused_with: the class its photos are taken for most often instead, "" if there is none.
    """
    of_seen, labels_seen, of_unseen, labels_unseen, seen = arguments
    rows = []
    for class_scores, labels, own_kind, is_seen in (
        (of_seen, labels_seen, np.flatnonzero(seen), True),
        (of_unseen, labels_unseen, np.flatnonzero(~seen), False),
    ):
        within, among_all = predictions_within(class_scores, own_kind), predictions_at(class_scores, seen, gamma)
        for c in np.unique(labels):
            mine = labels == c
            wrong = np.bincount(among_all[mine & (among_all != c)], minlength=len(seen))
            rows.append(
                {
                    "class": space.classes[c],
                    "seen": is_seen,
                    "photos": int(mine.sum()),
                    "t1_accuracy": float((within[mine] == c).mean()),
                    "gzsl_accuracy": float((among_all[mine] == c).mean()),
                    "most_confused_with": space.classes[int(wrong.argmax())] if wrong.any() else "",
                    "confused_photos": int(wrong.max()),
                }
            )
    return rows


def changes(sweep: GammaSweep) -> NDArray[np.intp]:
    """Points of a sweep by rising gamma, leaving out those at which neither S nor U moves."""
    order = np.argsort(sweep.gammas, kind="stable")
    points = np.stack([sweep.seen[order], sweep.unseen[order]])
    moves = np.append(True, (np.diff(points, axis=1) != 0).any(axis=0))
    return order[moves]


def thinned(sweep: GammaSweep, count: int = CURVE_POINTS) -> dict[str, list[float]]:
    """At most `count` points of the curve, its ends among them, by rising gamma."""
    order = changes(sweep)
    kept = order[np.unique(np.linspace(0, len(order) - 1, min(count, len(order))).round().astype(int))]
    values = {"gamma": sweep.gammas, "seen": sweep.seen, "unseen": sweep.unseen}
    return {name: [round(float(v), 6) for v in series[kept]] for name, series in values.items()}


def answers_of(content: Mapping[str, Any]) -> Answers:
    """The answers that a report's content holds, photos by class and then in the order of the split. Raises DataError."""
    labels = {
        kind: np.repeat(np.arange(len(rows)), [row["photos"] for row in rows])
        for kind, rows in ((k, [r for r in content["per_class"] if r["seen"] is k]) for k in (True, False))
    }
    packed = content["answers"]
    t1, u, s = (_unpacked(packed[f], len(labels[f == "s"])) for f in ("t1", "u", "s"))
    return Answers(t1, u, s, labels[False], labels[True])


def variant_answers(content: Mapping[str, Any], variant: Mapping[str, Any]) -> Answers:
    """The model's answers with T1's of a variant in their place; U and S are the model's own."""
    own = answers_of(content)
    return Answers(_unpacked(variant["t1_answers"], len(own.t1)), own.u, own.s, own.labels_unseen, own.labels_seen)


def _packed(right: NDArray[np.bool_], labels: Labels) -> str:
    """A bit a photo, ordered by class, as hexadecimal digits."""
    return np.packbits(right[np.argsort(labels, kind="stable")]).tobytes().hex()


def _unpacked(digits: str, count: int) -> NDArray[np.bool_]:
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(digits), dtype=np.uint8))
    if not count <= len(bits) < count + 8:
        raise DataError(f"The report holds {len(bits)} answers for {count} photos; measure the model again.")
    return bits[:count].astype(bool)
