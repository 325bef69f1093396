"""The figures of a training's measured epochs, in a file from which a killed training goes on."""

from __future__ import annotations

import json
from pathlib import Path

from zslviz.training.learner import Figures, Learner

Trace = list[Figures]


def read_trace(file: Path, epochs: int) -> Trace:
    """What a file tells of the first epochs; nothing if there is none."""
    if not file.is_file():
        return []
    return [figures for figures in json.loads(file.read_text(encoding="utf-8")) if figures["epoch"] <= epochs]


def write_trace(file: Path, trace: Trace) -> None:
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(trace, indent=1), encoding="utf-8")
    partial.replace(file)  # a kill while writing leaves the previous file whole


def is_whole(trace: Trace, learner: Learner, epochs: int) -> bool:
    """Whether it tells of every one of so many epochs that the learner wants measured."""
    return {figures["epoch"] for figures in trace} == {e for e in range(1, epochs + 1) if learner.is_measured(e)}
