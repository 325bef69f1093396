"""What a task says of the command line's options is so."""

from __future__ import annotations

from inspect import signature

import pytest

from zslviz.catalogue import TASKS, Task, part
from zslviz.cli import photos, prediction
from zslviz.tasks.base.show import Options


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(("command", "taken_by"), [("explain", "explain"), ("predict", "TABLE")])
def test_a_task_takes_the_options_that_it_says_it_knows(task: Task, command: str, taken_by: str) -> None:
    show = part(task, "show")
    knows: Options = show.OPTIONS[command]
    taken = {
        name
        for name, found in signature(getattr(show, taken_by)).parameters.items()
        if found.default is not found.empty
    }
    assert {*knows.own, *knows.shared} == taken
    of_command = {"explain": photos.explain, "predict": prediction.predict}[command]
    assert taken <= set(signature(of_command).parameters)
