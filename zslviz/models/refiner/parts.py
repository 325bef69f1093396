"""The parts of Refiner: a photo's tokens, queries that attend them, words as texts, and texts that attend the tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zslviz.models.output import CompositionText
from zslviz.models.pair_texts import WordTexts

Grid = tuple[int, int]
SMALL = 1e-6  # below any length that matters


class Tokens(NamedTuple):
    """A photo's regions. values: [B, T, E]. looks: [B, T, E], what the early stages alone say of each (`values` without such).

    grids: (rows, columns) of the grids that the T tokens lie on, one after the other.
    """

    values: Tensor
    looks: Tensor
    grids: tuple[Grid, ...]

    def on_grids(self, maps: Tensor) -> tuple[Tensor, ...]:
        """Numbers per token [..., T] -> one map [..., rows, columns] a grid."""
        pieces = maps.split([rows * columns for rows, columns in self.grids], dim=-1)
        return tuple(piece.unflatten(-1, grid) for piece, grid in zip(pieces, self.grids, strict=True))


class RegionTokens(nn.Module):
    """Stages of an encoder as tokens of one width, each with a learned embedding of its place.

    channels: of each stage. fused: every stage is brought to the grid of the middle one and summed there, so that a token holds
    what is at its place (deep stages) and how it looks there (early stages); otherwise every place of every stage is a token.
    early: how many of the first stages make up a token's look, which knows nothing of the deeper ones; 0: there is no such part.
    """

    def __init__(
        self, channels: Sequence[int], width: int, fused: bool, early: int, places: int, dropout: float
    ) -> None:
        super().__init__()
        self.fused = fused
        self.early = early
        self.norms = nn.ModuleList(nn.LayerNorm(c) for c in channels)
        self.projections = nn.ModuleList(nn.Linear(c, width) for c in channels)
        self.place = nn.Parameter(torch.randn(1, width, places, places) * 0.02)
        self.output = nn.LayerNorm(width)
        self.look = None
        if early:
            self.look = nn.Sequential(
                nn.Linear(sum(channels[:early]), width),
                nn.GELU(),
                nn.Linear(width, width),
                nn.GELU(),
                nn.LayerNorm(width),
            )
        self.dropout = nn.Dropout1d(dropout)  # whole channels of a photo

    def forward(self, stages: Sequence[Tensor]) -> Tokens:
        """stages: [B, C, H, W] each."""
        grids: list[Grid] = [(stage.shape[-2], stage.shape[-1]) for stage in stages]
        if self.fused:
            grids = [grids[len(grids) // 2]] * len(grids)
        normed = [
            norm(_shrunk(stage, grid).permute(0, 2, 3, 1))  # [B, H, W, C]
            for stage, grid, norm in zip(stages, grids, self.norms, strict=True)
        ]
        projected = []
        for places, grid, project in zip(normed, grids, self.projections, strict=True):
            place = F.interpolate(self.place, grid, mode="bilinear", align_corners=False).permute(0, 2, 3, 1)
            projected.append(_grown(project(self._dropped(places)), grid) + place)
        looks = None
        if self.look is not None:
            looks = self.look(torch.cat(normed[: self.early], dim=-1)).flatten(1, 2)
        if self.fused:
            grids, projected = grids[:1], [sum(projected[1:], start=projected[0])]
        values = self.output(F.gelu(torch.cat([p.flatten(1, 2) for p in projected], dim=1)))
        return Tokens(values, values if looks is None else looks, tuple(grids))

    def _dropped(self, places: Tensor) -> Tensor:
        if not self.training:
            return places
        kept = self.dropout(places.new_ones(len(places), places.shape[-1], 1))
        return places * kept[:, None, None, :, 0]


def _shrunk(stage: Tensor, grid: Grid) -> Tensor:
    """A stage that is finer than the grid, averaged onto it; before the projection, which then costs less."""
    return F.adaptive_avg_pool2d(stage, grid) if stage.shape[-2] > grid[0] else stage


def _grown(places: Tensor, grid: Grid) -> Tensor:
    """[B, h, w, E] of a stage that is coarser than the grid, interpolated onto it."""
    if places.shape[1] >= grid[0]:
        return places
    return F.interpolate(places.permute(0, 3, 1, 2), grid, mode="bilinear", align_corners=False).permute(0, 2, 3, 1)


class QueryRefinement(nn.Module):
    """Learnable queries gather what regions say: n queries attend the tokens, each with a matrix of its own into the sum.

    Nothing but the attention depends on more than one token, so what is added to the embedding splits over tokens exactly.
    Keys are never made: queries are taken back through their layer to the tokens, and values are of the gathered tokens.
    """

    def __init__(self, queries: int, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.queries = nn.Parameter(torch.randn(queries, width) * width**-0.5)
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)  # a bias would not change the attention
        self.gather = Gathering(queries, width, heads)
        self.gather_looks = Gathering(queries, width, heads)

    def forward(self, tokens: Tokens) -> tuple[Tensor, Tensor, Tensor]:
        """What is added to the embedding [B, E] by the tokens and by their looks, and the attention [B, heads, n, T]."""
        attention = self._attention(tokens.values)
        return self.gather(tokens.values, attention), self.gather_looks(tokens.looks, attention), attention

    def by_token(self, tokens: Tokens, attention: Tensor) -> Tensor:
        """What each token adds to the embedding, its look included: [B, T, E]; summed, it is what `forward` returns."""
        return self.gather.by_token(tokens.values, attention) + self.gather_looks.by_token(tokens.looks, attention)

    def by_query(self, tokens: Tokens, attention: Tensor) -> Tensor:
        """What each query adds to the embedding, its look included: [B, n, E]; summed, it is what `forward` returns."""
        return self.gather.by_query(tokens.values, attention) + self.gather_looks.by_query(tokens.looks, attention)

    def _attention(self, tokens: Tensor) -> Tensor:
        queries = self.query(self.queries).unflatten(-1, (self.heads, -1)).transpose(0, 1)  # [heads, n, d]
        seen_from_tokens = queries @ self.key.weight.unflatten(0, (self.heads, -1))  # [heads, n, E]
        logits = (tokens @ seen_from_tokens.flatten(0, 1).mT).mT * queries.shape[-1] ** -0.5  # [B, heads n, T]
        return logits.softmax(dim=-1).unflatten(1, queries.shape[:2])


class Gathering(nn.Module):
    """Tokens weighted by attention, through multi-head values and a matrix of each query's own."""

    def __init__(self, queries: int, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.value = nn.Linear(width, width)
        self.pool = nn.Linear(queries * width, width, bias=False)
        self.step = nn.Parameter(torch.full((width,), 0.1))  # lambda

    def forward(self, tokens: Tensor, attention: Tensor) -> Tensor:
        """tokens [B, T, E], attention [B, heads, n, T] -> [B, E]."""
        return self.step * self.pool(self._gathered(tokens, attention).flatten(1))

    def by_query(self, tokens: Tensor, attention: Tensor) -> Tensor:
        """Each query's part of what `forward` returns: [B, n, E]."""
        values = self._gathered(tokens, attention)
        own = self.pool.weight.unflatten(1, (values.shape[1], -1))  # [E, n, heads d]
        return self.step * torch.einsum("bnd,end->bne", values, own)

    def _gathered(self, tokens: Tensor, attention: Tensor) -> Tensor:
        """What each query gathers: [B, n, heads d]."""
        gathered = (attention.flatten(1, 2) @ tokens).unflatten(1, attention.shape[1:3])  # [B, heads, n, E]
        values = gathered @ self.value.weight.unflatten(0, (self.heads, -1)).mT  # [B, heads, n, d]
        return values.transpose(1, 2).flatten(2) + self.value.bias

    def by_token(self, tokens: Tensor, attention: Tensor) -> Tensor:
        """Each token's part of what `forward` returns: [B, T, E]."""
        values = self.value(tokens).unflatten(-1, (self.heads, -1))  # [B, T, heads, d]
        weighted = attention.permute(0, 3, 2, 1)[..., None] * values[:, :, None]  # [B, T, n, heads, d]
        return self.step * self.pool(weighted.flatten(2))


@dataclass(frozen=True, eq=False)
class RefinerText(CompositionText):
    """Texts with what is worked out of them once for all photos.

    pair_norms: [S, O], |t_so|^2. state_queries [S, E], object_queries [O, E]: what attends the photo's tokens for them.
    """

    pair_norms: Tensor
    state_queries: Tensor
    object_queries: Tensor


class TextSide(WordTexts):
    """Texts of words, and what attends the tokens for them."""

    def __init__(self, word_dim: int, hidden: int, width: int, dropout: float) -> None:
        super().__init__(word_dim, hidden, width, dropout)
        self.state_query = nn.Linear(width, width)
        self.object_query = nn.Linear(width, width)

    def forward(self, state_vectors: Tensor, object_vectors: Tensor) -> RefinerText:
        """state_vectors [S, D], object_vectors [O, D]."""
        text = self.texts(state_vectors, object_vectors)
        a, b, c, d = text.pair_states, text.pair_objects, text.state_gates, text.object_gates
        left = torch.cat([a, c, a * c, c.square()], dim=-1)
        right = torch.cat([2 * b, 2 * b * d, 2 * d, d.square()], dim=-1)
        norms = left @ right.mT + a.square().sum(-1)[:, None] + b.square().sum(-1)
        return RefinerText(
            text.states, text.objects, a, b, c, d, norms, self.state_query(text.states), self.object_query(text.objects)
        )


class TextMapping(nn.Module):
    """Image-to-text mapping: each state's and object's text attends the tokens, and how the photo looks there is added to it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.value = nn.Linear(width, width)
        self.step = nn.Parameter(torch.full((width,), 0.1))  # mu

    def forward(self, tokens: Tokens, queries: Tensor) -> tuple[Tensor, Tensor]:
        """queries [M, E] -> what is added to the texts [B, M, E], attention [B, M, T]."""
        attention = ((tokens.values @ queries.mT).mT * queries.shape[-1] ** -0.5).softmax(dim=-1)
        return self.values(attention @ tokens.looks), attention

    def values(self, looks: Tensor) -> Tensor:
        """[B, T, E]; weighted by a text's attention, they are what each token adds to that text."""
        return self.step * self.value(looks)


@dataclass(frozen=True, eq=False)
class MappedText:
    """Texts as they are mapped on B photos: states [S, E] or [B, S, E], objects likewise, and how pairs are scored from them.

    found_states A [B, S, E], found_objects B [B, O, E]: what the texts found, and where, [B, S, T] and [B, O, T]; None unmapped.
    pair_lengths: |t_so + A_s + B_o|, [S, O] or [B, S, O].
    """

    text: RefinerText
    states: Tensor
    objects: Tensor
    pair_lengths: Tensor
    found_states: Tensor | None = None
    found_objects: Tensor | None = None
    state_attention: Tensor | None = None
    object_attention: Tensor | None = None

    @classmethod
    def of(cls, mapping: TextMapping | None, tokens: Tokens, text: RefinerText) -> MappedText:
        """mapping: None leaves the texts as they are."""
        if mapping is None:
            return cls(text, text.states, text.objects, _lengths(text.pair_norms))
        sizes = [len(text.states), len(text.objects)]
        added, attention = mapping(tokens, torch.cat([text.state_queries, text.object_queries]))
        found_s, found_o = added.split(sizes, dim=1)
        lengths = _lengths(_mapped_norms(text, found_s, found_o))
        return cls(
            text,
            text.states + found_s,
            text.objects + found_o,
            lengths,
            found_s,
            found_o,
            *attention.split(sizes, dim=1),
        )

    def pair_cosines(self, v: Tensor) -> Tensor:
        """cos(v, t_so + A_s + B_o) of all pairs: v [B, E] -> [B, S, O]."""
        text = self.text
        of_states, of_objects = text.pair_states, text.pair_objects
        if self.found_states is not None and self.found_objects is not None:
            of_states, of_objects = of_states + self.found_states, of_objects + self.found_objects
        v = v / v.norm(dim=-1, keepdim=True).clamp(min=SMALL)
        gated = (text.state_gates * v[:, None]) @ text.object_gates.mT  # [B, S, O]
        dots = gated + (of_states @ v[..., None]) + (of_objects @ v[..., None]).mT
        return dots / self.pair_lengths


def _lengths(squares: Tensor) -> Tensor:
    return squares.clamp(min=SMALL).sqrt()


def _mapped_norms(text: RefinerText, found_s: Tensor, found_o: Tensor) -> Tensor:
    """|t_so + A_s + B_o|^2 of all pairs, [B, S, O], without laying out a pair: with t_so = a_s + b_o + c_s d_o it is

    |t|^2 + 2 (A.(b + B) + (c A).d + a.B + c.(d B)) + (|A|^2 + 2 a.A) + (|B|^2 + 2 b.B).
    """
    a, b, c, d = text.pair_states, text.pair_objects, text.state_gates, text.object_gates
    batch = len(found_s)
    left = torch.cat([found_s, c * found_s, a.expand(batch, -1, -1), c.expand(batch, -1, -1)], dim=-1)
    right = torch.cat([b + found_o, d.expand(batch, -1, -1), found_o, d * found_o], dim=-1)
    alone_s = (found_s * (found_s + 2 * a)).sum(-1)
    alone_o = (found_o * (found_o + 2 * b)).sum(-1)
    return text.pair_norms + 2 * left @ right.mT + alone_s[:, :, None] + alone_o[:, None]
