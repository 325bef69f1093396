"""Is it said that a picture is nothing a model was shown? Pictures of named kinds, and how often it is said wrongly.

python benchmarks/foreign.py --data awa2=DIR --data cub=DIR --scenes CORELDIR --clothes FASHIONDIR [--cache DIR]

Foreign are made pictures (`foreign_pictures`), scenes without an animal among their tags, clothes, the other data's test photos,
and the page's examples of the other tasks; none of them had a say in the rule or its limit. Rules were tried on made pictures of
other numbers and on photos of those sets' training parts; the limit comes from the model's training photos alone. Test photos of
the data itself, and the page's examples of it, are what it should not be said of. All attribute models of one data set have the
same file of training photos, so one file a data set is written into docs/results/unlike, which docs/results.md is made of.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import machine
from foreign_pictures import MADE, TRIED, made
from numpy.typing import NDArray

from zslviz.checkpoints.listing import list_checkpoints
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.features.cache import CacheSpec, open_cache
from zslviz.features.pooled import region_means
from zslviz.photos.loading import ImageSource, load_photo
from zslviz.runtime.places import examples_folder
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.unlike.shown import STAGE, ShownPhotos

FOLDER = Path(__file__).parents[1] / "docs" / "results" / "unlike"
SHOWS = {"awa2": "animals", "cub": "birds"}
TASKS = {"multi": "examples of many labels", "fashion": "examples of pairs"}
_ANIMALS = """
bear bears birds bird polar horses horse cat tiger tigers bengal foals mare herd fox deer white-tailed antlers elk zebra coyote
grizzly rodent fish coral reefs nest head close-up animal animals spoonbill spoonbills gull
"""
ANIMALS = frozenset(_ANIMALS.split())
"""Words that tell of an animal in a photo: such a one is not foreign to a model of animals or birds."""
Picture = tuple[str, Callable[[], ImageSource]]


def pictures(options: argparse.Namespace, datasets: dict[str, ZeroShotDataset]) -> Iterator[Picture]:
    """Kind and how to open it, of all that are looked at; a data set's own test photos count as a kind of it."""
    rng = np.random.default_rng(0)
    for kind in MADE:
        for number in range(TRIED, TRIED + options.made):
            yield kind, lambda kind=kind, number=number: made(kind, number)
    for kind, folder, count in (
        ("scenes", options.scenes, options.photos),
        ("clothes", options.clothes, options.photos),
    ):
        if folder is not None:
            rows = [row for row in _rows(folder / "photos.csv") if row["split"].startswith("test") and not _animal(row)]
            for i in sorted(rng.choice(len(rows), min(count, len(rows)), replace=False)):
                yield kind, lambda file=folder / "images" / rows[i]["image"]: load_photo(file)
    for name, dataset in datasets.items():
        tested = np.concatenate([dataset.test_seen, dataset.test_unseen])
        for i in sorted(rng.choice(tested, min(options.photos, len(tested)), replace=False)):
            yield SHOWS[name], lambda file=dataset.files[i]: load_photo(file)
    folder = examples_folder()
    for place, kind in TASKS.items():
        for row in _rows(folder / place / "examples.csv"):
            if not _animal(row):
                yield kind, lambda file=folder / place / row["file"]: load_photo(file)
    for row in _rows(folder / "examples.csv"):
        yield f"examples of {row['space']}", lambda file=folder / row["file"]: load_photo(file)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _animal(row: dict[str, str]) -> bool:
    """Whether labels tell of an animal."""
    told = " ".join(row.get(key) or "" for key in ("labels", "title", "image", "file"))
    return bool(ANIMALS & set(told.lower().replace(";", " ").replace("-", " ").replace(".", " ").split()))


def pooled(explainer: AttributeExplainer, image: ImageSource) -> NDArray[np.float32]:
    """[C]."""
    features, _ = explainer.encode_photo(image)
    mean: NDArray[np.float32] = features.stages[STAGE].mean((2, 3))[0].float().cpu().numpy()
    return mean


def told_of(
    name: str, shown: ShownPhotos, kinds: Sequence[str], found: NDArray[np.float32], own: dict[str, Any]
) -> dict[str, Any]:
    """What is written of a data set. own: false alarms on its test photos, by part."""
    beyond = shown.distances(found) > shown.limit
    mine = {SHOWS[name], f"examples of {name}"}
    counted = {
        kind: {"pictures": kinds.count(kind), "said": int(beyond[[one == kind for one in kinds]].sum())}
        for kind in dict.fromkeys(kinds)
    }
    others = {kind: counts for kind, counts in counted.items() if kind not in mine}
    others = {k: v for k, v in others.items() if not k.startswith("examples of ") or k in TASKS.values()}
    return {
        "data": name,
        "training_photos": shown.photos,
        "limit": shown.limit,
        "validation": {"trained": shown.trained, "held_out": shown.held_out},
        "foreign": others,
        "all": {key: sum(counts[key] for counts in others.values()) for key in ("pictures", "said")},
        "own": own | ({"examples": counted[f"examples of {name}"]} if f"examples of {name}" in counted else {}),
        "machine": machine(),
    }


def own_photos(dataset: ZeroShotDataset, shown: ShownPhotos, cache: Path, spec: CacheSpec) -> dict[str, Any]:
    """How often it is said of test photos of trained classes and of the others."""
    opened, own = open_cache(cache, dataset, spec), {}
    for part in ("test_seen", "test_unseen"):
        means = region_means(opened, getattr(dataset, part), (STAGE,))[STAGE]
        own[part] = {"pictures": len(means), "said": int((shown.distances(means) > shown.limit).sum())}
    return own


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", required=True, metavar="NAME=DIR", type=parse_data_argument)
    parser.add_argument("--scenes", type=Path, help="a folder as Corel-5k's")
    parser.add_argument("--clothes", type=Path, help="a folder of photos of clothes, with photos.csv")
    parser.add_argument("--cache", type=Path, help="cached features of the data, for false alarms on all test photos")
    parser.add_argument("--made", type=int, default=40, help="made pictures of each kind")
    parser.add_argument("--photos", type=int, default=60, help="photos of each kind")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    torch.set_grad_enabled(False)
    datasets: dict[str, ZeroShotDataset] = {
        name: load_dataset(name, folder, "attributes") for name, folder in options.data
    }
    listed = list_checkpoints(task="attributes")
    explainers = {
        name: AttributeExplainer.from_pretrained(next(i.folder for i in listed if i.data == name), "cpu")
        for name in datasets
    }
    encoders = {(e.checkpoint.backbone, e.checkpoint.size) for e in explainers.values()}
    if len(encoders) > 1:
        raise SystemExit("The models see with different encoders; measure one data set at a time.")
    kinds, means = [], []
    for kind, opened in pictures(options, datasets):
        kinds.append(kind)
        means.append(pooled(next(iter(explainers.values())), opened()))
    options.out.mkdir(parents=True, exist_ok=True)
    for name, explainer in explainers.items():
        shown = explainer.checkpoint.shown
        if shown is None:
            raise SystemExit(
                f"'{explainer.name}' came without its training photos; 'python -m tools.shown' writes them."
            )
        spec = CacheSpec(explainer.checkpoint.backbone, explainer.checkpoint.size)
        own = {} if options.cache is None else own_photos(datasets[name], shown, options.cache, spec)
        told = told_of(name, shown, kinds, np.stack(means), own)
        (options.out / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        print(name, told["all"], told["own"])


if __name__ == "__main__":
    main()
