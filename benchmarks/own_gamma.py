"""How gamma of one's own data is chosen: by one held-out set of classes, or with every class held out once.

.venv/bin/python benchmarks/own_gamma.py --data awa2=DIR --data cub=DIR --cache DIR

Data as people bring them are drawn from a data set's photos to train on: a few of its classes by chance, `PHOTOS` photos of each,
some classes kept as never trained on, a fifth of the others' photos kept to test on. On each draw ESZSL is solved for as recipe
`eszsl-own` says, with gamma chosen in each way; the ridges are those that `eszsl-NAME` chose on validation, so that gamma alone
differs. *Lost* is what is lacking of the H that the best gamma would have had on the draw's test photos: H depends on which draws
there were, what is lost on how gamma was chosen. Photos of the data set's own test parts are not read, mirrored ones are left out.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
from common import RESULTS, machine, show, write
from numpy.typing import NDArray

from zslviz.backbones.given import name_of
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.features.cache import CacheSpec, FeatureCache, open_cache
from zslviz.features.pooled import region_means
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.closed_form import Pooled, Solver, choose
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.figures import evaluate_zero_shot
from zslviz.tasks.attributes.problems import final_problem
from zslviz.tasks.attributes.scoring import ScoringRule, class_scores
from zslviz.tasks.attributes.settings import AttributeRecipe
from zslviz.tasks.base.recipes import load_recipe
from zslviz.training.recipe import AS_UNSEEN, Validation

STORED = RESULTS / "own_gamma.json"
PHOTOS = 30
TESTED = 0.2
SIZES = ((6, 1), (12, 3))
"""Classes trained on and never trained on."""
WAYS = {
    "one set": Validation(classes=0.25),
    "every class once": Validation(groups=AS_UNSEEN),
}
Figures = dict[str, float]


def drawn(dataset: ZeroShotDataset, seen: int, unseen: int, seed: int) -> ZeroShotDataset:
    """Some of the classes that a data set trains on, as if they were all. Photos keep their indices."""
    rng = np.random.default_rng((seed, seen, unseen))
    classes = rng.permutation(np.unique(dataset.labels[dataset.trainval]))[: seen + unseen]
    labels = np.full(len(dataset.labels), -1, dtype=np.int64)
    parts: dict[str, list[int]] = {"trainval": [], "test_seen": [], "test_unseen": []}
    for place, own in enumerate(classes):
        photos = rng.permutation(dataset.trainval[dataset.labels[dataset.trainval] == own])[:PHOTOS]
        labels[photos] = place
        tested = round(TESTED * len(photos)) if place < seen else len(photos)
        parts["test_seen" if place < seen else "test_unseen"] += photos[:tested].tolist()
        parts["trainval"] += photos[tested:].tolist()
    space = dataset.space.take_classes(classes).with_seen(range(seen))
    trainval, test_seen, test_unseen = (np.sort(np.array(part, dtype=np.int64)) for part in parts.values())
    return replace(dataset, labels=labels, space=space, trainval=trainval, test_seen=test_seen, test_unseen=test_unseen)


def averaged(dataset: ZeroShotDataset, root: Path, recipe: AttributeRecipe) -> FeatureCache:
    """The means over regions of the photos that are trained on, as a cache of a single region: read once, not once a draw."""
    cache = open_cache(root, dataset, CacheSpec(recipe.backbone, recipe.size, False))
    vectors = region_means(cache, dataset.trainval)["c5"]
    c5 = np.zeros((len(dataset.files), 1, 1, vectors.shape[1]), dtype=np.float32)
    c5[dataset.trainval, 0, 0] = vectors
    done = np.zeros(len(dataset.files), dtype=bool)
    done[dataset.trainval] = True
    none: Any = np.zeros((len(dataset.files), 1, 1, 0), dtype=np.float32)
    stages: Any = (none, none, c5)
    return FeatureCache(CacheSpec(name_of(vectors.shape[1], dataset.name, "means"), 0), stages, done)


def measured(recipe: AttributeRecipe, draw: ZeroShotDataset, cache: FeatureCache) -> Figures:
    """H on a draw's test photos at the gamma that was chosen and at the best one, and how far apart they are, all as fractions."""
    choice = choose(recipe, draw, [cache])
    problem = final_problem(draw)
    pooled = Pooled([cache], draw.used_photos, normalize=bool(recipe.model.get("normalize_features")))
    weight, bias = Solver(recipe.system, problem, pooled).solve(choice["settings"])
    rule = ScoringRule.from_dict(choice["rule"])

    def scores(photos: NDArray[np.int64]) -> NDArray[np.float32]:
        return class_scores((pooled.plain(photos) @ weight.T + bias)[:, None].astype(np.float32), draw.space, rule)

    report = evaluate_zero_shot(
        scores(draw.test_seen), draw.labels[draw.test_seen], scores(draw.test_unseen), draw.labels[draw.test_unseen],
        np.asarray(draw.space.seen), float(choice["gamma"]),
    )  # fmt: skip
    figures = {"h": report.h, "best_h": report.oracle["h"], "lost": report.oracle["h"] - report.h}
    return {key: round(value, 5) for key, value in figures.items()}


