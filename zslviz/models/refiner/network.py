"""Refiner: compositional zero-shot learning with refined embeddings (ICASSP 2025). Our construction.

Of the paper only the abstract is public: learnable queries gather region-specific semantics and refine the image embedding, and an
image-to-text mapping aligns it with states, objects and compositions. Everything else here is our own reading of it.

    v      = g + lambda * pool(queries attend tokens)          g: the global vector (class token, or pooled stages of a CNN)
    z_so   = scale cos(v, t_so + mu (A_s + B_o))               A_s, B_o: what the texts of state s and object o find in the photo
    z_s    = scale cos(D_s(v), t_s + mu A_s),  z_o = scale cos(D_o(v), t_o + mu B_o)
    t_so   = a_s + b_o + c_s * d_o                             a, b, c, d, t_s, t_o: MLPs of the words' vectors

A pair's text and its mapping are sums and products of a state's and an object's vectors. Dot products and lengths of all S x O
pairs then come from a few products of [S, E] and [E, O] matrices, and a pair never needs a vector of its own.

Of a CNN's deep stages a state is easily learned by heart together with its object. v is therefore a sum of two: how the photo looks
where the queries attend, from early stages alone (D_s reads only that), and what is there, from all stages (D_o reads only that).
The texts' mapping takes the looks too; attention, that is where to look, comes from all stages.

What adds up: v = g + the sum of `token_refinement`, and the mapped text is t_so + the sum over tokens of (state attention + object
attention) * `token_mapping`. `CompositionExplanation.pair_evidence` splits the logit of a pair over places by the first of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from zslviz.backbones.features import STAGES, Features
from zslviz.errors import ConfigError
from zslviz.files.typed import BelowOne, Positive, Width, WidthOrNone
from zslviz.models.output import CompositionLogits, CompositionOutput, Insight
from zslviz.models.refiner.parts import (
    MappedText,
    QueryRefinement,
    RefinerText,
    RegionTokens,
    TextMapping,
    TextSide,
    Tokens,
)


@dataclass(frozen=True)
class RefinerConfig:
    """Sizes and parts. channels: of the stages in `stages`; word_dim: D of the word vectors; width: E.

    stages: which of the encoder's stages become tokens. fused: all stages on one grid; early: how many of the first stages make up
    the look of a token, which alone the state head reads (`RegionTokens`); 0: it reads the whole embedding.
    global_channels: of the global vector if the encoder gives one; 0 pools the last stage instead.
    queries: 0 leaves the refinement out, so that the global vector stands alone. mapping, heads: False leaves out the image-to-text
    mapping, or the state and object heads. attention_heads: of the queries. places: side of the learned grid of place embeddings.
    scale: initial exp(tau). dropout: of the stages' channels and of the heads. text_hidden, word_dropout: of the text MLPs.
    """

    channels: Annotated[tuple[Width, ...], Field(min_length=1)]
    word_dim: Width
    stages: Annotated[tuple[str, ...], Field(min_length=1)] = STAGES
    fused: bool = True
    early: Annotated[int, Field(ge=0, le=100)] = 1
    global_channels: WidthOrNone = 0
    width: Width = 256
    queries: WidthOrNone = 8
    attention_heads: Width = 4
    mapping: bool = True
    heads: bool = True
    text_hidden: Width = 256
    places: Annotated[int, Field(ge=1, le=1000)] = 7
    scale: Positive = 20.0
    dropout: BelowOne = 0.1
    word_dropout: BelowOne = 0.0


class Refiner(nn.Module):
    """Logits of all pairs of states and objects, of states and of objects, from an encoder's stages and texts."""

    def __init__(self, config: RefinerConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.stages = config.stages
        self.drawn_on = config.stages[len(config.stages) // 2 if config.fused else 0]
        self.wants_global = config.global_channels > 0
        self.tokens = RegionTokens(config.channels, width, config.fused, config.early, config.places, config.dropout)
        channels = config.global_channels or config.channels[-1]
        self.embedding = nn.Sequential(nn.LayerNorm(channels), nn.Dropout(config.dropout), nn.Linear(channels, width))
        self.global_look = nn.Linear(width, width) if config.early else None
        self.refinement = QueryRefinement(config.queries, width, config.attention_heads) if config.queries else None
        self.mapping = TextMapping(width) if config.mapping else None
        self.state_head = _head(width, config.dropout) if config.heads else None
        self.object_head = _head(width, config.dropout) if config.heads else None
        self.text_side = TextSide(config.word_dim, config.text_hidden, width, config.word_dropout)
        self.tau = nn.Parameter(torch.tensor(config.scale).log())

    def text(self, state_vectors: Tensor, object_vectors: Tensor) -> RefinerText:
        """The texts of a space's word vectors [S, D] and [O, D], once for all photos."""
        text: RefinerText = self.text_side(state_vectors, object_vectors)
        return text

    def forward(self, features: Features, text: RefinerText, explain: bool = False) -> CompositionOutput:
        """Logits of B photos. Raises ConfigError if a global vector is wanted and there is none."""
        stages = [features.stages[name] for name in self.stages]
        tokens: Tokens = self.tokens(stages)
        whole = self.embedding(self._global(features, stages[-1]))
        look = None if self.global_look is None else self.global_look(tokens.looks.mean(dim=1))
        before = _Embedding(whole, look)
        refined, query_attention = before, None
        if self.refinement is not None:
            added, added_look, query_attention = self.refinement(tokens)
            refined = before.moved(added, added_look)
        mapped = MappedText.of(self.mapping, tokens, text)
        logits = self._logits(refined, mapped)
        if not explain:
            return CompositionOutput(*logits)
        by_token: tuple[Tensor, ...] | None = None
        told: tuple[Insight, ...] = ()
        if self.refinement is not None and query_attention is not None:
            by_token = tokens.on_grids(self.refinement.by_token(tokens, query_attention).mT)
            told = (_by_query(self.refinement.by_query(tokens, query_attention), before.whole),)
        return CompositionOutput(
            *logits,
            global_embedding=before.whole,
            refined_embedding=refined.whole,
            before=self._logits(before, mapped),
            query_attention=None if query_attention is None else tokens.on_grids(query_attention),
            state_attention=None if mapped.state_attention is None else tokens.on_grids(mapped.state_attention),
            object_attention=None if mapped.object_attention is None else tokens.on_grids(mapped.object_attention),
            token_refinement=by_token,
            token_mapping=None if self.mapping is None else tokens.on_grids(self.mapping.values(tokens.looks).mT),
            scale=self.tau.exp(),
            insights=told,
        )

    def _global(self, features: Features, last: Tensor) -> Tensor:
        """The global vector [B, C] before its embedding."""
        if not self.wants_global:
            return last.mean(dim=(-2, -1))
        if features.global_vector is None:
            raise ConfigError("This network wants a global vector of each photo beside its tokens.")
        return features.global_vector

    def _logits(self, embedding: _Embedding, mapped: MappedText) -> CompositionLogits:
        scale = self.tau.exp()
        of_state = embedding.whole if self.state_head is None else self.state_head(embedding.for_state)
        of_object = embedding.whole if self.object_head is None else self.object_head(embedding.for_object)
        return CompositionLogits(
            scale * mapped.pair_cosines(embedding.whole),
            scale * _cosines(of_state, mapped.states),
            scale * _cosines(of_object, mapped.objects),
        )


@dataclass(frozen=True, eq=False)
class _Embedding:
    """[B, E] each: thing, what all stages say, and look, what the early stages alone say (None without early stages)."""

    thing: Tensor
    look: Tensor | None

    @property
    def whole(self) -> Tensor:
        return self.thing if self.look is None else self.thing + self.look

    @property
    def for_state(self) -> Tensor:
        return self.thing if self.look is None else self.look

    @property
    def for_object(self) -> Tensor:
        return self.thing

    def moved(self, by: Tensor, look_by: Tensor) -> _Embedding:
        if self.look is None:
            return _Embedding(self.thing + by + look_by, None)
        return _Embedding(self.thing + by, self.look + look_by)


_QUERIES = (
    "queries",
    "How much each query added",
    "How long what each query adds to the photo’s summary is, the summary at first sight being 1 long.",
    ("named",),
)


def _by_query(added: Tensor, whole: Tensor) -> Insight:
    """Lengths of what each query adds [B, n, E] to an embedding [B, E]."""
    lengths = added.norm(dim=-1) / whole.norm(dim=-1, keepdim=True).clamp(min=1e-12)
    names = tuple(f"query {n}" for n in range(1, added.shape[1] + 1))
    return Insight(*_QUERIES, lengths, unit="length", names=names, term="queries")


def _head(width: int, dropout: float) -> nn.Sequential:
    """D: a state's or an object's view of the embedding."""
    first = (nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(dropout))
    return nn.Sequential(*first, nn.Linear(width, width))


def _cosines(embedding: Tensor, texts: Tensor) -> Tensor:
    """embedding [B, E], texts [M, E] or [B, M, E] -> [B, M]."""
    return (F.normalize(texts, dim=-1) @ F.normalize(embedding, dim=-1)[..., None]).squeeze(-1)
