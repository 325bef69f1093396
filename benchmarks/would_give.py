"""What other descriptions of classes, other features and smaller photos give a linear rule, for read_worst.py: ESZSL on validation
problems.

Every variant has its own ridges, the best of a grid by T1 on pseudo-unseen classes, averaged over validation problems; so a figure
is an upper bound by a little, and the same one for each. Test photos are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from zslviz.backbones import build_backbone
from zslviz.backbones.features import PIXELS
from zslviz.features.cache import FeatureCache, open_cache
from zslviz.features.pooled import region_means
from zslviz.features.sources import PhotoPixels
from zslviz.features.units import unit_rows
from zslviz.models.linear.equations import Eszsl
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.figures import mean_accuracy, t1_accuracy
from zslviz.tasks.attributes.problems import Problem, validation_problems
from zslviz.tasks.attributes.settings import AttributeRecipe
from zslviz.tasks.base.recipes import load_recipe

Array = NDArray[np.float64]
Describe = Callable[[Array, Array], Array]
"""From a table [K, A] and the attributes' word vectors [A, D], rows [K, S] of unit length."""

PROBLEMS = 3
FEATURE_RIDGES, ROW_RIDGES = (0.1, 1.0, 10.0), (0.01, 0.1, 1.0, 10.0)
STAGES = (("c5",), ("c4",), ("c4", "c5"), ("c3", "c4", "c5"))


def _unit(rows: Array) -> Array:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _low_rank(rank: int) -> Describe:
    def describe(table: Array, words: Array) -> Array:
        mean = table.mean(axis=0)
        u, s, vt = np.linalg.svd(table - mean, full_matrices=False)
        return _unit(mean + (u[:, :rank] * s[:rank]) @ vt[:rank])

    return describe


DESCRIPTIONS: Mapping[str, Describe] = {
    "the table": lambda table, words: _unit(table),
    "the table, only above or below an attribute's mean": lambda table, words: _unit((table > table.mean(axis=0)).astype(float)),
    "the table without what 10 directions do not hold": _low_rank(10),
    "the table without what 20 directions do not hold": _low_rank(20),
    "the table without what 40 directions do not hold": _low_rank(40),
    "the mean word vector of a class's attributes": lambda table, words: _unit(_unit(table) @ _unit(words)),
    "the table and that word vector": lambda table, words: np.hstack([_unit(table), _unit(_unit(table) @ _unit(words))]) / 2**0.5,
}  # fmt: skip


def closed_form_gains(dataset: ZeroShotDataset, cache_root: Path, sides: tuple[int, ...] = ()) -> dict[str, Any]:
    """T1 on pseudo-unseen classes, each problem's: by description of the classes, by features, at other sides of the photos in
    pixels, and with no table at all."""
    recipe = load_recipe(f"eszsl-{dataset.name}")
    assert isinstance(recipe, AttributeRecipe) and dataset.space.word_vectors is not None
    cache = open_cache(cache_root, dataset, recipe.cache_specs()[0])
    several = recipe.validation if recipe.validation.groups else replace(recipe.validation, repeats=PROBLEMS)
    problems = validation_problems(dataset, several)
    words = np.asarray(dataset.space.word_vectors, dtype=np.float64)
    means = _means(cache, dataset)
    of_c5 = _Solved(problems, means(("c5",)))
    by_features = {
        " + ".join(stages): of_c5 if stages == ("c5",) else _Solved(problems, means(stages)) for stages in STAGES
    }
    at_sides = {side: _means_at(dataset, recipe.backbone, side, cache_root / "means") for side in sides}
    return {
        "backbone": f"{recipe.backbone} at {recipe.size} px",
        "problems": len(problems),
        "descriptions": {name: of_c5.best(words, describe) for name, describe in DESCRIPTIONS.items()},
        "features": {name: solved.best(words, DESCRIPTIONS["the table"]) for name, solved in by_features.items()},
        "photo_side": _photo_side(dataset),
        "sides": {
            f"{side} px": (_Solved(problems, means) if side != recipe.size else of_c5).best(
                words, DESCRIPTIONS["the table"]
            )
            for side, means in sorted({**at_sides, **({recipe.size: of_c5.features} if sides else {})}.items())
        },
        "from_photos": _from_photos(problems, of_c5.features),
    }


def _means(cache: FeatureCache, dataset: ZeroShotDataset) -> Callable[[tuple[str, ...]], Array]:
    """Means over regions of trainval's photos, each stage at unit length, as rows [N, C] by the photo's number."""
    stages = ("c3", "c4", "c5")
    found = {name: unit_rows(mean) for name, mean in region_means(cache, dataset.trainval, stages).items()}
    last = int(dataset.trainval.max()) + 1

    def rows(wanted: tuple[str, ...]) -> Array:
        joined = np.concatenate([found[name] for name in wanted], axis=1).astype(np.float64)
        every = np.zeros((last, joined.shape[1]))
        every[dataset.trainval] = joined
        return every

    return rows


