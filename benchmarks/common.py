"""What the benchmarks share: interleaved timing, so that a busy machine slows both sides alike, and one file of results."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def median_and_p95(values: Sequence[float], form: str = ".1f", unit: str = "ms") -> str:
    """ "12.4 ms (p95 20.7)"."""
    p95 = sorted(values)[int(0.95 * (len(values) - 1))]
    return f"{statistics.median(values):{form}} {unit} (p95 {p95:{form}})"


def interleaved(
    functions: Mapping[str, Callable[[], Any]],
    rounds: int,
    warmup: int = 2,
    finish: Callable[[], Any] = lambda: None,
    at_most: float = math.inf,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds of each function, called in turn for some rounds after a warm-up.

    finish: called after each and timed with it, as what waits for a GPU. at_most: after so many seconds no round begins but the
    first three. clock: what is read before and after, `time.process_time` where others keep the machine busy.
    """
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    begun = time.perf_counter()
    for round_number in range(-warmup, rounds):
        if round_number == 0:
            begun = time.perf_counter()
        if round_number >= 3 and time.perf_counter() - begun > at_most:
            break
        for name, function in functions.items():
            started = clock()
            function()
            finish()
            if round_number >= 0:
                seconds[name].append(clock() - started)
    return seconds


def median_ms(seconds: list[float]) -> float:
    return 1e3 * statistics.median(seconds)


def median_ratio(over: list[float], under: list[float]) -> float:
    """Median over rounds of the ratio of two timings of the same round."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def record(name: str, command: str, rows: list[dict[str, Any]]) -> None:
    """Prints rows (`what`, `figure`, `goal`) as a table and writes them to results/NAME.json for docs/performance.md."""
    show(rows)
    write(RESULTS / f"{name}.json", {"command": command, "machine": machine(), "rows": rows})


def show(rows: list[dict[str, Any]]) -> None:
    """Prints rows as a table."""
    width = max(len(row["what"]) for row in rows)
    for row in rows:
        print(f"{row['what']:<{width}}  {row['figure']:>16}  {row.get('goal', '')}", flush=True)


def write(file: Path, content: Mapping[str, Any]) -> None:
    """Writes what docs/performance.md is made of: `command`, `machine` and `rows`; and `card` where a GPU was measured."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def machine() -> str:
    """The machine, and how busy it was in the last five minutes: above one process a core, times are too long, ratios hold."""
    busy = f"{os.getloadavg()[1]:.0f} processes wanted them"
    return f"{os.cpu_count()} cores, {busy}, {platform.machine()}, Python {platform.python_version()}"
