"""The feature cache: the stages of a data set computed once, float16, memory-mapped, resumable after a kill.

A cache is a folder DATASET/BACKBONE-SIZE[-flip]/ with `c3.npy`, `c4.npy`, `c5.npy` (each [N, H, W, C], so that a row is one
contiguous read and is channels-last for the convolutions), `done.npy` (bool [N]) and `cache.json` (what it was made
from). A photo is marked done after its features are flushed, so a killed run goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
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
from zslviz.features.photo_set import PhotoSet
from zslviz.photos.loading import to_network_input
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
    """Memory-mapped features of N photos. `stages`: c3, c4, c5, each float16 [N, H, W, C]; done: bool [N]."""

    spec: CacheSpec
    stages: tuple[NDArray[np.float16], ...]
    done: NDArray[np.bool_]

    def load(self, indices: NDArray[np.integer[Any]], stages: tuple[str, ...] = STAGES) -> dict[str, torch.Tensor]:
        """Features of some photos, float32 [B, C, H, W] in channels-last memory. Raises DataError if not cached yet."""
        if not self.done[indices].all():
            raise DataError("Some of the features are not cached yet; run 'zslviz cache' to the end first.")
        order = np.argsort(indices, kind="stable")  # ascending reads from the file
        back = np.argsort(order, kind="stable")
        result = {}
        for name, stage in zip(STAGES, self.stages, strict=True):
            if name in stages:
                rows = torch.from_numpy(stage[np.asarray(indices)[order]][back])
                result[name] = rows.float().permute(0, 3, 1, 2)
        return result


def cache_folder(root: Path, dataset: str, spec: CacheSpec) -> Path:
    return root / dataset / spec.folder_name


def open_cache(root: Path, dataset: PhotoSet, spec: CacheSpec) -> FeatureCache:
    """Opens a cache for reading. Raises DataError if there is none or it was made from other photos."""
    folder = cache_folder(root, dataset.name, spec)
    if not (folder / "cache.json").is_file():
        name, digest = parted(spec.backbone)
        flip = (" --weights FILE" if digest and name in BACKBONES else "") + (" --flip" if spec.flip else "")
        raise DataError(
            f"There are no cached features in '{folder}'; make them with 'zslviz cache --data {dataset.name}=DIR "
            f"--backbone {name} --size {spec.size}{flip} --cache {root}'."
        )
    _check_identity(folder, dataset)
    stages = tuple(np.load(folder / f"{name}.npy", mmap_mode="r") for name in STAGES)
    return FeatureCache(spec, stages, np.load(folder / "done.npy"))


def build_cache(
    root: Path,
    dataset: PhotoSet,
    spec: CacheSpec,
    indices: NDArray[np.integer[Any]] | None = None,
    batch_size: int = 16,
    device: str | None = None,
    backbone: Backbone | None = None,
) -> FeatureCache:
    """Computes whatever is missing of a cache, with a progress bar, and opens it.

    Under torchrun every process computes a share; the folder must then be one that all of them see.
    indices: only these photos (all if None). backbone: an already built one (tests pass a random one).
    """
    spec_of(spec.backbone).check_size(spec.size)
    folder = cache_folder(root, dataset.name, spec)
    fabric = join(device)
    with fabric.rank_zero_first():
        arrays, done = _allocate(folder, dataset, spec)
    wanted = np.arange(len(dataset.files)) if indices is None else np.asarray(indices)
    missing = wanted[~done[wanted]]
    fabric.barrier()  # every process has read what is missing before any of them adds to it
    mine = missing[fabric.global_rank :: fabric.world_size]
    if mine.size:
        network = (backbone or build_backbone(spec.backbone)).to(fabric.device)
        _compute(network, fabric.device, dataset, spec, mine, arrays, done, batch_size)
    fabric.barrier()
    return FeatureCache(spec, tuple(arrays), np.asarray(done))


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
    missing: NDArray[np.integer[Any]],
    arrays: list[NDArray[np.float16]],
    done: NDArray[np.bool_],
    batch_size: int,
) -> None:
    batches = [missing[i : i + batch_size] for i in range(0, len(missing), batch_size)]
    with ThreadPoolExecutor(1) as reader, tqdm(total=len(missing), unit="photo", desc=spec.folder_name) as bar:
        coming = reader.submit(_read_batch, dataset, batches[0], spec)
        for number, batch in enumerate(batches):
            pixels = coming.result().to(device)
            if number + 1 < len(batches):
                coming = reader.submit(_read_batch, dataset, batches[number + 1], spec)
            features = network(pixels)
            for array, name in zip(arrays, STAGES, strict=True):
                array[batch] = features.stages[name].permute(0, 2, 3, 1).to("cpu", torch.float16).numpy()
            if number % 20 == 19 or number + 1 == len(batches):
                for array in arrays:
                    array.flush()  # type: ignore[attr-defined]
                done[np.concatenate(batches[number - number % 20 : number + 1])] = True
                done.flush()  # type: ignore[attr-defined]
            bar.update(len(batch))


def _read_batch(dataset: PhotoSet, batch: NDArray[np.integer[Any]], spec: CacheSpec) -> torch.Tensor:
    """uint8 [B, 3, S, S] pixels of some photos."""
    photos = np.stack([to_network_input(dataset.photo(int(i)), spec.size)[0] for i in batch])
    if spec.flip:
        photos = photos[:, :, ::-1]
    return torch.from_numpy(np.ascontiguousarray(photos)).permute(0, 3, 1, 2)


def _identity(dataset: PhotoSet) -> str:
    """A digest of which photos stand in which order."""
    names = "\n".join("/".join(f.parts[-2:]) for f in dataset.files)
    return hashlib.sha256(names.encode()).hexdigest()


def _check_identity(folder: Path, dataset: PhotoSet) -> None:
    made_from = json.loads((folder / "cache.json").read_text(encoding="utf-8"))
    if made_from.get("photos") != _identity(dataset):
        raise DataError(f"The features in '{folder}' were made from other photos; remove the folder and cache again.")


def _allocate(folder: Path, dataset: PhotoSet, spec: CacheSpec) -> tuple[list[NDArray[np.float16]], NDArray[np.bool_]]:
    paths = [folder / f"{name}.npy" for name in STAGES]
    if (folder / "cache.json").is_file():
        _check_identity(folder, dataset)
        arrays = [np.load(path, mmap_mode="r+") for path in paths]
        return arrays, np.load(folder / "done.npy", mmap_mode="r+")
    folder.mkdir(parents=True, exist_ok=True)
    count = len(dataset.files)
    for path, shape in zip(paths, spec.shapes(), strict=True):
        np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=(count, *shape))
    np.lib.format.open_memmap(folder / "done.npy", mode="w+", dtype=np.bool_, shape=(count,))
    description = {"photos": _identity(dataset), "count": count, **spec.__dict__}
    (folder / "cache.json").write_text(json.dumps(description, indent=2), encoding="utf-8")
    return _allocate(folder, dataset, spec)
