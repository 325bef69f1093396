"""GBE-MLZSL: labels from groups of channels and from the whole map, ranked together (arXiv 2309.00923). Our construction.

Of the paper only the abstract is known here: feature maps are split into groups that a local module keeps distinct from each other,
a global module keeps the principal direction, and a static graph links local features. Everything else is our own reading of it.

    h_nr = relu(W_n x_nr + b_n)                        group n reads its own run of channels of region r
    a_nr = softmax over groups of (q_n . h_nr + c_n)   the local module: groups share out each region among themselves
    l_nr = N a_nr (V_n h_nr + d_n)
    l'_nr = l_nr + sum over m of A_nm M l_mr           the static graph: A is the model's, the same for every photo; A_nn = 0
    g_r  = R p_r (U x_r) + e                           the global module: p: how far regions lie along the map's principal direction
    score of a label v = mean over its `top` highest regions r of (W v + w) . (sum over n of l'_nr + mean over s of g_s)

Group and global vectors are met by labels in one space, so a label's score is a sum of parts: what each group says at the counted
regions, and what the whole map says. With the gates (relu, a, p and the norms of features) at the values of a photo every part is
linear in the regions' features; nothing else is frozen for its map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from zslviz.backbones.features import Features
from zslviz.errors import ConfigError
from zslviz.files.typed import BelowOne, Share, Width, WidthOrNone
from zslviz.models.label_linear import LinearPart, WithLinearPart, unit_mean_square
from zslviz.models.output import Insight, LabelOutput

_SHARES = (
    "shares",
    "How its groups share out the photo",
    "Groups of channels share out every place among themselves before a label is met: the mean over the places of this photo.",
    ("named",),
)
_HEARD = (
    "heard",
    "Which groups the others hear",
    "Each group takes in a part of what the others found at the same place: how much of it comes from each, the same for every "
    "photo. Were all heard alike, these were the same.",
    ("named",),
)


@dataclass(frozen=True)
class GBEConfig:
    """Sizes and settings; all of them are ours.

    channels: of the feature map. word_dim: length of a label vector. groups: N, into which the channels are split as they come.
    width: of a group's h. embedding: length of what labels are multiplied with. top: how many of a label's regions count.
    stage: where regions come from, "c5" or "c4". steps: of the power iteration that finds the principal direction.
    dropout: of the groups' h and of the channels that the global module reads. feature_norm: each region's features, and the
    vector of the whole map, at a root mean square of 1.
    linear: so many numbers of a linear map in closed form are added to the embeddings (0: none): each region's own features at the
    share `linear_share`, each channel with its group, and the mean over regions for the rest, with the global part.
    """

    channels: Width
    word_dim: Width
    groups: Annotated[int, Field(ge=2, le=64)] = 4
    width: Width = 128
    embedding: Width = 256
    top: Width = 6
    stage: Literal["c5", "c4"] = "c5"
    steps: Annotated[int, Field(ge=1, le=100)] = 3
    dropout: BelowOne = 0.2
    feature_norm: bool = False
    linear: WidthOrNone = 0
    linear_share: Share = 0.25

    def __post_init__(self) -> None:
        if self.groups < 2 or self.channels % self.groups:
            raise ConfigError(
                f"{self.channels} channels cannot be split into {self.groups} groups; take two or more, a divisor of them."
            )
        if self.linear and self.stage != "c5":
            raise ConfigError("A linear part reads c5; it goes with 'stage: c5' alone.")


class LocalGroups(nn.Module):
    """The local module and the static graph: groups of channels share out the regions, then tell each other what they found."""

    def __init__(self, config: GBEConfig) -> None:
        super().__init__()
        n, width, embedding = config.groups, config.width, config.embedding
        self.groups = n
        self.dropout = nn.Dropout(config.dropout)
        self.hidden = nn.Conv2d(config.channels, n * width, 1, groups=n)
        self.query = nn.Conv2d(n * width, n, 1, groups=n)
        self.value = nn.Conv2d(n * width, n * embedding, 1, groups=n)
        self.graph = nn.Parameter(0.1 * torch.randn(n, n))
        self.message = nn.Parameter(torch.randn(embedding, embedding) * 0.1 / embedding**0.5)

    def links(self) -> Tensor:
        """The static graph A [N, N]: how much each group hears of each other one; rows sum to 1, the diagonal is 0."""
        return self.graph.masked_fill(
            torch.eye(self.groups, dtype=torch.bool, device=self.graph.device), -torch.inf
        ).softmax(1)

    def forward(self, regions: Tensor) -> tuple[Tensor, Tensor]:
        """Regions [B, C, H, W] -> each group's embeddings [B, N, R, E] and its share of every region [B, N, R]."""
        hidden = self.dropout(F.relu(self.hidden(regions)))
        shares = self.query(hidden).flatten(2).softmax(1)
        return self.spoken(hidden, shares), shares

    def spoken(self, hidden: Tensor, shares: Tensor) -> Tensor:
        """h [B, N width, H, W] and shares [B, N, R] -> embeddings [B, N, R, E]."""
        values = self.value(hidden).flatten(2).unflatten(1, (self.groups, -1)).mT  # [B, N, R, E]
        local = self.groups * shares[..., None] * values
        heard = torch.einsum("nm,bmre->bnre", self.links(), local)
        return local + heard @ self.message.mT


