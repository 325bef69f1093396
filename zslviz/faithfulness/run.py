"""Measuring a model's maps on photos of a data set: which photos, which attributes, and one record a photo."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from zslviz.backbones import Features
from zslviz.catalogue import data_card
from zslviz.errors import ConfigError, ImageError
from zslviz.faithfulness import curves, localisation, sanity
from zslviz.faithfulness.maps import STRONG, attribute_maps, attribute_offers, class_maps
from zslviz.faithfulness.parts import names_of_parts
from zslviz.faithfulness.records import Records, weights_digest
from zslviz.faithfulness.same_place import measure_same_place, summarise_same_place
from zslviz.faithfulness.scene_maps import SceneMeasurement
from zslviz.faithfulness.scene_summary import summarise_scenes
from zslviz.faithfulness.scenes import PLACES
from zslviz.faithfulness.summary import summarise
from zslviz.files import check_can_hold, read_bytes, replacing
from zslviz.photos.loading import MAX_FILE_BYTES
from zslviz.photos.priors import area_before, centre_prior, random_map
from zslviz.photos.smoothing import smooth
from zslviz.tasks.attributes.data import PartLocations, ZeroShotDataset
from zslviz.tasks.attributes.evaluation import labels_in
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.gradcam import grad_cam_of
from zslviz.tasks.attributes.maps import CLASS_EVIDENCE
from zslviz.tasks.attributes.scoring import class_scores, rank_classes
from zslviz.tasks.attributes.shuffling import with_shuffled_weights

FORMAT = 1
BATCH = {"cpu": 2, "cuda": 64}
"""Photos of a curve that the backbone sees together, by device. What it makes of two stays in a core's cache: on one core of an
AMD EPYC processor, 16 at a time take 1.7 times as long a photo. A GPU wants many."""


@dataclass(frozen=True)
class Settings:
    """What is measured. photos: for localisation and randomised weights; curves: how many of these get curves as well.

    scenes: how many of each sort are put together, and on how many of the photos it is measured whether maps peak in one place.
    part: "test" (seen and unseen classes), or "trainval" where something is still to be chosen. seed: of the choice of photos,
    random orders and weights; more photos of the same seed begin with the same ones.
    """

    photos: int = 500
    curves: int = 200
    part: Literal["test", "trainval"] = "test"
    seed: int = 0
    scenes: int = 100

    def __post_init__(self) -> None:
        if self.photos < 1 or self.curves < 0 or self.scenes < 0:
            raise ConfigError("Maps are measured on at least one photo, and curves and scenes on none or more.")
        if self.part not in ("test", "trainval"):
            raise ConfigError(f"The photos are of the part 'test' or 'trainval', not '{self.part}'.")
        if self.seed < 0:
            raise ConfigError(f"A seed is a whole number from 0 on, not {self.seed}.")


class Job(NamedTuple):
    """Records of one kind: the photos or scenes wanted, by number, how one is measured, and what tells it from another."""

    wanted: list[int]
    measure: Callable[[int], dict[str, Any]]
    content: Callable[[int], str]


class Measurement:
    """One model on one data set; each method gives the record of one photo."""

    def __init__(self, explainer: AttributeExplainer, dataset: ZeroShotDataset, settings: Settings) -> None:
        self.explainer, self.dataset, self.settings = explainer, dataset, settings
        self.labels = labels_in(explainer.space, dataset)
        card = data_card(dataset.name)
        self.parts: PartLocations | None = card.part_locations(dataset) if card and card.part_locations else None

    @cached_property
    def shuffled(self) -> AttributeExplainer:
        return with_shuffled_weights(self.explainer, self.settings.seed)

    @cached_property
    def pool(self) -> NDArray[np.int64]:
        """All photos of the part, in the order of the data set."""
        of = self.dataset
        part = of.trainval if self.settings.part == "trainval" else np.concatenate([of.test_seen, of.test_unseen])
        return np.sort(part)

    def photos(self) -> list[int]:
        """The photos by chance, the same ones for every model."""
        return np.random.default_rng(self.settings.seed).permutation(self.pool)[: self.settings.photos].tolist()

    def content(self, photo: int) -> str:
        """Tells a photo from another that took its place. Raises ImageError."""
        return hashlib.sha256(read_bytes(self.dataset.files[photo], ImageError, MAX_FILE_BYTES)).hexdigest()[:16]

    def jobs(self) -> dict[str, Job]:
        """What is measured, by the kind of its records."""
        photos, settings = self.photos(), self.settings
        scenes = SceneMeasurement(self.explainer, self.dataset, self.pool, self.labels, settings.seed, self.content)
        return {
            "maps": Job(photos, self.measure_maps, self.content),
            "same place": Job(photos[: settings.scenes], self.measure_same_place, self.content),
            **{
                kind: Job(list(range(settings.scenes)), partial(scenes.measure, kind), partial(scenes.content_of, kind))
                for kind in scenes.kinds()
            },
            "curves": Job(photos[: settings.curves], self.measure_curves, self.content),
        }

    def strong_attributes(self, photo: int) -> list[int]:
        """What the photo's class has according to the table; where parts are marked, only what belongs to one."""
        space = self.explainer.space
        strong = np.flatnonzero(space.table[self.labels[photo]] >= STRONG)
        return [int(a) for a in strong if self.parts is None or space.groups[a] in self.parts.groups]

    def measure_maps(self, photo: int) -> dict[str, Any]:
        """Localisation of every map of the strong attributes whose parts are visible, and the maps under shuffled weights."""
        features, encoded = self.explainer.encode_photo(self.dataset.files[photo])
        explanation = self.explainer.explain_encoded(features, encoded)
        after = self.shuffled.explain_encoded(features, encoded)
        attributes = self.strong_attributes(photo)
        record: dict[str, Any] = {"sanity": _sanity(explanation, after, attributes)}
        if self.parts is not None:
            record.update(self._localisation(features, explanation, photo, attributes))
        return record

    def measure_curves(self, photo: int) -> dict[str, Any]:
        """Curves of the attribute that stands out most among the strong ones, and of the predicted class."""
        features, encoded = self.explainer.encode_photo(self.dataset.files[photo])
        explanation = self.explainer.explain_encoded(features, encoded)
        shape = explanation.photo.shape[:2]
        attribute = self._outstanding(explanation, self.strong_attributes(photo))
        predicted = int(explanation.rank().order[0])
        maps = {f"class: {name}": values[0] for name, values in class_maps(explanation, [predicted]).items()}
        if attribute is not None:
            own = attribute_maps(explanation, [attribute])
            shown = [n if offer.exact else f"{n}, smooth" for n, offer in attribute_offers(explanation).items()]
            maps |= {f"attribute: {name}": own[name][0] for name in shown}
        yardstick = grad_cam_of(self.explainer, features, [] if attribute is None else [attribute], [predicted])
        maps["class: Grad-CAM"] = yardstick.classes[0]
        if attribute is not None:
            maps["attribute: Grad-CAM"] = yardstick.attributes[0]
        chance = random_map(np.random.default_rng((self.settings.seed, photo)), explanation.checked_grid())
        laid = {name: explanation.geometry.map_to_photo(values) for name, values in {**maps, "random": chance}.items()}
        laid["centre"] = centre_prior(*shape)
        orders = {name: area_before(values, laid["random"]) for name, values in laid.items()}
        measured = curves.measure_curves(
            explanation.photo, orders, lambda photos: self._scores(photos, attribute, predicted)
        )
        return {"attribute": attribute, "class": predicted, **_curves_as_lists(measured)}

    def measure_same_place(self, photo: int) -> dict[str, Any]:
        """How many attributes' maps peak in one place."""
        return measure_same_place(self.explainer.explain(self.dataset.files[photo]), self.settings.seed + photo)

    # -- parts of a record ----------------------------------------------------------------------------------------------

    def _localisation(
        self, features: Features, explanation: Explanation, photo: int, attributes: list[int]
    ) -> dict[str, Any]:
        assert self.parts is not None
        targets = localisation.visible_targets(self.parts, self.explainer.space.groups, photo, attributes)
        maps = attribute_maps(explanation, list(targets))
        yardstick = grad_cam_of(self.explainer, features, list(targets)).attributes
        maps |= {"Grad-CAM": yardstick, "Grad-CAM, smooth": smooth(yardstick)}
        centre = centre_prior(localisation.SIDE, localisation.SIDE)
        found = {"centre": [localisation.localise(centre, t) for t in targets.values()]}
        found |= localisation.localise_all(maps, explanation.geometry, list(targets.values()))
        rows = {name: [_row(one) for one in measured] for name, measured in found.items()}
        return {
            "attributes": list(targets),
            "chance": [_rounded(t.chance) for t in targets.values()],
            "maps": rows,
        }

    def _outstanding(self, explanation: Explanation, attributes: list[int]) -> int | None:
        """The attribute predicted furthest above what is usual for it; the plain value would nearly always pick a black eye."""
        if not attributes:
            return None
        scale = explanation.scale
        standard = (explanation.values - scale.table_mean) / scale.table_std
        return max(attributes, key=lambda a: float(standard[a]))

    def _scores(self, photos: Iterable[Any], attribute: int | None, predicted: int) -> NDArray[np.float32]:
        """For each photo: the attribute's value, the class's score, its probability among all classes: [n, 3]."""
        space, rule, gamma = self.explainer.space, self.explainer.rule, self.explainer.gamma
        rows = []
        for raw in self.explainer.scores(photos, batch_size=BATCH.get(self.explainer.device.type, 2)):
            value = float("nan") if attribute is None else self.explainer.scale.to_values(raw)[attribute]
            probability = rank_classes(raw, space, rule, gamma).probabilities[predicted]
            rows.append((value, class_scores(raw, space, rule)[predicted], probability))
        return np.array(rows, dtype=np.float32)


