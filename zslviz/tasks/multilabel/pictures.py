"""Pictures of labels in a photo: their maps on one scale, the counted regions, several labels hatched over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import png
from zslviz.tasks.base.likeness import alike
from zslviz.tasks.base.outlines import contours_answer, frame_of, outline
from zslviz.tasks.base.pictures import laid_over, layer_url, legend, region_box, thumbnail_url
from zslviz.tasks.base.where import where_in_words
from zslviz.tasks.multilabel.explanation import ATTENTION, LabelExplanation
from zslviz.tasks.multilabel.parts import part_leads, part_scale
from zslviz.tasks.multilabel.scales import LabelScale, label_scale

MAP_WIDTH = 480
Area = Literal["counted", "half"]


@dataclass(frozen=True)
class Hatching:
    """How one of several labels is drawn. colour: RGB; angle: of its lines, degrees from the horizontal."""

    colour: tuple[int, int, int]
    angle: int


# distinguishable with every common colour deficiency (Okabe and Ito), and by the direction of the lines alone
HATCHINGS = (
    Hatching((240, 160, 0), 45),
    Hatching((86, 190, 245), 135),
    Hatching((255, 120, 190), 90),
    Hatching((120, 225, 80), 0),
)


def map_answer(
    explanation: LabelExplanation, label: int, own: int, stretch: bool | None = None, part: int | None = None
) -> dict[str, Any]:
    """A label's map to lay over the photo, its counted regions as fractions of the photo's sides, and its score.

    stretch: on the label's own scale; None for a weak map alone (`scales.label_scale`). part: of this part of the model alone, on
    the scale of parts; leads: how much more each part gives to it than to the average label, none of a model without parts.
    """
    values, drawn = _drawn(explanation, label, own, stretch, part)
    boxes = [region_box(explanation, *cell) for cell in explanation.counted_regions(label)]
    return {
        "name": explanation.space.label_names[label],
        "seen": bool(explanation.space.seen[label]),
        "added": label >= own,
        "score": float(explanation.scores[label]),
        "url": layer_url(explanation, values, drawn.scale, MAP_WIDTH),
        "contours": contours_answer(explanation, values, drawn.scale),
        "where": where_in_words(explanation, values, float(np.median(values))),
        "boxes": [box for box in boxes if box[0] < box[2] and box[1] < box[3]],
        "counted": len(boxes),  # some may lie beside a very long photo
        "part": None if part is None else explanation.parts[part].name,
        "leads": part_leads(explanation.part_means(), label, own) if explanation.parts else [],
        "legend": legend(drawn.scale) if values.min() < values.max() else None,  # a flat map has no scale
        **_told(drawn),
    }


def thumbnails_answer(explanation: LabelExplanation, labels: Sequence[int], own: int) -> dict[str, Any]:
    """Small maps of some labels on the photo's one scale, weak ones stretched.

    Labels whose maps are the same have one picture, seen and unseen ones apart.
    """
    maps, seen = explanation.region_scores, explanation.space.seen
    groups = [[labels[i] for i in group] for group in alike([maps[i] for i in labels])]
    answer = []
    for group in [[i for i in group if bool(seen[i]) == is_seen] for group in groups for is_seen in (False, True)]:
        if not group:
            continue
        drawn = label_scale(maps, group[0], own)
        answer.append(
            {
                "names": [explanation.space.label_names[i] for i in group],
                "url": thumbnail_url(explanation, maps[group[0]], drawn.scale),
                **_told(drawn),
            }
        )
    return {"thumbnails": answer}


def _drawn(
    explanation: LabelExplanation, label: int, own: int, stretch: bool | None, part: int | None
) -> tuple[NDArray[np.float32], LabelScale]:
    """The map of a label, or of what one part gives to it, and the scale that it is drawn on."""
    drawn = label_scale(explanation.region_scores, label, own, stretch)
    if part is None or explanation.part_scores is None:
        return explanation.region_scores[label], drawn
    return explanation.part_scores[part, label], replace(drawn, scale=part_scale(explanation.part_scores, label, part))


def _told(drawn: LabelScale) -> dict[str, Any]:
    """What the page says of the scale of a map."""
    return {"weak": drawn.weak, "stretched": drawn.stretched, "reach": drawn.reach}


def attention_answer(explanation: LabelExplanation, row: int, column: int) -> dict[str, Any]:
    """Where a region looked (mean over heads), on a scale from 0 to the largest share."""
    looked = explanation.map(ATTENTION.name, (row, column))
    return {
        "row": row,
        "column": column,
        "url": layer_url(explanation, looked.values, looked.scale, MAP_WIDTH),
        "legend": legend(looked.scale),
    }


# -- several labels over each other ----------------------------------------------------------------------------------------


def area_named(name: Any) -> Area:
    """Which area of a label is hatched, by its name. Raises ConfigError."""
    if name == "counted":
        return "counted"
    if name == "half":
        return "half"
    raise ConfigError(
        "The area to hatch is 'half' (half-way to the top of a label's map) or 'counted' (its counted regions)."
    )


def hatched_labels(labels: Sequence[int]) -> list[tuple[int, Hatching]]:
    """Labels with their hatching, in the order given. Raises ConfigError if they are too many."""
    if len(labels) > len(HATCHINGS):
        raise ConfigError(f"At most {len(HATCHINGS)} labels can be laid over each other.")
    return list(zip(labels, HATCHINGS, strict=False))


def area_of(explanation: LabelExplanation, label: int, area: Area, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Where a label is, over the photo: uint8 0 or 1 [height, width] of `shape`.

    half: places whose value is at least half-way from the median to the highest of the label's own map. counted: the regions
    whose mean is its score.
    """
    if area == "half":
        values = explanation.region_scores[label]
        laid = explanation.map_geometry.map_to_photo(values, shape)
        return (laid >= (np.median(values) + values.max()) / 2).astype(np.uint8)
    regions = np.zeros(explanation.grid, dtype=np.float32)
    for cell in explanation.counted_regions(label):
        regions[cell] = 1.0
    return explanation.map_geometry.map_to_photo(regions, shape, smooth=False).astype(np.uint8)


