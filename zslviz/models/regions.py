"""Regions of a photo that attributes look at: the places of one stage, or (ours) of c4 joined to c5 at the same place.

A finer region has c4's features there, and those of c5, interpolated bilinearly. Whatever is linear in them is computed on c5's own
coarse grid and interpolated afterwards, so that four times as many regions cost a third more arithmetic, not four times as much.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, Protocol

import torch
from torch import Tensor

from zslviz.backbones.features import Features
from zslviz.errors import ConfigError

RegionStages = tuple[Literal["c4", "c5"], ...]


class RegionConfig(Protocol):
    """What a configuration says of regions.

    channels: of each of the `stages` that they are made of; one number where that is c5 alone. fine_scale: what the features of c4
    are multiplied by. lag: how many cells of c4 further right and down than c5's drawn place c5 sees, compared with c4 (because of
    padding).
    """

    @property
    def channels(self) -> int | tuple[int, ...]: ...
    @property
    def stages(self) -> RegionStages: ...
    @property
    def fine_scale(self) -> float: ...
    @property
    def lag(self) -> float: ...


def check_region_config(config: Any) -> None:
    """Raises ConfigError where the settings of regions (`RegionConfig`, of a dataclass) do not go together."""
    if config.stages not in (("c5",), ("c4", "c5")):
        raise ConfigError(f"'stages' is [c5] or [c4, c5], in this order; not [{', '.join(config.stages)}].")
    if len(config.stages) != len(channels_of(config)):
        raise ConfigError(f"'channels' gives a number for each of the stages {', '.join(config.stages)}.")
    given = {f.name: f.default for f in fields(config) if f.default is not MISSING}
    idle = [name for name in ("fine_scale", "lag") if getattr(config, name) != given[name]]
    if len(config.stages) == 1 and idle:
        raise ConfigError(f"'{idle[0]}' means nothing where regions are those of c5 alone; leave it out.")


def channels_of(config: RegionConfig) -> tuple[int, ...]:
    """Of each stage that the regions are made of."""
    return config.channels if isinstance(config.channels, tuple) else (config.channels,)


@dataclass(frozen=True, eq=False)
class Regions:
    """B photos' regions, R = H W of them, one row after another.

    coarse: [B, R5, C5] of c5. fine: [B, R, C4] of c4, or None where the regions are those of c5. rows, columns: [H, h] and [W, w],
    by which c5 is read at the places of c4.
    """

    grid: torch.Size
    coarse: Tensor
    fine: Tensor | None
    rows: Tensor
    columns: Tensor

    @classmethod
    def of(cls, features: Features, config: RegionConfig, unit: bool = True) -> Regions:
        """unit: each region's features at unit length, of each stage by itself, c4's scaled afterwards."""
        c5 = features.stages["c5"]
        coarse = regions_of(c5, unit)
        if "c4" not in config.stages:
            return cls(c5.shape[-2:], coarse, None, *(coarse.new_empty(0) for _ in range(2)))
        c4 = features.stages["c4"]
        reading = [
            interpolation(c, f, config.lag).to(coarse) for c, f in zip(c5.shape[-2:], c4.shape[-2:], strict=True)
        ]
        return cls(c4.shape[-2:], coarse, regions_of(c4, unit) * config.fine_scale, *reading)

    def products(self, weights: Tensor) -> Tensor:
        """With each of K weights [K, C], C of c4 first: [B, R, K]."""
        if self.fine is None:
            return self.coarse @ weights.mT
        channels = self.fine.shape[-1]
        coarse = self.coarse @ weights[:, channels:].mT
        return self.fine @ weights[:, :channels].mT + self._read(coarse)

    def pooled(self, attention: Tensor) -> Tensor:
        """Their sum, weighted by each of A attentions [B, A, R]: [B, A, C]."""
        if self.fine is None:
            return attention @ self.coarse
        places = attention.unflatten(-1, self.grid)  # [B, A, H, W]
        coarse = (self.rows.mT @ places @ self.columns).flatten(2)  # what it gives each place of c5
        return torch.cat([attention @ self.fine, coarse @ self.coarse], dim=-1)

    def mean(self) -> Tensor:
        """Over all regions: [B, C]."""
        count = self.grid.numel()
        return self.pooled(self.coarse.new_full((len(self.coarse), 1, count), 1 / count))[:, 0]

    def _read(self, coarse: Tensor) -> Tensor:
        """[B, R5, K] -> [B, R, K] at the places of c4."""
        places = coarse.unflatten(1, (self.rows.shape[1], self.columns.shape[1]))
        rows = (self.rows @ places.flatten(2)).unflatten(-1, places.shape[2:])  # [B, H, w, K]
        return (self.columns @ rows).flatten(1, 2)


def regions_of(stage: Tensor, unit: bool) -> Tensor:
    """[B, C, H, W] -> [B, R, C].

    A region without any feature has no direction: it stays zero, and so is its derivative, which `F.normalize` makes 1e12.
    """
    regions = stage.flatten(2).mT
    if not unit:
        return regions
    length = regions.norm(dim=-1, keepdim=True)
    return regions / length.masked_fill(length == 0, torch.inf)


def interpolation(coarse: int, fine: int, lag: float) -> Tensor:
    """Weights [fine, coarse] that read a row of coarse cells at the places of fine ones; beyond the outermost it is constant.

    lag: how many fine cells further on than drawn the coarse cells lie, compared with the fine ones.
    """
    at = ((torch.arange(fine) + 0.5 - lag) * coarse / fine - 0.5).clamp(0, coarse - 1)
    return (1 - (at[:, None] - torch.arange(coarse)).abs()).clamp(min=0)
