"""Do the maps of labels lie on what they name? Measured on pictures put together here, in which every object's place is known.

Cut-outs with transparency are pasted over landscapes, two objects of different labels a scene, and each label's map is compared
with the pixels that its object covers. Such scenes are no photographs: edges are sharp, light and scale do not match. They measure
where a map lies, not how well a model recognises photos.

Per label and scene: energy, pointing and ranking as `tasks.base.masks` has them, beside what a map without meaning gets.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.errors import DataError
from zslviz.photos.geometry import Geometry
from zslviz.runtime.places import examples_folder
from zslviz.tasks.base.bootstrap import REPLICATES, TAILS, draw, percentiles
from zslviz.tasks.base.masks import on_mask, paste, share_of_highest
from zslviz.tasks.multilabel.explainer import LabelExplainer
from zslviz.tasks.multilabel.explanation import LabelExplanation

MapsOf = Callable[[Image.Image, str], NDArray[np.floating[Any]]]
SCENES = 30
FIGURES = ("energy", "area", "pointing", "pointing_other", "ranking")


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture, and for each label the pixels that its object covers: bool [height, width]."""

    photo: Image.Image
    masks: dict[str, NDArray[np.bool_]]
    landscape: str


@dataclass(frozen=True)
class CutOut:
    """height: of the scene's. place: which places of a landscape it may stand in."""

    file: Path
    label: str
    place: str
    height: float


@dataclass(frozen=True)
class Landscape:
    """places: where an object's lower edge may lie, as fractions of the height from above: `{"ground": (0.7, 0.95)}`."""

    file: Path
    places: dict[str, tuple[float, float]]


def make_scenes(folder: Path, count: int = SCENES, seed: int = 0) -> list[Scene]:
    """Scenes of a folder with the pictures in `cutouts/` and `landscapes/`, the same ones every time. Raises DataError.

    `cutouts.csv`: file, label, place, height. `landscapes.csv`: file, title, and a column for each place with the range LOW-HIGH.
    """
    cut_outs = [
        CutOut(folder / "cutouts" / row["file"], row["label"], row["place"], float(row["height"]))
        for row in _rows(folder / "cutouts.csv")
    ]
    landscapes = [
        Landscape(
            folder / "landscapes" / row["file"],
            {place: _range(text) for place, text in row.items() if place not in ("file", "title") and text},
        )
        for row in _rows(folder / "landscapes.csv")
    ]
    random = np.random.default_rng(seed)
    used = dict.fromkeys(cut_outs, 0)
    return [_compose(landscapes, used, random) for _ in range(count)]


def _compose(landscapes: list[Landscape], used: dict[CutOut, int], random: np.random.Generator) -> Scene:
    """One or two objects side by side, those that were used least so far first."""
    order = sorted(used, key=lambda c: (used[c], random.random()))
    fitting = [one for one in landscapes if order[0].place in one.places]
    if not fitting:
        raise DataError(f"No landscape has a place for the cut-out '{order[0].file.name}'.")
    landscape = fitting[int(random.integers(len(fitting)))]
    beside = [c for c in order[1:] if c.place in landscape.places and c.label != order[0].label]
    chosen = order[:1] + beside[:1]
    with Image.open(landscape.file) as opened:
        photo = opened.convert("RGB")
    masks = {}
    halves = random.permutation(2)
    for cut_out, half in zip(chosen, halves, strict=False):
        used[cut_out] += 1
        layer = _placed(cut_out, landscape.places[cut_out.place], int(half), photo.size, random)
        masks[cut_out.label] = paste(photo, layer)
    return Scene(photo, masks, landscape.file.stem)


def _placed(
    cut_out: CutOut, lower_edge: tuple[float, float], half: int, size: tuple[int, int], random: np.random.Generator
) -> Image.Image:
    """A transparent picture of the scene's size with the object in its left (0) or right (1) half, perhaps mirrored."""
    width, height = size
    with Image.open(cut_out.file) as opened:
        figure = opened.convert("RGBA")
    if random.random() < 0.5:
        figure = figure.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    scale = min(cut_out.height * random.uniform(0.85, 1.15) * height / figure.height, 0.92 * (width / 2) / figure.width)
    figure = figure.resize((round(figure.width * scale), round(figure.height * scale)), Image.Resampling.LANCZOS)
    x = half * width / 2 + random.uniform(0.1, 0.9) * (width / 2 - figure.width)
    y = random.uniform(*lower_edge) * height - figure.height
    layer = Image.new("RGBA", size)
    layer.paste(figure, (round(x), max(0, round(y))))
    return layer