class GBE(WithLinearPart):
    """Label scores from groups of channels at every region and from the whole map."""

    wants_global = False

    def __init__(self, config: GBEConfig) -> None:
        super().__init__()
        self.config = config
        self.local = LocalGroups(config)
        self.whole = nn.Linear(config.channels, config.embedding)
        self.channel_dropout = nn.Dropout(config.dropout)
        self.W = nn.Linear(config.word_dim, config.embedding)
        linear = config.linear
        self.linear = LinearPart(config.channels, config.word_dim, linear, config.linear_share) if linear else None

    @property
    def stages(self) -> tuple[str, ...]:
        """The stage that `forward` reads."""
        return (self.config.stage,)

    def forward(self, features: Features, label_vectors: Tensor, explain: bool = False) -> LabelOutput:
        """Scores of labels with the vectors [K, D], of unit length. Raises ConfigError if the regions are fewer than `top`."""
        stage = features.stages[self.config.stage]
        grid = stage.shape[-2:]
        if grid.numel() < self.config.top:
            raise ConfigError(f"{self.config.top} regions are to count, but the photo has fewer; use larger photos.")
        local, whole, shares = self.parts(stage)
        classifiers = self.classifiers(label_vectors)
        overall = whole.mean(1)  # [B, E]
        embeddings = local.sum(1) + overall[:, None]
        scores = embeddings @ classifiers.mT  # [B, R, K]
        logits = self._counted(scores)
        if explain:
            maps = scores.mT.unflatten(-1, grid)
            parts = torch.cat([local, whole[:, None]], 1)
            return LabelOutput(logits, maps, embeddings, part_embeddings=parts, insights=self._insights(shares))
        if not self.training:
            return LabelOutput(logits)
        each = self._counted((local @ classifiers.mT).flatten(0, 1)).unflatten(0, local.shape[:2])  # [B, N, K]
        return LabelOutput(logits, learned=(each, local.mean(2), shares.mean(2), overall))

    def parts(self, stage: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Feature map [B, C, H, W] -> the groups' embeddings [B, N, R, E], the global part's [B, R, E], the shares [B, N, R].

        The global part is the mean of its own over regions.
        """
        regions = unit_mean_square(stage) if self.config.feature_norm else stage
        local, shares = self.local(regions)
        raw = stage.flatten(2).mT  # [B, R, C]
        whole = self.whole(self._along_principal(raw))
        if self.linear is not None:
            share, weight = self.linear.share, self.linear.features.weight
            split = regions.flatten(2).unflatten(1, (self.config.groups, -1)).mT  # [B, N, R, C / N]
            own = share * split @ weight.unflatten(1, (self.config.groups, -1)).permute(1, 2, 0)
            rest = (1 - share) * self._normed(raw, raw.mean(1)) @ weight.mT + self.linear.features.bias
            local, whole = torch.cat([local, own], -1), torch.cat([whole, rest], -1)
        return local, whole, shares

    def _insights(self, shares: Tensor) -> tuple[Insight, ...]:
        """How the groups share out a photo (shares [B, N, R]), and how much of each the others hear by the static graph."""
        count = self.config.groups
        names = tuple(f"group {n}" for n in range(1, count + 1))
        heard = self.local.links().sum(0) / (count - 1)
        return (
            Insight(*_SHARES, shares.mean(2), unit="share of the photo", names=names, term="parts"),
            Insight(
                *_HEARD, heard, of="model", unit="share of what one of the others hears", names=names, term="parts"
            ),
        )

    def _along_principal(self, raw: Tensor) -> Tensor:
        """Regions [B, R, C], each weighed by how far it lies along the principal direction; their mean is the map's own vector."""
        weighed = raw.shape[1] * principal_weights(raw, self.config.steps)[..., None] * raw
        kept = self.channel_dropout(torch.ones_like(raw[:, :1]))  # the same channels everywhere
        return self._normed(weighed, weighed.mean(1)) * kept

    def _normed(self, regions: Tensor, vector: Tensor) -> Tensor:
        """Regions [B, R, C] by the one number that brings a vector [B, C] to a root mean square of 1, where features are normed."""
        if not self.config.feature_norm:
            return regions
        return regions * (vector.shape[-1] ** 0.5 / vector.norm(dim=-1).clamp_min(1e-12))[:, None, None]

    def _counted(self, scores: Tensor) -> Tensor:
        """[.., R, K] -> the mean of each label's highest regions [.., K]."""
        return scores.topk(self.config.top, dim=-2, sorted=False).values.mean(-2)


@torch.no_grad()
def principal_weights(regions: Tensor, steps: int) -> Tensor:
    """How far each region [B, R, C] lies along the map's principal direction: [B, R], from 0 on, with the sum 1.

    The direction is the first right singular vector of the regions as they are (not centred), by power iteration from their mean;
    regions that point away from it weigh nothing.
    """
    direction = F.normalize(regions.mean(1), dim=-1)  # [B, C]
    for _ in range(steps):
        along = torch.einsum("brc,bc->br", regions, direction)
        direction = F.normalize(torch.einsum("br,brc->bc", along, regions), dim=-1)
    along = torch.einsum("brc,bc->br", regions, direction).clamp_min(0) + 1e-12  # a map of zeros weighs all alike
    return along / along.sum(1, keepdim=True)
