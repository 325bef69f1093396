"""Where checkpoints, examples, features and runs lie, and the tasks of checkpoints' models, told without loading any: no torch.

What is shipped (checkpoints, example photos and bundles of them) lies at the top of a checkout, and inside the package where it was
installed from a wheel: `setup.py` puts it there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from zslviz.catalogue import TASKS, Task
from zslviz.errors import CheckpointError, ConfigError
from zslviz.files import read_json

DEFAULT_RUNS = Path("runs")
DEFAULT_CACHE = DEFAULT_RUNS / "features"
TEST_PHOTOS = "test_photos.zslviz"
"""Beside a checkpoint's other files, where its task keeps what the model made of its test photos."""
TRAINING_PHOTOS = "training_photos.zslviz"
"""Beside them, where its task keeps what its encoder makes of the photos that the model was trained on."""
_PACKAGE = Path(__file__).resolve().parents[1]
_IN_PACKAGE = "_shipped"
_VARIABLE = "ZSLVIZ_CHECKPOINTS"


def checkpoints_folder() -> Path:
    """Where shipped checkpoints lie: `ZSLVIZ_CHECKPOINTS`, else those that came with the package. Raises ConfigError."""
    named = os.environ.get(_VARIABLE)
    if named and not Path(named).is_dir():
        raise ConfigError(f"{_VARIABLE} names '{named}', which is no folder; name the folder that holds checkpoints.")
    return Path(named) if named else _shipped() / "checkpoints"


def examples_folder() -> Path:
    """Where the example photos lie that came with the package, with their lists (`examples.csv`)."""
    return _shipped() / "assets" / "examples"


def bundles_folder() -> Path:
    """Where bundles of the example photos lie (docs/bundle.md): MODEL/model.zslviz, and MODEL/PHOTO.zslviz of each photo."""
    return _shipped() / "assets" / "bundles"


def new_checkpoint(name: str) -> Path:
    """Where a training writes its checkpoint if it is told nothing: beside the shipped ones, never into an installed package."""
    if not os.environ.get(_VARIABLE) and _installed():
        return Path("checkpoints") / name
    return checkpoints_folder() / name


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


def _installed() -> bool:
    """Whether what is shipped lies in the package: that of a checkout has no such folder."""
    return (_PACKAGE / _IN_PACKAGE).is_dir()


def _shipped() -> Path:
    return _PACKAGE / _IN_PACKAGE if _installed() else _PACKAGE.parent
