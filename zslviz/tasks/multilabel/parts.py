"""What the parts of a model give to each label, where its scores are sums of parts: groups of channels, and the whole map.

part_scores [P, K, H, W]: what each group gives to a label at every region, and last what the global part does: a label's score is
the groups' at its counted regions, their mean, and the global part's mean over all regions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.base.photo import MapOffer
from zslviz.tasks.multilabel.scales import own_scale, scale_of

WHOLE = MapOffer(
    "whole",
    "label",
    "Whole photo",
    "What each region brings to what the whole photo says for the label; the mean of all regions is that.",
    exact=True,
)


def part_offers(parts: int) -> tuple[MapOffer, ...]:
    """The map of each group of channels, and of the whole photo."""
    groups = (
        MapOffer(
            f"group {n}",
            "label",
            f"Group {n}",
            f"What group {n} of the channels gives to the label at each region; the mean at the counted regions is its share.",
            exact=True,
        )
        for n in range(1, parts)
    )
    return (*groups, WHOLE)


def part_means(part_scores: NDArray[np.float32], cells: NDArray[np.intp]) -> NDArray[np.float32]:
    """What each part gives to the score of every label: float32 [P, K]; the sum over parts is the score.

    cells: the counted regions of every label as flat indices [K, counted].
    """
    flat = part_scores.reshape(*part_scores.shape[:2], -1)
    groups = np.take_along_axis(flat[:-1], cells[None], axis=2).mean(axis=2, dtype=np.float64)
    return np.concatenate([groups, flat[-1:].mean(axis=2, dtype=np.float64)]).astype(np.float32)


def part_leads(means: NDArray[np.float32], label: int, own: int) -> list[float]:
    """How much more each part gives to a label than to the average one of the model's `own` labels: [P].

    Parts have offsets that all labels share; what tells this label from others is left.
    """
    average = means[:, :own].mean(axis=1, dtype=np.float64)
    return [float(x) for x in (means[:, label].astype(np.float64) - average).astype(np.float32)]


def part_scale(part_scores: NDArray[np.float32], label: int, part: int) -> ColourScale:
    """The scale of a part's map of a label: one for all groups, so that they can be compared; of the whole photo its own."""
    maps = part_scores[:, label]
    if part == len(maps) - 1:
        return own_scale(maps[part])
    return scale_of(float(np.median(maps[:-1])), float(maps[:-1].max()))


def part_named(name: Any, offers: Sequence[MapOffer]) -> int | None:
    """The index of a part by the name of its map; None for all parts together. Raises ConfigError."""
    if name is None:
        return None
    names = [offer.name for offer in offers]
    if name not in names:
        raise ConfigError(f"There is no part '{str(name)[:40]}' of this model.")
    return names.index(name)
