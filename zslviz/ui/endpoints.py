"""The named endpoints, for gradio_client and plain HTTP: /models, and a pair for each tab. Described in docs/api.md."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from zslviz.errors import ConfigError, ZslvizError
from zslviz.ui.door import Desk
from zslviz.ui.service import Service

MAX_TOP = 100_000
EXPLAIN_CALLS = 4  # at once; each waits for its turn at the network
A = TypeVar("A")
_log = logging.getLogger(__name__)


class Endpoints(NamedTuple):
    """Functions that answer by HTTP under their names, by their parameters. answer: what the first one's answer is called.

    further: those besides that need a handle and no network, as `rank` does. networked: those that need a handle and the network;
    they wait as calls of `explain` do.
    """

    explain: Callable[..., dict[str, Any]]
    rank: Callable[..., dict[str, Any]]
    answer: str
    further: tuple[Callable[..., dict[str, Any]], ...] = ()
    networked: tuple[Callable[..., dict[str, Any]], ...] = ()


def add_models(service: Service, desk: Desk) -> None:
    """Adds /models to the page that is being built."""
    import gradio as gr

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
    desk.endpoints["models"] = by_position(models)


def add_pair(endpoints: Endpoints, desk: Desk) -> None:
    """Adds the endpoints of a tab: one that explains a photo, one that ranks, and further ones. No part is visible.

    Clients of gradio's come by its queue, where a few of a visitor's photos may be at once; whose turn at the network it is,
    `ui.turns` says.
    """
    import gradio as gr

    explain, rank, answer, further, networked = endpoints
    inputs = [_component(parameter) for parameter in inspect.signature(explain).parameters.values()]
    gr.Button(visible=False).click(
        answered(explain),
        inputs,
        gr.JSON(label=answer, visible=False),
        api_name=explain.__name__,
        concurrency_id="network",
        concurrency_limit=EXPLAIN_CALLS,
        trigger_mode="multiple",  # gradio's own default drops what is asked while an answer is on its way
    )
    for function in networked:
        gr.api(
            answered(function),
            api_name=function.__name__,
            concurrency_id="network",
            concurrency_limit=EXPLAIN_CALLS,
        )
    for function in (rank, *further):
        gr.api(answered(function), api_name=function.__name__, queue=False)
        desk.endpoints[function.__name__] = by_position(function)


def by_position(function: Callable[..., A]) -> Callable[[list[Any]], A]:
    """The function asked with a list of arguments, as calls by HTTP bring them; those left out at the end have their defaults."""
    parameters = inspect.signature(function).parameters.values()
    needed = sum(parameter.default is inspect.Parameter.empty for parameter in parameters)
    names = ", ".join(parameter.name for parameter in parameters)

    def ask(given: list[Any]) -> A:
        if not needed <= len(given) <= len(parameters):
            raise ConfigError(
                f"'data' must hold {needed} to {len(parameters)} values, not {len(given)}: {names or 'none'}."
            )
        return function(*given)

    return ask


def calling_visitor() -> str:
    """Who calls the endpoint that is being answered."""
    from gradio.context import LocalContext

    from zslviz.ui.calls import caller_of

    request = LocalContext.request.get(None)
    plain = "/call/" in str(getattr(request, "url", ""))  # there gradio makes up a session for each call
    return caller_of(None if request is None or plain else request.session_hash, request)


def top_count(value: float | None) -> int:
    """How many lines of a ranking are asked for. Raises ConfigError."""
    if not isinstance(value, int | float) or not 1 <= value <= MAX_TOP:
        raise ConfigError("'top' must be at least 1: how many lines of the ranking are wanted.")
    return int(value)


def text_of(value: Any, what: str) -> str:
    """A parameter by its name that is to be a text, "" if it is not given. Raises ConfigError."""
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"'{what}' must be a text.")
    return value or ""


def answered(function: Callable[..., A]) -> Callable[..., A]:
    """Turns errors meant for people into the answer of an endpoint; anything else is one sentence, and goes to the log."""

    import gradio as gr

    @functools.wraps(function)
    def answer(*arguments: Any, **named: Any) -> A:
        try:
            return function(*arguments, **named)
        except ZslvizError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception:
            _log.exception("A call of %s failed.", function.__name__)
            raise gr.Error("Something went wrong on the server; nothing was changed.", print_exception=False) from None

    return answer


def _component(parameter: inspect.Parameter) -> Any:
    """What carries a parameter of an endpoint: a file for the photo, a text, a number, a truth value, or JSON."""
    import gradio as gr

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
