"""The part of on_gpu.py that trains: the authors' steps beside ours, at the papers' sizes, in float32 and in mixed precision.

The other side of DFAN, PSVMA, PSVMA+ and HDAFL is their equations as written; of GBE-MLZSL, our construction, there is none. What a
transformer does before PSVMA and MSCI is not timed.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from adapted_steps import hdafl_step, psvma_step, psvmaplus_step
from attended_steps import dfan_step, transzero_step
from common import median_ms, median_ratio
from gpu_run import Row, Run, tf32_in_convolutions
from label_training_step import biam_step, gbe_step
from pair_steps import PairSizes, msci_step
from steps import AUTHORS, EPISODE, OURS, PAPER, WRITTEN, Sides, Sizes, Step, mgmrn_step, msdn_sides, sides

Floats = np.ndarray[Any, np.dtype[np.float32]]
TINY = Sizes(batch=2, channels=(32, 48, 64), grid=3, attributes=12, classes=20, seen=15, width=32, hidden=16)


def steps(run: Run) -> Iterator[list[Row]]:
    """A step of each system that is trained by descent, at its paper's sizes: the authors' and ours."""
    for mixed in (False, True):
        msdn, mgmrn = (
            replace(TINY if run.quick else size, device=run.device, mixed=mixed) for size in (PAPER, EPISODE)
        )
        fewer = replace(msdn, batch=msdn.batch if run.quick else 32)
        # The tokens of a transformer, 14 x 14 of 768, and the three depths that PSVMA+ makes of them, 28 x 28 to 7 x 7.
        tokens: dict[str, Any] = {"tokens": True} | ({"width": 64} if run.quick else {"width": 768, "mixing": 512})
        depths: dict[str, Any] = {"width": 32} if run.quick else {"width": 768, "mixing": (512, 512, 512)}
        deep = replace(msdn, batch=msdn.batch if run.quick else 16, channels=(768,) * 3, grid=3 if run.quick else 7)
        tiny_pairs = PairSizes(2, states=4, objects=5, pairs=9, layers=2, width=24, heads=2, side=3)
        pairs = replace(tiny_pairs if run.quick else PairSizes(), device=run.device, mixed=mixed)
        of_biam = {"device": run.device, "mixed": mixed, **({"photos": 2} if run.quick else {})}
        tf32_in_convolutions(False)
        makers: dict[str, Sides] = {
            "MSDN, batch 50": msdn_sides(msdn),
            "Mg-MRN, the whole network, batch 16": sides(AUTHORS, mgmrn_step, mgmrn),
            "TransZero, batch 50": sides(AUTHORS, transzero_step, msdn),
            "DFAN, batch 32": sides(WRITTEN, dfan_step, fewer),
            "PSVMA after the transformer, batch 32": sides(WRITTEN, psvma_step, fewer, **tokens),
            "PSVMA+ after the transformer, batch 16": sides(WRITTEN, psvmaplus_step, deep, doubled=True, **depths),
            "HDAFL (our construction), batch 50": sides(WRITTEN, hdafl_step, msdn),
            "MSCI after CLIP, MIT-States, batch 48": sides(WRITTEN, msci_step, pairs),
            "GBE-MLZSL (our construction), NUS-WIDE, batch 32": {OURS: partial(gbe_step, **of_biam)},
            "BiAM, NUS-WIDE, batch 32": sides(AUTHORS, biam_step, **of_biam),
        }
        for system, compared in makers.items():
            yield _step_rows(run, f"{system}, {'bf16-mixed' if mixed else 'float32'}", compared)
        tf32_in_convolutions(True)


def _step_rows(run: Run, what: str, compared: Sides) -> list[Row]:
    first, peaks = {}, {}
    for who, make in compared.items():  # one by one: a peak is to be of one alone
        first[who], peaks[who] = _first_loss_and_peak(run, make)
    times = run.timed({who: make() for who, make in compared.items()}, share=2.0, warmup=2)
    _forget(run)
    rows = [{"what": f"{what}: {who}", "figure": f"{median_ms(times[who]):.1f} ms{peaks[who]}"} for who in compared]
    for who in compared:
        if who != OURS:
            apart = float(np.abs(first[who] - first[OURS]).max() / np.abs(first[OURS]).max())
            ratio = f"{median_ratio(times[who], times[OURS]):.2f} x"
            rows.append({"what": f"{what}: {who} / ours", "figure": f"{ratio} (first losses {apart:.0e} apart)"})
    return rows


def _first_loss_and_peak(run: Run, make: Callable[[], Step]) -> tuple[Floats, str]:
    """The loss of the first step, and the memory at its highest in two, with everything that is there."""
    _forget(run)
    step = make()
    _forget(run)  # making the features takes more memory than they do
    loss = np.atleast_1d(np.asarray(torch.as_tensor(step()).cpu(), np.float32))
    step()
    run.finish()
    return loss, f", {torch.cuda.max_memory_allocated() / 2**20:.0f} MB" if run.device == "cuda" else ""


def _forget(run: Run) -> None:
    """Gives back what is no longer used, and begins to watch for the highest anew."""
    gc.collect()
    if run.device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
