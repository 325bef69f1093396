"""Why systems stop where they do: which attributes all of them read worst, and what would be gained by what.

    .venv/bin/python benchmarks/read_worst.py --data cub=DIR --cache DIR [--sides 160,224] [--out docs/results/read]
    .venv/bin/python benchmarks/read_worst.py --data cub=DIR    # the models alone again; ESZSL's figures stay

Reads the shipped checkpoints' vectors of their test photos (no network runs), the class table, and parts where they are marked; and
solves ESZSL on the recipe's validation problems (cached features) with other descriptions of the classes and other features. One
file a data set is written, which docs/results.md is made of. Nothing is chosen by any of it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from would_give import closed_form_gains

from zslviz.catalogue import data_card
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.figures import mean_accuracy, predictions_within
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.whole_set.attribute_auc import attribute_auc
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos, fused_of

Array = NDArray[np.float64]
FOLDER = Path(__file__).parents[1] / "docs" / "results" / "read"
DRAWS = 20


def read(photos: FusedPhotos, space: SemanticSpace) -> Array:
    """How well each attribute is read in photos of unseen classes: [A], `attribute_auc`; NaN where all of them have it or none."""
    found = attribute_auc(photos, space).unseen.auc
    return np.array([np.nan if area is None else area for area in found])


def right(photos: FusedPhotos, checkpoint: AttributeCheckpoint) -> NDArray[np.bool_]:
    """Which photos of unseen classes are answered rightly where only these compete."""
    space, unseen = checkpoint.space, ~photos.of_seen
    scores = photos.scores(space, checkpoint.rule)[unseen]
    answers: NDArray[np.bool_] = predictions_within(scores, space.unseen_classes) == photos.labels[unseen]
    return answers


def traits(dataset: ZeroShotDataset) -> dict[str, Array]:
    """What may explain how well an attribute is read, by a name for people: [A] each."""
    space = dataset.space
    table = np.asarray(space.table, dtype=np.float64)
    seen, unseen = table[space.seen], table[~space.seen]
    found = {
        "trained classes that have it": space.having[space.seen].sum(axis=0).astype(float),
        "largest value among trained classes": seen.max(axis=0),
        "how far unseen classes differ in it": unseen.std(axis=0),
        "how split the values of a class are, p (1 - p)": (unseen * (1 - unseen)).mean(axis=0),
    }
    if not all(space.visible):
        found["a place of a photo can show it"] = np.array(space.visible, dtype=float)
    card = data_card(dataset.name)
    if card is not None and card.part_locations is not None:
        located = card.part_locations(dataset)
        shown = {}
        for group, names in located.groups.items():
            places = [located.parts.index(name) for name in names]
            shown[group] = located.visible[dataset.test_unseen][:, places].any(axis=1).mean()
        of_part = np.array([group in located.groups for group in space.groups])
        found["it speaks of a part, not of the whole"] = of_part.astype(float)
        found["photos in which its part is in sight"] = np.array([shown.get(group, 1.0) for group in space.groups])
    return found


def perfect(photos: FusedPhotos, checkpoint: AttributeCheckpoint, chosen: NDArray[np.bool_]) -> float:
    """T1 if the chosen attributes were read as the table has them, on the scale on which the system reads trained classes."""
    space, unseen = checkpoint.space, ~photos.of_seen
    table, vectors = np.asarray(space.table, dtype=np.float64), photos.vectors.astype(np.float64)
    rows, values = table[photos.labels[photos.of_seen]], vectors[photos.of_seen]
    spread = rows.std(axis=0)
    slope = values.std(axis=0) / np.where(spread > 0, spread, np.inf)
    told = values.mean(axis=0) + slope * (table[photos.labels[unseen]] - rows.mean(axis=0))
    mended = np.where(chosen, told, vectors[unseen])
    directions, lengths = checkpoint.rule.undivided(space)
    predicted = predictions_within(mended @ np.asarray(directions, dtype=np.float64).T / lengths, space.unseen_classes)
    return float(mean_accuracy(predicted == photos.labels[unseen], photos.labels[unseen]))


def ranked(values: Array, quality: Array) -> dict[str, float]:
    """Spearman's correlation over attributes, with a 95 % interval by drawing attributes."""
    rng, count = np.random.default_rng(0), len(values)
    draws = [rng.integers(count, size=count) for _ in range(500)]
    each = [spearmanr(values[d], quality[d]).statistic for d in draws if np.ptp(values[d]) > 0]
    low, high = np.percentile(each, [2.5, 97.5]) if each else (np.nan, np.nan)
    return {"correlation": float(spearmanr(values, quality).statistic), "low": float(low), "high": float(high)}


