"""Scores alone beside scores with every map, without the backbone: one photo, and a batch as evaluation runs it.

.venv/bin/python benchmarks/inference.py
"""

from __future__ import annotations

from dataclasses import replace

import torch
from common import interleaved, median_ms, median_ratio, record
from steps import PAPER, SHIPPED, Sizes

_CASES = {"on EfficientNet-Lite2": SHIPPED, "at the paper's sizes": PAPER}


def rows_of(system: str, where: str, sizes: Sizes, rounds: int) -> list[dict[str, str]]:
    network = (sizes.msdn() if system == "MSDN" else sizes.mgmrn()).eval().to(memory_format=torch.channels_last)
    network.fold()
    features = sizes.features(ours=True)
    with torch.inference_mode():
        times = interleaved(
            {"scores": lambda: network(features), "maps": lambda: network(features, explain=True)}, rounds, warmup=2
        )
    what = f"{system} {where}, batch {sizes.batch}"
    return [
        {"what": f"{what}: scores alone", "figure": f"{median_ms(times['scores']):.2f} ms"},
        {"what": f"{what}: scores and maps", "figure": f"{median_ms(times['maps']):.2f} ms"},
        {"what": f"{what}: with maps / without", "figure": f"{median_ratio(times['maps'], times['scores']):.2f} x"},
    ]


def main() -> None:
    rows = []
    for batch, rounds in ((1, 30), (16, 7)):
        for where, sizes in _CASES.items():
            rows += rows_of("MSDN", where, replace(sizes, batch=batch), rounds)
        rows += rows_of("Mg-MRN", "on EfficientNet-Lite2", replace(SHIPPED, batch=batch), rounds)
    record("inference", "python benchmarks/inference.py", rows)


if __name__ == "__main__":
    main()
