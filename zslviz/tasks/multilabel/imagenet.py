"""What the pretrained backbone knows beside the tags: its ImageNet classes as further labels with soft tags.

A backbone's own classifier says how likely each of its 1000 classes is in a photo, and the classes have names, so they are labels
with vectors as the data set's are: far more of them than there are seen labels, which teaches a linear map much about how words
relate to features (after ConSE, Norouzi et al., ICLR 2014, which reads scores off those likelihoods alone). A class whose name
holds a word of a label that is not seen is left out, so that no unseen label comes in under ImageNet's name of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import zslviz.backbones.torchvision_compat  # noqa: F401  (before timm, which imports torchvision)
from zslviz.backbones import build_backbone
from zslviz.errors import ConfigError
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.words.source import word_source
from zslviz.words.spelling import words_of


@dataclass(frozen=True, eq=False)
class Auxiliary:
    """J further labels. vectors: float32 [J, D] of unit length. tags: [N, J], standardised, for N photos."""

    names: tuple[str, ...]
    vectors: Tensor
    tags: Tensor


def auxiliary_labels(backbone: str, space: LabelSpace, pooled: Tensor, temperature: float = 1.0) -> Auxiliary:
    """ImageNet's classes for photos with the pooled features [N, C] of a backbone.

    temperature: of the softmax over all 1000 classes. Each class's likelihoods are divided by their standard deviation over the
    photos, so that rare ones count as common ones do. Raises ConfigError for a backbone without a classifier.
    """
    network = build_backbone(backbone).network
    classifier = getattr(getattr(network, "network", None), "classifier", None)
    if classifier is None:
        raise ConfigError(f"The classifier of '{backbone}' is not at hand; auxiliary labels need an EfficientNet-Lite.")
    names, vectors = _vectors(space.words)
    kept = np.flatnonzero([not _stems(name) & _hidden(space) for name in names])
    with torch.inference_mode():
        likely = (classifier(pooled) / temperature).softmax(1)[:, torch.from_numpy(kept)].clone()
    return Auxiliary(
        tuple(names[i] for i in kept), torch.from_numpy(vectors[kept]), likely / likely.std(0).clamp_min(1e-6)
    )


def _hidden(space: LabelSpace) -> frozenset[str]:
    """Word stems of the labels that are not seen."""
    return frozenset[str]().union(
        *(_stems(label) for label, seen in zip(space.labels, space.seen, strict=True) if not seen)
    )


def _stems(name: str) -> frozenset[str]:
    """A name's words in lower case without a plural's s."""
    return frozenset(word.lower().rstrip("s") for word in words_of(name))


@lru_cache(maxsize=2)
def _vectors(words: str) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Names of ImageNet's classes and their vectors: the mean over each one's synonyms, of unit length."""
    from timm.data.imagenet_info import ImageNetInfo

    info, source = ImageNetInfo(), word_source(words)
    names = tuple(info.index_to_description(i, detailed=False) for i in range(1000))
    means = np.stack([_mean(source.phrases(name.split(", "))) for name in names])
    return names, means


def _mean(vectors: NDArray[np.float32] | Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = np.mean(vectors, axis=0)
    return mean / np.linalg.norm(mean)
