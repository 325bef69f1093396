"""Attributes adapt to a photo, and then its regions to the attributes: the module that PSVMA and PSVMA+ are made of.

Attributes look at the regions twice with the same weights, first as their words say and then as they have become; the regions then
look at the attributes and are mixed with each other. Norms come before every layer.

Built from the equations (PSVMA, CVPR 2023; PSVMA+, TPAMI 2025); of the authors' code, which has no licence, nothing but its
arithmetic is restated. Keys and values of the regions are computed once for both looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zslviz.models.output import FurtherMaps


class CrossAttention(nn.Module):
    """Queries look at other vectors: weights softmax(relu(Q K') / sqrt C). One head; layers have biases."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm_query, self.norm_key, self.norm_value = (nn.LayerNorm(width) for _ in range(3))
        self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))

    def there(self, others: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of [B, N, C], [B, N, C] each."""
        return self.key(self.norm_key(others)), self.value(self.norm_value(others))

    def forward(self, queries: Tensor, there: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """queries [(B,) M, C] -> logits [B, M, N], at least 0, and what each found [B, M, C]."""
        keys, values = there
        logits = (self.query(self.norm_query(queries)) @ keys.mT).relu() / keys.shape[-1] ** 0.5
        return logits, self.output(logits.softmax(dim=-1) @ values)


class FeedForward(nn.Module):
    """A norm, and two layers with GELU between: [.., C] -> [.., C]."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(self.norm(x))))


class AttributeGate(nn.Module):
    """p (1 + sigmoid(fc2 gelu(fc1 m))), m the largest channel of each attribute: attributes of a group rise together."""

    def __init__(self, attributes: int, hidden: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(attributes, hidden), nn.Linear(hidden, attributes)

    def forward(self, p: Tensor) -> Tensor:
        """[B, A, C] -> the same."""
        opened = self.fc2(F.gelu(self.fc1(p.amax(dim=-1)))).sigmoid()  # [B, A]
        return p * (1 + opened[..., None])


class RegionMixer(nn.Module):
    """Regions take from each other, channel by channel: R -> hidden -> hidden -> R with GELU; sized by the grid."""

    def __init__(self, regions: int, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fc1, self.fc2, self.fc3 = nn.Linear(regions, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, regions)
        self.dropout = nn.Dropout(dropout)

    def forward(self, y: Tensor) -> Tensor:
        """[B, R, C] -> the same."""
        hidden = self.dropout(F.gelu(self.fc1(self.norm(y).mT)))
        return self.fc3(self.dropout(F.gelu(self.fc2(hidden)))).mT


class Adapted(NamedTuple):
    """regions: y [B, R, C]. logits: of the attributes' two looks at the regions, before and after they adapted, [B, A, R] each;
    gated: [B, A, C], what the gate gave after each. attributes: p [B, A, C], as they have become. asked: [B, R, A], logits of the
    regions' look at the attributes."""

    regions: Tensor
    logits: tuple[Tensor, Tensor]
    gated: tuple[Tensor, Tensor]
    attributes: Tensor
    asked: Tensor


class MutualAdaptation(nn.Module):
    """Regions and attributes of one width C; see the module's text.

    regions: how many. mixing: hidden size of their mixing. gate: hidden size of the gate over attributes.
    """

    def __init__(self, attributes: int, regions: int, width: int, mixing: int, gate: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.attributes_look = CrossAttention(width)
        self.gate = AttributeGate(attributes, gate)
        self.attributes_forward = FeedForward(width, width)
        self.regions_look = CrossAttention(width)
        self.mixer = RegionMixer(regions, width, mixing, dropout)
        self.regions_forward = FeedForward(width, 4 * width)

    def forward(self, regions: Tensor, attributes: Tensor) -> Adapted:
        """regions x [B, R, C], attributes s [(B,) A, C]."""
        there = self.attributes_look.there(regions)
        p, before, first = self._turn(attributes, there)
        p, after, second = self._turn(attributes + p, there)
        asked, found = self.regions_look(regions, self.regions_look.there(p))
        y = regions + found
        y = y + self.mixer(y)
        y = y + self.regions_forward(y)
        return Adapted(y, (before, after), (first, second), p, asked)

    def _turn(self, attributes: Tensor, there: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Attributes after a look at the regions, its logits, and what the gate gave."""
        logits, found = self.attributes_look(attributes, there)
        p = attributes + found
        gated = self.gate(p)
        return gated + self.attributes_forward(gated) + p, logits, gated


def highest(adapted: Adapted) -> Tensor:
    """The largest logit over regions of each look: [2, B, A], what the papers' regression draws to the class's values."""
    return torch.stack([logits.amax(dim=-1) for logits in adapted.logits])


def detectors(logits: Sequence[Tensor]) -> tuple[FurtherMaps, ...]:
    """Maps of the two looks' logits [G, B, A, H, W] each."""
    return tuple(
        FurtherMaps(
            f"{when} adapting",
            title,
            f"{hint} Training draws the highest place to the class's value.",
            False,
            False,
            one,
        )
        for (when, title, hint), one in zip(_LOOKS, logits, strict=True)
    )


_LOOKS = (
    ("before", "Found by its words", "How much each place answers to the attribute as its words say."),
    ("after", "Found once adapted", "How much each place answers to the attribute after it has adapted to this photo."),
)
