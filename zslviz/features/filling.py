"""What can be known before features are computed: which are missing, whether photos can be read, whether there is room."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError
from zslviz.features.cache import CacheSpec, FeatureCache, build_cache, describe_size, missing_photos, open_cache
from zslviz.features.identity import PhotoIdentities, identify
from zslviz.features.photo_set import PhotoSet
from zslviz.features.store import Tell
from zslviz.files import check_folder, check_room
from zslviz.photos.checking import check_photos
from zslviz.runtime.processes import join

Wanted = Sequence[tuple[CacheSpec, NDArray[np.integer[Any]]]]


def identified(root: Path, dataset: PhotoSet, device: str | None) -> PhotoIdentities:
    """The photos by content (`identify`). Of several processes the first reads them, and the others its notes."""
    with join(device).rank_zero_first():
        return identify(dataset, root)


def filled(
    root: Path, dataset: PhotoSet, wanted: Wanted, photos: PhotoIdentities, device: str | None, tell: Tell, decode: bool
) -> list[FeatureCache]:
    """A cache for each of `wanted` (which features, of which photos); what is missing is computed, after telling how much it takes.

    decode: the photos whose features are missing are decoded first, so that a damaged one is found before the long work.
    Raises ImageError or DataError for a photo that cannot be read, and DataError if there is no room for all of it.
    """
    fabric = join(device)
    missing = [missing_photos(root, dataset, spec, of, photos) for spec, of in wanted]
    if any(part.size for part in missing):
        check_folder(root / dataset.name, DataError)
        needed = sum(part.size * spec.bytes_per_photo() for part, (spec, _) in zip(missing, wanted, strict=True))
        check_room(root, needed, f"The features of {max(map(len, missing))} photos", DataError)
        if decode:
            check_photos([dataset.files[i] for i in np.unique(np.concatenate(missing))])
    fabric.barrier()  # every process has seen what is missing and how much room there is before any takes it
    for (spec, of), part in zip(wanted, missing, strict=True):
        if part.size:
            tell(describe_size(dataset, spec))
            build_cache(root, dataset, spec, of, device=device, photos=photos)
    return [open_cache(root, dataset, spec, photos) for spec, _ in wanted]
