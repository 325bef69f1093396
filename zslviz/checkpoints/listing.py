"""Which checkpoints there are, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zslviz.catalogue import Task, data_card
from zslviz.checkpoints.files import CONFIG, read_config, read_metrics
from zslviz.checkpoints.hub import HubName, fetch
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
            found.append(CheckpointInfo(config["name"], title, system, data, path.parent, metrics))
    return sorted(found, key=lambda info: MODELS[info.system].closed_form)  # the first one is what the page opens with


def resolve(name_or_folder: str | Path) -> Path:
    """The folder of a checkpoint by shipped name, path, or "user/repository" (perhaps "@revision") on the Hugging Face Hub.

    What is here always wins; from the Hub it is fetched now. Raises UnknownNameError with the nearest names, and what `hub.fetch`
    raises.
    """
    if (here := found_here(name_or_folder)) is not None:
        return here
    name = name_or_folder.as_posix() if isinstance(name_or_folder, Path) else name_or_folder
    if (there := HubName.read(name)) is not None:
        return fetch(there)
    raise UnknownNameError("model", name, _shipped_names())


def found_here(name_or_folder: str | Path) -> Path | None:
    """The folder of a checkpoint by shipped name or path, None if there is no such folder here."""
    path = Path(name_or_folder)
    if (path / CONFIG).is_file() or (path.is_dir() and path.name not in _shipped_names()):
        return path
    shipped = checkpoints_folder() / path
    return shipped if (shipped / CONFIG).is_file() else None


def _shipped_names() -> list[str]:
    return [info.name for info in list_checkpoints()]
