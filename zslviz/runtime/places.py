"""Where checkpoints, features and runs lie, and the tasks of checkpoints' models, told without loading any: no torch is needed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from zslviz.catalogue import TASKS, Task
from zslviz.errors import CheckpointError
from zslviz.files import read_json

DEFAULT_RUNS = Path("runs")
DEFAULT_CACHE = DEFAULT_RUNS / "features"


def checkpoints_folder() -> Path:
    """Where shipped checkpoints lie: `ZSLVIZ_CHECKPOINTS`, else `checkpoints/` beside the package or in the working folder."""
    if os.environ.get("ZSLVIZ_CHECKPOINTS"):
        return Path(os.environ["ZSLVIZ_CHECKPOINTS"])
    beside = Path(__file__).resolve().parents[2] / "checkpoints"
    return beside if beside.is_dir() else Path("checkpoints")


def tasks_in(folders: Iterable[Path]) -> set[Task]:
    """The tasks of the checkpoints in these folders (one checkpoint each), by what their spaces hold; unreadable ones have none."""
    found: set[Task] = set()
    for folder in folders:
        try:
            space = read_json(folder / "config.json", CheckpointError)["space"]
            found |= {task for task, place in TASKS.items() if place.space_key in space}
        except (CheckpointError, LookupError, TypeError):
            continue  # opening it will say what is wrong with it
    return found