def compared(
    recipe: AttributeRecipe, dataset: ZeroShotDataset, cache: FeatureCache, seen: int, unseen: int, draws: int
) -> None:
    """Measures every way on the same draws; those that the file has are not measured again."""
    found = stored_draws(dataset.name, seen, unseen)
    for seed in range(len(found), draws):
        draw = drawn(dataset, seen, unseen, seed)
        found.append({w: measured(replace(recipe, validation=v), draw, cache) for w, v in WAYS.items()})
        if seed % 20 == 19 or seed == draws - 1:
            keep({"data": dataset.name, "seen": seen, "unseen": unseen, **summed_up(found), "draws": found})
    show([row(dataset.name, seen, unseen, summed_up(found)["ways"])])


def summed_up(draws: Sequence[Mapping[str, Figures]]) -> dict[str, Any]:
    """The means of every way, in per cent, and how much less it loses than one set does, with the standard error of that mean."""
    first = [draw["one set"]["lost"] for draw in draws]
    ways = {}
    for way in WAYS:
        figures = [draw[way] for draw in draws]
        less = [a - one["lost"] for a, one in zip(first, figures, strict=True)]
        error = stdev(less) / math.sqrt(len(less)) if len(less) > 1 else 0.0
        ways[way] = {
            **{key: round(100 * fmean(one[key] for one in figures), 2) for key in ("h", "best_h", "lost")},
            "less_lost": round(100 * fmean(less), 2),
            "less_lost_error": round(100 * error, 2),
        }
    return {"count": len(draws), "ways": ways}


def row(data: str, seen: int, unseen: int, ways: Mapping[str, Figures]) -> dict[str, str]:
    """One line for the shell."""
    told = ", ".join(f"{way} {one['lost']:.1f}" for way, one in ways.items())
    every = ways["every class once"]
    less = f"{every['less_lost']:+.1f} ± {every['less_lost_error']:.1f} less than by one set"
    return {"what": f"{data}, {seen} classes and {unseen}: per cent of H lost", "figure": f"{told}; {less}"}


def stored_draws(data: str, seen: int, unseen: int) -> list[dict[str, Figures]]:
    """What the file has of the first draws."""
    return [dict(draw) for one in _stored() if _what(one) == (data, seen, unseen) for draw in one["draws"]]


def keep(result: dict[str, Any]) -> None:
    """Writes what was measured, beside what the file has of other data and sizes."""
    results = sorted([*(one for one in _stored() if _what(one) != _what(result)), result], key=_what)
    names = dict.fromkeys(one["data"] for one in results)
    command = f"python benchmarks/own_gamma.py {' '.join(f'--data {name}=DIR' for name in names)} --cache DIR"
    write(STORED, {"command": command, "machine": machine(), "photos": PHOTOS, "results": results})


def _stored() -> list[dict[str, Any]]:
    return list(json.loads(STORED.read_text(encoding="utf-8"))["results"]) if STORED.is_file() else []


def _what(one: Mapping[str, Any]) -> tuple[str, int, int]:
    return one["data"], one["seen"], one["unseen"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, action="append", metavar="NAME=DIR", help="photos and class table")
    parser.add_argument("--cache", required=True, type=Path, metavar="DIR", help="where the cached features are")
    parser.add_argument("--draws", type=int, default=60, help="of each size (60); those that were measured are kept")
    given = parser.parse_args()
    recipe = load_recipe("eszsl-own")
    assert isinstance(recipe, AttributeRecipe)
    for name, folder in map(parse_data_argument, given.data):
        dataset = load_dataset(name, folder, "attributes")
        cache = averaged(dataset, given.cache, recipe)
        fixed = replace(recipe, loss=dict(AttributeCheckpoint.load(f"eszsl-{name}").metrics["validation"]["settings"]))
        for seen, unseen in SIZES:
            compared(fixed, dataset, cache, seen, unseen, given.draws)


if __name__ == "__main__":
    main()