def measure_faithfulness(
    explainer: AttributeExplainer, dataset: ZeroShotDataset, settings: Settings, out: Path
) -> dict[str, Any]:
    """Measures, with a progress bar, and writes the figures to `out`; records lie beside it with the suffix `.jsonl`.

    What is in that file already is not measured again, but for photos that are others by now. Raises ConfigError, DataError.
    """
    check_can_hold(out.parent)
    measurement = Measurement(explainer, dataset, settings)
    header = {
        "format": FORMAT,
        "model": explainer.name,
        "weights": weights_digest(explainer.checkpoint.network),
        "data": dataset.name,
        "part": settings.part,
        "seed": settings.seed,
    }
    photos = measurement.photos()
    if not out.with_suffix(".jsonl").is_file():  # nothing has been measured yet
        for photo in photos[:1]:
            explainer.explain(dataset.files[photo]).offer_of(None, "attribute")
    records = Records(out.with_suffix(".jsonl"), header)
    jobs = measurement.jobs()
    for kind, job in jobs.items():
        known = {(record["photo"], record.get("content")) for record in records.of(kind, job.wanted)}
        missing = [number for number in job.wanted if (number, job.content(number)) not in known]
        for number in tqdm(missing, initial=len(job.wanted) - len(missing), total=len(job.wanted), unit="", desc=kind):
            started = time.perf_counter()
            record = {"content": job.content(number), **job.measure(number)}
            records.append(
                {"kind": kind, "photo": number, "seconds": round(time.perf_counter() - started, 3), **record}
            )
    found = {kind: list(records.of(kind, job.wanted)) for kind, job in jobs.items()}
    groups = explainer.space.groups
    figures = {
        **header,
        **summarise(
            found["maps"],
            found["curves"],
            groups,
            names_of_parts(measurement.parts.groups) if measurement.parts else None,
        ),
        "same_place": summarise_same_place(found["same place"]),
        "scenes": summarise_scenes([record for kind in PLACES for record in found.get(kind, ())], groups),
    }
    with replacing(out) as file:
        file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return figures


