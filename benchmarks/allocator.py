"""What keeping freed memory brings: the backbone on batches of photos, with glibc's defaults and with zslviz.runtime.allocator.

python benchmarks/allocator.py

The setting holds for a whole process, so the sides run in processes of their own, in turn.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import torch
from common import record

from zslviz.backbones import build_backbone
from zslviz.runtime.allocator import keep_freed_memory

CASES = ((1, 288), (16, 288))


def one(batch: int, size: int, keep: bool) -> float:
    """Milliseconds a photo, median of five batches."""
    if keep and not keep_freed_memory():
        raise SystemExit("This system's allocator has no such settings.")
    backbone = build_backbone("efficientnet_lite2")
    pixels = torch.randint(0, 256, (batch, 3, size, size), dtype=torch.uint8)
    seconds = []
    with torch.inference_mode():
        for turn in range(7):
            started = time.perf_counter()
            backbone(pixels)
            if turn >= 2:
                seconds.append(time.perf_counter() - started)
    return 1e3 * statistics.median(seconds) / batch


def in_a_process(batch: int, size: int, keep: bool) -> float:
    """`one`, in a process of its own."""
    command = [sys.executable, __file__, str(batch), str(size), str(int(keep))]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    rows: list[dict[str, object]] = []
    for batch, size in CASES:
        plain, kept = (in_a_process(batch, size, keep) for keep in (False, True))
        what = f"backbone, {batch} photos at {size} px"
        rows.append(
            {"what": f"{what}: glibc's defaults / freed memory kept", "figure": f"{plain:.0f} / {kept:.0f} ms a photo"}
        )
        rows.append({"what": f"{what}: ratio", "figure": f"{plain / kept:.2f} x"})
    record("allocator", "python benchmarks/allocator.py", rows)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(one(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1"))
    else:
        main()
