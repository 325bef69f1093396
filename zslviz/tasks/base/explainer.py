"""Explainer: a photo in, an explanation out. The one door that the page, the command line and the API use.

`Explainer.from_pretrained` opens any checkpoint; what it returns depends on what the model scores: attributes
(`tasks.attributes.explainer`), labels (`tasks.multilabel.explainer`) or compositions (`tasks.compositional.explainer`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import Self

from zslviz.backbones import Features
from zslviz.backbones.encoder import Encoder
from zslviz.backbones.opened import encoder_of
from zslviz.catalogue import TASKS, Task, part
from zslviz.checkpoints.base import Checkpoint
from zslviz.checkpoints.listing import CheckpointInfo, list_checkpoints
from zslviz.errors import CheckpointError, ConfigError
from zslviz.models import output as given
from zslviz.photos.geometry import Geometry
from zslviz.photos.loading import ImageSource, load_photo, to_network_input
from zslviz.photos.reading import ReadPhoto, read_ahead
from zslviz.runtime.devices import check_device, compute_in_float32, pick_device
from zslviz.tasks.base.insights import Insight, ToldInsight
from zslviz.tasks.base.photo import Timing
from zslviz.words.source import WordSource

__all__ = ["CheckpointInfo", "Explainer", "list_checkpoints"]

Source = TypeVar("Source", bound=ImageSource)


@dataclass(frozen=True, eq=False)
class EncodedPhoto:
    """A photo on its way to an explanation. pixels: uint8 [H, W, 3]. geometry: how it lies in the network's input.

    started: when it came, on the clock of `time.perf_counter`. encoder_ms: the encoder's share. device: where that ran.
    together: how many photos that began at the same time share what it took.
    """

    pixels: NDArray[np.uint8]
    geometry: Geometry
    device: str
    started: float
    encoder_ms: float
    together: int = 1

    def timing(self) -> Timing:
        """How long it took until now."""
        return Timing(self.encoder_ms, (time.perf_counter() - self.started) * 1e3 / self.together, self.device)


class Explainer:
    """A checkpoint with its encoder, ready to explain photos. Shared between visitors and read-only."""

    checkpoint: Checkpoint
    task: ClassVar[Task]
    notes: tuple[str, ...] = ()
    """What is to be said of how a table of classes was read, in sentences."""

    def __init__(self, checkpoint: Checkpoint, encoder: Encoder, device: torch.device) -> None:
        """encoder: what the checkpoint's network sees with (`encoder_of`), on `device`."""
        compute_in_float32()
        self.checkpoint = checkpoint
        self.encoder = encoder
        self.device = device
        zero_gpu = bool(os.environ.get("SPACES_ZERO_GPU"))
        # With ZeroGPU the GPU is there only during the encoder's call, so the head runs on the CPU.
        self._head_device = torch.device("cpu") if zero_gpu else device
        self._network: Any = self._prepared(checkpoint.network)
        self._encode = _on_zero_gpu(self._encoded) if zero_gpu else self._encoded

    def _prepared(self, network: nn.Module) -> nn.Module:
        """The head on its device."""
        return network.to(self._head_device, memory_format=torch.channels_last)  # type: ignore[no-any-return, call-overload]

    @classmethod
    def from_pretrained(cls, name_or_folder: str | Path, device: str | None = None) -> Self:
        """Loads a checkpoint on `device` (CUDA where there is one): a shipped one by name, any one's folder, or one on the
        Hugging Face Hub ("user/repository", "user/repository@revision").

        Raises UnknownNameError, CheckpointError (also if it is not of the task that a subclass explains) or ConfigError.
        """
        check_device(device)
        checkpoint = Checkpoint.load(name_or_folder)
        kind = part(checkpoint.task, "explainer").EXPLAINER
        if not issubclass(kind, cls):
            scored = TASKS[checkpoint.task].scores
            raise CheckpointError(
                f"'{checkpoint.name}' scores {scored}; a model that scores {TASKS[cls.task].scores} is needed here."
            )
        where = pick_device(device)
        return kind(checkpoint, encoder_of(checkpoint, where), where)

    @property
    def name(self) -> str:
        return self.checkpoint.name

    @property
    def title(self) -> str:
        return self.checkpoint.title

    @property
    def data(self) -> str:
        return self.checkpoint.data

    @property
    def metrics(self) -> Mapping[str, Any]:
        return self.checkpoint.metrics

    def words(self) -> WordSource | str | None:
        """What gives the words of its data their vectors: a source, its name, or None where there are none. Raises ConfigError."""
        return None

    def with_table(self, table: str | Path) -> Self:
        """The same network with another table of classes (CSV). Raises ConfigError of a task that has none, TableError."""
        raise ConfigError(f"'{self.name}' has no table of classes; it scores {TASKS[self.task].scores} by their names.")

    def explain(self, image: ImageSource) -> Any:
        """Scores and maps of one photo; the network runs once. Raises ImageError with one sentence."""
        return self.explain_encoded(*self.encode_photo(image))

    def encode_photo(self, image: ImageSource) -> tuple[Features, EncodedPhoto]:
        """A photo as `explain_encoded` takes it: what the network reads of it, and how it lies there. Raises ImageError."""
        started = time.perf_counter()
        photo = load_photo(image)
        pixels, geometry = to_network_input(photo, self.checkpoint.size)
        features, encoder_ms = self._timed([pixels])
        return features, EncodedPhoto(np.asarray(photo, np.uint8), geometry, str(self.device), started, encoder_ms)

    def explain_encoded(self, features: Features, photo: EncodedPhoto) -> Any:
        """What `explain` gives, of features that are there already: another model with the same encoder may have made them."""
        return self._explained_in_mode(features, [photo])[0]

    def explain_many(self, images: Iterable[ImageSource], batch_size: int = 8) -> Iterator[Any]:
        """What `explain` gives of many photos, in the order given: in batches, while the next photos are being decoded.

        No more than two batches are in memory. Raises ImageError at the first photo that cannot be read.
        """
        for read, explanation in self.looks(images, batch_size, explained=True):
            if read.error is not None:
                raise read.error
            yield explanation

    def scores(self, images: Iterable[ImageSource], batch_size: int = 8) -> Iterator[NDArray[np.float32]]:
        """Scores of many photos as `scores_of` gives them, in batches and without maps, photo by photo in the order given.

        Raises ImageError at the first photo that cannot be read.
        """
        for read, scores in self.looks(images, batch_size):
            if read.error is not None:
                raise read.error
            yield scores

    def looks(
        self,
        images: Iterable[Source],
        batch_size: int = 8,
        explained: bool = False,
        of: Callable[[Features], Sequence[Any]] | None = None,
    ) -> Iterator[tuple[ReadPhoto[Source], Any]]:
        """Every photo with its scores, or with its explanation; with None where `ReadPhoto.error` says why.

        of: makes of a batch's features something a photo, `scores_of` if None.

        Photos are decoded ahead, by threads of their own. Raises ConfigError if the batch is smaller than one photo.
        """
        if batch_size < 1:
            raise ConfigError(f"A batch has at least one photo, not {batch_size}.")
        made: Callable[[Features], Any] = of or self.scores_of
        reading = read_ahead(images, self.checkpoint.size, batch_size, whole=explained)
        while batch := list(islice(reading, batch_size)):
            found = iter(self._looked([read for read in batch if read.error is None], explained, made))
            yield from [(read, None if read.error is not None else next(found)) for read in batch]

    def _looked(
        self, photos: Sequence[ReadPhoto[Any]], explained: bool, of: Callable[[Features], Any]
    ) -> Sequence[Any]:
        """What `of` makes of photos that could be read, or their explanations."""
        if not photos:
            return ()
        started = time.perf_counter()
        features, encoder_ms = self._timed([cast("NDArray[np.uint8]", read.pixels) for read in photos])
        if not explained:
            return list(of(features))
        count, where = len(photos), str(self.device)
        encoded = [
            EncodedPhoto(read.photo, read.geometry, where, started, encoder_ms / count, count)
            for read in photos
            if read.photo is not None and read.geometry is not None
        ]
        return self._explained_in_mode(features, encoded)

    def _timed(self, pixels: list[NDArray[np.uint8]]) -> tuple[Features, float]:
        """Features of some photos, and the encoder's milliseconds."""
        before = time.perf_counter()
        features = self._encode(as_batch(pixels))
        return features, (time.perf_counter() - before) * 1e3

    @torch.inference_mode()
    def _explained_in_mode(self, features: Features, photos: Sequence[EncodedPhoto]) -> Sequence[Any]:
        return self.explained(features, photos)

    def explained(self, features: Features, photos: Sequence[EncodedPhoto]) -> Sequence[Any]:
        """The explanations of B photos from their features: one run of the network, an explanation a photo."""
        raise NotImplementedError

    def scores_of(self, features: Features) -> NDArray[np.float32]:
        """Scores of B photos from their features, such as cached ones, without maps: [B, ...]."""
        raise NotImplementedError

    def features(self, image: ImageSource) -> Features:
        """What the network reads of one photo. Raises ImageError with one sentence."""
        return self._timed([to_network_input(load_photo(image), self.checkpoint.size)[0]])[0]

    @torch.inference_mode()
    def _encoded(self, pixels: Tensor) -> Features:
        features = self.encoder.encode(pixels.to(self.device), self._network.stages).to(self._head_device)
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return features


def as_batch(photos: list[NDArray[np.uint8]]) -> Tensor:
    """uint8 photos [S, S, 3] -> [B, 3, S, S]."""
    return torch.from_numpy(np.stack(photos)).permute(0, 3, 1, 2)


def as_numpy(tensor: Tensor) -> NDArray[np.float32]:
    """A tensor as a contiguous float32 array, which does not keep a larger tensor in memory that this is a piece of."""
    host = tensor.float().cpu()
    if host.untyped_storage().nbytes() > host.nbytes:
        host = host.clone(memory_format=torch.contiguous_format)
    return np.ascontiguousarray(host.numpy())


def told_by(insights: Iterable[given.Insight], index: int) -> tuple[Insight, ...]:
    """What a network tells of the photo at `index` of its batch, and of itself."""
    found = []
    for one in insights:
        told = one._asdict()
        values = told.pop("values")
        found.append(Insight(ToldInsight(**told), as_numpy(values[index] if one.of == "photo" else values)))
    return tuple(found)


def _on_zero_gpu(function: Any) -> Any:
    """Asks for the GPU of a Hugging Face Space with ZeroGPU around a call."""
    import spaces  # type: ignore[import-not-found]  # only there

    return spaces.GPU(function)
