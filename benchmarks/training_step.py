"""A training step as the authors compute it beside ours, and the ratio of both; one file of results for each choice.

    .venv/bin/python benchmarks/training_step.py {msdn,mgmrn,mgmrn_paper,mgmrn_decoders,transzero,...} [--processor-time]

Both start from the same weights and take the same step: tests/benchmarks proves it. Mg-MRN's authors run the whole network three
times a batch. At the paper's sizes a batch takes minutes a step on two cores, so the whole network is timed with one photo, and the
decoders alone with the paper's 16; where a row says another batch or backbone than the paper's, these are timed.

--processor-time counts what the step takes of the processor, on one core: for a machine that others keep busy.
"""

from __future__ import annotations

import argparse
import time
from typing import NamedTuple

import torch
from adapted_steps import hdafl_step, psvma_step, psvmaplus_step
from attended_steps import dfan_step, transzero_step
from common import interleaved, median_ms, median_ratio, record
from pair_steps import PairSizes, msci_step
from steps import AUTHORS, LITE2, OURS, PAPER, STEPS, WRITTEN, Sides, Sizes, sides

from zslviz.runtime.allocator import keep_freed_memory

_FIRST = list(STEPS.items())
_SMALL = Sizes(batch=16, channels=LITE2, grid=9)


class Choice(NamedTuple):
    """What is timed, for how many rounds, after how many to warm up; goal: of the ratio, 0 where there is none."""

    what: str
    sides: Sides
    rounds: int
    warmup: int
    goal: float


_CHOICES = {
    "msdn": Choice(*_FIRST[0], 4, 1, 2.0),
    "mgmrn": Choice(*_FIRST[1], 3, 0, 2.5),
    "mgmrn_paper": Choice(*_FIRST[2], 2, 0, 2.5),
    "mgmrn_decoders": Choice(*_FIRST[3], 2, 0, 2.5),
    "transzero": Choice(
        "TransZero, the paper's sizes (batch 50, 2048 x 14 x 14, width 300)",
        sides(AUTHORS, transzero_step, PAPER), 3, 1, 2.0,
    ),
    "transzero_small": Choice(
        "TransZero, width 128 on EfficientNet-Lite2 (batch 16)",
        sides(AUTHORS, transzero_step, _SMALL, width=128, feed_forward=256), 9, 1, 2.0,
    ),
    "dfan": Choice("DFAN, on EfficientNet-Lite2 (batch 16)", sides(WRITTEN, dfan_step, _SMALL), 5, 1, 0),
    "psvma": Choice("PSVMA, width 128 on EfficientNet-Lite2 (batch 16)", sides(WRITTEN, psvma_step, _SMALL), 7, 1, 0),
    "psvmaplus": Choice(
        "PSVMA+, width 128 on EfficientNet-Lite2 (batch 16)", sides(WRITTEN, psvmaplus_step, _SMALL), 5, 1, 0
    ),
    "hdafl": Choice(
        "HDAFL (our construction), width 300 on EfficientNet-Lite2 (batch 16)",
        sides(WRITTEN, hdafl_step, _SMALL), 5, 1, 0,
    ),
    "msci": Choice(
        "MSCI, width 768, 4 photos and 120 seen pairs of 20 states and 30 objects",
        sides(WRITTEN, msci_step, PairSizes(4, states=20, objects=30, pairs=120)), 5, 1, 0,
    ),
}  # fmt: skip


def rows_of(choice: Choice, processor_time: bool) -> list[dict[str, str]]:
    clock, unit = (time.process_time, "ms of one core") if processor_time else (time.perf_counter, "ms")
    sides = {who: make() for who, make in choice.sides.items()}
    times = interleaved(sides, choice.rounds, choice.warmup, clock=clock)
    rows = [{"what": f"{choice.what}: {who}", "figure": f"{median_ms(t):.0f} {unit}"} for who, t in times.items()]
    for who, seconds in times.items():
        if who != OURS:
            row = {"what": f"{choice.what}: {who} / ours", "figure": f"{median_ratio(seconds, times[OURS]):.2f} x"}
            rows.append(row | ({"goal": f"at least {choice.goal:g} x"} if choice.goal else {}))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("choice", choices=list(_CHOICES))
    parser.add_argument("--processor-time", action="store_true", help="of one core, instead of seconds")
    given = parser.parse_args()
    if given.processor_time:
        torch.set_num_threads(1)
    keep_freed_memory()  # as our training does, here for both sides
    command = f"python benchmarks/training_step.py {given.choice}{' --processor-time' * given.processor_time}"
    record(f"training_step_{given.choice}", command, rows_of(_CHOICES[given.choice], given.processor_time))


if __name__ == "__main__":
    main()
