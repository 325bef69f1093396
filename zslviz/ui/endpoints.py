"""The named endpoints, for gradio_client and plain HTTP: /models, and a pair for each tab. Described in docs/api.md."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import gradio as gr

from zslviz.errors import ConfigError, ZslvizError
from zslviz.ui.service import Service

MAX_TOP = 100_000
A = TypeVar("A")


class Endpoints(NamedTuple):
    """Two functions that answer by HTTP under their names, by their parameters. answer: what the first one's answer is called."""

    explain: Callable[..., dict[str, Any]]
    rank: Callable[..., dict[str, Any]]
    answer: str


def add_models(service: Service) -> None:
    """Adds /models to the page that is being built."""

    @answered
    def models() -> list[dict[str, Any]]:
        """The models: name, title, what they score, data set, and the figures measured for them."""
        return [
            {
                "name": info.name,
                "title": info.title,
                "task": info.task,
                "data": info.data,
                "metrics": dict(info.metrics),
            }
            for info in service.all_checkpoints
        ]

    gr.api(models, api_name="models", queue=False)


def add_pair(endpoints: Endpoints) -> None:
    """Adds two endpoints: one that explains a photo, in the one queue of the network, and one that ranks. No part is visible."""
    explain, rank, answer = endpoints
    inputs = [_component(parameter) for parameter in inspect.signature(explain).parameters.values()]
    gr.Button(visible=False).click(
        answered(explain),
        inputs,
        gr.JSON(label=answer, visible=False),
        api_name=explain.__name__,
        concurrency_id="network",
        concurrency_limit=1,
    )
    gr.api(answered(rank), api_name=rank.__name__, queue=False)


def top_count(value: float | None) -> int:
    """How many lines of a ranking are asked for. Raises ConfigError."""
    if value is None or not 1 <= value <= MAX_TOP:
        raise ConfigError("'top' must be at least 1: how many lines of the ranking are wanted.")
    return int(value)


def answered(function: Callable[..., A]) -> Callable[..., A]:
    """Turns errors meant for people into the answer of an endpoint; anything else stays an error of the server."""

    @functools.wraps(function)
    def answer(*arguments: Any, **named: Any) -> A:
        try:
            return function(*arguments, **named)
        except ZslvizError as error:
            raise gr.Error(str(error), print_exception=False) from None

    return answer


def _component(parameter: inspect.Parameter) -> Any:
    """What carries a parameter of an endpoint: a file for the photo, a text, a number, a truth value, or JSON."""
    name, default = parameter.name, parameter.default
    if name == "photo":
        return gr.File(label=name, type="filepath", visible=False)
    if default is inspect.Parameter.empty:
        return gr.Textbox("", label=name, visible=False)
    if isinstance(default, bool):
        return gr.Checkbox(default, label=name, visible=False)
    if isinstance(default, int):
        return gr.Number(label=name, value=default, precision=0, visible=False)
    return gr.JSON(label=name, value=[], visible=False)
