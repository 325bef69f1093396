"""The parts of MSCI: layers of an encoder as one set of tokens, and a stage in which texts look at them.

Every part that explains knows the way back: `back` takes directions at its outcome to directions at what went in, and to what each
token gives along them. It is exact with attention, the norms' deviations and the gates of QuickGELU held at this photo's values:
all that is left is linear then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zslviz.errors import ConfigError
from zslviz.models.gates import through_norm

_SLOPE = 1.702  # QuickGELU(x) = sigmoid(1.702 x) x


class Tokens(NamedTuple):
    """values: [B, T, E], class tokens (`classes` of them, 0 or 1) before the places of a grid (rows, columns), row by row."""

    values: Tensor
    classes: int
    grid: tuple[int, int]

    def parted(self, terms: Tensor) -> tuple[Tensor, Tensor]:
        """Numbers per token [..., T] -> maps [..., rows, columns], and what lies at no place [...]."""
        return terms[..., self.classes :].unflatten(-1, self.grid), terms[..., : self.classes].sum(-1)


class Aggregation(nn.Module):
    """Several layers as one: relu(LN(W [their channels, one after the other])), on the grid of the coarsest.

    A single layer of the network's own width is taken as it is.
    """

    def __init__(self, channels: Sequence[int], width: int) -> None:
        super().__init__()
        self.mixes = len(channels) > 1 or channels[0] != width
        if self.mixes:
            self.linear, self.norm = nn.Linear(sum(channels), width), nn.LayerNorm(width)

    def forward(self, layers: Sequence[Tensor], classes: Sequence[Tensor] = ()) -> Tokens:
        """layers: [B, C, H, W] each. classes: the class token of each, [B, C, 1, 1], or none."""
        rows, columns = (min(layer.shape[axis] for layer in layers) for axis in (-2, -1))
        places = torch.cat([_shrunk(layer, (rows, columns)) for layer in layers], dim=1).flatten(2).mT
        values = places
        if classes:
            values = torch.cat([torch.cat(list(classes), dim=1).flatten(2).mT, places], dim=1)
        if self.mixes:
            values = self.norm(self.linear(values)).relu()
        return Tokens(values, int(bool(classes)), (rows, columns))


def _shrunk(layer: Tensor, grid: tuple[int, int]) -> Tensor:
    return layer if tuple(layer.shape[-2:]) == grid else F.adaptive_avg_pool2d(layer, grid)


class CrossAttention(nn.Module):
    """Texts look at tokens with several heads; no biases but that of the output."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise ConfigError(f"A width of {width} cannot be shared by {heads} heads.")
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.output = nn.Linear(width, width)

    def forward(self, texts: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """texts [(B,) K, E], tokens [B, T, E] -> what is found [B, K, E], attention [B, heads, K, T]."""
        query, key, value = (
            self._split(self.query(texts)),
            self._split(self.key(tokens)),
            self._split(self.value(tokens)),
        )
        attention = (query @ key.mT * query.shape[-1] ** -0.5).softmax(dim=-1)
        return self.output((attention @ value).transpose(-3, -2).flatten(-2)), attention

    def terms(self, attention: Tensor, tokens: Tensor, directions: Tensor) -> Tensor:
        """directions . W_O (attention W_V token), token by token: directions [B, K, E] -> [B, K, T]."""
        along = self._split(directions @ self.output.weight)  # [B, heads, K, E / heads]
        return (attention * (along @ self._split(self.value(tokens)).mT)).sum(-3)

    def _split(self, x: Tensor) -> Tensor:
        """[.., N, E] -> [.., heads, N, E / heads]."""
        return x.unflatten(-1, (self.heads, -1)).transpose(-3, -2)


class Crossed(NamedTuple):
    """Of a block: out, and found, the sum before its norm, [B, K, E]; attention [B, heads, K, T]; gates of QuickGELU [B, K, 4E]."""

    out: Tensor
    found: Tensor
    attention: Tensor
    gates: Tensor


class Block(nn.Module):
    """q += attention(q, tokens), q itself not normalised; q += W2 quickgelu(W1 LN(q))."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = CrossAttention(width, heads)
        self.norm = nn.LayerNorm(width)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, texts: Tensor, tokens: Tensor) -> Crossed:
        """texts [(B,) K, E], tokens [B, T, E]."""
        attended, attention = self.attention(texts, tokens)
        found = texts + self.dropout(attended)
        hidden = self.fc1(self.norm(found))
        gates = torch.sigmoid(_SLOPE * hidden)
        return Crossed(found + self.dropout(self.fc2(self.dropout(gates * hidden))), found, attention, gates)

    def back(self, seen: Crossed, tokens: Tensor, directions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Directions [B, K, E] at `out` -> those at the texts, what each token gives [B, K, T], and the biases [B, K]."""
        inner = seen.gates * (directions @ self.fc2.weight)
        at_norm = inner @ self.fc1.weight
        at_found = directions + through_norm(self.norm, seen.found, at_norm)
        biases = directions @ self.fc2.bias + inner @ self.fc1.bias + at_norm @ self.norm.bias
        terms = self.attention.terms(seen.attention, tokens, at_found)
        return at_found, terms, biases + at_found @ self.attention.output.bias


class Staged(NamedTuple):
    """Of a stage: out [B, K, E], the normalised tokens [B, T, E], and what each block saw."""

    out: Tensor
    tokens: Tensor
    blocks: tuple[Crossed, ...]


class Stage(nn.Module):
    """Blocks, one after the other, in which texts look at the same normalised tokens."""

    def __init__(self, width: int, heads: int, blocks: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(blocks))

    def forward(self, texts: Tensor, tokens: Tensor) -> Staged:
        """texts [(B,) K, E], tokens [B, T, E]."""
        tokens, seen = self.norm(tokens), []
        for block in self.blocks:
            seen.append(block(texts, tokens))
            texts = seen[-1].out
        return Staged(texts, tokens, tuple(seen))

    def back(self, seen: Staged, directions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As of a block, all of them together."""
        terms, biases = [], []
        blocks: list[Any] = list(self.blocks)
        for block, crossed in zip(reversed(blocks), reversed(seen.blocks), strict=True):
            directions, of_tokens, of_biases = block.back(crossed, seen.tokens, directions)
            terms.append(of_tokens)
            biases.append(of_biases)
        return directions, torch.stack(terms).sum(0), torch.stack(biases).sum(0)