def _means_at(dataset: ZeroShotDataset, backbone: str, side: int, kept: Path) -> Array:
    """The same of c5 where photos are brought to another side: rows [N, C] of unit length. kept: where they are read from again."""
    file = kept / f"{dataset.name}-{backbone}-{side}.npy"
    if not file.is_file():
        network, pixels = build_backbone(backbone), PhotoPixels(dataset, side, 0, False)
        batches = np.array_split(dataset.trainval, len(dataset.trainval) // 16 + 1)
        with torch.inference_mode():
            parts = [
                network(pixels.plain(batch).stages[PIXELS], ("c5",)).stages["c5"].mean((2, 3)).numpy()
                for batch in tqdm(batches, desc=f"{side} px")
            ]
        kept.mkdir(parents=True, exist_ok=True)
        np.save(file, np.concatenate(parts))
    every = np.zeros((int(dataset.trainval.max()) + 1, np.load(file, mmap_mode="r").shape[1]))
    every[dataset.trainval] = unit_rows(np.load(file))
    return every


def _photo_side(dataset: ZeroShotDataset, looked_at: int = 50) -> int:
    """The shorter side of photos in pixels, the median of some."""
    return int(np.median([min(dataset.photo(i).size) for i in dataset.trainval[:: len(dataset.trainval) // looked_at]]))


class _Solved:
    """Some features of all problems' photos, factored once for every description. features: [N, C], by the photo's number."""

    def __init__(self, problems: list[Problem], features: Array) -> None:
        self.problems, self.features = problems, features
        self._solvers = [
            Eszsl(
                features[p.train], np.searchsorted(p.space.seen_classes, p.labels[p.train]), np.eye(p.space.seen.sum())
            )
            for p in problems
        ]

    def best(self, words: Array, describe: Describe) -> dict[str, float]:
        """Mean and standard deviation over problems of T1 at the ridges that are best on average."""
        pairs = zip(self.problems, self._solvers, strict=True)
        found = np.array(
            [self._t1s(problem, solver, words, describe) for problem, solver in pairs]
        )  # [problems, ridges]
        column = found[:, int(found.mean(axis=0).argmax())]
        return {"t1": float(column.mean()), "std": float(column.std(ddof=1))}

    def _t1s(self, problem: Problem, solver: Eszsl, words: Array, describe: Describe) -> list[float]:
        space = problem.space
        rows = describe(np.asarray(space.table, dtype=np.float64), words)
        described, x = solver.described(rows[space.seen]), self.features[problem.test_unseen]
        found = []
        for feature_ridge in FEATURE_RIDGES:
            for row_ridge in ROW_RIDGES:
                weight, bias = described.solve(feature_ridge, row_ridge)
                scores = (x @ weight.T + bias) @ rows.T
                found.append(t1_accuracy(scores, problem.labels[problem.test_unseen], space.unseen_classes))
        return found


def _from_photos(problems: list[Problem], features: Array) -> dict[str, dict[str, float]]:
    """T1 of half the photos of pseudo-unseen classes, where a class is told by its other photos and not by a table.

    Classes are the mean features of so many photos each, a photo the nearest of them after whitening by trained classes' scatter.
    """
    found: dict[str, list[float]] = {
        "one photo a class": [],
        "five photos a class": [],
        "half the photos of a class": [],
    }
    for number, problem in enumerate(problems):
        rng = np.random.default_rng(number)
        labels = problem.labels
        white = _whitening(features[problem.train], labels[problem.train])
        for name, most in zip(found, (1, 5, 10**6), strict=True):
            means, asked = [], []
            for c in problem.space.unseen_classes:
                photos = rng.permutation(problem.test_unseen[labels[problem.test_unseen] == c])
                shown, rest = np.split(photos, [len(photos) // 2])
                means.append((features[shown[:most]] @ white).mean(axis=0))
                asked.append(rest)
            x = np.concatenate([features[part] @ white for part in asked])
            at = np.repeat(np.arange(len(asked)), [len(part) for part in asked])
            near = _unit(x) @ _unit(np.array(means)).T
            found[name].append(float(mean_accuracy(near.argmax(axis=1) == at, at)))
    return {name: {"t1": float(np.mean(t1)), "std": float(np.std(t1, ddof=1))} for name, t1 in found.items()}


def _whitening(x: Array, labels: NDArray[np.int64]) -> Array:
    """[C, C] that makes the scatter within trained classes round, with a tenth of its mean added."""
    centred = np.concatenate([x[labels == c] - x[labels == c].mean(axis=0) for c in np.unique(labels)])
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    whitened: Array = vectors / np.sqrt(np.maximum(values, 0) + 0.1 * values.mean())
    return whitened
