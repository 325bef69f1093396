"""Which checkpoints there are, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zslviz.backbones.given import is_given
from zslviz.catalogue import Task, data_card
from zslviz.checkpoints.files import CONFIG, read_config, read_metrics
from zslviz.errors import CheckpointError, UnknownNameError
from zslviz.models.registry import MODELS
from zslviz.runtime.places import checkpoints_folder


@dataclass(frozen=True)
class CheckpointInfo:
    """What can be told of a checkpoint without loading its weights."""

    name: str
    title: str
    system: str
    data: str
    folder: Path
    metrics: Mapping[str, Any]
    sees: bool = True  # False: it was trained on features that were given, and no network here makes them of photos

    @property
    def capabilities(self) -> frozenset[str]:
        return MODELS[self.system].capabilities

    @property
    def task(self) -> Task:
        """What it predicts."""
        return MODELS[self.system].task


def title_of(system: str, data: str) -> str:
    """ "Mg-MRN · birds (CUB)", "ESZSL · birds (CUB) · yardstick"."""
    card = data_card(data)
    title = f"{MODELS[system].title} · {data if card is None else card.title}"
    return f"{title} · yardstick" if MODELS[system].closed_form else title


def list_checkpoints(folder: Path | None = None, task: Task | None = None) -> list[CheckpointInfo]:
    """The checkpoints of a folder that can be read, by name, yardsticks last; a damaged one is left out.

    task: only those of one task.
    """
    found = []
    for path in sorted((folder or checkpoints_folder()).glob(f"*/{CONFIG}")):
        try:
            config = read_config(path.parent)
        except CheckpointError:
            continue
        system, data = config["system"], config["data"]
        if task in (None, MODELS[system].task):
            title, metrics = title_of(system, data), read_metrics(path.parent)
            sees = not is_given(str(config["backbone"]["name"]))
            found.append(CheckpointInfo(config["name"], title, system, data, path.parent, metrics, sees))
    return sorted(found, key=lambda info: MODELS[info.system].closed_form)  # the first one is what the page opens with


def resolve(name_or_folder: str | Path) -> Path:
    """The folder of a checkpoint by shipped name or path. Raises UnknownNameError with the nearest names."""
    path = Path(name_or_folder)
    if (path / CONFIG).is_file() or (path.is_dir() and path.name not in _shipped_names()):
        return path
    shipped = checkpoints_folder() / str(name_or_folder)
    if (shipped / CONFIG).is_file():
        return shipped
    raise UnknownNameError("model", str(name_or_folder), _shipped_names())


def _shipped_names() -> list[str]:
    return [info.name for info in list_checkpoints()]
