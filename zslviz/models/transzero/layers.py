"""The layers of TransZero's transformer (arXiv 2112.01683).

Dropout acts where the authors' does: on attention weights, on what an attention gives, inside and after each feed-forward; within
the encoder's attention weights it is 0.1 whatever the setting says.

Two layers with nothing between them are one: a query's with that of keys, that of values with the output's. Regions then go through
one product instead of two, and the numbers are the same. What a key's bias adds is the same for all keys and no softmax shows it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zslviz.models.gates import through_norm

_ENCODER_ATTENTION_DROPOUT = 0.1


def _no_effect(bias: Tensor) -> Tensor:
    """Zero, with a gradient of zero for what no attention depends on: weight decay reaches it, as in the authors' code."""
    return 0.0 * bias.sum()


class EncoderLayer(nn.Module):
    """Regions look at regions, less at those that the geometry holds apart; the residual is added twice, as the authors do."""

    def __init__(self, width: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))
        self.norm_attended, self.norm, self.norm_forward = (nn.LayerNorm(width) for _ in range(3))
        self.fc1, self.fc2 = nn.Linear(width, feed_forward), nn.Linear(feed_forward, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, h: Tensor, geometry: Tensor) -> tuple[Tensor, Tensor]:
        """h [B, R, d], geometry [R, R], taken from the logits -> regions [B, R, d], attention [B, R, R]."""
        q, k = self.query, self.key
        scaled = k.weight / h.shape[-1] ** 0.5
        asked = F.linear(h, scaled.mT @ q.weight, q.bias @ scaled + _no_effect(k.bias))
        attention = (asked @ h.mT - geometry).softmax(dim=-1)
        kept = F.dropout(attention, _ENCODER_ATTENTION_DROPOUT, self.training)
        o, v = self.output, self.value
        attended = kept @ F.linear(h, o.weight @ v.weight, o.weight @ v.bias) + o.bias
        u = self.norm_attended(h + self.dropout(attended))
        z = self.norm(h + u)
        return self.norm_forward(z + self.dropout(self.fc2(self.dropout(self.fc1(z).relu())))), attention


class Attention(nn.Module):
    """Attention of several heads; the parameters are laid out as in the authors' state dict: query, key, value in one."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def parts(self) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Weights [d, d] and biases [d] of query, key and value."""
        return self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)

    def weights(self, queries: Tensor, keys: Tensor) -> Tensor:
        """queries [(B,) A, d], keys [(B,) R, d] -> [(B,) heads, A, R]."""
        (q, k, _), (bq, bk, _) = self.parts()
        if self.heads == 1 and queries.ndim == 2:  # of all photos
            asking = F.linear(queries, q, bq) @ (k / len(k) ** 0.5) + _no_effect(bk)
            return (keys @ asking.mT).softmax(dim=-2).mT.unsqueeze(-3)
        asked, there = self._split(F.linear(queries, q, bq)), self._split(F.linear(keys, k, bk))
        return (asked @ there.mT / asked.shape[-1] ** 0.5).softmax(dim=-1)

    def attended(self, weights: Tensor, values: Tensor) -> Tensor:
        """weights [.., heads, A, R] of values [.., R, d] -> [.., A, d], through the output layer."""
        (_, _, v), (_, _, bv) = self.parts()
        kept = F.dropout(weights, self.dropout, self.training)
        if self.heads == 1:
            o = self.out_proj
            told = F.linear(values, o.weight @ v, o.weight @ bv)
            return kept.squeeze(-3) @ told + o.bias
        gathered = kept @ self._split(F.linear(values, v, bv))
        return self.out_proj(gathered.transpose(-3, -2).flatten(-2))

    def region_terms(self, weights: Tensor, values: Tensor, directions: Tensor) -> Tensor:
        """What each region gives along directions [B, A, d], but for biases: directions . W_O (weights W_V values), [B, A, R]."""
        (_, _, v), _ = self.parts()
        along = self._split(directions @ self.out_proj.weight)  # [B, heads, A, d / heads]
        return (weights * (along @ self._split(values @ v.mT).mT)).sum(-3)

    def constant(self) -> Tensor:
        """What comes from no value, since weights sum to one: b_O + W_O b_V, [d]."""
        _, (_, _, bv) = self.parts()
        return self.out_proj(bv)

    def _split(self, x: Tensor) -> Tensor:
        """[.., N, d] -> [.., heads, N, d / heads]."""
        return x.unflatten(-1, (self.heads, -1)).transpose(-3, -2)


class Crossed(NamedTuple):
    """Of a decoder layer: out [B, A, d]; queries [(B,) A, d] and attention [B, heads, A, R] of the look at the regions; attended
    [B, A, d], its outcome; for the evidence the sums before the two norms, s2 and s3 [B, A, d], and the ReLU's mask [B, A, F]."""

    out: Tensor
    queries: Tensor
    attention: Tensor
    attended: Tensor
    s2: Tensor
    s3: Tensor
    mask: Tensor


class DecoderLayer(nn.Module):
    """Attributes look at each other, then at the regions; norms come after, as in the first transformers."""

    def __init__(self, width: int, feed_forward: int, heads: int, dropout: float, self_attention: bool) -> None:
        super().__init__()
        self.self_attention = Attention(width, heads, dropout) if self_attention else None
        self.norm1 = nn.LayerNorm(width) if self_attention else None
        self.cross_attention = Attention(width, heads, dropout)
        self.norm2, self.norm3 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.linear1, self.linear2 = nn.Linear(width, feed_forward), nn.Linear(feed_forward, width)
        self.dropout = nn.Dropout(dropout)

    def among(self, queries: Tensor) -> tuple[Tensor, Tensor | None]:
        """Attributes look at each other: [(B,) A, d] -> the same, and the attention [(B,) heads, A, A].

        In the first layer nothing of a photo is in them, so one look serves all photos.
        """
        if self.self_attention is None or self.norm1 is None:
            return queries, None
        weights = self.self_attention.weights(queries, queries)
        return self.norm1(queries + self.dropout(self.self_attention.attended(weights, queries))), weights

    def forward(self, queries: Tensor, memory: Tensor) -> Crossed:
        """queries [(B,) A, d], which have looked at each other; memory [B, R, d]."""
        attention = self.cross_attention.weights(queries, memory)
        attended = self.cross_attention.attended(attention, memory)
        s2 = queries + self.dropout(attended)
        z = self.norm2(s2)
        hidden = self.linear1(z)
        s3 = z + self.dropout(self.linear2(self.dropout(hidden.relu())))
        return Crossed(self.norm3(s3), queries, attention, attended, s2, s3, hidden > 0)

    def evidence(self, seen: Crossed, memory: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        """directions . out, region by region: [B, A, R], and what comes from none, [B, A]; directions: u [A, d].

        Exact with the attention, the norms' deviations and the ReLU's mask at this photo's values: all that is left is affine.
        """
        g3 = through_norm(self.norm3, seen.s3, directions)
        inner = seen.mask * (g3 @ self.linear2.weight)  # [B, A, F]
        g2 = g3 + inner @ self.linear1.weight
        g = through_norm(self.norm2, seen.s2, g2)
        terms = self.cross_attention.region_terms(seen.attention, memory, g)
        bias = directions @ self.norm3.bias + g3 @ self.linear2.bias + inner @ self.linear1.bias + g2 @ self.norm2.bias
        return terms, bias + (g * (seen.queries + self.cross_attention.constant())).sum(-1)
