"""AttributeExplainer: attribute scores and maps of a photo, ready to be ranked and edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import Self

from zslviz.backbones.features import STRIDES, Features
from zslviz.models.output import AttributeOutput, FurtherMaps
from zslviz.models.registry import MODELS, strides_of
from zslviz.photos.covering import Region, covered
from zslviz.photos.loading import ImageSource
from zslviz.photos.looks import LOOKS, looks
from zslviz.photos.placement import cell_positions, place, placement_matrix
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.invent import Invention
from zslviz.tasks.attributes.invent.making import Donor
from zslviz.tasks.attributes.invent.ways import check_ways, invented
from zslviz.tasks.attributes.is_it_true.without import Without
from zslviz.tasks.attributes.maps import EVIDENCE, AttributeMaps
from zslviz.tasks.attributes.scoring import AttributeScale, ClassRanking, Contributions, ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.table_notes import new_alone, read_table_of
from zslviz.tasks.attributes.unlike.shown import STAGE, Strangeness
from zslviz.tasks.attributes.whole_set.attribute_auc import Areas, areas
from zslviz.tasks.attributes.wobble import Wobble
from zslviz.tasks.base.explainer import EncodedPhoto, Explainer, as_numpy, told_by
from zslviz.tasks.base.photo import MapOffer
from zslviz.words.source import WordSource


class AttributeExplainer(Explainer):
    """Explains photos by an attribute model."""

    checkpoint: AttributeCheckpoint
    task = "attributes"

    def _prepared(self, network: nn.Module) -> nn.Module:
        head = super()._prepared(network)
        if hasattr(head, "fold"):
            head.fold()  # type: ignore[operator]
        return head

    def with_table(self, table: str | Path) -> Self:
        """The same network with another class table: a CSV file with the model's attributes, as `SemanticSpace.from_csv` reads it.

        Classes keep the mark that they have in the model where the table has no column "seen", and new ones are unseen. `notes` of
        what comes back say how it was read. Raises TableError.
        """
        space, notes, _ = read_table_of(self.space, table)
        other = self.with_space(space)
        other.notes = (*notes, *new_alone(self.space, space, self.name))
        return other

    def with_space(self, space: SemanticSpace) -> Self:
        """The same network with another space of the same attributes."""
        other = copy(self)
        other.checkpoint = replace(self.checkpoint, space=space)
        return other

    def invent(
        self,
        sentence: str = "",
        *,
        base: str | None = None,
        parts: Mapping[str, Donor] | None = None,
        photos: Sequence[ImageSource] = (),
        table: str | Path | None = None,
        numbers: Mapping[str, float] | None = None,
        name: str = "",
        vectors: WordSource | None = None,
    ) -> Invention:
        """A class that is made up, in one of these ways; `with_class` lets it compete.

        sentence: "like a horse but striped and small" (`invent.by_sentence` tells of each word whether it was understood).
        vectors: of words, by which it may guess what unknown ones mean, such as `words.source.word_source("glove-6b-50d")`.
        base, parts: a class, and groups of attributes that others give: {"coat and pattern": "zebra"} or ("zebra", 0.5).
        photos: one to five, at which the network looks. table: a CSV file with one new class, or the one of that name.
        numbers: some values by attribute, in the place of what the other ways say, or alone; with nothing at all it is blank.
        Raises ConfigError, UnknownNameError, TableError, ImageError.
        """
        check_ways(sentence, base, parts, len(photos), table)
        seen = [self.explain(photo) for photo in photos]
        return invented(self.space, sentence, base, parts, seen, table, numbers, name, vectors)

    def with_class(self, invention: Invention) -> Self:
        """The same network with one more class, unseen. Raises TableError if there is one of that name."""
        return self.with_space(invention.joined())

    @property
    def space(self) -> SemanticSpace:
        return self.checkpoint.space

    @property
    def rule(self) -> ScoringRule:
        return self.checkpoint.rule

    @property
    def scale(self) -> AttributeScale:
        return self.checkpoint.scale

    @property
    def gamma(self) -> float:
        return self.checkpoint.gamma

    @property
    def granularities(self) -> tuple[str, ...]:
        return MODELS[self.checkpoint.system].granularities

    @cached_property
    def areas(self) -> tuple[Areas, ...]:
        """[A], how well each attribute is read at all, as the checkpoint's metrics tell."""
        return areas(self.metrics, len(self.space.attributes))

    def explain(self, image: ImageSource) -> Explanation:
        """Scores and maps of one photo; the network runs once. Raises ImageError with one sentence."""
        explanation: Explanation = super().explain(image)
        return explanation

    def explain_encoded(self, features: Features, photo: EncodedPhoto) -> Explanation:
        explanation: Explanation = super().explain_encoded(features, photo)
        return explanation

    def explained(self, features: Features, photos: Sequence[EncodedPhoto]) -> list[Explanation]:
        output: AttributeOutput = self._network(features, explain=True)
        strange = self.strangeness_of(features, len(photos))
        return [self._explanation(output, i, photo, strange[i]) for i, photo in enumerate(photos)]

    def strangeness_of(self, features: Features, photos: int) -> Sequence[Strangeness | None]:
        """How unlike all training photos each of some photos is; None where that is not known."""
        shown, stage = self.checkpoint.shown, features.stages.get(STAGE)
        return [None] * photos if shown is None or stage is None else shown.of(as_numpy(stage.mean((2, 3))))

    def _explanation(
        self, output: AttributeOutput, index: int, photo: EncodedPhoto, strangeness: Strangeness | None
    ) -> Explanation:
        """What the network found in the photo at `index` of its batch."""

        def own(maps: Tensor) -> Tensor:
            return maps[:, index : index + 1]

        context = None if output.attention_context is None else self._placed(own(output.attention_context))
        return Explanation(
            model=self.name,
            photo=photo.pixels,
            geometry=photo.geometry,
            granularities=self.granularities,
            space=self.space,
            scores=as_numpy(output.scores[:, index]),
            bias=None
            if output.bias is None
            else as_numpy(output.bias if output.bias.ndim == 2 else own(output.bias)[:, 0]),
            attention=None if output.attention is None else self._attention(own(output.attention), context),
            evidence=None if output.evidence is None else self._placed(own(output.evidence)),
            attention_context=context,
            parts=None if output.parts is None else as_numpy(output.parts[:, index]),
            rule=self.rule,
            scale=self.scale,
            gamma=self.gamma,
            further=tuple(self._further(maps, index) for maps in output.further),
            insights=told_by(output.insights, index),
            evidence_offer=self._evidence_offer,
            strangeness=strangeness,
            areas=self.areas,
            timing=photo.timing(),
        )

    @property
    def _evidence_offer(self) -> MapOffer:
        """With what the system says of its evidence."""
        system = MODELS[self.checkpoint.system]
        return replace(EVIDENCE, held=system.held, rest=system.rest)

    @torch.inference_mode()
    def scores_of(self, features: Features) -> NDArray[np.float32]:
        """Raw attribute scores from features: [B, G, A]."""
        return as_numpy(self._network(features.to(self._head_device)).scores.transpose(0, 1))

    def covered(self, explanation: Explanation, region: Region | Sequence[float] | str) -> Without:
        """What the network makes of the explained photo with a rectangle of it blurred: the proof of `Explanation.without`.

        region: left, top, right, bottom as fractions of the photo's sides. Raises ConfigError.
        """
        place = Region.parse(region)
        (scores,) = self.scores([covered(explanation.photo, place)], batch_size=1)
        return Without(place, scores, "network", explanation)

    def looked_again(self, explanation: Explanation) -> Wobble:
        """What the network makes of the explained photo seen eight times, each time slightly otherwise (`photos.looks`)."""
        return Wobble(np.stack(list(self.scores(looks(explanation.photo), batch_size=len(LOOKS)))), explanation)

    def rank(self, explanation: Explanation, **edits: Any) -> ClassRanking:
        """`Explanation.rank`: gamma, unseen_only, image_edits, space. The network does not run."""
        return explanation.rank(**edits)

    def contributions(
        self, explanation: Explanation, class_index: int, rival_index: int, **edits: Any
    ) -> Contributions:
        """`Explanation.contributions`: exact per-attribute terms of a margin."""
        return explanation.contributions(class_index, rival_index, **edits)

    def _attention(self, maps: Tensor, context: NDArray[np.float32] | None) -> NDArray[np.float32]:
        """Attention [G, 1, A, m, m] on regions, placed, with that on the context: float32 [G, A, m, m]."""
        attention = self._placed(maps)
        for index in MODELS[self.checkpoint.system].over_attributes:
            # Shares of a region rather than of the photo: what cells share a place is averaged there, not added up.
            whole = torch.ones_like(maps[:, :, :1])
            attention[index] /= np.maximum(self._placed(whole)[index], 1e-6)
        return attention if context is None else attention + context

    def _further(self, maps: FurtherMaps, index: int) -> AttributeMaps:
        offer = MapOffer(maps.name, "attribute", maps.title, maps.hint, maps.exact, maps.signed, maps.held, maps.rest)
        bias = None if maps.bias is None else as_numpy(maps.bias[:, index])
        return AttributeMaps(offer, self._placed(maps.values[:, index : index + 1]), bias)

    def placements(self, cells: int) -> NDArray[np.float32]:
        """Where the cells of each granularity's maps lie: float32 [G, m, m] for `photos.placement.place`. cells: m."""
        size, shift = self.checkpoint.size, {STRIDES[stage]: pixels for stage, pixels in self.encoder.shift.items()}
        return np.stack([_placement(size, stride, cells, shift[stride]) for stride in self.strides])

    @property
    def strides(self) -> tuple[int, ...]:
        """Of the stage that each granularity's regions come from: the network's own, where its configuration decides."""
        return strides_of(self.checkpoint.network, MODELS[self.checkpoint.system])

    def _placed(self, maps: Tensor) -> NDArray[np.float32]:
        """Maps [G, 1, A, m, m] of one photo, moved to where their cells lie in it: float32 [G, A, m, m]."""
        matrices = self.placements(maps.shape[-1])
        return np.stack([place(own, matrix) for own, matrix in zip(as_numpy(maps[:, 0]), matrices, strict=True)])


EXPLAINER = AttributeExplainer


@lru_cache(maxsize=32)
def _placement(size: int, stride: int, cells: int, shift: float) -> NDArray[np.float32]:
    return placement_matrix(cell_positions(size, stride, cells, shift), size)