def outlines_answer(explanation: LabelExplanation, labels: Sequence[int], area: Area) -> dict[str, Any]:
    """The labels' areas as SVG paths (to be filled even-odd) in a frame of `width` x `height` units, with their hatching."""
    shape, unit = frame_of(explanation)
    return {
        "area": area,
        "width": round(shape[1] * unit),
        "height": round(shape[0] * unit),
        "labels": [
            {
                "name": explanation.space.label_names[label],
                "seen": bool(explanation.space.seen[label]),
                "colour": "rgb({}, {}, {})".format(*hatching.colour),
                "angle": hatching.angle,
                "path": outline(area_of(explanation, label, area, shape), unit),
            }
            for label, hatching in hatched_labels(labels)
        ],
    }


# -- to take away ----------------------------------------------------------------------------------------------------------


def overlay_png(
    explanation: LabelExplanation,
    label: int,
    own: int,
    opacity: float,
    stretch: bool | None = None,
    part: int | None = None,
) -> bytes:
    """The photo at its full size with a label's map (or a part's of it) over it and the counted regions outlined, as PNG."""
    values, drawn = _drawn(explanation, label, own, stretch, part)
    picture = laid_over(explanation, values, drawn.scale, opacity)
    height, width = picture.shape[:2]
    thick = _line_width(width)
    for cell in explanation.counted_regions(label):
        x0, y0, x1, y1 = region_box(explanation, *cell)
        corners = (round(x0 * width), round(y0 * height)), (round(x1 * width) - 1, round(y1 * height) - 1)
        if x0 < x1 and y0 < y1:
            for colour, line in (((17, 17, 17), 2 * thick), ((255, 255, 255), thick)):
                cv2.rectangle(picture, *corners, colour, line)
    return png(picture)


def hatched_png(explanation: LabelExplanation, labels: Sequence[int], area: Area) -> bytes:
    """The photo at its full size with some labels' areas hatched, each in its colour and direction, as PNG."""
    picture = explanation.photo.copy()
    height, width = picture.shape[:2]
    thick = _line_width(width)
    for label, hatching in hatched_labels(labels):
        mask = area_of(explanation, label, area, (height, width))
        _draw(picture, _hatched(mask, hatching.angle, thick), hatching.colour, thick)
    return png(picture)


def _hatched(mask: NDArray[np.uint8], angle: int, thick: int) -> NDArray[np.uint8]:
    """The lines of a hatching within a mask, and the mask's border: uint8 0 or 1."""
    y, x = np.ogrid[: mask.shape[0], : mask.shape[1]]
    turn = np.deg2rad(angle)
    across = y * np.cos(turn) - x * np.sin(turn)  # clockwise on the screen, as SVG turns: rows run downwards
    lines = (across % (8 * thick) < 1.5 * thick) & (mask > 0)
    border = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((2 * thick + 1, 2 * thick + 1), np.uint8))
    return (lines | (border > 0)).astype(np.uint8)


def _draw(picture: NDArray[np.uint8], lines: NDArray[np.uint8], colour: tuple[int, int, int], thick: int) -> None:
    """Draws lines onto a picture, with a dark edge that keeps them apart from a photo of their colour."""
    edge = cv2.dilate(lines, np.ones((thick + 1, thick + 1), np.uint8)) > lines
    picture[edge] = (picture[edge] * 0.45).astype(np.uint8)
    picture[lines > 0] = colour


def _line_width(width: int) -> int:
    return max(1, round(width / 400))
