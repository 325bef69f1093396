"""A vision transformer (Dosovitskiy et al. 2021) as a backbone: timm's ViT-B/16, with stages as the other backbones have them.

c3, c4 and c5 are patches after the last block but three, after the last but two, and after the last block and its norm, brought to
strides 8, 16 and 32: each patch of c3 repeated two by two, those of c5 the largest of two by two. "tokens" are the patches before
the last block. Parameters have timm's names.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zslviz.backbones.base import UnpartedBackbone
from zslviz.backbones.features import TOKENS
from zslviz.backbones.weights import read_state_dict
from zslviz.errors import ConfigError

_EPS = 1e-6
_BEFORE_THE_END = {"c3": 3, "c4": 2, TOKENS: 1, "c5": 0}


class _SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class _Perceptron(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    """A block of the transformer: tokens [B, N, C] look at each other, then each is worked on by itself; norms come first."""

    def __init__(self, width: int, heads: int, ratio: float = 4.0) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=_EPS), nn.LayerNorm(width, eps=_EPS)
        self.attn = _SelfAttention(width, heads)
        self.mlp = _Perceptron(width, int(width * ratio))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class _Patches(nn.Module):
    def __init__(self, patch: int, width: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, stride=patch)


def with_class_token(patches: Tensor, class_token: Tensor, positions: Tensor) -> Tensor:
    """Patches [B, N, C] behind the class token [1, 1, C], each with what marks its position [1, 1 + g g, C]: [B, 1 + N, C].

    Positions of another grid are interpolated, which must be square as theirs.
    """
    if (given := positions.shape[1] - 1) != (wanted := patches.shape[1]):
        side, other = round(given**0.5), round(wanted**0.5)
        grid = positions[:, 1:].mT.unflatten(-1, (side, side))
        grid = F.interpolate(grid, (other, other), mode="bicubic", align_corners=False)
        positions = torch.cat([positions[:, :1], grid.flatten(2).mT], dim=1)
    return torch.cat([class_token.expand(len(patches), -1, -1), patches], dim=1) + positions


class VisionTransformer(nn.Module):
    """Stages of normalised pixels. grid: patches on a side that the positions are made for."""

    idle = ("head.",)

    def __init__(
        self, width: int = 768, depth: int = 12, heads: int = 12, patch: int = 16, grid: int = 14, ratio: float = 4.0
    ) -> None:
        super().__init__()
        self.patch_embed = _Patches(patch, width)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, 1 + grid * grid, width))
        self.blocks = nn.ModuleList(Block(width, heads, ratio) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=_EPS)

    def forward(self, x: Tensor, stages: Collection[str]) -> dict[str, Tensor]:
        """The stages asked for [B, C, H, W], of pixels [B, 3, S, S]; blocks that none of them needs do not run."""
        patches = self.patch_embed.proj(x)  # type: ignore[operator]
        sides = patches.shape[-2:]
        x = with_class_token(patches.flatten(2).mT, self.cls_token, self.pos_embed)
        after = {len(self.blocks) - n: stage for stage, n in _BEFORE_THE_END.items() if stage in stages}
        found = {}
        for number, block in enumerate(self.blocks[: max(after, default=0)], 1):
            x = block(x)
            if number in after:
                last = self.norm(x) if number == len(self.blocks) else x
                found[after[number]] = last[:, 1:].mT.unflatten(-1, sides)
        if "c3" in found:
            found["c3"] = found["c3"].repeat_interleave(2, -1).repeat_interleave(2, -2)
        if "c5" in found:
            found["c5"] = F.max_pool2d(found["c5"], 2)
        return found


class TransformerBackbone(UnpartedBackbone):
    """A backbone whose blocks cannot be taken apart by stages: the class token goes through all of them."""

    def computed(self, x: Tensor, stages: Collection[str]) -> dict[str, Tensor]:
        found: dict[str, Tensor] = self.network(x, stages)
        return found


def build_network(name: str, weights: str | Path | None) -> VisionTransformer:
    """ViT-B/16 with timm's weights ("default", of ImageNet-21k), a file's, or random ones (None). Raises ConfigError."""
    network = VisionTransformer()
    if weights is None:
        return network
    state = _published() if weights == "default" else read_state_dict(weights)
    own = network.state_dict()
    fitting = {key: tensor for key, tensor in state.items() if key in own and tensor.shape == own[key].shape}
    if lacking := sorted(set(own) - set(fitting)):
        raise ConfigError(
            f"'{weights}' does not hold the weights of {name}: '{lacking[0]}' is missing or of another shape."
        )
    network.load_state_dict(fitting)
    return network


def _published() -> dict[str, Tensor]:
    from zslviz.backbones.timm_zoo import state_dict_of

    return state_dict_of("vit_base_patch16_224.augreg_in21k")
