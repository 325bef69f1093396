"""Features of a batch read from the memory-mapped cache beside running the backbone for them.

.venv/bin/python benchmarks/feature_cache.py
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch
from common import interleaved, median_ms, median_ratio, record

from zslviz.backbones import build_backbone

_SHAPES = {"c3": (36, 36, 48), "c4": (18, 18, 120), "c5": (9, 9, 1280)}


def rows_of(batch: int, rounds: int) -> list[dict[str, str]]:
    backbone = build_backbone("efficientnet_lite2")
    pixels = torch.randint(0, 256, (batch, 3, 288, 288), dtype=torch.uint8)
    with tempfile.TemporaryDirectory() as folder:
        stages = []
        for name, shape in _SHAPES.items():
            path = Path(folder) / f"{name}.npy"
            np.save(path, np.random.default_rng(0).random((batch, *shape), dtype=np.float32).astype(np.float16))
            stages.append(np.load(path, mmap_mode="r"))

        def read() -> None:
            for stage in stages:
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=50)
    arguments = parser.parse_args()
    record("feature_cache", "python benchmarks/feature_cache.py", rows_of(arguments.batch, arguments.rounds))


if __name__ == "__main__":
    main()
