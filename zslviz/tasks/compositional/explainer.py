"""CompositionExplainer: scores and maps of state-object pairs in a photo, and of states and objects that people add by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zslviz.backbones import Features
from zslviz.backbones.encoder import Encoder
from zslviz.models.output import CompositionLogits, CompositionOutput, CompositionText, StageEvidence
from zslviz.models.registry import MODELS
from zslviz.photos.loading import ImageSource
from zslviz.photos.placement import on_finer_grid, on_one_grid
from zslviz.tasks.base.added import WordLookup, checked_name
from zslviz.tasks.base.explainer import EncodedPhoto, Explainer, as_numpy, told_by
from zslviz.tasks.compositional.checkpoint import CompositionCheckpoint
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.familiarity import familiarity_table
from zslviz.tasks.compositional.feasibility import feasibility_table, feasible_pairs
from zslviz.tasks.compositional.pair_parts import PairLogits, PairText
from zslviz.tasks.compositional.scoring import best_pairs, biased_scores, fused_scores
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.tasks.compositional.stages import StageMaps, Stages
from zslviz.words.source import WordSource, word_source


class CompositionExplainer(Explainer):
    """Explains photos by a compositional model."""

    checkpoint: CompositionCheckpoint
    task = "compositional"

    def __init__(self, checkpoint: CompositionCheckpoint, encoder: Encoder, device: torch.device) -> None:
        super().__init__(checkpoint, encoder, device)
        self.text = self._text_of(checkpoint.space)
        self._words = WordLookup(lambda: encoder.words or word_source(checkpoint.space.words))

    @property
    def space(self) -> CompositionSpace:
        return self.checkpoint.space

    def explain(self, image: ImageSource) -> CompositionExplanation:
        """Scores and maps of one photo; the network runs once. Raises ImageError with one sentence."""
        explanation: CompositionExplanation = super().explain(image)
        return explanation

    def explained(self, features: Features, photos: Sequence[EncodedPhoto]) -> list[CompositionExplanation]:
        output: CompositionOutput = self._network(features, self.text, explain=True)
        vectors = features.global_vector
        return [
            CompositionExplanation(
                model=self.name,
                photo=photo.pixels,
                geometry=photo.geometry,
                space=self.space,
                **self._told(output, self.text, i),
                features=tuple(as_numpy(features.stages[name][i]) for name in self._network.stages),
                global_vector=None if vectors is None else as_numpy(vectors[i]),
                bias=self.checkpoint.bias,
                familiarity=self.checkpoint.familiarity,
                threshold=self.checkpoint.feasibility,
                shift=self._shift,
                called=MODELS[self.checkpoint.system].refining,
                timing=photo.timing(),
            )
            for i, photo in enumerate(photos)
        ]

    @torch.inference_mode()
    def add(
        self, explanation: CompositionExplanation, states: Sequence[str] = (), objects: Sequence[str] = ()
    ) -> CompositionExplanation:
        """The explanation with states and objects added by name, all their pairs unseen. The encoder does not run.

        Raises TableError if a name is taken, empty or too long, DataError if it holds a word without a vector, ConfigError if the
        word vectors are not installed.
        """
        space = explanation.space
        for state in (checked_name(name, "new state") for name in states):
            space = space.with_state(state, self._words.vector(state))
        for object_ in (checked_name(name, "new object") for name in objects):
            space = space.with_object(object_, self._words.vector(object_))
        if space is explanation.space:
            return explanation
        text = self._text_of(space)
        told = self._told(self._network(self._features_of(explanation), text, explain=True), text, 0)
        return replace(explanation, space=space, **told)

    @torch.inference_mode()
    def scores_of(self, features: Features) -> NDArray[np.float32]:
        """Fused scores of all pairs from features: [B, S, O]; no bias is added."""
        output = self._network(features.to(self._head_device), self.text)
        logits = (as_numpy(part) for part in (output.pair_logits, output.state_logits, output.object_logits))
        return np.asarray(fused_scores(*logits), dtype=np.float32)

    def best_pairs(
        self, fused: NDArray[np.float32], count: int, open_world: bool = False, bias: float | None = None
    ) -> list[tuple[int, int, float]]:
        """The best of the competing pairs by fused scores [S, O] of one photo: (state, object, score with the bias)."""
        familiar = fused + familiarity_table(self.space.seen, *self.checkpoint.familiarity)
        biased = biased_scores(familiar, self.space.seen, self.checkpoint.bias if bias is None else bias)
        competing = self._feasible if open_world else self.space.candidates
        return [(s, o, float(biased[s, o])) for s, o in best_pairs(biased, competing, count)]

    @cached_property
    def _feasible(self) -> NDArray[np.bool_]:
        """The pairs that compete in the open world, [S, O]."""
        space = self.space
        table = feasibility_table(space.state_vectors, space.object_vectors, space.seen, seen_value=1.0)
        return feasible_pairs(table, space.seen, self.checkpoint.feasibility)

    @property
    def _shift(self) -> float:
        """How many pixels of the input further right and down than drawn a place sees (that of the stage whose grid it is)."""
        return self.encoder.shift[self._network.drawn_on]

    def _features_of(self, explanation: CompositionExplanation) -> Features:
        """What the network read when it explained a photo."""
        stages = zip(self._network.stages, explanation.features, strict=True)
        vector = explanation.global_vector
        return Features(
            {name: self._tensor(stage) for name, stage in stages}, None if vector is None else self._tensor(vector)
        )

    def _tensor(self, array: NDArray[np.float32]) -> Tensor:
        """An array of one photo as a batch."""
        return torch.from_numpy(np.array(array))[None].to(self._head_device)

    def _told(self, output: CompositionOutput, text: CompositionText, index: int) -> dict[str, Any]:
        """The fields of an explanation that the network fills: scores and maps of the texts' pairs in one photo of a batch."""
        side = self.checkpoint.size
        assert output.refined_embedding is not None and output.global_embedding is not None, (
            "explanations were asked for"
        )
        assert output.before is not None and output.scale is not None, "explanations were asked for"

        def joined(maps: tuple[Tensor, ...] | None) -> NDArray[np.float32] | None:
            return None if maps is None else on_one_grid([as_numpy(piece[index]) for piece in maps], side)

        def found(attention: tuple[Tensor, ...] | None) -> Tensor | float:
            return _found(attention, output.token_mapping, index)

        return {
            "logits": _pair_logits(
                CompositionLogits(output.pair_logits, output.state_logits, output.object_logits), index
            ),
            "before": _pair_logits(output.before, index),
            "embedding": as_numpy(output.refined_embedding[index]),
            "global_embedding": as_numpy(output.global_embedding[index]),
            "query_attention": joined(output.query_attention),
            "state_attention": joined(output.state_attention),
            "object_attention": joined(output.object_attention),
            "refinement": joined(output.token_refinement),
            "by_stage": self._stages(output, index),
            "insights": told_by(output.insights, index),
            "text": PairText(
                as_numpy(text.pair_states + found(output.state_attention)),
                as_numpy(text.pair_objects + found(output.object_attention)),
                as_numpy(text.state_gates),
                as_numpy(text.object_gates),
            ),
            "scale": float(output.scale),
        }

    def _stages(self, output: CompositionOutput, index: int) -> Stages | None:
        """Of a network that adds up by stages: their maps in one photo of a batch, on their finest grid, where cells saw."""
        if output.apart is None or output.moved is None:
            return None
        fine = max(stage.states.shape[-1] for stage in output.evidence)

        def maps(stage: StageEvidence) -> Iterator[NDArray[np.float32]]:
            shift = self.encoder.shift[stage.drawn_on] - self._shift
            for values in (stage.pairs, stage.states, stage.objects):
                yield on_finer_grid(as_numpy(values[index]), self.checkpoint.size, fine, shift)

        stages = tuple(StageMaps(stage.name, *maps(stage)) for stage in output.evidence)
        return Stages(stages, _pair_logits(output.apart, index), float(output.moved[index]))

    @torch.inference_mode()
    def _text_of(self, space: CompositionSpace) -> CompositionText:
        vectors = (space.state_vectors, space.object_vectors)
        text: CompositionText = self._network.text(
            *(torch.from_numpy(np.array(v)).to(self._head_device) for v in vectors)
        )
        return text

    def warm_up(self) -> None:
        """Opens the word vectors, so that the first word added need not wait for them; to be called any number of times."""
        self._words.warm_up(self.space.states[0])

    def words(self) -> WordSource:
        """What gives typed words their vectors. Raises ConfigError if it is not installed."""
        return self._words.source


EXPLAINER = CompositionExplainer


def _found(attention: tuple[Tensor, ...] | None, mapping: tuple[Tensor, ...] | None, index: int) -> Tensor | float:
    """What each text found in one photo of a batch: attention [B, M, H, W] and mapping [B, E, H, W] a grid -> [M, E].

    0 without a mapping.
    """
    if attention is None or mapping is None:
        return 0.0
    pieces = [torch.einsum("mhw,ehw->me", a[index], m[index]) for a, m in zip(attention, mapping, strict=True)]
    return torch.stack(pieces).sum(dim=0)


def _pair_logits(logits: CompositionLogits, index: int) -> PairLogits:
    return PairLogits(*(as_numpy(part[index]) for part in logits))