def agreement(answers: Mapping[str, NDArray[np.bool_]], labels: NDArray[np.int64]) -> dict[str, Any]:
    """How far systems are right on the same photos: means over classes."""
    table = np.array(list(answers.values()))
    shares = {
        "any": mean_accuracy(table.any(axis=0), labels),
        "all": mean_accuracy(table.all(axis=0), labels),
        "best": max(mean_accuracy(one, labels) for one in table),
        "majority": mean_accuracy(2 * table.sum(axis=0) > len(table), labels),
    }
    pairs = np.corrcoef(table)[np.triu_indices(len(table), 1)]
    alone = np.prod(1 - table.mean(axis=1))
    return {
        **{name: float(share) for name, share in shares.items()},
        "none": float(mean_accuracy(~table.any(axis=0), labels)),
        "none_if_independent": float(alone),
        "correlation_of_right": float(pairs.mean()),
    }


def measured(dataset: ZeroShotDataset) -> dict[str, Any]:
    """Everything that the shipped checkpoints of this data set tell."""
    quality: dict[str, Array] = {}
    answers: dict[str, NDArray[np.bool_]] = {}
    opened: dict[str, tuple[AttributeCheckpoint, FusedPhotos]] = {}
    for info in list_checkpoints(task="attributes"):
        if info.data != dataset.name:
            continue
        checkpoint = AttributeCheckpoint.load(info.folder)
        photos = fused_of(info.folder, checkpoint.space)
        if photos is not None:
            quality[info.name], answers[info.name] = read(photos, checkpoint.space), right(photos, checkpoint)
            opened[info.name] = checkpoint, photos
    matrix = np.array(list(quality.values()))
    told = np.isfinite(matrix).all(axis=0)
    mean = np.where(told, np.nan_to_num(matrix).mean(axis=0), np.nan)
    pairs = spearmanr(matrix[:, told], axis=1).statistic[np.triu_indices(len(matrix), 1)]
    best = max(opened, key=lambda name: opened[name][0].metrics["validation"]["t1"])  # not by a test figure
    checkpoint, photos = opened[best]
    labels = photos.labels[~photos.of_seen]
    order, names = np.argsort(mean[told]), np.array(dataset.space.attribute_names)[told]
    groups = np.array(dataset.space.groups)[told]
    return {
        "data": dataset.name,
        "systems": {
            name: {"read": float(values[told].mean()), "t1": float(mean_accuracy(answers[name], labels))}
            for name, values in quality.items()
        },
        "attributes": int(told.sum()),
        "between_systems": {"mean": float(pairs.mean()), "least": float(pairs.min()), "most": float(pairs.max())},
        "worst": [{"name": names[i], "group": groups[i], "read": float(mean[told][i])} for i in order[:12]],
        "best": [{"name": names[i], "group": groups[i], "read": float(mean[told][i])} for i in order[::-1][:12]],
        "groups": {
            group: {"attributes": int((groups == group).sum()), "read": float(mean[told][groups == group].mean())}
            for group in dict.fromkeys(groups.tolist())
        },
        "traits": {name: ranked(values[told], mean[told]) for name, values in traits(dataset).items()},
        "answers": agreement(answers, labels),
        "mended": {"system": best, **_mended(checkpoint, photos, mean)},
    }


def _mended(checkpoint: AttributeCheckpoint, photos: FusedPhotos, mean: Array) -> dict[str, float]:
    """T1 as it is, and with a quarter of the attributes read without error: the worst read, the best, and quarters by chance."""
    count, quarter = len(mean), len(mean) // 4
    order = np.argsort(np.nan_to_num(mean))
    rng = np.random.default_rng(0)
    chance = [rng.permutation(count)[:quarter] for _ in range(DRAWS)]
    return {
        "as_it_is": perfect(photos, checkpoint, np.zeros(count, dtype=bool)),
        "worst": perfect(photos, checkpoint, np.isin(np.arange(count), order[:quarter])),
        "best": perfect(photos, checkpoint, np.isin(np.arange(count), order[-quarter:])),
        "chance": float(np.mean([perfect(photos, checkpoint, np.isin(np.arange(count), one)) for one in chance])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="NAME=DIR", help="photos of classes described by attributes")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where the cached features are")
    parser.add_argument(
        "--sides",
        default="",
        metavar="N,N",
        help="other sides in pixels that photos are brought to before the backbone looks",
    )
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="where the measured file goes")
    given = parser.parse_args()
    name, folder = parse_data_argument(given.data)
    dataset = load_dataset(name, folder, "attributes")
    assert isinstance(dataset, ZeroShotDataset)
    given.out.mkdir(parents=True, exist_ok=True)
    file = given.out / f"{name}.json"
    if given.cache:
        closed_form = closed_form_gains(
            dataset.with_word_vectors(), given.cache, tuple(map(int, filter(None, given.sides.split(","))))
        )
    else:
        closed_form = json.loads(file.read_text(encoding="utf-8"))["closed_form"]
    content = {**measured(dataset), "closed_form": closed_form}
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(content, indent=1))


if __name__ == "__main__":
    main()
