"""Explanation: everything a page shows of one photo and one model. Frozen, numpy inside, to and from JSON + npz."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.attributes.bundle import About, explanation_bundle
from zslviz.tasks.attributes.is_it_true.asking import CanLoseAPlace
from zslviz.tasks.attributes.maps import ATTENTION, CLASS_EVIDENCE, EVIDENCE, AttributeMaps, ShownMaps
from zslviz.tasks.attributes.saved import OPTIONAL, SCALE_FIELDS, UNTOLD, fields_of
from zslviz.tasks.attributes.scoring import (
    AttributeScale,
    ClassRanking,
    Contributions,
    ScoringRule,
    class_scores,
    contributions,
    rank_classes,
)
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.unlike.shown import Strangeness
from zslviz.tasks.attributes.what_would_it_take.asking import CanBeAsked
from zslviz.tasks.attributes.whole_set.attribute_auc import Areas
from zslviz.tasks.base.insights import Insight, saved, saved_arrays
from zslviz.tasks.base.photo import ExplainedPhoto, Map, MapOffer


@dataclass(frozen=True, eq=False)
class Explanation(ExplainedPhoto, CanBeAsked, CanLoseAPlace):
    """What a model saw in one photo. G granularities (Mg-MRN 3) or sub-nets (MSDN 2), A attributes, grid H x W.

    photo: uint8 [height, width, 3], upright. geometry: from photo to network input and back.
    granularities: G readable names. space: the classes and attributes it was made with.
    scores: float32 [G, A], raw attribute scores. bias: float32 [G, A], the part of a score that comes from no place.
    attention: float32 [G, A, H, W], where it looked. evidence: float32 [G, A, H, W], what it counted, signed;
        evidence.sum((2, 3)) + bias = scores. Both include the context tokens at the same places. Either is None where a system has
        none, bias too where it has no evidence.
    attention_context: the share of `attention` that is on refined context tokens (Mg-MRN), or None.
    parts: float32 [G, P, H, W], the part each place was counted to (Mg-MRN with decoupled grouping), or None.
    rule, scale: how scores become class scores and readable values. gamma: the checkpoint's calibration.
    further: other sorts of maps, each with its offer. strangeness: how unlike all photos it was shown this is, where that is known.
    areas: [A], how well each attribute is read at all, on the model's test photos; nothing where that was not measured.
    evidence_offer: of `evidence`, with what was held for it and what its bias is called. insights: what else the system tells.
    """

    task = "attributes"
    space: SemanticSpace
    granularities: tuple[str, ...]
    scores: NDArray[np.float32]
    bias: NDArray[np.float32] | None
    attention: NDArray[np.float32] | None
    evidence: NDArray[np.float32] | None
    attention_context: NDArray[np.float32] | None
    parts: NDArray[np.float32] | None
    rule: ScoringRule
    scale: AttributeScale
    gamma: float
    further: tuple[AttributeMaps, ...] = ()
    strangeness: Strangeness | None = None
    evidence_offer: MapOffer = EVIDENCE
    insights: tuple[Insight, ...] = ()
    areas: tuple[Areas, ...] = ()

    @property
    def grid(self) -> tuple[int, int] | None:
        """(rows, columns) of the maps; None of a model without maps."""
        for maps in self._maps.values():
            return maps.own.values.shape[2], maps.own.values.shape[3]
        return None

    @cached_property
    def values(self) -> NDArray[np.float32]:
        """What the model saw, per attribute on the class table's scale: float32 [A], about 0..1."""
        return self.scale.to_values(self.scores)

    # -- maps -------------------------------------------------------------------------------------------------------

    @cached_property
    def _maps(self) -> dict[str, ShownMaps]:
        """All sorts of maps of attributes that are there, by name."""
        there = list(self.further)
        if self.attention is not None:
            there.insert(0, AttributeMaps(ATTENTION, self.attention))
        if self.evidence is not None:
            there.insert(0, AttributeMaps(self.evidence_offer, self.evidence, self.bias))
        return {maps.offer.name: ShownMaps(maps, self.scale, self.space.visible) for maps in there}

    @cached_property
    def _offers(self) -> tuple[MapOffer, ...]:
        offered = [maps.own.offer for maps in self._maps.values() if maps.offered]
        of_attributes = tuple(sorted(offered, key=lambda offer: not offer.exact))
        if self.evidence is None:
            return of_attributes
        said = self.evidence_offer
        return (*of_attributes, replace(CLASS_EVIDENCE, held=said.held, rest=said.rest))

    def offers(self) -> tuple[MapOffer, ...]:
        """Maps of an attribute, exact ones first, and of a class where there is exact evidence.

        What looks the same for every attribute tells nothing of one and is left out: a mean looks nowhere in particular.
        """
        return self._offers

    def map(self, offer: str, what: int, granularity: int | None = None) -> Map:
        """The map of one attribute or class, by index. Raises ConfigError.

        granularity: of this one alone; else all together. Signed maps of attributes are in units of the value shown.
        """
        chosen = self.offer_of(offer)
        if chosen.of == CLASS_EVIDENCE.of:
            values, rest = self.class_evidence(what), self.class_bias(what)
            score = class_scores(self.scores, self.space, self.rule)[what]
        else:
            maps = self._maps[offer]
            values = maps.fused[what] if granularity is None else maps.layers(what)[granularity]
            score, rest = maps.score(self.scores, what, granularity), maps.score(maps.own.bias, what, granularity)
        scale = ColourScale.shared([values], chosen.signed)
        if not chosen.exact:
            return Map(chosen, values, self.geometry, scale)
        return Map(chosen, values, self.geometry, scale, float(score), float(values.sum(dtype=np.float64)) + rest)

    def layers(self, offer: str, what: int | Sequence[int] | slice) -> NDArray[np.float32]:
        """Maps of each granularity of an attribute [G, H, W], or of several [G, N, H, W]. Raises ConfigError."""
        return self.shown(offer).layers(what)

    def fused(self, offer: str) -> NDArray[np.float32]:
        """Maps of all attributes, all granularities together: float32 [A, H, W]; kept, once asked for. Raises ConfigError."""
        return self.shown(offer).fused

    def shares(self, offer: str) -> NDArray[np.float32]:
        """How much each granularity brings to the fused maps of this photo's attributes: float32 [G]. Raises ConfigError."""
        return self.shown(offer).shares

    def shown(self, offer: str) -> ShownMaps:
        """All maps of attributes of one sort. Raises ConfigError."""
        return self._maps[offer] if offer in self._maps else self._maps[self.offer_of(offer, "attribute").name]

    @property
    def fused_attention(self) -> NDArray[np.float32]:
        """The granularities' attention, each with its share of the ranking: float32 [A, H, W]. Raises ConfigError."""
        return self.fused(ATTENTION.name)

    @property
    def value_evidence(self) -> NDArray[np.float32]:
        """Evidence of each granularity in units of the value it adds to: float32 [G, A, H, W]; their sum is the fused map."""
        return self.layers(EVIDENCE.name, slice(None))

    @property
    def fused_evidence(self) -> NDArray[np.float32]:
        """Sum over granularities of `value_evidence`: how much each place adds to the value shown, float32 [A, H, W]."""
        return self.fused(EVIDENCE.name)

    def class_evidence(self, class_index: int) -> NDArray[np.float32]:
        """Map [H, W] of one class: with `class_bias` its sum is the class score before calibration. Raises ConfigError."""
        return self._weighed(self.rule.rows(self.space)[class_index])

    def average_class_evidence(self) -> NDArray[np.float32]:
        """The mean over all classes of their maps [H, W], which are linear in a class's row. Raises ConfigError."""
        return self._weighed(self.rule.rows(self.space).mean(axis=0))

    def _weighed(self, row: NDArray[np.float32]) -> NDArray[np.float32]:
        """Evidence [H, W] of a class with this row [A]."""
        evidence, _ = self._exact()
        weights = self.rule.factors(self.scores)[:, None] * row
        return np.einsum("ga,gahw->hw", weights, evidence).astype(np.float32)

    def class_bias(self, class_index: int) -> float:
        """The part of a class score that comes from no place. Raises ConfigError."""
        _, bias = self._exact()
        return float((self._class_weights(class_index) * bias).sum())

    def _class_weights(self, class_index: int) -> NDArray[np.float32]:
        """What each raw score counts for a class: [G, A]."""
        return self.rule.factors(self.scores)[:, None] * self.rule.rows(self.space)[class_index]

    def _exact(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if self.evidence is None or self.bias is None:
            raise ConfigError(f"'{self.model}' has no exact evidence, so no place's share of a class score is known.")
        return self.evidence, self.bias

    def region_attributes(
        self, row: int, column: int, count: int = 10, offer: str | None = None
    ) -> list[tuple[int, float]]:
        """Attributes that a place speaks for or against (`ShownMaps.at`). offer: in which maps, the first ones if None.

        Raises ConfigError.
        """
        self.check_region(row, column)
        return self.shown(self.offer_of(offer, "attribute").name).at(row, column)[:count]

    # -- edits and ranking ------------------------------------------------------------------------------------------

    def edited_scores(self, edits: Mapping[int, float] | None) -> NDArray[np.float32]:
        """Raw scores [G, A] after edits of what the model saw (attribute index -> value)."""
        return self.scale.edit(self.scores, edits or {})

    def rank(
        self,
        gamma: float | None = None,
        unseen_only: bool = False,
        image_edits: Mapping[int, float] | None = None,
        space: SemanticSpace | None = None,
        without: Collection[int] = (),
    ) -> ClassRanking:
        """Ranks classes without running the network.

        gamma: calibration (the checkpoint's if None). image_edits: attribute index -> value, what the model is to have
        seen. space: an edited class table (this explanation's own if None). without: classes that are not to compete.
        """
        gamma = self.gamma if gamma is None else gamma
        scores = self.edited_scores(image_edits)
        return rank_classes(scores, space or self.space, self.rule, gamma, unseen_only, without)

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

    # -- the browser, memory, files -------------------------------------------------------------------------------------------

    def bundle(self, about: About | None = None, whole: bool = True) -> bytes:
        """As every explanation's."""
        return explanation_bundle(self, about, whole)

    @property
    def derived_size(self) -> int:
        """Bytes of the values, and of every sort of map's fused maps, their usual shares of places, peaks and shares."""
        a, single = len(self.space.attributes), np.dtype(np.float32).itemsize
        fused = sum(maps.own.values[0].nbytes + maps.own.values[0, 0].nbytes for maps in self._maps.values())
        peaks = len(self._maps) * a * (2 * single + np.dtype(np.bool_).itemsize)
        return fused + peaks + (a + len(self._maps) * len(self.granularities)) * single

    def to_dict(self, top: int = 10) -> dict[str, Any]:
        """The readable part, fit for JSON: names, values, scores and the ranking; arrays stay in the npz."""
        ranking = self.rank()
        attributes = zip(
            self.space.attributes,
            self.space.attribute_names,
            self.space.groups,
            self.values.tolist(),
            self.scores.T.tolist(),
            self.areas or (Areas(),) * len(self.space.attributes),
            strict=True,
        )
        lacking = [name for name in OPTIONAL if getattr(self, name) is None]
        return self._readable(
            {
                "granularities": list(self.granularities),
                "grid": None if self.grid is None else list(self.grid),
                "gamma": self.gamma,
                "rule": self.rule.to_dict(),
                **({"without": lacking} if lacking else {}),
                **({"strangeness": asdict(self.strangeness)} if self.strangeness else {}),
                **({"further": [maps.offer.told() for maps in self.further]} if self.further else {}),
                **({} if self.evidence_offer == EVIDENCE else {"evidence_offer": self.evidence_offer.told()}),
                **saved(self.insights),
            },
            {
                "ranking": [asdict(line) for line in ranking.top(top)],
                "attributes": [
                    {
                        "name": name,
                        "label": label,
                        "group": group,
                        "value": value,
                        "scores": raw,
                        "auc": asdict(read),
                        "read": read.step,
                    }
                    for name, label, group, value, raw, read in attributes
                ],
                "classes": list(self.space.classes),
            },
        )

    def _arrays(self) -> dict[str, NDArray[Any] | None]:
        arrays = {name: getattr(self, name) for name in ("scores", *OPTIONAL, *UNTOLD)}
        arrays |= {name: getattr(self.space, name) for name in ("table", "seen", "word_vectors")}
        for i, maps in enumerate(self.further):
            arrays |= {f"further_{i}": maps.values, f"further_{i}_bias": maps.bias}
        arrays |= saved_arrays(self.insights)
        return arrays | {name: getattr(self.scale, name) for name in SCALE_FIELDS}

    @classmethod
    def _fields(cls, data: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
        return fields_of(data, arrays)
