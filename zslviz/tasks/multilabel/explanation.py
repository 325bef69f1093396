"""LabelExplanation: every label's score and exact map in one photo. Frozen, numpy inside, to and from JSON + npz."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.files.typed import typed
from zslviz.photos.geometry import Geometry
from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.base.arrays import shaped
from zslviz.tasks.base.bundle import About
from zslviz.tasks.base.insights import Insight, read_saved, saved, saved_arrays, saved_shapes
from zslviz.tasks.base.photo import ExplainedPhoto, Map, MapOffer
from zslviz.tasks.multilabel.bundle import explanation_bundle
from zslviz.tasks.multilabel.parts import part_means, part_offers, part_scale
from zslviz.tasks.multilabel.saved import SHAPES, Told
from zslviz.tasks.multilabel.scales import own_scale
from zslviz.tasks.multilabel.scoring import (
    LabelRanking,
    RankedLabel,
    calibrate,
    highest_regions,
    rank_labels,
    region_means,
)
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.tasks.multilabel.strength import StrengthScale, strength_scale, thresholds

REGIONS = MapOffer(
    "evidence",
    "label",
    "What speaks for it",
    "What each region gives to the label; the mean of the highest regions is its score.",
    exact=True,
)
ATTENTION = MapOffer("attention", "region", "Where it looked", "Where one region of the photo looked.")


@dataclass(frozen=True, eq=False)
class LabelExplanation(ExplainedPhoto):
    """What a multi-label model saw in one photo: K labels, a grid of H x W regions.

    photo: uint8 [height, width, 3], upright. geometry: from photo to network input and back.
    region_scores: float32 [K, H, W], what every region gives to every label. counted: how many of a label's highest regions are
        averaged: that mean is the label's score, so the map is exact (BiAM, eq. 8).
    embeddings: float32 [R, E], the regions as labels meet them: region_scores = embeddings . classifiers.
    region_attention: float32 [heads, R, R], where each region looked; its rows sum to 1. scene_gate: float32 [C], how much of each
        channel the scene let through. part_scores: float32 [P, K, H, W], what each group of channels and, last, the global part
        give to every label at every region (`multilabel.parts`); part_embeddings: float32 [P, R, E], their regions as labels meet
        them. shift: pixels of the network input by which a region sees further right and down than drawn.
    gamma: taken from seen labels' scores. threshold: the calibrated score from which a seen label counts as found;
    unseen_threshold: an unseen one, whose scores nothing was learned of. insights: what else the system tells.
    """

    task = "multilabel"
    space: LabelSpace
    region_scores: NDArray[np.float32]
    counted: int
    embeddings: NDArray[np.float32]
    region_attention: NDArray[np.float32] | None
    scene_gate: NDArray[np.float32] | None
    shift: float
    gamma: float
    threshold: float
    unseen_threshold: float
    part_scores: NDArray[np.float32] | None = None
    part_embeddings: NDArray[np.float32] | None = None
    insights: tuple[Insight, ...] = ()

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of the maps."""
        return self.region_scores.shape[1], self.region_scores.shape[2]

    @property
    def map_geometry(self) -> Geometry:
        """How the maps lie over the photo: moved to where their regions saw."""
        return self.geometry.shifted(self.shift)

    @cached_property
    def scores(self) -> NDArray[np.float32]:
        """Score of every label: the mean of its highest regions, float32 [K]."""
        return region_means(self.region_scores, self.counted, self._counted_cells)

    @cached_property
    def _counted_cells(self) -> NDArray[np.intp]:
        """The counted regions of every label as flat indices, highest first: [K, counted]."""
        return highest_regions(self.region_scores, self.counted)

    def counted_regions(self, label: int) -> list[tuple[int, int]]:
        """(row, column) of the regions whose mean is the label's score, highest first."""
        return [divmod(int(cell), self.grid[1]) for cell in self._counted_cells[label]]

    def calibrated(self, gamma: float | None = None) -> NDArray[np.float32]:
        """Scores as they compete: seen labels' less gamma, float32 [K]."""
        return calibrate(self.scores, self.space.seen, self.gamma if gamma is None else gamma)

    def rank(
        self,
        gamma: float | None = None,
        unseen_only: bool = False,
        threshold: float | None = None,
        first: int | None = None,
        strength: float | None = None,
    ) -> LabelRanking:
        """All labels (or the unseen ones), best first. No network runs.

        gamma: the checkpoint's if None. threshold: of all labels; the checkpoint's own, of seen and of unseen ones, if None.
        first: instead of a threshold, how many of the ranking count as found. strength: instead of a threshold, how strong labels
        that count as found are (`strengths`).
        """
        gamma = self.gamma if gamma is None else gamma
        bars = (self.threshold, self.unseen_threshold) if threshold is None else (threshold, threshold)
        if threshold is None and strength is not None:
            bars = thresholds(self.strengths, strength)
        return rank_labels(self.scores, self.space, gamma, bars[0], unseen_only, first, bars[1])

    @property
    def strengths(self) -> StrengthScale:
        """What its labels' scores mean to people."""
        return strength_scale(self.calibrated(), self.space.seen, self.threshold, self.unseen_threshold)

    # -- maps -------------------------------------------------------------------------------------------------------

    def offers(self) -> tuple[MapOffer, ...]:
        """A label's map, that of each part where there are any, and where a region looked if regions look at each other."""
        return (REGIONS, *self.parts, *(() if self.region_attention is None else (ATTENTION,)))

    @property
    def parts(self) -> tuple[MapOffer, ...]:
        """The maps of the parts whose sum a label's score is, groups of channels first; none of a model without parts."""
        return () if self.part_scores is None else part_offers(len(self.part_scores))

    def part_means(self) -> NDArray[np.float32]:
        """What each part gives to the score of every label: float32 [P, K]. Raises ConfigError of a model without parts."""
        if self.part_scores is None:
            raise ConfigError("This model's scores are not made of parts.")
        return part_means(self.part_scores, self._counted_cells)

    def map(self, offer: str, what: Any) -> Map:
        """A label's map (by its index), or where a region (row, column) looked. Raises ConfigError."""
        chosen = self.offer_of(offer)
        if chosen is ATTENTION:
            values = self.attention_from(*what)
            return Map(chosen, values, self.map_geometry, ColourScale.shared([values]))
        if chosen in self.parts:
            return self._part_map(chosen, what)
        values = self.region_scores[what]
        counted = float(np.mean([values[cell] for cell in self.counted_regions(what)], dtype=np.float64))
        return Map(chosen, values, self.map_geometry, own_scale(values), float(self.scores[what]), counted)

    def _part_map(self, offer: MapOffer, label: int) -> Map:
        """What a part gives to a label: its own score, made by the counted regions of a group, by all of the whole photo."""
        assert self.part_scores is not None
        part = self.parts.index(offer)
        values = self.part_scores[part, label]
        whole = part == len(self.part_scores) - 1
        cells = values.ravel() if whole else values.ravel()[self._counted_cells[label]]
        scale = part_scale(self.part_scores, label, part)
        own = float(self.part_means()[part, label])
        return Map(offer, values, self.map_geometry, scale, own, float(cells.mean(dtype=np.float64)))

    def region_labels(
        self, row: int, column: int, count: int = 10, gamma: float | None = None
    ) -> list[tuple[int, float]]:
        """Labels of one region, best first: (index, what the region gives to it, less gamma if it is seen)."""
        self.check_region(row, column)
        gamma = self.gamma if gamma is None else gamma
        there = self.region_scores[:, row, column] - gamma * self.space.seen
        return [(int(i), float(there[i])) for i in np.argsort(-there, kind="stable")[:count]]

    def attention_from(self, row: int, column: int) -> NDArray[np.float32]:
        """Where a region looked, mean over heads: [H, W], sums to 1. Raises ConfigError if the model does not tell."""
        self.check_region(row, column)
        if self.region_attention is None:
            raise ConfigError("This model's regions do not look at each other.")
        return self.region_attention[:, row * self.grid[1] + column].mean(axis=0).reshape(self.grid)

    def with_labels(
        self, names: Sequence[str], vectors: NDArray[np.float32], classifiers: NDArray[np.float32]
    ) -> LabelExplanation:
        """The same photo with more labels, unseen, from their word vectors [N, D] and classifiers [N, E]. Raises TableError."""

        def there(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
            products = classifiers.astype(np.float64) @ embeddings.astype(np.float64).T
            return products.astype(np.float32).reshape(-1, *self.grid)

        changed: dict[str, Any] = {"region_scores": np.concatenate([self.region_scores, there(self.embeddings)])}
        if self.part_scores is not None and self.part_embeddings is not None:
            added = np.stack([there(embeddings) for embeddings in self.part_embeddings])
            changed["part_scores"] = np.concatenate([self.part_scores, added], axis=1)
        return replace(self, space=self.space.with_labels(names, vectors), **changed)

    # -- the browser, memory, files -------------------------------------------------------------------------------------------

    def bundle(
        self, about: About | None = None, whole: bool = True, own: int | None = None, embeddings: bool = False
    ) -> bytes:
        """As every explanation's. own: how many of its labels are the model's own, if some were added.

        embeddings: with what labels that are added later are scored by.
        """
        return explanation_bundle(self, about, whole, own, embeddings)

    @property
    def derived_size(self) -> int:
        """Bytes of the scores and of the counted regions."""
        return len(self.space) * (4 + min(self.counted, self.region_scores[0].size) * np.dtype(np.intp).itemsize)

    def to_dict(self, top: int | None = None) -> dict[str, Any]:
        """The readable part, fit for JSON: labels ranked (`top` of them, or all) with their counted regions."""
        return self._readable(
            {
                "grid": list(self.grid),
                "counted": self.counted,
                "shift": self.shift,
                "gamma": self.gamma,
                "threshold": self.threshold,
                "unseen_threshold": self.unseen_threshold,
                **saved(self.insights),
            },
            {
                "words": self.space.words,
                "ranking": [self.line_and_regions(line) for line in self.rank().lines(top)],
                "labels": list(self.space.labels),
            },
        )

    def line_and_regions(self, line: RankedLabel) -> dict[str, Any]:
        """A line of the ranking with its label's counted regions, fit for JSON."""
        return asdict(line) | {"regions": [list(cell) for cell in self.counted_regions(line.index)]}

    def _arrays(self) -> dict[str, NDArray[Any] | None]:
        own = ("region_scores", "embeddings", "region_attention", "scene_gate", "part_scores", "part_embeddings")
        of_space = {"seen": self.space.seen, "vectors": self.space.vectors}
        return {name: getattr(self, name) for name in own} | of_space | saved_arrays(self.insights)

    @classmethod
    def _fields(cls, data: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
        told = typed(Told, data, "what it tells", known=None)
        arrays = shaped(arrays, {**SHAPES, **saved_shapes(told.insights)}, {"K": len(told.labels)})
        if len(arrays["embeddings"]) != arrays["region_scores"][0].size:
            raise ConfigError("its regions are not those of its maps.")
        if ("part_scores" in arrays) is not ("part_embeddings" in arrays):
            raise ConfigError("the scores of its parts are not there with their regions.")
        if told.counted > len(arrays["embeddings"]):
            raise ConfigError("more regions of it count than there are.")
        return {
            "space": LabelSpace(told.labels, arrays["seen"], arrays["vectors"], told.words, name=told.space),
            "region_scores": arrays["region_scores"],
            "counted": told.counted,
            "embeddings": arrays["embeddings"],
            "region_attention": arrays.get("region_attention"),
            "scene_gate": arrays.get("scene_gate"),
            "part_scores": arrays.get("part_scores"),
            "part_embeddings": arrays.get("part_embeddings"),
            "insights": read_saved(told.insights, arrays),
            "shift": told.shift,
            "gamma": told.gamma,
            "threshold": told.threshold,
            "unseen_threshold": told.threshold if told.unseen_threshold is None else told.unseen_threshold,
        }
