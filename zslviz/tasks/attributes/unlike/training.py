"""`ShownPhotos` of a data set's training photos, from cached features."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from zslviz.backbones.given import is_given
from zslviz.features.cache import FeatureCache
from zslviz.features.pooled import region_means
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.unlike.shown import STAGE, ShownPhotos, validated


def shown_photos(
    dataset: ZeroShotDataset, caches: Sequence[FeatureCache], stages: Collection[str]
) -> ShownPhotos | None:
    """stages: of the encoder that the network reads. None if `STAGE` is not among them as a backbone of ours makes it of photos
    (a last stage of the network's own, features that were given), or if there are too few photos or classes (`validated`).
    """
    if not caches or STAGE not in stages or is_given(caches[0].spec.backbone):
        return None
    photos = dataset.trainval
    return validated(region_means(caches[0], photos, (STAGE,))[STAGE], dataset.labels[photos])
