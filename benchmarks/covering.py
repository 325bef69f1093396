"""Do maps keep their word? What they promise of a photo without a place, beside what the network makes of it covered.

python benchmarks/covering.py --data awa2=DIR --data cub=DIR --photos 200

Each test photo is covered in nine places, one after the other: a third of its sides each, so that every place counts once and all
are of one size. Within a photo the nine promises are correlated with the nine proofs, of the attribute that stands out most among
those that the class has, and of the first class's score. Beside the evidence stand maps that have no units and so can promise an
order alone: Grad-CAM, the middle of the photo, and chance; their promise is their share inside the place. A mean over photos has a
95 % interval by bootstrap.
One file a model is written into docs/results/covering, which docs/results.md is made of; beside it, with the suffix .jsonl, stands
what was measured of each photo, so that the same command goes on after an interruption and more photos cost no more than
themselves. The models of a data set share the encoder's one look at a photo and its covered copies. On a machine that others use
OMP_NUM_THREADS=1 is faster: two threads wait for each other.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import machine
from numpy.typing import NDArray

from zslviz.backbones import Features
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.faithfulness.maps import STRONG
from zslviz.faithfulness.records import Records, weights_digest
from zslviz.faithfulness.run import BATCH
from zslviz.photos.covering import Region, blur, covered
from zslviz.photos.loading import load_photo, to_network_input
from zslviz.photos.priors import centre_prior, random_map
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.evaluation import labels_in
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.gradcam import grad_cam_of
from zslviz.tasks.attributes.is_it_true.places import Places
from zslviz.tasks.attributes.is_it_true.trial import TOLERANCE, Trial
from zslviz.tasks.attributes.is_it_true.without import Without
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.base.explainer import EncodedPhoto, as_batch

FOLDER = Path(__file__).parents[1] / "docs" / "results" / "covering"
SIDE = 3
TILES = [Region(x / SIDE, y / SIDE, (x + 1) / SIDE, (y + 1) / SIDE) for y in range(SIDE) for x in range(SIDE)]
RIVALS = ("Grad-CAM", "centre", "random")
DRAWS = 2000
KIND = "covering"
EVERY = 10  # photos after which the figures so far are written
Row = NDArray[np.floating[Any]]


class Model:
    """One model, with a record of each photo on disk."""

    def __init__(self, explainer: AttributeExplainer, dataset: ZeroShotDataset, head: dict[str, Any], folder: Path):
        self.explainer, self.labels = explainer, labels_in(explainer.space, dataset)
        self.head = {"model": explainer.name, "weights": weights_digest(explainer.checkpoint.network), **head}
        self.records = Records(folder / f"{explainer.name}.jsonl", {**self.head, "places": len(TILES)})

    def measure(self, photo: int, whole: EncodedPhoto, features: Features) -> None:
        """features: of the photo, then of it with every place covered."""
        self.records.append({"kind": KIND, "photo": photo, "told": self.told(photo, whole, features)})

    def told_of(self, photos: Sequence[int]) -> list[dict[str, Any]]:
        """What is known of some photos, those without a visible attribute left out."""
        return [told for record in self.records.of(KIND, photos) if (told := record["told"]) is not None]

    def outstanding(self, explanation: Explanation, photo: int) -> int | None:
        """Of the attributes that the class has and a photo can show, the one that is read furthest above what is usual."""
        space, scale = explanation.space, explanation.scale
        strong = (space.table[self.labels[photo]] >= STRONG) & np.array(space.visible)
        standard = np.where(strong, (explanation.values - scale.table_mean) / scale.table_std, -np.inf)
        return int(standard.argmax()) if strong.any() else None

    def told(self, photo: int, whole: EncodedPhoto, features: Features) -> dict[str, Any] | None:
        """Promises and proofs of every place; None where the photo's class has nothing that a photo can show."""
        explanation = self.explainer.explain_encoded(part_of(features, slice(1)), whole)
        attribute = self.outstanding(explanation, photo)
        if attribute is None:
            return None
        ranking = explanation.rank()
        first, proved = ranking.best.index, self.explainer.scores_of(part_of(features, slice(1, None)))
        promises = [explanation.without(tile) for tile in TILES]
        proofs = [Without(tile, s, "network", explanation) for tile, s in zip(TILES, proved, strict=True)]
        cam = grad_cam_of(self.explainer, part_of(features, slice(1)), [attribute], [first])
        chance = random_map(np.random.default_rng((self.head["seed"], photo)), explanation.checked_grid())
        middle = centre_prior(*explanation.checked_grid())
        told: dict[str, Any] = {}
        for what, read, own in (
            ("attribute", lambda one: float(one.changes[attribute]), cam.attributes[0]),
            # before calibration
            ("class", lambda one: float(one.rank().scores[first] - ranking.scores[first]), cam.classes[0]),
        ):
            found, maps = [read(one) for one in proofs], {"Grad-CAM": own, "centre": middle, "random": chance}
            shares = {name: inside(values, explanation) for name, values in maps.items()}
            told[what] = {"proved": found, "evidence": [read(one) for one in promises], **shares}
        request = RankRequest()
        silence = Without(Region(0, 0, 1, 1), explanation.scores, "evidence", explanation)
        told["kept"] = [Trial(a, b, attribute, request).kept for a, b in zip(promises, proofs, strict=True)]
        told["silence"] = [Trial(silence, one, attribute, request).kept for one in proofs]
        told["moves"] = [abs(float(one.changes[attribute])) > TOLERANCE for one in proofs]
        return told


