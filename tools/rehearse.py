"""Rehearses a yardstick on the seen classes alone, to settle what its recipe says, and keeps what each rehearsal gave.

    python -m tools.rehearse RECIPE --data awa2=DIR [--cache DIR] [--set] [--set validation.groups=5 flip=false] ...

The classes that may be trained on are dealt into four groups. Each in turn plays the unseen ones: on the others the recipe is run
as `zslviz train` runs it, its validation included, and measured at the gamma that this validation chose. So recipes with other
validations can be compared too, and no test photo is read. Every `--set` is a rehearsal and adds a line to
docs/results/validation/RECIPE.jsonl, unless the same settings stand there: what was set, and the means of the four.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from tools.tried import keep, lines, run, settings_of, with_settings
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.features.cache import FeatureCache, open_cache
from zslviz.features.pooled import region_means
from zslviz.models.registry import MODELS
from zslviz.runtime.places import DEFAULT_CACHE
from zslviz.runtime.processes import launch
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.problems import validation_problems
from zslviz.tasks.attributes.settings import AttributeRecipe
from zslviz.tasks.attributes.training import AttributeTraining
from zslviz.tasks.base.recipes import recipe_from_dict
from zslviz.training.recipe import Validation, read_recipe

REHEARSALS = Validation(groups=4, seed=1000)
"""Dealt by another seed than any recipe's validation."""
KEYS = ("t1", "u", "s", "h", "ausuc", "gamma")


def stages(dataset: ZeroShotDataset) -> Iterator[ZeroShotDataset]:
    """The data set as each rehearsal sees it: seen classes alone, a group of them as the unseen ones."""
    for problem in validation_problems(dataset, REHEARSALS):
        yield replace(
            dataset,
            space=problem.space,
            labels=problem.labels,
            trainval=problem.train,
            test_seen=problem.test_seen,
            test_unseen=problem.test_unseen,
        )


def pooled(cache: FeatureCache, dataset: ZeroShotDataset) -> FeatureCache:
    """The same features with the mean of c5 as its only region, read once."""
    photos, count = dataset.trainval, len(dataset.files)
    means = region_means(cache, photos)["c5"]
    c5 = np.zeros((count, 1, 1, means.shape[1]), dtype=np.float32)
    c5[photos, 0, 0] = means
    done = np.zeros(count, dtype=bool)
    done[photos] = True
    none: Any = np.zeros((count, 1, 1, 0), dtype=np.float32)
    return FeatureCache(cache.spec, (none, none, c5), done)  # type: ignore[arg-type]


def rehearse(recipe: AttributeRecipe, dataset: ZeroShotDataset, caches: Sequence[FeatureCache]) -> dict[str, Any]:
    """Mean figures over the rehearsals, fractions. merit: of T1 and H. best_h: H at the gamma that is best where it is measured."""
    fabric, found = launch("cpu", recipe.precision), []
    for number, stage in enumerate(stages(dataset), start=1):
        training = AttributeTraining(recipe, stage)
        trained = training.train(caches, Path(), fabric)
        metrics = training.checkpoint(trained, caches, fabric, "").metrics
        found.append({**{key: metrics[key] for key in KEYS}, "best_h": metrics["oracle"]["h"]})
        print(f"rehearsal {number}: {json.dumps(found[-1])}", flush=True)  # noqa: T201
    means = {key: round(fmean(each[key] for each in found), 4) for key in found[0]}
    return {**means, "merit": round(fmean((each["t1"] + each["h"]) / 2 for each in found), 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--data", required=True, metavar="NAME=DIR")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, metavar="DIR")
    parser.add_argument("--set", action="append", nargs="*", default=[], dest="tried", help="settings of one rehearsal")
    given = parser.parse_args()
    name, folder = parse_data_argument(given.data)
    dataset = load_dataset(name, folder, "attributes")
    caches: dict[str, FeatureCache] = {}
    for changes in given.tried or [[]]:
        recipe = recipe_from_dict(with_settings(read_recipe(given.recipe), changes), given.recipe)
        if not isinstance(recipe, AttributeRecipe) or not MODELS[recipe.system].closed_form:
            parser.error(f"'{given.recipe}' is trained in epochs; what is rehearsed is solved for.")
        settings = settings_of(recipe.to_dict())
        if settings in [line["settings"] for line in lines(recipe.name)]:
            continue
        for spec in recipe.cache_specs():
            if spec.folder_name not in caches:
                caches[spec.folder_name] = pooled(open_cache(given.cache, dataset, spec), dataset)
        figures = rehearse(recipe, dataset, [caches[spec.folder_name] for spec in recipe.cache_specs()])
        print(json.dumps(figures), flush=True)  # noqa: T201
        keep(recipe.name, settings, figures)


if __name__ == "__main__":
    sys.exit(run(main))
