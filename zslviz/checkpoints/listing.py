"""Which checkpoints there are, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zslviz.checkpoints.files import CONFIG, read_config, read_metrics
from zslviz.errors import CheckpointError, UnknownNameError
from zslviz.models.registry import MODELS, Kind
from zslviz.runtime.places import checkpoints_folder

_DATA_TITLES = {
    "cub": "birds (CUB)",
    "awa2": "animals (AWA2)",
    "corel5k": "many labels (Corel-5k)",
    "fashion": "colours and garments",
}


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
    def kind(self) -> Kind:
        """What it scores: attributes, labels or compositions."""
        return MODELS[self.system].kind


def title_of(system: str, data: str) -> str:
    """ "Mg-MRN · birds (CUB)", "ESZSL · birds (CUB) · yardstick"."""
    title = f"{MODELS[system].title} · {_DATA_TITLES.get(data, data)}"
    return f"{title} · yardstick" if MODELS[system].closed_form else title


def list_checkpoints(folder: Path | None = None, kind: Kind | None = None) -> list[CheckpointInfo]:
    """The checkpoints of a folder that can be read, by name, yardsticks last; a damaged one is left out.

    kind: only those that score attributes, labels or compositions.
    """
    found = []
    for path in sorted((folder or checkpoints_folder()).glob(f"*/{CONFIG}")):
        try:
            config = read_config(path.parent)
        except CheckpointError:
            continue
        system, data = config["system"], config["data"]
        if kind in (None, MODELS[system].kind):
            title, metrics = title_of(system, data), read_metrics(path.parent)
            found.append(CheckpointInfo(config["name"], title, system, data, path.parent, metrics))
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


def config_of_kind(folder: Path, kind: Kind) -> dict[str, Any]:
    """The configuration of a checkpoint that scores attributes, labels or compositions. Raises CheckpointError for another kind."""
    config = read_config(folder)
    found = MODELS[config["system"]].kind
    if found != kind:
        raise CheckpointError(
            f"'{config['name']}' ({MODELS[config['system']].title}) scores {found}, and {kind} were asked for."
        )
    return config


def _shipped_names() -> list[str]:
    return [info.name for info in list_checkpoints()]
