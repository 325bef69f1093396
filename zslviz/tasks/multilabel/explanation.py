"""LabelExplanation: every label's score and exact map in one photo. Frozen, numpy inside, to and from JSON + npz."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.geometry import Geometry
from zslviz.tasks.base.pair import read_pair, write_pair
from zslviz.tasks.base.photo import Timing
from zslviz.tasks.multilabel.space import LabelSpace

FORMAT = 1


@dataclass(frozen=True)
class RankedLabel:
    """One line of a ranking. score: the label's own; calibrated: less gamma if it is seen; found: at least the threshold."""

    index: int
    name: str
    seen: bool
    rank: int
    score: float
    calibrated: float
    found: bool


@dataclass(frozen=True, eq=False)
class LabelExplanation:
    """What a multi-label model saw in one photo: K labels, a grid of H x W regions.

    photo: uint8 [height, width, 3], upright. geometry: from photo to network input and back.
    region_scores: float32 [K, H, W], what every region gives to every label. counted: how many of a label's highest regions are
        averaged: that mean is the label's score, so the map is exact (BiAM, eq. 8).
    embeddings: float32 [R, E], the regions as labels meet them: region_scores = embeddings . classifiers.
    region_attention: float32 [heads, R, R], where each region looked; its rows sum to 1. scene_gate: float32 [C], how much of each
        channel the scene let through. shift: pixels of the network input by which a region sees further right and down than drawn.
    gamma: taken from seen labels' scores. threshold: the calibrated score from which a label counts as found.
    """

    model: str
    photo: NDArray[np.uint8]
    geometry: Geometry
    space: LabelSpace
    region_scores: NDArray[np.float32]
    counted: int
    embeddings: NDArray[np.float32]
    region_attention: NDArray[np.float32] | None
    scene_gate: NDArray[np.float32] | None
    shift: float
    gamma: float
    threshold: float
    timing: Timing

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of the maps."""
        return self.region_scores.shape[1], self.region_scores.shape[2]

    @cached_property
    def map_geometry(self) -> Geometry:
        """How the maps lie over the photo: moved to where their regions saw."""
        return self.geometry.shifted(self.shift)

    @cached_property
    def scores(self) -> NDArray[np.float32]:
        """Score of every label: the mean of its highest regions, float32 [K]."""
        flat = self.region_scores.reshape(len(self.space), -1)
        return np.take_along_axis(flat, self._counted_cells, axis=1).mean(axis=1)

    @cached_property
    def _counted_cells(self) -> NDArray[np.intp]:
        """The counted regions of every label as flat indices, highest first: [K, counted]."""
        flat = self.region_scores.reshape(len(self.space), -1)
        return np.argsort(-flat, axis=1, kind="stable")[:, : self.counted]

    def counted_regions(self, label: int) -> list[tuple[int, int]]:
        """(row, column) of the regions whose mean is the label's score, highest first."""
        return [divmod(int(cell), self.grid[1]) for cell in self._counted_cells[label]]

    def calibrated(self, gamma: float | None = None) -> NDArray[np.float32]:
        """Scores as they compete: seen labels' less gamma, float32 [K]."""
        gamma = self.gamma if gamma is None else gamma
        return (self.scores - gamma * self.space.seen).astype(np.float32)

    def rank(
        self, gamma: float | None = None, unseen_only: bool = False, threshold: float | None = None
    ) -> list[RankedLabel]:
        """All labels (or the unseen ones), best first. No network runs."""
        competing = self.calibrated(gamma)
        bar = self.threshold if threshold is None else threshold
        order = [int(i) for i in np.argsort(-competing, kind="stable") if not (unseen_only and self.space.seen[i])]
        return [
            RankedLabel(
                i,
                self.space.labels[i],
                bool(self.space.seen[i]),
                rank,
                float(self.scores[i]),
                float(competing[i]),
                bool(competing[i] >= bar),
            )
            for rank, i in enumerate(order, start=1)
        ]

    def region_labels(
        self, row: int, column: int, count: int = 10, gamma: float | None = None
    ) -> list[tuple[int, float]]:
        """Labels of one region, best first: (index, what the region gives to it, less gamma if it is seen)."""
        self._check_region(row, column)
        gamma = self.gamma if gamma is None else gamma
        there = self.region_scores[:, row, column] - gamma * self.space.seen
        return [(int(i), float(there[i])) for i in np.argsort(-there, kind="stable")[:count]]

    def attention_from(self, row: int, column: int) -> NDArray[np.float32]:
        """Where a region looked, mean over heads: [H, W], sums to 1. Raises ConfigError if the model does not tell."""
        self._check_region(row, column)
        if self.region_attention is None:
            raise ConfigError("This model's regions do not look at each other.")
        return self.region_attention[:, row * self.grid[1] + column].mean(axis=0).reshape(self.grid)

    def with_labels(
        self, names: Sequence[str], vectors: NDArray[np.float32], classifiers: NDArray[np.float32]
    ) -> LabelExplanation:
        """The same photo with more labels, unseen, from their word vectors [N, D] and classifiers [N, E]. Raises TableError."""
        there = [
            (self.embeddings @ classifier).reshape(self.grid) for classifier in classifiers
        ]  # each as if it were alone
        return replace(
            self,
            space=self.space.with_labels(names, vectors),
            region_scores=np.concatenate(
                [self.region_scores, np.array(there, dtype=np.float32).reshape(-1, *self.grid)]
            ),
        )

    def _check_region(self, row: int, column: int) -> None:
        if not (0 <= row < self.grid[0] and 0 <= column < self.grid[1]):
            raise ConfigError(f"There is no region ({row}, {column}); the grid has {self.grid[0]} x {self.grid[1]}.")

    # -- files ------------------------------------------------------------------------------------------------------

    def to_dict(self, top: int | None = None) -> dict[str, Any]:
        """The readable part, fit for JSON: labels ranked (`top` of them, or all) with their counted regions."""
        return {
            "format": FORMAT,
            "model": self.model,
            "photo": {"width": self.geometry.width, "height": self.geometry.height},
            "geometry": asdict(self.geometry),
            "grid": list(self.grid),
            "counted": self.counted,
            "shift": self.shift,
            "gamma": self.gamma,
            "threshold": self.threshold,
            "timing": asdict(self.timing),
            "space": self.space.name,
            "words": self.space.words,
            "ranking": [
                {**asdict(line), "regions": [list(cell) for cell in self.counted_regions(line.index)]}
                for line in self.rank()[:top]
            ],
            "labels": list(self.space.labels),
        }

    def save(self, path: str | Path) -> tuple[Path, Path]:
        """Writes PATH.json (readable) and PATH.npz (all arrays); returns both paths. Raises ConfigError."""
        arrays: Mapping[str, Any] = {
            "photo": self.photo,
            "region_scores": self.region_scores,
            "embeddings": self.embeddings,
            "region_attention": self.region_attention,
            "scene_gate": self.scene_gate,
            "seen": self.space.seen,
            "vectors": self.space.vectors,
        }
        return write_pair(path, self.to_dict(), arrays)

    @classmethod
    def load(cls, path: str | Path) -> LabelExplanation:
        """Reads what `save` wrote, bit for bit. Raises ConfigError if it is incomplete or damaged."""
        with read_pair(path) as (data, arrays):
            return cls(
                model=data["model"],
                photo=arrays["photo"],
                geometry=Geometry(**data["geometry"]),
                space=LabelSpace(
                    tuple(data["labels"]), arrays["seen"], arrays["vectors"], data["words"], name=data["space"]
                ),
                region_scores=arrays["region_scores"],
                counted=int(data["counted"]),
                embeddings=arrays["embeddings"],
                region_attention=arrays.get("region_attention"),
                scene_gate=arrays.get("scene_gate"),
                shift=float(data["shift"]),
                gamma=float(data["gamma"]),
                threshold=float(data["threshold"]),
                timing=Timing(**data["timing"]),
            )
