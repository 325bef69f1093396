"""How the cost of a training step grows with attributes, classes, regions and batch, on the shipped backbone's sizes.

    .venv/bin/python benchmarks/scaling.py

Each row changes one size; its step and the unchanged one are timed in turn, and the figure is their ratio.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from common import interleaved, median_ms, median_ratio, record
from steps import SHIPPED, mgmrn_step, msdn_step

_CHANGES: dict[str, dict[str, Any]] = {
    "85 attributes instead of 312": {"attributes": 85},
    "936 attributes": {"attributes": 936},
    "50 classes instead of 200": {"classes": 50, "seen": 40},
    "1000 classes": {"classes": 1000, "seen": 750},
    "6 x 6 regions instead of 9 x 9": {"grid": 6},
    "14 x 14 regions": {"grid": 14},
    "batch 8 instead of 16": {"batch": 8},
    "batch 48": {"batch": 48},
}


def rows_of(system: str, rounds: int) -> list[dict[str, str]]:
    make = msdn_step if system == "MSDN" else mgmrn_step
    rows, usual = [], make(SHIPPED, ours=True)
    base: list[float] = []
    for what, change in _CHANGES.items():
        times = interleaved({"usual": usual, "changed": make(replace(SHIPPED, **change), ours=True)}, rounds, warmup=1)
        base += times["usual"]
        ratio = median_ratio(times["changed"], times["usual"])
        rows.append({"what": f"{system}: {what}", "figure": f"{ratio:.2f} x the time"})
    usual_row = f"{system}: 312 attributes, 200 classes, 9 x 9 regions, batch 16"
    return [{"what": usual_row, "figure": f"{median_ms(base):.0f} ms"}, *rows]


def main() -> None:
    record("scaling", "python benchmarks/scaling.py", rows_of("MSDN", 7) + rows_of("Mg-MRN", 3))


if __name__ == "__main__":
    main()
