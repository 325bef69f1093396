"""Yardsticks of multi-label zero-shot learning on the pooled feature and the same label vectors: a linear map, and the prior.

Linear: ESZSL (Romera-Paredes and Torr, ICML 2015, eq. 6) with the label vectors as signatures; a photo has any number of labels, so
its row of Y holds any number of 1. The bias, each label's share of the training photos, goes through the same map or is left out.

Prior: no look at the photo. A seen label scores the share of training photos that have it; an unseen label the mean share of the
seen labels nearest to it by word vector, for of an unseen label nothing else is known. All photos score alike: mAP is at chance.

Every setting is chosen on validation photos, on average over several sets of labels held out of training. They are measured by
`python benchmarks/yardsticks.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.features.cache import FeatureCache
from zslviz.features.pooled import region_means
from zslviz.features.units import unit_rows
from zslviz.models.ridge import Array, Ridge
from zslviz.tasks.multilabel.choice import LabelProblem
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.figures import (
    FIGURES,
    average_precisions,
    evaluate_multi_label,
    mean_average_precision,
    micro_at_k,
)
from zslviz.tasks.multilabel.space import LabelSpace

FEATURE_RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
LABEL_RIDGES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
NEIGHBOURS = (1, 2, 3, 5, 10, 20)
SPLITS = 5
_MERIT = ("map_zsl", "f1_3_zsl", "map_gzsl", "f1_3_gzsl")
_SHIFTS = tuple(np.round(np.arange(-1.0, 2.01, 0.1), 2))


def label_problems(dataset: MultiLabelDataset, count: int = SPLITS, seed: int = 0) -> list[LabelProblem]:
    """Sets of labels to choose settings on, all with the data set's own training and validation photos.

    First the held-out labels, then random ones of the seen labels, as many each; of a data set that holds none out, all are random
    fifths of the seen labels.
    """
    held_out = np.flatnonzero(dataset.val_unseen)
    seen = np.flatnonzero(dataset.space.seen)
    size = max(1, min(len(held_out) or len(seen) // 5, len(seen) // 2))
    random = np.random.default_rng(seed)
    sets = [held_out] if len(held_out) else []
    sets += [np.sort(random.choice(seen, size=size, replace=False)) for _ in range(count - len(sets))]
    known = [dataset.space.seen & ~np.isin(np.arange(len(dataset.space)), unseen) for unseen in sets]
    return [
        LabelProblem(dataset.space.with_seen(marks), dataset.labels, dataset.train, dataset.val, (unseen,))
        for marks, unseen in zip(known, sets, strict=True)
    ]


# -- the linear map ---------------------------------------------------------------------------------------------------------


class LinearLabels:
    """The map from features [N, C] to label vectors for any two ridges and any seen labels, from one eigendecomposition."""

    def __init__(self, x: Array, tags: NDArray[np.int8]) -> None:
        self._ridge = Ridge(x, (tags == 1).astype(np.float64))
        self._weights: dict[float, Array] = {}  # [K, C] of all labels, by feature ridge

    def scores(self, x: Array, space: LabelSpace, feature_ridge: float, label_ridge: float, with_bias: bool) -> Array:
        """[N, K] of all labels, seen or not. Ridges are in mean eigenvalues of the matrices that they are added to."""
        if feature_ridge not in self._weights:
            self._weights[feature_ridge] = self._ridge.solve(feature_ridge)[0]
        weight = self._weights[feature_ridge][space.seen]
        vectors = np.asarray(space.vectors, dtype=np.float64)
        known = vectors[space.seen]
        # S^T (S S^T + l I)^-1 = (S^T S + l I)^-1 S^T: as large as there are seen labels, not as the vectors are long
        gram = known @ known.T
        gram += label_ridge * np.trace(gram) / vectors.shape[1] * np.eye(len(gram))
        bias = self._ridge.mean_y[space.seen] if with_bias else 0.0
        scores: Array = ((x - self._ridge.mean_x) @ weight.T + bias) @ np.linalg.solve(gram, known @ vectors.T)
        return scores


def _linear_candidates() -> Iterator[dict[str, Any]]:
    for feature_ridge, label_ridge, with_bias in itertools.product(FEATURE_RIDGES, LABEL_RIDGES, (False, True)):
        yield {"feature_ridge": feature_ridge, "label_ridge": label_ridge, "with_bias": with_bias}


# -- the prior --------------------------------------------------------------------------------------------------------------


def prior_scores(tags: NDArray[np.int8], space: LabelSpace, neighbours: int) -> Array:
    """What is known of the labels without a look at a photo: [K]. tags: [N, K] of the training photos."""
    shares = (tags == 1).sum(axis=0) / np.maximum((tags != 0).sum(axis=0), 1)
    seen = np.flatnonzero(space.seen)
    nearest = np.argsort(-(space.vectors @ space.vectors[seen].T), axis=1, kind="stable")[:, :neighbours]
    prior: Array = np.where(space.seen, shares, shares[seen[nearest]].mean(axis=1))
    return prior


# -- measuring --------------------------------------------------------------------------------------------------------------


def pooled(cache: FeatureCache, photos: NDArray[np.int64]) -> Array:
    """Mean over regions of c5, of length 1: [N, C]."""
    return unit_rows(region_means(cache, photos)["c5"].astype(np.float64))


def measure_yardsticks(
    dataset: MultiLabelDataset, caches: Sequence[FeatureCache], command: str = ""
) -> dict[str, dict[str, Any]]:
    """Both yardsticks by name: the keys of `MultiLabelReport`, with model, title, data, backbone, words, command, settings (chosen
    on validation) and validation (the mean figures there).

    caches: of every photo, then of the mirrored training photos if there are any; all of them are trained on.
    """
    train, val, test = (dataset.labels[part] for part in (dataset.train, dataset.val, dataset.test))
    x = np.concatenate([pooled(cache, dataset.train) for cache in caches])
    x_val, x_test = (pooled(caches[0], part) for part in (dataset.val, dataset.test))
    problems = label_problems(dataset)
    linear = LinearLabels(x, np.tile(train, (len(caches), 1)))

    def linear_on(space: LabelSpace, x: Array, settings: dict[str, Any]) -> Array:
        shift = settings.get("seen_shift", 0.0)
        map_settings = {name: value for name, value in settings.items() if name != "seen_shift"}
        scores = linear.scores(x, space, **map_settings)
        return scores - shift * scores.std() * space.seen

    def prior_on(space: LabelSpace, x: Array, settings: dict[str, Any]) -> Array:
        return np.tile(prior_scores(train, space, **settings), (len(x), 1))

    results = {}
    for name, title, scored, candidates in (
        ("linear", "Linear map to label vectors (ESZSL)", linear_on, list(_linear_candidates())),
        ("prior", "Label frequency, no look at the photo", prior_on, [{"neighbours": n} for n in NEIGHBOURS]),
    ):

        def figures(settings: dict[str, Any], scored: Any = scored) -> dict[str, float]:
            found = [_figures(scored(p.space, x_val, settings), val, p) for p in problems]
            return {figure: fmean(f[figure] for f in found) for figure in FIGURES}

        best = max(candidates, key=lambda settings: sum(figures(settings)[figure] for figure in _MERIT))
        if name == "linear":  # how far seen labels are lowered where both compete; mAP does not change
            best = max(
                ({**best, "seen_shift": s} for s in _SHIFTS), key=lambda settings: figures(settings)["f1_3_gzsl"]
            )
        report = evaluate_multi_label(scored(dataset.space, x_test, best), test, dataset.space, dataset.unseen)
        spec = caches[0].spec
        results[f"{name}-{dataset.name}"] = {
            "model": f"{name}-{dataset.name}",
            "title": title,
            "yardstick": True,
            "data": dataset.name,
            "backbone": {"name": spec.backbone, "size": spec.size, "trained": []},
            "words": dataset.space.words,
            "command": command,
            "settings": best,
            "validation": figures(best),
            **report.to_dict(),
        }
    return results


def _figures(scores: Array, tags: NDArray[np.int8], problem: LabelProblem) -> dict[str, float]:
    """The six figures alone, which many settings are compared by."""
    precisions = average_precisions(scores, tags)
    found = {}
    (unseen,) = problem.unseen
    for kind, taking_part in (("zsl", unseen), ("gzsl", np.union1d(unseen, np.flatnonzero(problem.space.seen)))):
        found[f"map_{kind}"] = mean_average_precision(precisions[taking_part])
        for k in (3, 5):
            found[f"f1_{k}_{kind}"] = micro_at_k(scores[:, taking_part], tags[:, taking_part], k).f1
    return found
