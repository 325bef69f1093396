"""Mg-MRN's joint training step beside the authors' three passes, and cached features beside running the backbone.

    .venv/bin/python benchmarks/training_step.py

The three passes are the authors' loop: for each granularity a forward, zero_grad, backward of its loss alone, and a step.
That both give the same parameters is proved in tests/models/test_mgmrn.py.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch
from common import interleaved, median_ms, median_ratio, record

from zslviz.backbones import Pyramid, build_backbone
from zslviz.checkpoints import load_checkpoint
from zslviz.models import build_model
from zslviz.training.losses import mgmrn_loss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=50)
    arguments = parser.parse_args()
    rows = step_rows(arguments.batch, arguments.rounds) + cache_rows(arguments.batch, arguments.rounds)
    record("training_step", "python benchmarks/training_step.py", rows)


def step_rows(batch: int, rounds: int) -> list[dict[str, object]]:
    checkpoint = load_checkpoint("mgmrn-cub")
    network = build_model("mgmrn", checkpoint.model_config).to(memory_format=torch.channels_last)
    network.set_word_vectors(torch.from_numpy(np.array(checkpoint.space.word_vectors)))
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9, weight_decay=1e-5)
    grid = checkpoint.size // 32
    channels = checkpoint.model_config["channels"]
    pyramid = Pyramid(
        *(
            torch.rand(batch, c, grid * k, grid * k).contiguous(memory_format=torch.channels_last)
            for c, k in zip(channels, (4, 2, 1), strict=True)
        )
    )
    seen = checkpoint.space.seen_classes
    prototypes = torch.from_numpy(np.array(checkpoint.space.prototypes[seen]))
    labels = torch.randint(len(seen), (batch,))

    def joint() -> None:
        loss = mgmrn_loss(network(pyramid).scores, labels, prototypes).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def three_passes() -> None:
        for granularity in range(3):
            loss = mgmrn_loss(network(pyramid).scores, labels, prototypes).per_granularity[granularity]
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    times = interleaved({"joint": joint, "three": three_passes}, rounds, warmup=1)
    return [
        {"what": f"Mg-MRN step, joint, batch {batch}", "figure": f"{median_ms(times['joint']):.0f} ms"},
        {"what": f"Mg-MRN step, three passes, batch {batch}", "figure": f"{median_ms(times['three']):.0f} ms"},
        {"what": "three passes / joint", "figure": f"{median_ratio(times['three'], times['joint']):.2f} x"},
    ]


def cache_rows(batch: int, rounds: int) -> list[dict[str, object]]:
    """Features of a batch read from a memory-mapped float16 file, against computing them."""
    backbone = build_backbone("efficientnet_lite2")
    pixels = torch.randint(0, 256, (batch, 3, 288, 288), dtype=torch.uint8)
    with tempfile.TemporaryDirectory() as folder:
        shapes = [(36, 36, 48), (18, 18, 120), (9, 9, 1280)]
        files = []
        for index, shape in enumerate(shapes):
            path = Path(folder) / f"c{index + 3}.npy"
            np.save(path, np.random.default_rng(0).random((batch, *shape), dtype=np.float32).astype(np.float16))
            files.append(np.load(path, mmap_mode="r"))

        def read() -> None:
            for stage in files:
                torch.from_numpy(stage[:]).float()

        def compute() -> None:
            with torch.inference_mode():
                backbone(pixels)

        times = interleaved({"read": read, "compute": compute}, rounds, warmup=1)
    return [
        {"what": f"features of {batch} photos, from the cache", "figure": f"{median_ms(times['read']):.0f} ms"},
        {"what": f"features of {batch} photos, from the backbone", "figure": f"{median_ms(times['compute']):.0f} ms"},
        {"what": "backbone / cache", "figure": f"{median_ratio(times['compute'], times['read']):.0f} x"},
    ]


if __name__ == "__main__":
    main()
