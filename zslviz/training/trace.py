"""The figures of a training's measured epochs, in a file from which a killed training goes on."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ConfigDict
from typing_extensions import TypedDict

from zslviz.errors import ConfigError
from zslviz.files import is_there, read_json, replacing
from zslviz.files.typed import Count, typed
from zslviz.training.learner import Figures, Learner
from zslviz.training.states import damaged

Trace = list[Figures]


class _Measured(TypedDict):
    """An epoch's figures; what a learner told beside the epoch is its own."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]

    epoch: Count


def read_trace(file: Path, epochs: int) -> Trace:
    """What a file tells of the first epochs; nothing if there is none. Raises ConfigError if it is damaged."""
    if not is_there(file):
        return []
    try:
        told = typed(list[_Measured], read_json(file, ConfigError), f"'{file}'")
        return [dict(figures) for figures in told if figures["epoch"] <= epochs]
    except ConfigError:
        raise damaged(file) from None


def write_trace(file: Path, trace: Trace) -> None:
    """Raises ConfigError if it cannot be written; what was there stays then."""
    with replacing(file) as written:
        written.write_text(json.dumps(trace, indent=1), encoding="utf-8")


def is_whole(trace: Trace, learner: Learner, epochs: int) -> bool:
    """Whether it tells of every one of so many epochs that the learner wants measured."""
    return {figures["epoch"] for figures in trace} == {e for e in range(1, epochs + 1) if learner.is_measured(e)}
