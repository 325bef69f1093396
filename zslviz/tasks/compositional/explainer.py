"""CompositionExplainer: scores and maps of state-object pairs in a photo, and of states and objects that people add by name."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zslviz.backbones import Backbone
from zslviz.backbones.encoder import EncodedImage, Encoder
from zslviz.errors import TableError, ZslvizError
from zslviz.models.output import CompositionLogits
from zslviz.models.refiner.parts import RefinerText
from zslviz.photos.loading import ImageSource
from zslviz.photos.placement import on_one_grid
from zslviz.tasks.base.explainer import Explainer, as_numpy
from zslviz.tasks.base.photo import Timing
from zslviz.tasks.compositional.checkpoint import CompositionCheckpoint
from zslviz.tasks.compositional.explanation import CompositionExplanation, PairLogits, PairText
from zslviz.tasks.compositional.familiarity import familiarity_table
from zslviz.tasks.compositional.feasibility import feasibility_table, feasible_pairs
from zslviz.tasks.compositional.scoring import best_pairs, biased_scores, fused_scores
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.words.source import WordSource, word_source

MAX_NAME = 60
_STAGES = ("c3", "c4", "c5")


class CompositionExplainer(Explainer):
    """Explains photos by a compositional model (our construction of Refiner)."""

    checkpoint: CompositionCheckpoint
    task = "compositional"

    _backbone: Backbone | Encoder  # type: ignore[assignment]

    def __init__(self, checkpoint: CompositionCheckpoint, backbone: Backbone | Encoder, device: torch.device) -> None:
        """backbone: of ours, or an encoder (`zslviz.backbones.encoder`) such as CLIP, which brings its own word vectors."""
        super().__init__(checkpoint, backbone, device)  # type: ignore[arg-type]
        self.text = self._text_of(checkpoint.space)
        self._source: WordSource | None = None
        self._opening = threading.Lock()

    @property
    def space(self) -> CompositionSpace:
        return self.checkpoint.space

    @torch.inference_mode()
    def explain(self, photo: ImageSource) -> CompositionExplanation:
        """Scores and maps of one photo; the network runs once. Raises ImageError with one sentence."""
        started = time.perf_counter()
        pixels, geometry, pyramid, backbone_ms = self._seen(photo)
        image = self._encoded(pyramid)
        blank = CompositionExplanation(
            model=self.name,
            photo=pixels,
            geometry=geometry,
            features=tuple(as_numpy(stage[0]) for stage in image.stages),
            global_vector=None if image.global_vector is None else as_numpy(image.global_vector[0]),
            bias=self.checkpoint.bias,
            familiarity=self.checkpoint.familiarity,
            threshold=self.checkpoint.feasibility,
            shift=self._shift,
            **self._looked(image, self.space, self.text),
            timing=Timing(backbone_ms, 0.0, str(self.device)),
        )
        return replace(blank, timing=replace(blank.timing, total_ms=(time.perf_counter() - started) * 1e3))

    @torch.inference_mode()
    def add(
        self, explanation: CompositionExplanation, states: Sequence[str] = (), objects: Sequence[str] = ()
    ) -> CompositionExplanation:
        """The explanation with states and objects added by name, all their pairs unseen. The backbone does not run.

        Raises TableError if a name is taken, empty or too long, DataError if it holds a word without a vector, ConfigError if the
        word vectors are not installed.
        """
        space = explanation.space
        for name in states:
            space = space.with_state(checked(name, "state"), self.words().phrase(name))
        for name in objects:
            space = space.with_object(checked(name, "object"), self.words().phrase(name))
        if space is explanation.space:
            return explanation
        kept = [None if a is None else self._tensor(a) for a in (*explanation.features, explanation.global_vector)]
        image = EncodedImage(tuple(kept[:-1]), kept[-1])  # type: ignore[arg-type]
        return replace(explanation, **self._looked(image, space, self._text_of(space)))

    def scores(self, images: Iterable[ImageSource], batch_size: int = 8) -> Iterator[NDArray[np.float32]]:
        """Fused scores [S, O] of many photos, in batches and without maps, in the order given; no bias is added."""
        return self._in_batches(images, self.fused, batch_size)

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

    def fused(self, features: Sequence[Tensor] | EncodedImage) -> list[NDArray[np.float32]]:
        """Fused scores [S, O] of each photo from its features: the stages that the network reads, [B, C, H, W] each."""
        image = self._encoded(features)
        output = self._network(image.stages, self.text, global_vector=image.global_vector)
        logits = (output.pair_logits, output.state_logits, output.object_logits)
        return list(fused_scores(*(as_numpy(part) for part in logits)))

    def _compute_pyramid(self, pixels: Tensor) -> Any:
        if isinstance(self._backbone, Backbone):
            return super()._compute_pyramid(pixels)
        with torch.inference_mode():
            image = self._backbone.encode(pixels.to(self.device))
            whole = None if image.global_vector is None else image.global_vector.to(self._head_device)
            return EncodedImage(tuple(stage.to(self._head_device) for stage in image.stages), whole)

    def _encoded(self, features: Any) -> EncodedImage:
        """Features as the network takes them: of a pyramid the stages that it reads."""
        if isinstance(features, EncodedImage):
            return features
        named: list[Any] = [getattr(features, name, None) for name in self._network.stages]
        return EncodedImage(tuple(features) if any(stage is None for stage in named) else tuple(named), None)

    @property
    def _shift(self) -> float:
        """How many pixels of the input further right and down than drawn a place sees (that of the stage whose grid it is)."""
        if not isinstance(self._backbone, Backbone):
            return 0.0
        config = self._network.config
        drawn_on = config.stages[len(config.stages) // 2] if config.fused else config.stages[0]
        return dict(zip(_STAGES, self._backbone.spec.shift, strict=True))[drawn_on]

    def _tensor(self, array: NDArray[np.float32]) -> Tensor:
        """An array of one photo as a batch."""
        return torch.from_numpy(np.array(array))[None].to(self._head_device)

    def _looked(self, image: EncodedImage, space: CompositionSpace, text: RefinerText) -> dict[str, Any]:
        """What an explanation tells of a space's pairs in one photo."""
        output = self._network(image.stages, text, explain=True, global_vector=image.global_vector)
        side = self.checkpoint.size

        def joined(maps: tuple[Tensor, ...] | None) -> NDArray[np.float32] | None:
            return None if maps is None else on_one_grid([as_numpy(piece[0]) for piece in maps], side)

        return {
            "space": space,
            "logits": _pair_logits(CompositionLogits(output.pair_logits, output.state_logits, output.object_logits)),
            "before": _pair_logits(output.before),
            "embedding": as_numpy(output.refined_embedding[0]),
            "global_embedding": as_numpy(output.global_embedding[0]),
            "query_attention": joined(output.query_attention),
            "state_attention": joined(output.state_attention),
            "object_attention": joined(output.object_attention),
            "refinement": joined(output.token_refinement),
            "text": PairText(
                as_numpy(text.pair_states + _found(output.state_attention, output.token_mapping)),
                as_numpy(text.pair_objects + _found(output.object_attention, output.token_mapping)),
                as_numpy(text.state_gates),
                as_numpy(text.object_gates),
            ),
            "scale": float(output.scale),
        }

    @torch.inference_mode()
    def _text_of(self, space: CompositionSpace) -> RefinerText:
        vectors = (space.state_vectors, space.object_vectors)
        text: RefinerText = self._network.text(*(torch.from_numpy(np.array(v)).to(self._head_device) for v in vectors))
        return text

    def warm_up(self) -> None:
        """Reads the word vectors, so that the first word added need not wait for them. What is wrong with them, `add` says."""
        with suppress(ZslvizError):
            self.words().phrase(self.space.states[0])

    def words(self) -> WordSource:
        """What gives typed words their vectors. Raises ConfigError if it is not installed."""
        if not isinstance(self._backbone, Backbone):
            return self._backbone.words
        with self._opening:
            if self._source is None:
                self._source = word_source(self.space.words)
            return self._source


EXPLAINER = CompositionExplainer


def checked(name: str, kind: str) -> str:
    """The name without spare spaces. Raises TableError if it is empty or too long."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > MAX_NAME:
        raise TableError(f"A new {kind}'s name has 1 to {MAX_NAME} letters.")
    return tidy


def _found(attention: tuple[Tensor, ...] | None, mapping: tuple[Tensor, ...] | None) -> Tensor | float:
    """What each text found in the photo: attention [1, M, H, W] and mapping [1, E, H, W] a grid -> [M, E]; 0 without a mapping."""
    if attention is None or mapping is None:
        return 0.0
    pieces = [torch.einsum("mhw,ehw->me", a[0], m[0]) for a, m in zip(attention, mapping, strict=True)]
    return torch.stack(pieces).sum(dim=0)


def _pair_logits(logits: CompositionLogits) -> PairLogits:
    return PairLogits(*(as_numpy(part[0]) for part in logits))
