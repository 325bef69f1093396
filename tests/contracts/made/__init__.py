"""What the contracts need to make things of each task: `made/<task>.py`, the only file that a new task adds for them."""

from __future__ import annotations

import importlib
from typing import Any

from zslviz.catalogue import Task


def made_for(task: Task) -> Any:
    """The module of a task in this folder."""
    return importlib.import_module(f"tests.contracts.made.{task}")