def inside(values: Row, explanation: Explanation) -> list[float]:
    """What a map without units promises, place by place: less of the score, the more of the map is inside."""
    places = Places(values[None, None].astype(np.float64), explanation.map_geometry)
    whole = max(float(values.sum()), 1e-12)
    return [-float(places.inside(tile)[0, 0]) / whole for tile in TILES]


def part_of(features: Features, which: slice) -> Features:
    return Features({name: stage[which] for name, stage in features.stages.items()})


def encoded(explainer: AttributeExplainer, stages: Sequence[str], file: Path) -> tuple[EncodedPhoto, Features]:
    """The photo, and features of it and of it with every place covered."""
    photo = np.asarray(load_photo(file), np.uint8)
    blurred = blur(photo)
    versions = [photo, *(covered(photo, tile, blurred) for tile in TILES)]
    inputs = [to_network_input(load_photo(version), explainer.checkpoint.size) for version in versions]
    with torch.inference_mode():
        batches = as_batch([pixels for pixels, _ in inputs]).split(BATCH["cpu"])
        found = [explainer.encoder.encode(batch, stages).stages for batch in batches]
    features = Features({name: torch.cat([stages[name] for stages in found]) for name in stages})
    return EncodedPhoto(photo, inputs[0][1], "cpu", 0.0, 0.0), features


# -- figures ----------------------------------------------------------------------------------------------------------------


def correlation(promised: Row, proved: Row) -> float:
    """Pearson's; NaN where one of them is the same in every place."""
    if np.ptp(promised) <= 1e-12 or np.ptp(proved) <= 1e-12:
        return float("nan")
    return float(np.corrcoef(promised, proved)[0, 1])


def interval(values: Sequence[float]) -> dict[str, float | None]:
    """The mean over photos with its 95 % interval."""
    there = np.array([value for value in values if np.isfinite(value)])
    if not len(there):
        return {"value": None, "low": None, "high": None}
    means = there[np.random.default_rng(0).integers(0, len(there), (DRAWS, len(there)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return {"value": round(float(there.mean()), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def figures(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Correlations by what promises; how much of a promise comes true; how often the word is kept."""
    told: dict[str, Any] = {"photos": len(records), "places": len(TILES)}
    for what in ("attribute", "class"):
        rows = [{name: np.array(numbers) for name, numbers in one[what].items()} for one in records]
        told[what] = {n: interval([correlation(r[n], r["proved"]) for r in rows]) for n in ("evidence", *RIVALS)}
        promised, proved = (np.concatenate([row[name] for row in rows]) for name in ("evidence", "proved"))
        told[what]["slope"] = round(float(promised @ proved / max(promised @ promised, 1e-12)), 4)
    for name in ("kept", "silence"):
        told[name] = interval([float(np.mean(one[name])) for one in records])
    moved = [one for one in records if any(one["moves"])]
    told["kept_where_it_moves"] = interval(
        [float(np.mean(np.array(one["kept"])[np.array(one["moves"])])) for one in moved]
    )
    return told


def photos_of(dataset: ZeroShotDataset, count: int, seed: int) -> list[int]:
    """Test photos by chance, the same ones for every model."""
    pool = np.sort(np.concatenate([dataset.test_seen, dataset.test_unseen]))
    return np.random.default_rng(seed).permutation(pool)[:count].tolist()


def models_of(
    data: str, head: dict[str, Any], names: Sequence[str], folder: Path
) -> tuple[ZeroShotDataset, list[Model]]:
    """A data set and the models that were trained on it. They share the encoder, which looks at each photo once."""
    name, where = parse_data_argument(data)
    dataset = load_dataset(name, where)
    found = [
        info for info in list_checkpoints(task="attributes") if info.data == name and (not names or info.name in names)
    ]
    models = [Model(AttributeExplainer.from_pretrained(info.folder, "cpu"), dataset, head, folder) for info in found]
    first = models[0].explainer
    assert all(m.explainer.checkpoint.size == first.checkpoint.size for m in models)
    assert all(m.explainer.encoder is first.encoder or m.explainer.encoder.shift == first.encoder.shift for m in models)
    return dataset, models


def measure(dataset: ZeroShotDataset, models: Sequence[Model], photos: Sequence[int]) -> Iterator[list[int]]:
    """The photos so far, each time that figures of them are to be written. What is on disk is not measured again."""
    first = models[0].explainer
    for number, photo in enumerate(photos, start=1):
        missing = [model for model in models if (KIND, photo) not in model.records]
        if missing:
            stages = sorted({stage for model in missing for stage in model.explainer._network.stages})
            whole, features = encoded(first, stages, dataset.files[photo])
            for model in missing:
                model.measure(photo, whole, features)
        if number == len(photos) or (missing and number % EVERY == 0):
            print(f"{dataset.name}: {number} of {len(photos)} photos", flush=True)
            yield list(photos[:number])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", required=True, help="NAME=DIR, as often as you like")
    parser.add_argument("--model", action="append", default=[], help="these alone")
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="two photos; nothing is written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) if options.quick else FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for data in options.data:
            dataset, models = models_of(data, {"seed": options.seed}, options.model, folder)
            photos = photos_of(dataset, 2 if options.quick else options.photos, options.seed)
            for done in measure(dataset, models, photos):
                for model in models:
                    told = {**model.head, **figures(model.told_of(done)), "machine": machine()}
                    if options.quick:
                        print(json.dumps(told))
                    (folder / f"{model.explainer.name}.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
