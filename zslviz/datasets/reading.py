"""Data by name: a reader of the catalogue, or data of one's own under any other name."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zslviz.catalogue import DATASETS, TASKS, Task
from zslviz.errors import DataError, UnknownNameError
from zslviz.files import check_folder_name
from zslviz.files.tabular import brief
from zslviz.words.names import GLOVE
from zslviz.words.source import WordSource, word_source

LONGEST_NAME = 100


def task_of_data(name: str) -> Task:
    """What photos of a data set are labelled with; data of one's own are taken to be classes with attributes."""
    return DATASETS[name].task if name in DATASETS else next(iter(TASKS))


def load_dataset(
    name: str,
    folder: str | Path,
    task: Task | None = None,
    words: WordSource | str | None = None,
    listed: Sequence[str] | None = None,
) -> Any:
    """Reads a data set from its folder: by the catalogue's reader of its name, or as data of one's own of a task.

    task: that of the name if None. words: what gives labels, states and objects their vectors, or its name (packaged GloVe if
    None). listed: photos as CLASS/FILE that data of one's own take instead of looking for them in the folder, where features of
    them are given. Returns the task's data class (`tasks/*/data.py`). Raises DataError, UnknownNameError, ConfigError.
    """
    folder = Path(folder)
    _check_name(name)
    task = task or task_of_data(name)
    built_in = name in DATASETS and DATASETS[name].task == task
    module = DATASETS[name].module if built_in else TASKS[task].own_data
    if not module:
        known = [other for other, place in DATASETS.items() if place.task == task]
        raise UnknownNameError(f"data set with {TASKS[task].scores}", name, known)
    if not folder.is_dir():
        raise DataError(f"The data folder '{folder}' does not exist.")
    load = importlib.import_module(module).load
    if listed is not None and not built_in:
        return load(name, folder, _Late(words), listed=listed)
    return load(name, folder, _Late(words))


def _check_name(name: str) -> None:
    """Raises DataError for a name that cannot be a folder's, as features, runs and checkpoints of the data are called by it."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name, re.ASCII) or len(name) > LONGEST_NAME:
        raise DataError(
            f"'{brief(name)}' cannot name data: use up to {LONGEST_NAME} letters, digits, '.', '_' and '-', as it becomes a "
            "folder's name."
        )


class _Late:
    """A source of words that is opened when it is first asked: not every reader needs one."""

    def __init__(self, words: WordSource | str | None) -> None:
        self._words = words

    def __getattr__(self, what: str) -> Any:
        if self._words is None or isinstance(self._words, str):
            self._words = word_source(self._words or GLOVE)
        return getattr(self._words, what)


def parse_data_argument(argument: str) -> tuple[str, Path]:
    """Splits the command line's `NAME=DIR` ("cub=/data/CUB_200_2011"). Raises DataError, ConfigError."""
    name, equals, folder = argument.partition("=")
    if not equals or not folder:
        raise DataError(f"'{argument}' does not say which data lies where; write for example cub=/data/CUB_200_2011.")
    check_folder_name(name, "The name of data")
    return name, Path(folder)
