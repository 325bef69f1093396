"""A training step as the authors compute it beside ours, and the ratio of both; one file of results for each choice.

    .venv/bin/python benchmarks/training_step.py {msdn,mgmrn,mgmrn_paper,mgmrn_decoders}

Both start from the same weights and take the same step: tests/test_reference.py proves it. Mg-MRN's authors run the whole
network three times a batch. At the paper's sizes a batch takes minutes a step on two cores, so the whole network is timed
with one photo, and the decoders alone with the paper's 16.
"""

from __future__ import annotations

import argparse

from common import interleaved, median_ms, median_ratio, record
from steps import OURS, STEPS

from zslviz.runtime.allocator import keep_freed_memory

_CHOICES = {  # what is timed, rounds, rounds to warm up, goal
    "msdn": (0, 4, 1, 2.0),
    "mgmrn": (1, 3, 0, 2.5),
    "mgmrn_paper": (2, 2, 0, 2.5),
    "mgmrn_decoders": (3, 2, 0, 2.5),
}


def rows_of(what: str, rounds: int, warmup: int, goal: float) -> list[dict[str, str]]:
    times = interleaved({who: make() for who, make in STEPS[what].items()}, rounds, warmup)
    rows = [{"what": f"{what}: {who}", "figure": f"{median_ms(t):.0f} ms"} for who, t in times.items()]
    for who, seconds in times.items():
        if who != OURS:
            figure = f"{median_ratio(seconds, times[OURS]):.2f} x"
            rows.append({"what": f"{what}: {who} / ours", "figure": figure, "goal": f"at least {goal:g} x"})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("choice", choices=list(_CHOICES))
    choice = parser.parse_args().choice
    keep_freed_memory()  # as our training does, here for both sides
    number, rounds, warmup, goal = _CHOICES[choice]
    rows = rows_of(list(STEPS)[number], rounds, warmup, goal)
    record(f"training_step_{choice}", f"python benchmarks/training_step.py {choice}", rows)


if __name__ == "__main__":
    main()
