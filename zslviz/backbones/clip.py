"""CLIP (Radford et al., ICML 2021) as an encoder, through the package `open_clip_torch`, with weights from a file of one's own.

Class token and patch tokens are both normalised by the image tower's last LayerNorm and projected into the space that texts lie in,
so that a cosine to a text means something at every patch.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zslviz.backbones.features import TOKENS, Features, class_of
from zslviz.backbones.weights import read_state_dict
from zslviz.errors import ConfigError, UnknownNameError

ARCHITECTURE = "ViT-L-14-quickgelu"
"""ViT-L/14 at 224 px with OpenAI's activation: what most published compositional figures are measured with."""
WEIGHTS_VARIABLE = "ZSLVIZ_CLIP"
TEMPLATE = "a photo of {}"
_MEAN, _STD = (122.77, 116.75, 104.09), (68.50, 66.63, 70.32)  # of OpenAI's pixels, 0..255


class ClipEncoder(nn.Module):
    """A CLIP with a vision transformer, frozen: photos to patch tokens and a class token, phrases to vectors.

    network: a `CLIP` of open_clip. tokenizer: texts -> int64 [N, context length]. name: what its vectors of words are called.
    Raises ConfigError for a CLIP whose image tower is no vision transformer.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: Any, tokenizer: Any, name: str) -> None:
        super().__init__()
        tower = network.visual
        if not hasattr(tower, "forward_intermediates") or getattr(tower, "proj", None) is None:
            raise ConfigError(
                f"'{name}' has no vision transformer of open_clip's own; take a ViT such as {ARCHITECTURE}."
            )
        self.network = network.eval().requires_grad_(False)
        self.name = name
        self.words = ClipWords(network, tokenizer, name)
        self.size = int(tower.image_size[0])
        self.global_channels = int(tower.proj.shape[1])
        depth = len(tower.transformer.resblocks)
        self._layers = {TOKENS: depth - 1} | {f"layer{i + 1}": i for i in range(depth)}
        self.channels = dict.fromkeys(self._layers, self.global_channels)
        self.shift = dict.fromkeys(self._layers, 0.0)
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_STD).view(1, 3, 1, 1), persistent=False)

    @torch.no_grad()
    def encode(self, pixels: Tensor, stages: Collection[str] = (TOKENS,)) -> Features:
        """Pixels 0..255 [B, 3, S, S] -> patch tokens [B, E, H, W] and class token [B, E], both unnormalised. Raises ConfigError.

        stages: `tokens`, those of the last layer; `layer1`, `layer2`, ..., of any; and their class tokens (`features.class_of`).
        """
        if pixels.shape[1:] != (3, self.size, self.size):
            raise ConfigError(f"This CLIP takes [B, 3, {self.size}, {self.size}], not {tuple(pixels.shape)}.")
        tower = self.network.visual
        normalized = (pixels.float() - self.mean) / self.std
        asked = [name for name in self._layers if name in stages or class_of(name) in stages]
        indices = sorted({self._layers[name] for name in asked})
        found = tower.forward_intermediates(
            normalized, indices=indices, normalize_intermediates=True, output_extra_tokens=True
        )
        made = {}
        for name in asked:
            at = indices.index(self._layers[name])
            made[name] = torch.einsum("bchw,ce->behw", found["image_intermediates"][at], tower.proj)
            made[class_of(name)] = (found["image_intermediates_prefix"][at][:, 0] @ tower.proj)[:, :, None, None]
        return Features({name: made[name] for name in stages}, found["image_features"])


class ClipWords:
    """CLIP's text tower as a source of word vectors: the text "a photo of NAME" of every name."""

    def __init__(self, network: Any, tokenizer: Any, name: str, template: str = TEMPLATE) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._template = template
        self.name = name

    @property
    def dimension(self) -> int:
        """E, the width of the space that photos and texts share."""
        return int(self._network.visual.proj.shape[1])

    def phrase(self, text: str) -> NDArray[np.float32]:
        """A unit vector: float32 [E]."""
        vector: NDArray[np.float32] = self.phrases([text])[0]
        return vector

    @torch.no_grad()
    def phrases(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """Unit vectors: float32 [N, E]. CLIP's tokens spell any word, so there is no unknown one."""
        device = self._network.logit_scale.device
        spoken = [self._template.format(text.replace("_", " ")) for text in texts]
        batches = [self._tokenizer(spoken[i : i + 256]).to(device) for i in range(0, len(spoken), 256)]
        rows = [self._network.encode_text(batch, normalize=True).float().cpu().numpy() for batch in batches]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)


def load_clip(weights: str | Path, architecture: str = ARCHITECTURE) -> ClipEncoder:
    """CLIP with the weights of a local file: .safetensors, or a PyTorch file of nothing but tensors.

    architecture: a name that `open_clip.list_models()` gives. Raises ConfigError if open_clip is not installed or the file does not
    fit, and UnknownNameError for an architecture that does not exist.
    """
    open_clip = open_clip_package()
    if architecture not in open_clip.list_models():
        raise UnknownNameError("CLIP architecture", architecture, open_clip.list_models())
    state = read_state_dict(weights)
    network = open_clip.create_model(architecture, pretrained=None)
    load_weights(network, state, Path(weights).name, architecture)
    return ClipEncoder(network, open_clip.get_tokenizer(architecture), f"clip-{architecture.lower()}")


def own_clip(architecture: str, weights: str | Path | None = None) -> ClipEncoder:
    """`load_clip` of a file, or of the one that the environment's ZSLVIZ_CLIP names. Raises ConfigError if neither is given."""
    file = weights or os.environ.get(WEIGHTS_VARIABLE)
    if not file:
        raise ConfigError(
            f"This model sees with CLIP {architecture}, whose weights are not shipped; name a file of them in {WEIGHTS_VARIABLE}."
        )
    return load_clip(file, architecture)


def load_weights(network: nn.Module, state: dict[str, Tensor], file: str, architecture: str) -> None:
    """Puts a state dict into a CLIP, also one saved under `module.` by a distributed training. Raises ConfigError."""
    state = {name.removeprefix("module."): tensor for name, tensor in state.items()}
    wanted = network.state_dict()
    misfits = [name for name, tensor in wanted.items() if name not in state or state[name].shape != tensor.shape]
    if misfits:
        raise ConfigError(
            f"'{file}' does not hold the weights of {architecture}: {len(misfits)} of its {len(wanted)} tensors are missing or of "
            f"another size, '{misfits[0]}' first; name the architecture that the file was made for."
        )
    network.load_state_dict({name: state[name] for name in wanted})


def architectures(required: bool = True) -> list[str]:
    """The architectures that open_clip knows. required: False gives none where it is not installed, else that is a ConfigError."""
    try:
        known: list[str] = open_clip_package().list_models()
    except ConfigError:
        if required:
            raise
        return []
    return known


def open_clip_package() -> Any:
    """The module `open_clip`. Raises ConfigError if it is not installed."""
    import zslviz.backbones.torchvision_compat  # noqa: F401  (before open_clip, which imports torchvision)

    try:
        return importlib.import_module("open_clip")
    except ImportError:
        raise ConfigError("CLIP needs the package open_clip_torch; run 'pip install zslviz[clip]'.") from None
