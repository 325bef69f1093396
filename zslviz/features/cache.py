"""The feature cache: the stages of photos computed once, float16, memory-mapped, resumable after a kill.

A cache is a folder DATASET/BACKBONE-SIZE[-flip]/ of rows (`store`), each known by the content of its photo: what a photo is called,
where it lies and which others there are is all the same to it. Photos that are added are computed, and only they.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from zslviz.backbones import Backbone, build_backbone, spec_of
from zslviz.backbones.features import STAGES, STRIDES
from zslviz.backbones.registry import BACKBONES, parted
from zslviz.errors import DataError
from zslviz.features.identity import PhotoIdentities, identify
from zslviz.features.photo_set import PhotoSet
from zslviz.features.store import ABOUT, Layout, Rows, Tell, begin, locked, no_rows, open_rows, reserve
from zslviz.photos.loading import load_photo, to_network_input
from zslviz.runtime.processes import join


@dataclass(frozen=True)
class CacheSpec:
    """Which features: the backbone, the side of its input in pixels, and whether photos are mirrored first.

    backbone: its name, with the digest of its weights where they may be others (`backbones.registry`): features of different
    weights lie in different folders.
    """

    backbone: str = "efficientnet_lite2"
    size: int = 288
    flip: bool = False

    @property
    def folder_name(self) -> str:
        return f"{self.backbone.replace('/', '--')}-{self.size}{'-flip' if self.flip else ''}"

    def shapes(self) -> list[tuple[int, int, int]]:
        """(height, width, channels) of c3, c4, c5 for one photo."""
        channels = spec_of(self.backbone).channels
        sides = [self.size // STRIDES[name] for name in STAGES]
        return [(side, side, c) for side, c in zip(sides, channels, strict=True)]

    def bytes_per_photo(self) -> int:
        return sum(2 * h * w * c for h, w, c in self.shapes())


@dataclass(frozen=True, eq=False)
class FeatureCache:
    """Features of N photos. stages: c3, c4, c5, each [R, H, W, C], as a rule float16 and memory-mapped; done: bool [N].

    rows: int64 [N], in which row of the stages a photo is; in that of its index if None. store: whose rows the stages are; what is
    read is checked by it.
    """

    spec: CacheSpec
    stages: tuple[NDArray[np.float16], ...]
    done: NDArray[np.bool_]
    rows: NDArray[np.int64] | None = None
    store: Rows | None = None

    @classmethod
    def of(cls, spec: CacheSpec, store: Rows, photos: PhotoIdentities) -> FeatureCache:
        rows = store.find(photos.digests)
        return cls(spec, store.stages, rows >= 0, rows, store)

    def load(self, indices: NDArray[np.integer[Any]], stages: tuple[str, ...] = STAGES) -> dict[str, torch.Tensor]:
        """Features of some photos, float32 [B, C, H, W] in channels-last memory.

        Raises DataError if some are not cached yet, or are not any more what was written.
        """
        if not self.done[indices].all():
            damage = f" ({self.store.problem})" if self.store is not None and self.store.problem else ""
            raise DataError(f"Some of the features are not cached yet{damage}; run 'zslviz cache' to the end first.")
        rows = np.asarray(indices) if self.rows is None else self.rows[indices]
        order = np.argsort(rows, kind="stable")  # ascending reads from the file
        back = np.argsort(order, kind="stable")
        result = {}
        for number, name in enumerate(STAGES):
            if name in stages:
                features = self.stages[number][rows[order]]
                if self.store is not None:
                    self.store.check(number, rows[order], features)
                result[name] = torch.from_numpy(features[back]).float().permute(0, 3, 1, 2)
        return result


def cache_folder(root: Path, dataset: str, spec: CacheSpec) -> Path:
    return root / dataset / spec.folder_name


def open_cache(root: Path, dataset: PhotoSet, spec: CacheSpec, photos: PhotoIdentities | None = None) -> FeatureCache:
    """Opens a cache for reading. Raises DataError if there is none or it holds other features.

    photos: of the data set, if they were identified already.
    """
    layout = _layout(root, dataset, spec)
    if not (layout.folder / ABOUT).is_file():
        raise DataError(
            f"There are no cached features in '{layout.folder}'; make them with {_command(root, dataset, spec)}."
        )
    try:
        store = open_rows(layout)
    except DataError as error:
        raise DataError(f"{error} Make them again with {_command(root, dataset, spec)}.") from None
    return FeatureCache.of(spec, store, photos or identify(dataset, root))


def missing_photos(
    root: Path, dataset: PhotoSet, spec: CacheSpec, wanted: NDArray[np.integer[Any]], photos: PhotoIdentities
) -> NDArray[np.int64]:
    """Which of the wanted photos `build_cache` would compute, of those that are alike one; it changes nothing.

    Raises ImageError for one of them that cannot be read.
    """
    layout = _layout(root, dataset, spec)
    try:
        store = open_rows(layout)
    except DataError:  # none, or none that can be used
        store = no_rows(layout)
    return _missing(store, photos, wanted)


def _command(root: Path, dataset: PhotoSet, spec: CacheSpec) -> str:
    name, digest = parted(spec.backbone)
    options = (" --weights FILE" if digest and name in BACKBONES else "") + (" --flip" if spec.flip else "")
    return f"'zslviz cache --data {dataset.name}=DIR --backbone {name} --size {spec.size}{options} --cache {root}'"


def _layout(root: Path, dataset: PhotoSet, spec: CacheSpec) -> Layout:
    return Layout(
        cache_folder(root, dataset.name, spec), dict(zip(STAGES, spec.shapes(), strict=True)), dict(spec.__dict__)
    )


def build_cache(
    root: Path,
    dataset: PhotoSet,
    spec: CacheSpec,
    indices: NDArray[np.integer[Any]] | None = None,
    batch_size: int = 16,
    device: str | None = None,
    backbone: Backbone | None = None,
    photos: PhotoIdentities | None = None,
    tell: Tell = lambda line: tqdm.write(line, file=sys.stderr),
) -> FeatureCache:
    """Computes whatever is missing of a cache, with a progress bar, and opens it.

    Under torchrun every process computes a share; the folder must then be one that all of them see. Two commands that fill one
    cache do so one after the other.
    indices: only these photos (all if None). backbone: an already built one (tests pass a random one). photos: of the data set, if
    they were identified already. tell: is told what is odd: features that are lost, another process that is waited for.
    Raises DataError if there is no room, no right to write, or a photo that changes meanwhile, and ImageError for a damaged one.
    """
    spec_of(spec.backbone).check_size(spec.size)
    layout = _layout(root, dataset, spec)
    fabric = join(device)
    wanted = np.arange(len(dataset.files)) if indices is None else np.asarray(indices)
    with ExitStack() as stack:
        with fabric.rank_zero_first():
            if fabric.is_global_zero:
                stack.enter_context(locked(layout.folder, tell, -1 if fabric.world_size == 1 else _PATIENCE))
            known = photos or identify(dataset, root)
            first = fabric.is_global_zero
            store = _prepared(layout, known, wanted, tell) if first else open_rows(layout, writable=True)
        missing = _missing(store, known, wanted)
        into = store.free()[: len(missing)]
        fabric.barrier()  # every process has read what is missing before any of them adds to it
        share = slice(fabric.global_rank, None, fabric.world_size)
        if missing[share].size:
            network = (backbone or build_backbone(spec.backbone)).to(fabric.device)
            _compute(network, fabric.device, dataset, spec, known, missing[share], into[share], store, batch_size)
        fabric.barrier()
    return FeatureCache.of(spec, store, known)


_PATIENCE = 300.0
"""Seconds that several processes wait for another command: those that wait at a barrier give up after some minutes as well."""


def _prepared(layout: Layout, photos: PhotoIdentities, wanted: NDArray[np.integer[Any]], tell: Tell) -> Rows:
    """The rows with room for what is missing; what was lost is told."""
    lost = begin(layout)
    found = open_rows(layout)
    for line in filter(None, (lost, f"{found.problem}." if found.problem else "")):
        tell(f"{line} What is missing is computed again.")
    return reserve(layout, len(_missing(found, photos, wanted)))


def _missing(store: Rows, photos: PhotoIdentities, wanted: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """The photos that are to be computed: of those that are alike, one."""
    digests = photos.digests[wanted]
    absent = np.flatnonzero(store.find(digests) < 0)
    unread = wanted[absent][~digests[absent].any(axis=1)]
    if unread.size:
        load_photo(photos.files[unread[0]])  # says what is wrong with it
        raise DataError(f"The photo '{photos.files[unread[0]]}' was changed while it was read; run the command again.")
    _, first = np.unique(digests[absent], axis=0, return_index=True)
    return np.asarray(wanted)[absent[np.sort(first)]].astype(np.int64)


def describe_size(dataset: PhotoSet, spec: CacheSpec) -> str:
    """One sentence on how much a cache will take, said before it starts."""
    count = len(dataset.files)
    per_photo = spec.bytes_per_photo()
    return (
        f"{count} photos x {per_photo / 1e3:.0f} kB = {count * per_photo / 1e9:.2f} GB of features ({spec.folder_name})"
    )


@torch.inference_mode()
def _compute(
    network: Backbone,
    device: torch.device,
    dataset: PhotoSet,
    spec: CacheSpec,
    photos: PhotoIdentities,
    missing: NDArray[np.int64],
    into: NDArray[np.int64],
    store: Rows,
    batch_size: int,
) -> None:
    """Fills rows with the features of photos. missing, into: int64 [M], a row for each photo."""
    starts = range(0, len(missing), batch_size)
    batches = [missing[i : i + batch_size] for i in starts]
    with ThreadPoolExecutor(1) as reader, tqdm(total=len(missing), unit="photo", desc=spec.folder_name) as bar:
        coming = reader.submit(_read_batch, dataset, batches[0], spec, photos)
        unmarked: list[tuple[slice, NDArray[np.uint64]]] = []
        for number, (start, batch) in enumerate(zip(starts, batches, strict=True)):
            pixels = coming.result().to(device)
            if number + 1 < len(batches):
                coming = reader.submit(_read_batch, dataset, batches[number + 1], spec, photos)
            features = network(pixels)
            here = slice(start, start + len(batch))
            halves = (features.stages[n].permute(0, 2, 3, 1).to("cpu", torch.float16).numpy() for n in STAGES)
            totals = [store.write(into[here], stage, half) for stage, half in enumerate(halves)]
            unmarked.append((here, np.stack(totals, axis=1)))
            if number % 20 == 19 or number + 1 == len(batches):
                whole = slice(unmarked[0][0].start, here.stop)
                store.mark(into[whole], photos.digests[missing[whole]], np.concatenate([t for _, t in unmarked]))
                unmarked.clear()
            bar.update(len(batch))


def _read_batch(
    dataset: PhotoSet, batch: NDArray[np.integer[Any]], spec: CacheSpec, known: PhotoIdentities
) -> torch.Tensor:
    """uint8 [B, 3, S, S] pixels of some photos."""
    pixels = []
    for photo in map(int, batch):
        pixels.append(to_network_input(dataset.photo(photo), spec.size)[0])
        known.check_unchanged(photo)
    photos = np.stack(pixels)
    if spec.flip:
        photos = photos[:, :, ::-1]
    return torch.from_numpy(np.ascontiguousarray(photos)).permute(0, 3, 1, 2)
