"""Explanation: everything a page shows of one photo and one model. Frozen, numpy inside, to and from JSON + npz."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.geometry import Geometry
from zslviz.tasks.attributes.scoring import (
    AttributeScale,
    Contributions,
    Ranking,
    ScoringRule,
    contributions,
    rank_classes,
)
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.pair import read_pair, write_pair
from zslviz.tasks.base.photo import Timing

FORMAT = 1
_SCALE_FIELDS = tuple(f.name for f in fields(AttributeScale))


@dataclass(frozen=True, eq=False)
class Explanation:
    """What a model saw in one photo. G granularities (Mg-MRN 3) or sub-nets (MSDN 2), A attributes, grid H x W.

    photo: uint8 [height, width, 3], upright. geometry: from photo to network input and back.
    granularities: G readable names. space: the classes and attributes it was made with.
    scores: float32 [G, A], raw attribute scores. bias: float32 [G, A], the part of a score that comes from no place.
    attention: float32 [G, A, H, W], where it looked. evidence: float32 [G, A, H, W], what it counted, signed;
        evidence.sum((2, 3)) + bias = scores. Both include the context tokens at the same places.
    attention_context: the share of `attention` that is on refined context tokens (Mg-MRN), or None.
    parts: float32 [G, P, H, W], the part each place was counted to (Mg-MRN with decoupled grouping), or None.
    rule, scale: how scores become class scores and readable values. gamma: the checkpoint's calibration.
    """

    model: str
    photo: NDArray[np.uint8]
    geometry: Geometry
    granularities: tuple[str, ...]
    space: SemanticSpace
    scores: NDArray[np.float32]
    bias: NDArray[np.float32]
    attention: NDArray[np.float32]
    evidence: NDArray[np.float32]
    attention_context: NDArray[np.float32] | None
    parts: NDArray[np.float32] | None
    rule: ScoringRule
    scale: AttributeScale
    gamma: float
    timing: Timing

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of the maps."""
        return self.evidence.shape[2], self.evidence.shape[3]

    @cached_property
    def values(self) -> NDArray[np.float32]:
        """What the model saw, per attribute on the class table's scale: float32 [A], about 0..1."""
        return self.scale.to_values(self.scores)

    @cached_property
    def fused_attention(self) -> NDArray[np.float32]:
        """The granularities' attention, each with its share of the ranking: float32 [A, H, W]."""
        return np.einsum("g,gahw->ahw", self.scale.weights, self.attention).astype(np.float32)

    @cached_property
    def value_evidence(self) -> NDArray[np.float32]:
        """Evidence of each granularity in units of the value it adds to: float32 [G, A, H, W]; their sum is the fused map."""
        return (self.scale.gain[:, :, None, None] * self.evidence).astype(np.float32)

    @cached_property
    def fused_evidence(self) -> NDArray[np.float32]:
        """Sum over granularities of `value_evidence`: how much each place adds to the value shown, float32 [A, H, W]."""
        return self.scale.map_to_values(self.evidence)

    def class_evidence(self, class_index: int) -> NDArray[np.float32]:
        """Map [H, W] of one class: with `class_bias` its sum is the class score before calibration."""
        weights = self.rule.factors(self.scores)[:, None] * self.rule.rows(self.space)[class_index]  # [G, A]
        return np.einsum("ga,gahw->hw", weights, self.evidence).astype(np.float32)

    def class_bias(self, class_index: int) -> float:
        """The part of a class score that comes from no place."""
        weights = self.rule.factors(self.scores)[:, None] * self.rule.rows(self.space)[class_index]
        return float((weights * self.bias).sum())

    def region_attributes(self, row: int, column: int, count: int = 10) -> list[tuple[int, float]]:
        """Attributes that a place speaks for: (index, how much more it adds to the value than the average place)."""
        if not (0 <= row < self.grid[0] and 0 <= column < self.grid[1]):
            raise ConfigError(f"There is no region ({row}, {column}); the grid has {self.grid[0]} x {self.grid[1]}.")
        above_average = self.fused_evidence[:, row, column] - self.fused_evidence.mean(axis=(1, 2))
        order = np.argsort(-above_average, kind="stable")[:count]
        return [(int(a), float(above_average[a])) for a in order]

    def edited_scores(self, edits: Mapping[int, float] | None) -> NDArray[np.float32]:
        """Raw scores [G, A] after edits of what the model saw (attribute index -> value)."""
        return self.scale.edit(self.scores, edits or {})

    def rank(
        self,
        gamma: float | None = None,
        unseen_only: bool = False,
        image_edits: Mapping[int, float] | None = None,
        space: SemanticSpace | None = None,
    ) -> Ranking:
        """Ranks classes without running the network.

        gamma: calibration (the checkpoint's if None). image_edits: attribute index -> value, what the model is to have
        seen. space: an edited class table (this explanation's own if None).
        """
        gamma = self.gamma if gamma is None else gamma
        return rank_classes(self.edited_scores(image_edits), space or self.space, self.rule, gamma, unseen_only)

    def contributions(
        self,
        class_index: int,
        rival_index: int,
        gamma: float | None = None,
        image_edits: Mapping[int, float] | None = None,
        space: SemanticSpace | None = None,
    ) -> Contributions:
        """Exact per-attribute terms of the margin between two classes."""
        gamma = self.gamma if gamma is None else gamma
        return contributions(
            self.edited_scores(image_edits), space or self.space, self.rule, class_index, rival_index, gamma
        )

    # -- files ------------------------------------------------------------------------------------------------------

    def to_dict(self, top: int = 10) -> dict[str, Any]:
        """The readable part, fit for JSON: names, values, scores and the ranking; arrays stay in the npz."""
        ranking = self.rank()
        return {
            "format": FORMAT,
            "model": self.model,
            "photo": {"width": self.geometry.width, "height": self.geometry.height},
            "geometry": asdict(self.geometry),
            "granularities": list(self.granularities),
            "grid": list(self.grid),
            "gamma": self.gamma,
            "rule": self.rule.to_dict(),
            "timing": asdict(self.timing),
            "space": self.space.name,
            "ranking": [asdict(line) for line in ranking.top(top)],
            "attributes": [
                {
                    "name": name,
                    "label": label,
                    "group": group,
                    "value": float(value),
                    "scores": [float(s) for s in raw],
                }
                for name, label, group, value, raw in zip(
                    self.space.attributes,
                    self.space.attribute_names,
                    self.space.groups,
                    self.values,
                    self.scores.T,
                    strict=True,
                )
            ],
            "classes": list(self.space.classes),
        }

    def save(self, path: str | Path) -> tuple[Path, Path]:
        """Writes PATH.json (readable) and PATH.npz (all arrays); returns both paths. Raises ConfigError."""
        arrays = {
            "photo": self.photo,
            "scores": self.scores,
            "bias": self.bias,
            "attention": self.attention,
            "evidence": self.evidence,
            "table": self.space.table,
            "seen": self.space.seen,
            **{name: getattr(self.scale, name) for name in _SCALE_FIELDS if getattr(self.scale, name) is not None},
        }
        for name in ("attention_context", "parts"):
            if getattr(self, name) is not None:
                arrays[name] = getattr(self, name)
        if self.space.word_vectors is not None:
            arrays["word_vectors"] = self.space.word_vectors
        return write_pair(path, self.to_dict(), arrays)

    @classmethod
    def load(cls, path: str | Path) -> Explanation:
        """Reads what `save` wrote, bit for bit. Raises ConfigError if it is incomplete or damaged."""
        with read_pair(path) as (data, arrays):
            space = SemanticSpace(
                tuple(data["classes"]),
                tuple(a["name"] for a in data["attributes"]),
                tuple(a["group"] for a in data["attributes"]),
                arrays["table"],
                arrays["seen"],
                arrays.get("word_vectors"),
                name=data["space"],
            )
            return cls(
                model=data["model"],
                photo=arrays["photo"],
                geometry=Geometry(**data["geometry"]),
                granularities=tuple(data["granularities"]),
                space=space,
                scores=arrays["scores"],
                bias=arrays["bias"],
                attention=arrays["attention"],
                evidence=arrays["evidence"],
                attention_context=arrays.get("attention_context"),
                parts=arrays.get("parts"),
                rule=ScoringRule.from_dict(data["rule"]),
                scale=AttributeScale(**{name: arrays[name] for name in _SCALE_FIELDS if name in arrays}),
                gamma=float(data["gamma"]),
                timing=Timing(**data["timing"]),
            )