def _sanity(before: Explanation, after: Explanation, attributes: list[int]) -> dict[str, float | None]:
    """Mean rank correlation between a model's maps of a photo and those of the same model with shuffled weights."""
    predicted = int(before.rank().order[0])
    both = (before, after)
    pairs = {name: tuple(one.fused(name)[attributes] for one in both) for name in attribute_offers(before)}
    if any(offer.of == CLASS_EVIDENCE.of for offer in before.offers()):
        pairs["class"] = tuple(one.class_evidence(predicted)[None] for one in both)
    found = {name: sanity.rank_correlation(*maps) for name, maps in pairs.items()}
    return {k: None if np.isnan(v).all() else round(float(np.nanmean(v)), 4) for k, v in found.items()}


def _curves_as_lists(measured: curves.Curves) -> dict[str, Any]:
    return {
        "fractions": list(measured.fractions),
        "whole": _rounded(measured.whole),
        "blurred": _rounded(measured.blurred),
        "deletion": {name: [_rounded(step) for step in values] for name, values in measured.deletion.items()},
        "insertion": {name: [_rounded(step) for step in values] for name, values in measured.insertion.items()},
    }


def _row(measured: localisation.Localisation) -> list[float | None]:
    return _rounded((measured.distance, measured.energy_parts, measured.energy_box))


def _rounded(values: Iterable[float]) -> list[float | None]:
    """Numbers for JSON; what is not finite becomes null."""
    return [float(f"{v:.6g}") if np.isfinite(v) else None for v in values]
