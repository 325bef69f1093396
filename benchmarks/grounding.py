"""A training step with grounded attention beside the same step without, and regions of c4 beside those of c5.

    .venv/bin/python benchmarks/grounding.py

Of the sizes that are trained here: EfficientNet-Lite2 at 288 px, 312 attributes, batches of 50 photos (Mg-MRN: width 256).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from common import interleaved, median_ms, median_ratio, record
from steps import SCALE, Sizes
from torch import Tensor, nn
from torch.nn import functional as F

from zslviz.backbones.features import Features
from zslviz.models.mgmrn.loss import mgmrn_loss
from zslviz.models.mgmrn.network import MgMRN, MgMRNConfig
from zslviz.models.msdn.loss import msdn_loss
from zslviz.models.msdn.network import MSDN, MSDNConfig
from zslviz.runtime.allocator import keep_freed_memory
from zslviz.tasks.attributes.grounding import attended_share, grounding_loss

SIZES = Sizes(batch=50, channels=(48, 120, 1280), grid=9)
PARTS, ROUNDS, WEIGHT = 15, 5, 0.2


def _msdn(fine: bool) -> tuple[nn.Module, int]:
    stages: Any = ("c4", "c5") if fine else ("c5",)
    network = MSDN(MSDNConfig(SIZES.attributes, SIZES.word_dim, SIZES.channels[1:] if fine else 1280, stages=stages))
    network.set_word_vectors(SIZES.word_vectors())
    return network, 1


def _mgmrn() -> tuple[nn.Module, int]:
    config = MgMRNConfig(
        SIZES.attributes,
        SIZES.word_dim,
        SIZES.channels,
        256,
        256,
        grouping="decoupled",
        halve="before",
        coarse_kernel=1,
    )
    network = MgMRN(config)
    network.set_word_vectors(SIZES.word_vectors())
    return network.to(memory_format=torch.channels_last), 3  # type: ignore[call-overload]


def _loss(scores: Tensor) -> Tensor:
    seen = torch.arange(SIZES.classes) < SIZES.seen
    prototypes, labels = F.normalize(SIZES.prototypes(), dim=1), SIZES.labels()
    if len(scores) == 3:
        return mgmrn_loss(scores, labels, prototypes[: SIZES.seen], SCALE).total
    return msdn_loss(scores, labels, prototypes, seen).total


def step_of(network: nn.Module, granularities: int, features: Features, grounded: bool) -> Callable[[], None]:
    """A step of AdamW; with the term for marks of 15 parts, all visible."""
    optimizer = torch.optim.AdamW(network.parameters())
    grid = SIZES.grid * 32 // network.map_stride  # type: ignore[operator]
    generator = torch.Generator().manual_seed(3)
    marks = torch.rand(SIZES.batch, granularities, PARTS, grid, grid, generator=generator)
    set_of = torch.arange(SIZES.attributes) % PARTS
    speaks = torch.ones(SIZES.batch, SIZES.attributes, dtype=torch.bool)

    def step() -> None:
        output = network(features, attend=grounded)
        loss = _loss(output.scores)
        if grounded:
            loss = loss + WEIGHT * grounding_loss(attended_share(output, marks, set_of), speaks).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def main() -> None:
    keep_freed_memory()  # as our training does
    torch.manual_seed(0)
    features = SIZES.features(ours=True)
    made = {"MSDN, c5 alone": _msdn(False), "MSDN, c4 joined to c5": _msdn(True), "Mg-MRN": _mgmrn()}
    steps = {
        f"{name}{', with the term' * grounded}": step_of(*network, features, grounded)
        for name, network in made.items()
        for grounded in (False, True)
    }
    times = interleaved(steps, ROUNDS, 1)
    rows = [{"what": f"{name}: a step", "figure": f"{median_ms(t):.0f} ms"} for name, t in times.items()]
    for name in made:
        ratio = median_ratio(times[f"{name}, with the term"], times[name])
        rows.append({"what": f"{name}: with the term / without", "figure": f"{ratio:.2f} x", "goal": "at most 1.3 x"})
    ratio = median_ratio(times["MSDN, c4 joined to c5"], times["MSDN, c5 alone"])
    rows.append({"what": "MSDN: c4 joined to c5 / c5 alone", "figure": f"{ratio:.2f} x", "goal": "well below 4 x"})
    record("grounding", "python benchmarks/grounding.py", rows)


if __name__ == "__main__":
    main()
