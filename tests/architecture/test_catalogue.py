"""Every line of the catalogue leads to what the line says: strings are invisible to types and to import contracts."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
from dataclasses import fields, is_dataclass
from typing import get_args

import pytest
from torch import nn

from tests.conftest import ROOT
from zslviz import catalogue
from zslviz.catalogue import DATASETS, SYSTEMS, TASKS, DataCard, Task, data_card, found
from zslviz.models.registry import MODELS, System

# The files that every task has, each answering one question: docs/architecture.md.
PARTS = (
    "card",
    "checkpoint",
    "choice",
    "data",
    "drawing",
    "evaluation",
    "explainer",
    "explanation",
    "figures",
    "notebook",
    "pictures",
    "requests",
    "scoring",
    "settings",
    "show",
    "space",
    "tables",
    "training",
)


def test_the_catalogue_imports_nothing_of_the_package() -> None:
    tree = ast.parse(inspect.getsource(catalogue))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [name for name in imported if name and name.startswith("zslviz")]


def test_types_and_tables_name_the_same_tasks() -> None:
    assert set(get_args(Task)) == set(TASKS)
    assert {place.task for place in (*SYSTEMS.values(), *DATASETS.values())} == set(TASKS), (
        "a task has systems and data"
    )


def test_tasks_are_told_apart_by_what_their_checkpoints_hold() -> None:
    assert len({place.space_key for place in TASKS.values()}) == len(TASKS)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("part", PARTS)
def test_every_task_has_every_part(task: Task, part: str) -> None:
    assert catalogue.part(task, part).__doc__, "and says what it answers"


@pytest.mark.parametrize("task", [task for task, place in TASKS.items() if place.own_data])
def test_data_of_ones_own_have_a_reader(task: Task) -> None:
    assert callable(importlib.import_module(TASKS[task].own_data).load)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_is_what_its_line_says(name: str) -> None:
    system = found(SYSTEMS[name].record)
    assert isinstance(system, System)
    assert system is MODELS[name]
    assert (system.name, system.task) == (name, SYSTEMS[name].task)
    assert system.title
    assert issubclass(system.network, nn.Module)
    assert is_dataclass(system.config)
    assert fields(system.config)


@pytest.mark.parametrize("name", DATASETS)
def test_a_data_set_is_what_its_line_says(name: str) -> None:
    reader = importlib.import_module(DATASETS[name].module)
    assert callable(reader.load)
    assert isinstance(data_card(name), DataCard)


def test_no_folder_is_forgotten() -> None:
    """A task's, a system's or a reader's folder without a line in the catalogue would never be found."""
    tasks = {f"zslviz.tasks.{path.parent.name}" for path in (ROOT / "zslviz" / "tasks").glob("*/__init__.py")}
    assert tasks - {"zslviz.tasks.base"} == {place.module for place in TASKS.values()}
    systems = {f"zslviz.models.{path.parent.name}" for path in (ROOT / "zslviz" / "models").glob("*/__init__.py")}
    assert systems == {place.record.rpartition(".")[0] for place in SYSTEMS.values()}
    readers = {
        path.stem for path in (ROOT / "zslviz" / "datasets").glob("*.py") if "\nCARDS" in path.read_text("utf-8")
    }
    assert {f"zslviz.datasets.{name}" for name in readers} == {place.module for place in DATASETS.values()}
