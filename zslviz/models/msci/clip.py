"""MSCI around CLIP as its authors train it: adapters within the frozen image tower, learned prompts before the frozen text tower.

What `MSCI` reads comes from here instead of from frozen features and vectors of words; the head is the same. For those who train it
by a loop of their own: `zslviz train` keeps CLIP as it is.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from zslviz.backbones.features import Features, class_of

_STEP = 0.1  # of an adapter


class Adapter(nn.Module):
    """0.1 up(relu(down x)), beside an attention or an MLP (AdaptFormer); bottleneck: its inner width."""

    def __init__(self, width: int, bottleneck: int, dropout: float) -> None:
        super().__init__()
        self.down, self.up, self.dropout = (
            nn.Linear(width, bottleneck),
            nn.Linear(bottleneck, width),
            nn.Dropout(dropout),
        )
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, x: Tensor) -> Tensor:
        """[B, T, C] -> what is added to the outcome of the part beside it."""
        added: Tensor = _STEP * self.up(self.dropout(self.down(x).relu()))
        return added


class AdaptedVision(nn.Module):
    """Every layer of a CLIP's image tower, each through its last norm and projection, with an adapter beside each part of a block.

    network: a `CLIP` of open_clip with a vision transformer, frozen here.
    """

    def __init__(self, network: Any, bottleneck: int = 64, dropout: float = 0.1) -> None:
        super().__init__()
        tower = network.visual.requires_grad_(False)
        self.tower = tower
        blocks, width = tower.transformer.resblocks, tower.conv1.out_channels
        self.beside_attention = nn.ModuleList(Adapter(width, bottleneck, dropout) for _ in blocks)
        self.beside_mlp = nn.ModuleList(Adapter(width, bottleneck, dropout) for _ in blocks)

    def forward(self, pixels: Tensor) -> Features:
        """Normalised pixels [B, 3, S, S] -> stages `layer1`, `layer2`, ... [B, E, H, W], their class tokens, the last as the global
        vector [B, E]."""
        x, stages = self.tower._embeds(pixels), {}
        rows, columns = (side // patch for side, patch in zip(pixels.shape[-2:], self.tower.patch_size, strict=True))
        adapters = zip(self.tower.transformer.resblocks, self.beside_attention, self.beside_mlp, strict=True)
        for number, (block, beside_attention, beside_mlp) in enumerate(adapters, start=1):
            x = x + block.attention(q_x=block.ln_1(x)) + beside_attention(x)
            x = x + block.mlp(block.ln_2(x)) + beside_mlp(x)
            tokens = self.tower.ln_post(x) @ self.tower.proj
            name = f"layer{number}"
            stages[name] = tokens[:, 1:].mT.unflatten(-1, (rows, columns))
            stages[class_of(name)] = tokens[:, 0, :, None, None]
        return Features(stages, tokens[:, 0])


class Prompts(nn.Module):
    """The texts of pairs, states and objects by CLIP's frozen text tower, the words in them learned.

    "a photo of [state] [object]", "a photo of [state]", "a photo of [object]": each prompt has a context of its own, and a state's
    and an object's vector is the same in all. prompts: token ids [3, L] of the three with anything in the place of the words; the
    end of the text is the highest id. words: [S + O, D], the vectors that states and objects begin with, in this order.
    """

    ids: Tensor

    def __init__(self, network: Any, prompts: Tensor, words: Tensor, states: int, dropout: float = 0.3) -> None:
        super().__init__()
        self.network = network.requires_grad_(False)
        self.register_buffer("ids", prompts)
        self.states = states
        self.words = nn.Parameter(words.clone())
        self.dropout = nn.Dropout(dropout)
        ends = prompts.argmax(dim=-1)
        lengths = [int(end) - 1 - count for end, count in zip(ends, (2, 1, 1), strict=True)]  # without start and words
        embedded = network.token_embedding(prompts).detach()
        self.contexts = nn.ParameterList(e[1 : 1 + n].clone() for e, n in zip(embedded, lengths, strict=True))

    def forward(self, pairs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """pairs [P, 2], a state and an object each -> texts [P, E], [S, E] and [O, E], of any length."""
        words = self.dropout(self.words)
        states, objects = words[: self.states], words[self.states :]
        filled = (torch.stack([states[pairs[:, 0]], objects[pairs[:, 1]]], dim=1), states[:, None], objects[:, None])
        of_pairs, of_states, of_objects = (self._text(i, one) for i, one in enumerate(filled))
        return of_pairs, of_states, of_objects

    def _text(self, prompt: int, words: Tensor) -> Tensor:
        """words [N, n, D] in the place of those of a prompt -> [N, E]."""
        ids, network = self.ids[prompt], self.network
        end = int(ids.argmax())
        around = network.token_embedding(ids).expand(len(words), -1, -1)
        context = self.contexts[prompt].expand(len(words), -1, -1)
        x = (
            torch.cat([around[:, :1], context, words, around[:, end:]], dim=1)
            + network.positional_embedding[: len(ids)]
        )
        x = network.transformer(x, attn_mask=network.attn_mask)
        text: Tensor = network.ln_final(x[:, end]) @ network.text_projection
        return text
