"""A model's scores of a data set's photos, to be measured: from the photos themselves or from cached features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from zslviz.backbones import Features
from zslviz.errors import ConfigError
from zslviz.features.cache import CacheSpec, FeatureCache, open_cache
from zslviz.features.photo_set import PhotoSet
from zslviz.features.predicting import predict
from zslviz.features.sources import CachedFeatures
from zslviz.runtime.processes import gather, join, share_of
from zslviz.tasks.base.explainer import Explainer


def scores_on(
    explainer: Explainer, dataset: PhotoSet, photos: NDArray[np.int64], cached: Path | FeatureCache | None = None
) -> NDArray[np.float32]:
    """`Explainer.scores_of` some photos: float32 [N, ...]; processes started by torchrun take a share each and all get the whole.

    cached: the folder of cached features, or features themselves, to be read instead of running the backbone.
    Raises DataError if the features are not cached, ConfigError if the model does not see with what is cached.
    """
    fabric = join(explainer.device.type)
    if cached is not None:
        checkpoint = explainer.checkpoint
        if checkpoint.backbone_state or checkpoint.encoder:
            raise ConfigError(
                f"'{explainer.name}' has a backbone of its own; cached features are not its: leave --cache out."
            )
        if isinstance(cached, Path):
            cached = open_cache(cached, dataset, CacheSpec(checkpoint.backbone, checkpoint.size))

        def score(features: Features) -> tuple[Tensor]:
            return (torch.from_numpy(explainer.scores_of(features)).to(fabric.device),)

        source = CachedFeatures.read_by(checkpoint.network, [cached], explainer.device)
        (scores,) = predict(score, source, photos, fabric)
        return scores.numpy()
    mine = share_of(fabric, photos)
    scored = explainer.scores(dataset.photo(int(i)) for i in mine)
    bar = tqdm(scored, total=len(mine), unit="photo", desc=dataset.name, disable=not fabric.is_global_zero)
    return gather(fabric, torch.from_numpy(np.stack(list(bar))).to(fabric.device), len(photos), axis=0).cpu().numpy()
