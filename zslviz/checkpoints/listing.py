"""Which checkpoints there are, and where."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from zslviz.backbones.given import is_given
from zslviz.catalogue import Task, data_card, part
from zslviz.checkpoints.files import CONFIG, read_config, read_metrics
from zslviz.checkpoints.hub import HubName, fetch
from zslviz.errors import CheckpointError, ConfigError, UnknownNameError
from zslviz.files import is_there
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
    grounded: bool = False  # its attention was asked to lie on parts
    sees: bool = True  # False: it was trained on features that were given, and no network here makes them of photos

    @property
    def capabilities(self) -> frozenset[str]:
        return MODELS[self.system].capabilities

    @property
    def task(self) -> Task:
        """What it predicts."""
        return MODELS[self.system].task


def is_grounded(recipe: Any) -> bool:
    """Whether a checkpoint's recipe, as plain values, asked the model's attention to lie on the parts of its attributes."""
    term = recipe.get("grounding") if isinstance(recipe, Mapping) else None
    return bool(isinstance(term, Mapping) and term.get("weight"))


def title_of(system: str, data: str, grounded: bool = False) -> str:
    """ "Mg-MRN · birds (CUB)", "MSDN grounded · birds (CUB)", "ESZSL · birds (CUB) · yardstick"."""
    card = data_card(data)
    title = f"{MODELS[system].title}{' grounded' * grounded} · {data if card is None else card.title}"
    return f"{title} · yardstick" if MODELS[system].closed_form else title


def list_checkpoints(folder: Path | None = None, task: Task | None = None) -> list[CheckpointInfo]:
    """The checkpoints of a folder that can be read, by name, but of each data set those first whose maps were asked to point right,
    and yardsticks last; one that cannot be read is left out, and the log says why.

    task: only those of one task.
    """
    found = []
    for path in _folders(folder or checkpoints_folder()):
        try:
            config = read_config(path)
        except CheckpointError as error:
            _tell_once(f"Left out of the models: {error}")
            continue
        system, data = config["system"], config["data"]
        if task in (None, MODELS[system].task):
            grounded, metrics = is_grounded(config.get("recipe")), read_metrics(path)
            title = title_of(system, data, grounded)
            sees = not is_given(str(config["backbone"]["name"]))
            found.append(CheckpointInfo(config["name"], title, system, data, path, metrics, grounded, sees))
    return _in_order(found)


def _in_order(found: Sequence[CheckpointInfo]) -> list[CheckpointInfo]:
    """The first one of a data set is what its photos open with; which data set comes first stays a matter of names.

    Of several that were asked to point right, validation says which one is first, and so it does of a data set where nobody has
    measured maps. Elsewhere what nobody has measured the maps of follows the others: a page should not open with it.
    """
    closed = [MODELS[info.system].closed_form for info in found]
    alike: dict[tuple[str, bool], list[int]] = {}
    for place, info in enumerate(found):
        alike.setdefault((info.data, closed[place]), []).append(place)
    among: dict[int, int] = {}  # where each one goes, by the places that its data set's models have
    for places in alike.values():
        plain = [place for place in places if not found[place].grounded]
        measured = [place for place in places if "maps" in found[place].metrics]
        if measured:
            among |= {place: place if place in measured else max(place, measured[-1]) for place in plain}
        else:
            among |= zip(sorted(plain, key=lambda place: -_merit(found[place])), plain, strict=True)
        among |= {place: places[0] for place in places if found[place].grounded}

    def key(place: int) -> tuple[bool, int, bool, float, bool]:
        info = found[place]
        merit = -_merit(info) if info.grounded else 0.0
        return closed[place], among[place], not info.grounded, merit, "maps" not in info.metrics

    return [found[place] for place in sorted(range(len(found)), key=key)]


def _merit(info: CheckpointInfo) -> float:
    """What its task chooses by on validation, 0 where that is not told."""
    chosen = info.metrics.get("validation")
    try:
        return float(part(info.task, "choice").merit_of(chosen)) if isinstance(chosen, Mapping) else 0.0
    except (ConfigError, KeyError, TypeError):  # no choice, as the task has it
        return 0.0


def _folders(folder: Path) -> list[Path]:
    """Those in a folder that hold a configuration, or may hold one that nobody may see, in order."""
    try:
        return [path for path in sorted(folder.iterdir()) if _may_hold_config(path)]
    except OSError:
        return []


def _may_hold_config(folder: Path) -> bool:
    try:
        return bool((folder / CONFIG).lstat())
    except OSError as error:
        return isinstance(error, PermissionError)


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
    if is_there(path / CONFIG) or (is_there(path, folder=True) and path.name not in _shipped_names()):
        return path
    shipped = checkpoints_folder() / path
    return shipped if is_there(shipped / CONFIG) else None


@lru_cache(maxsize=1000)
def _tell_once(sentence: str) -> None:
    """To the log, which is standard error where nobody says otherwise; lists are made often."""
    logging.getLogger(__name__).warning("%s", sentence)


def _shipped_names() -> list[str]:
    return [info.name for info in list_checkpoints()]
