"""Figures for photos with several labels: average precision of each label, and micro F1 at k.

ZSL: only unseen labels compete and count. GZSL: seen and unseen ones do. Tags are 1 (there), -1 (not there) or 0 (unknown).
Where the code of BiAM (Narayan et al., ICCV 2021) goes its own way, the convention "authors" follows it; the default is "plain":

                                   authors                        plain
 a label without a tagged photo    counts as AP 0 in the mean     is left out of the mean
 an unknown tag among the top k    counts as wrong                is not counted
 a photo with none of the labels   is left out of all figures     counts
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError
from zslviz.tasks.base.bootstrap import LEVEL, REPLICATES, draw_weights, method, percentiles, tails_of
from zslviz.tasks.multilabel.space import LabelSpace

Convention = Literal["plain", "authors"]
Scores = NDArray[np.floating[Any]]
Tags = NDArray[np.integer[Any]]
Array = NDArray[np.float64]

FIGURES = ("map_zsl", "f1_3_zsl", "f1_5_zsl", "map_gzsl", "f1_3_gzsl", "f1_5_gzsl")
_COLUMNS = 256  # labels at a time
_KEPT_NUMBERS = 2**21  # of replicates held at a time


@dataclass(frozen=True)
class AtK:
    """Micro averages when every photo is given its k highest labels."""

    f1: float
    precision: float
    recall: float


@dataclass(frozen=True)
class MultiLabelReport:
    """Figures of one model on N photos (fractions).

    map_*: mean average precision; f1_K_*: micro F1 at K. at_k: also precision and recall, `{"zsl": {"3": {...}}}`. chance: the mAP
    that scores without meaning have, which is the mean share of tagged photos. labels: how many there are, by kind. per_label: rows
    of label, seen, positives (tagged photos), average_precision (None without one), seen labels first.
    authors: the six figures in the authors' convention.
    intervals: `{"map_zsl": [low, high], ..., "method": ...}`, empty if none were asked for.
    """

    map_zsl: float
    f1_3_zsl: float
    f1_5_zsl: float
    map_gzsl: float
    f1_3_gzsl: float
    f1_5_gzsl: float
    photos: int
    labels: dict[str, int]
    chance: dict[str, float]
    at_k: dict[str, dict[str, dict[str, float]]]
    per_label: tuple[dict[str, Any], ...]
    authors: dict[str, float]
    intervals: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return {**asdict(self), "per_label": list(self.per_label)}


def evaluate_multi_label(
    scores: Scores,
    tags: Tags,
    space: LabelSpace,
    unseen: NDArray[np.bool_],
    replicates: int = REPLICATES,
    seed: int = 0,
) -> MultiLabelReport:
    """All figures of scores [N, K] against tags [N, K], in the plain convention, with bootstrap intervals over photos.

    unseen: bool [K], the labels that count as unseen; those neither seen nor in it take no part. All photos count in every figure,
    those without an unseen label as well. replicates: 0 for no intervals. Raises DataError.
    """
    _check(scores, tags)
    kinds = {"zsl": np.flatnonzero(unseen), "gzsl": np.flatnonzero(unseen | space.seen)}
    if not len(kinds["zsl"]) or (unseen & space.seen).any():
        raise DataError("There must be unseen labels to evaluate, and none of them may be one that is trained on.")
    precisions = average_precisions(scores, tags)
    figures: dict[str, float] = {}
    authors: dict[str, float] = {}
    at_k: dict[str, dict[str, dict[str, float]]] = {}
    for kind, columns in kinds.items():
        figures[f"map_{kind}"] = mean_average_precision(precisions[columns])
        own, own_tags = scores[:, columns], tags[:, columns]
        found = {k: micro_at_k(own, own_tags, k) for k in (3, 5)}
        figures |= {f"f1_{k}_{kind}": at.f1 for k, at in found.items()}
        at_k[kind] = {str(k): asdict(at) for k, at in found.items()}
        tagged = (own_tags == 1).any(axis=1)
        authors[f"map_{kind}"] = mean_average_precision(average_precisions(own[tagged], own_tags[tagged]), "authors")
        authors |= {f"f1_{k}_{kind}": micro_at_k(own[tagged], own_tags[tagged], k, "authors").f1 for k in (3, 5)}
    rows = [
        {
            "label": space.labels[column],
            "seen": bool(space.seen[column]),
            "positives": int((tags[:, column] == 1).sum()),
            "average_precision": None if np.isnan(precisions[column]) else float(precisions[column]),
        }
        for column in (*np.flatnonzero(space.seen), *kinds["zsl"])
    ]
    return MultiLabelReport(
        **figures,
        photos=len(scores),
        labels={"seen": int(space.seen.sum()), "unseen": len(kinds["zsl"])},
        chance={kind: float(np.nanmean(_share(tags[:, columns]))) for kind, columns in kinds.items()},
        at_k=at_k,
        per_label=tuple(rows),
        authors=authors,
        intervals=_intervals(scores, tags, kinds, replicates, seed) if replicates else {},
    )


def average_precisions(scores: Scores, tags: Tags, weights: Array | None = None) -> Array:
    """Average precision of every label over the photos whose tag is known: [K], NaN for a label without a tagged photo.

    It is the mean over tagged photos of the precision among all photos that score as high or higher; so photos of equal score count
    alike in whatever order they come (the authors' code puts one before the other).
    weights: [R, N], how often each photo counts in each of R replicates; then the result is [R, K].
    """
    _check(scores, tags)
    columns = range(scores.shape[1])
    if weights is not None:
        return np.stack([_average_precision(scores[:, k], tags[:, k], weights) for k in columns], axis=1)
    blocks = [slice(start, start + _COLUMNS) for start in columns[::_COLUMNS]]
    return np.concatenate([_all_at_once(scores[:, block], tags[:, block]) for block in blocks])


def mean_average_precision(precisions: Array, convention: Convention = "plain") -> float:
    """Mean over labels; NaN (no tagged photo) is left out, or counts as 0 in the authors' convention. 0 if nothing is left."""
    if convention == "authors":
        return float(np.nan_to_num(precisions).mean())
    known = precisions[~np.isnan(precisions)]
    return float(known.mean()) if known.size else 0.0


def pooled_average_precisions(scores: Scores, tags: Tags) -> Array:
    """What the authors' evaluation for Open Images calls the AP of each label: [K], 0 without a tagged photo.

    It pools all labels of the photos in which label k is known, and never picks column k out: not an average precision per label.
    Here only to set our figures beside ones made so.
    """
    _check(scores, tags)
    row = np.repeat(np.arange(len(tags)), tags.shape[1])
    weights = (tags != 0).T[:, row].astype(np.float64)
    return np.nan_to_num(_average_precision(scores.ravel(), tags.ravel(), weights))


def micro_at_k(scores: Scores, tags: Tags, k: int, convention: Convention = "plain") -> AtK:
    """F1, precision and recall over all photos and labels, if every photo's k highest labels are predicted.

    Of equal scores the label listed first wins. With fewer than k labels all of them are predicted.
    """
    _check(scores, tags)
    right, predicted, positives = (counts.sum() for counts in _counts_at_k(scores, tags, k, convention))
    return AtK(
        float(2 * right / max(predicted + positives, 1)),
        float(right / max(predicted, 1)),
        float(right / max(positives, 1)),
    )


def _counts_at_k(scores: Scores, tags: Tags, k: int, convention: Convention = "plain") -> tuple[Array, Array, Array]:
    """For every photo: how many of its k highest labels are right, how many are counted, how many tags it has."""
    if k < 1:
        raise DataError(f"A photo must be given at least one label, not {k}.")
    highest = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    given = np.take_along_axis(tags, highest, axis=1)
    counted = np.full(len(tags), highest.shape[1]) if convention == "authors" else (given != 0).sum(axis=1)
    return ((given == 1).sum(axis=1).astype(float), counted.astype(float), (tags == 1).sum(axis=1).astype(float))


def _all_at_once(scores: Scores, tags: Tags) -> Array:
    """Each label's average precision, all photos counting once: [K]."""
    last = np.where(tags != 0, -scores.astype(np.float64), np.inf)  # unknown tags go to the end, where nothing is found
    order = np.argsort(last, axis=0, kind="stable")
    sorted_scores, sorted_tags = (np.take_along_axis(a, order, axis=0) for a in (last, tags))
    positive = sorted_tags == 1
    precision = np.cumsum(positive, axis=0) / np.maximum(np.cumsum(sorted_tags != 0, axis=0), 1)
    row = np.arange(len(scores))[:, None]
    is_end = np.ones(scores.shape, dtype=bool)
    is_end[:-1] = sorted_scores[1:] != sorted_scores[:-1]
    group_end = np.minimum.accumulate(np.where(is_end, row, len(scores))[::-1], axis=0)[::-1]
    at_end = np.take_along_axis(precision, group_end, axis=0)
    count = positive.sum(axis=0)
    rank, label = np.nonzero(positive)
    total = np.bincount(
        label, at_end[rank, label], minlength=scores.shape[1]
    )  # one by one, however many labels there are
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _average_precision(scores: Scores, tags: Tags, weights: Array) -> Array:
    """One label's, in every replicate: scores [N], tags [N], weights [R, N] -> [R]."""
    known = np.flatnonzero(tags)
    order = known[np.argsort(-scores[known], kind="stable")]
    if not (tags[order] == 1).any():
        return np.full(len(weights), np.nan)
    descending = scores[order]
    group_ends = np.flatnonzero(np.append(descending[1:] != descending[:-1], True))
    positive = (tags[order] == 1).astype(np.float64)
    result = []
    for some in _chunks(weights):
        counted = some[:, order]
        found = np.cumsum(counted * positive, axis=1)[:, group_ends]
        precision = found / np.maximum(np.cumsum(counted, axis=1)[:, group_ends], 1)
        gained = np.diff(found, axis=1, prepend=0)
        with np.errstate(invalid="ignore"):  # a replicate may hold no tagged photo: NaN
            result.append((gained * precision).sum(axis=1) / found[:, -1])
    return np.concatenate(result)


def _chunks(weights: Array) -> Iterator[Array]:
    step = max(1, _KEPT_NUMBERS // max(weights.shape[1], 1))
    return (weights[i : i + step] for i in range(0, len(weights), step))


def _intervals(
    scores: Scores, tags: Tags, kinds: dict[str, NDArray[np.intp]], replicates: int, seed: int
) -> dict[str, Any]:
    """Percentile intervals of the six figures: photos are drawn with replacement."""
    weights = draw_weights(len(scores), replicates, seed)
    precisions = average_precisions(scores, tags, weights)
    values: dict[str, Array] = {}
    for kind, columns in kinds.items():
        values[f"map_{kind}"] = np.array([mean_average_precision(row[columns]) for row in precisions])
        for k in (3, 5):
            right, predicted, positives = (weights @ c for c in _counts_at_k(scores[:, columns], tags[:, columns], k))
            values[f"f1_{k}_{kind}"] = 2 * right / np.maximum(predicted + positives, 1)
    found: dict[str, Any] = {name: percentiles(values[name], tails_of(LEVEL)) for name in FIGURES}
    return {**found, "method": method("test photos", replicates, seed)}


def _share(tags: Tags) -> Array:
    """Share of tagged photos among those whose tag is known: [K], NaN for a label without a tagged photo."""
    positives, known = (tags == 1).sum(axis=0).astype(float), (tags != 0).sum(axis=0)
    return np.where(positives > 0, positives / np.maximum(known, 1), np.nan)


def _check(scores: Scores, tags: Tags) -> None:
    if scores.shape != tags.shape:
        raise DataError(f"The scores are {scores.shape} but the tags {tags.shape}.")
    if np.isnan(scores).any():
        raise DataError("Some scores are not numbers.")
