"""Scores of many photos: in batches, and shared between processes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from zslviz.backbones import Features
from zslviz.features.predicting import predict, settle

CPU = torch.device("cpu")


class Numbered:
    """A source whose photo i has the feature i; it keeps which photos were read."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def plain(self, photos: np.ndarray) -> Features:
        self.read += photos.tolist()
        return Features({"c5": torch.from_numpy(photos.astype(np.float32))[:, None]})

    def draw(self, photos: np.ndarray, rng: np.random.Generator) -> Callable[[np.ndarray], Features]:
        raise NotImplementedError


class Process:
    """One of several processes: what `share_of` and `gather` ask of Fabric. The others are threads that wait for each other."""

    device = CPU

    def __init__(self, rank: int, world: int, meeting: threading.Barrier, table: dict[int, Tensor]) -> None:
        self.global_rank, self.world_size = rank, world
        self._meeting, self._table = meeting, table

    def all_gather(self, tensor: Tensor, sync_grads: bool = False) -> Tensor:
        self._table[self.global_rank] = tensor
        self._meeting.wait(10)
        joined = torch.stack([self._table[rank] for rank in range(self.world_size)])
        self._meeting.wait(10)
        return joined

    def broadcast(self, tensor: Tensor) -> Tensor:
        first: Tensor = self.all_gather(tensor.clone())[0]
        return first


def run_in(world: int, work: Callable[[Any], Any]) -> list[Any]:
    meeting, table = threading.Barrier(world), {}  # type: ignore[var-annotated]
    with ThreadPoolExecutor(world) as pool:
        return list(pool.map(work, [Process(rank, world, meeting, table) for rank in range(world)]))


@pytest.mark.parametrize("world", [1, 2, 3])
def test_every_process_reads_its_share_and_all_get_the_whole(world: int) -> None:
    photos = np.array([7, 3, 9, 1, 4])
    sources = [Numbered() for _ in range(world)]

    def work(fabric: Any) -> tuple[Tensor, ...]:
        def score(features: Features) -> tuple[Tensor, ...]:
            return features.stages["c5"], 2 * features.stages["c5"].repeat(1, 3)

        return predict(score, sources[fabric.global_rank], photos, fabric, batch_size=2)

    for plain, doubled in run_in(world, work):
        assert plain[:, 0].tolist() == photos.tolist()
        assert torch.equal(doubled, 2 * plain.repeat(1, 3))
    share = -(-len(photos) // world)
    assert [len(source.read) for source in sources] == [share] * world
    assert {photo for source in sources for photo in source.read} == set(photos.tolist())


def test_photos_are_scored_by_the_statistics_that_are_saved() -> None:
    """Normalisation keeps statistics of its own in every process; the first one's are those of the checkpoint."""

    def work(fabric: Any) -> Tensor:
        network = nn.BatchNorm1d(1)
        network.running_mean.fill_(fabric.global_rank)  # type: ignore[union-attr, operator]
        settle(network, fabric)
        assert not network.training
        (scores,) = predict(lambda features: (network(features.stages["c5"]),), Numbered(), np.arange(5), fabric)
        return scores

    (alone,) = run_in(1, work)
    assert all(torch.equal(scores, alone) for scores in run_in(2, work))
