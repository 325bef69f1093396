"""Peak memory of a training step, the authors' beside ours: two steps in a process of their own each.

    .venv/bin/python benchmarks/training_memory.py

The figure is how far the process's highest resident size rose above its size before the first step, when libraries,
features and weights are there already: gradients, the optimizer's state and whatever the step makes on its way.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from common import record
from page_server import resident_megabytes
from steps import OURS, STEPS


def measure(what: str, who: str) -> float:
    """Megabytes, in this process."""
    step = STEPS[what][who]()
    Path("/proc/self/clear_refs").write_text("5")  # the highest size so far is forgotten (Linux)
    before, _ = resident_megabytes(os.getpid())
    for _ in range(2):
        step()
    return resident_megabytes(os.getpid())[1] - before


def main() -> None:
    if len(sys.argv) > 1:
        print(measure(*sys.argv[1:]))
        return
    rows: list[dict[str, str]] = []
    for what, sides in STEPS.items():
        peaks = {}
        for who in sides:
            command = [sys.executable, __file__, what, who]
            peaks[who] = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        rows += [{"what": f"{what}: {who}", "figure": f"{peak:.0f} MB"} for who, peak in peaks.items()]
        rows += [
            {"what": f"{what}: {who} / ours", "figure": f"{peak / peaks[OURS]:.2f} x"}
            for who, peak in peaks.items()
            if who != OURS
        ]
    record("training_memory", "python benchmarks/training_memory.py", rows)


if __name__ == "__main__":
    main()