def measure_label_maps(
    maps_of: MapsOf, scenes: Sequence[Scene], replicates: int = REPLICATES, seed: int = 0
) -> dict[str, Any]:
    """Means over all objects of all scenes: energy, pointing, pointing_other and ranking, each with an interval.

    energy_chance, pointing_chance: the mask's share of the area, which a map without meaning gets. scenes, things: how many.
    maps_of: the map of a label in a picture, any [H, W] that covers the picture evenly. pointing_other: how often the highest place
    lies on the scene's other object instead. intervals: 95 % percentile bootstrap over scenes. per_label: the same means by label.
    A map without a positive value has energy 0.
    """
    rows = [
        {"scene": number, "label": label, **measured}
        for number, scene in enumerate(scenes)
        for label, measured in _measured(maps_of, scene)
    ]
    if not rows:
        raise DataError("There are no scenes to measure maps on.")
    values = np.array([[row[figure] for figure in FIGURES] for row in rows])
    of_scene = np.array([row["scene"] for row in rows])
    totals, counts = np.zeros((len(scenes), len(FIGURES))), np.bincount(of_scene, minlength=len(scenes))
    np.add.at(totals, of_scene, values)
    drawn = draw(len(scenes), replicates, np.random.default_rng(seed))
    means = totals[drawn].sum(axis=1) / np.maximum(counts[drawn].sum(axis=1), 1)[:, None]
    low, high = percentiles(means, TAILS)
    labels = np.array([row["label"] for row in rows])
    overall: dict[str, float] = dict(zip(FIGURES, values.mean(axis=0).tolist(), strict=True))
    return {
        **{f: v for f, v in overall.items() if f != "area"},
        "energy_chance": overall["area"],
        "pointing_chance": overall["area"],
        "scenes": len(scenes),
        "things": len(rows),
        "intervals": {f: [a, b] for f, a, b in zip(FIGURES, low, high, strict=True)},
        "per_label": [
            {
                "label": str(label),
                "things": int((labels == label).sum()),
                **dict(zip(FIGURES, values[labels == label].mean(axis=0).tolist(), strict=True)),
            }
            for label in dict.fromkeys(labels)
        ],
    }


def _measured(maps_of: MapsOf, scene: Scene) -> Iterator[tuple[str, dict[str, float]]]:
    """Every label of a scene with its figures."""
    width, height = scene.photo.size
    for label, mask in scene.masks.items():
        values = np.asarray(maps_of(scene.photo, label), dtype=np.float64)
        if values.ndim != 2 or not np.isfinite(values).all():
            raise DataError(f"The map of '{label}' must be [H, W] of numbers.")
        if values.shape != (height, width):
            values = Geometry(width, height, 1, 0, 0, 1, 1).map_to_photo(values).astype(np.float64)
        others = [m for name, m in scene.masks.items() if name != label]
        other = np.any(others, axis=0) & ~mask if others else np.zeros_like(mask)
        found = on_mask(values, mask)
        yield label, {**asdict(found), "pointing_other": share_of_highest(values, other)}


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))
    except OSError:
        raise DataError(f"'{path}' is missing; scenes need cut-outs and landscapes.") from None


def _range(text: str) -> tuple[float, float]:
    low, _, high = text.partition("-")
    return float(low), float(high)


SCENE_FOLDER = examples_folder() / "multi"


def measure_label_model(explainer: LabelExplainer, folder: Path = SCENE_FOLDER) -> dict[str, Any]:
    """`measure_label_maps` of a model; labels that it was not made with are added by their names. Raises DataError.

    A map's zero is set to the mean of its regions, so that energy tells where it is above its own average.
    """
    explained: dict[int, LabelExplanation] = {}

    def map_of(photo: Image.Image, label: str) -> NDArray[np.floating[Any]]:
        if id(photo) not in explained:
            explained.clear()
            explained[id(photo)] = explainer.explain(photo)
        explanation = explained[id(photo)]
        if label not in explanation.space:
            explanation = explainer.add(explanation, label)
        values = explanation.region_scores[explanation.space.label_index(label)]
        return explanation.map_geometry.map_to_photo(values - values.mean())

    return measure_label_maps(map_of, make_scenes(folder))
